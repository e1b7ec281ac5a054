/// The words of the language: every mapping that can be written, its keys, their types and what they mean. Checks, suggestions, the JSON
/// Schema and the reference text all come from here.
enum Vocabulary {
    /// The version that `faultline:` states.
    static let version = 1

    static func shape(_ name: ShapeName) -> Shape {
        switch name {
        case .scenario: scenario
        case .network: network
        case .nat: nat
        case .host: host
        case .interface: interface
        case .resolver: resolver
        case .service: service
        case .key: key
        case .tokenEndpoint: tokenEndpoint
        case .peer: peer
        case .publication: publication
        case .turnServer: turnServer
        case .turnPorts: turnPorts
        case .dataChannels: dataChannels
        case .peerOptions: peerOptions
        case .options: options
        case .timelineEntry: timelineEntry
        case .blackout: blackout
        case .linkDown: linkDown
        case .roam: roam
        case .link: link
        case .natRebind: natRebind
        case .dns: dns
        case .captivePortal: captivePortal
        case .vpn: vpn
        case .sleep: sleep
        case .suspendApp: suspendApp
        case .wallClock: wallClock
        case .halfOpen: halfOpen
        case .deploy: deploy
        case .crash: crash
        case .serviceClose: serviceClose
        case .refuse: refuse
        case .slow: slow
        case .silent: silent
        case .reject: reject
        case .malformed: malformed
        case .flap: flap
        case .http: http
        case .goingAway: goingAway
        case .tokenEndpointChange: tokenEndpointChange
        case .newID: newID
        case .turnFault: turnFault
        case .udpBlocked: udpBlocked
        case .snapshot: snapshot
        case .iceServersChange: iceServersChange
        case .join: join
        case .restart: restart
        case .addTrack: addTrack
        case .removeTrack: removeTrack
        case .replaceTrack: replaceTrack
        case .openChannel: openChannel
        case .sendData: sendData
        case .connect: connect
        case .retry: retry
        case .raw: raw
        case .close: close
        case .subscribe: subscribe
        case .unsubscribe: unsubscribe
        case .publish: publish
        case .send: send
        case .networkPathChanged: networkPathChanged
        case .expectation: expectation
        case .pattern: pattern
        case .never: never
        }
    }
}

/// The mappings of the language.
enum ShapeName: String, CaseIterable, Sendable {
    case scenario, network, nat, host, interface, resolver, service, key, tokenEndpoint, turnServer, turnPorts, peer, publication, options
    case dataChannels, peerOptions, timelineEntry
    case blackout, linkDown, roam, link, natRebind, dns, captivePortal, vpn, sleep, suspendApp, wallClock, halfOpen
    case deploy, crash, serviceClose, refuse, slow, silent, reject, malformed, raw, flap, http, goingAway, tokenEndpointChange, newID
    case turnFault, udpBlocked, snapshot, iceServersChange
    case join, restart, addTrack, removeTrack, replaceTrack, openChannel, sendData
    case connect, retry, close, subscribe, unsubscribe, publish, send, networkPathChanged
    case expectation, pattern, never
}

/// One mapping: what it is called in messages, its keys, and what a bare value in its place stands for.
struct Shape: Sendable {
    /// With its article: "a host".
    var noun: String
    var explanation: String
    /// The key that a single value or a list stands for: `nat-rebind: phone` is `nat-rebind: { host: phone }`.
    var shorthand: String?
    var fields: [Field]

    init(_ noun: String, _ explanation: String, shorthand: String? = nil, _ fields: [Field]) {
        self.noun = noun
        self.explanation = explanation
        self.shorthand = shorthand
        self.fields = fields
    }

    func field(_ key: String) -> Field? { fields.first { $0.key == key } }
}

/// One key of a mapping.
struct Field: Sendable {
    var key: String
    var type: ValueType
    var explanation: String
    var isRequired: Bool
    /// The value without the key, as it would be written; nil if there is none.
    var defaultText: String?

    init(_ key: String, _ type: ValueType, _ explanation: String, required: Bool = false, default defaultText: String? = nil) {
        self.key = key
        self.type = type
        self.explanation = explanation
        self.isRequired = required
        self.defaultText = defaultText
    }
}

/// What a value may be.
indirect enum ValueType: Hashable, Sendable {
    /// Any text that is not empty.
    case text
    /// A name that exists elsewhere in the file.
    case reference(Reference)
    /// One of these words.
    case choice([String])
    case flag
    case integer(ClosedRange<Int>)
    /// A number without a unit.
    case factor(ClosedRange<Double>)
    case duration
    /// A duration that may be negative.
    case signedDuration
    /// `30 s`, `doors close`, `doors close + 5 s`.
    case moment
    case rate
    case size
    case share
    /// A value or `a...b`.
    case range(ValueType)
    /// `7`, `1...20` or a list of both.
    case seeds
    /// `1`, `1...3`, `2...`.
    case count
    /// `room`, `room at 5 s`.
    case join
    /// `alice -> bob`, `alice <-> bob`.
    case link
    /// `connected`, `terminal 4001`.
    case outcome
    case shape(ShapeName)
    case list(ValueType)
    /// One value or a list of them.
    case oneOrMore(ValueType)
    /// A mapping from names of the scenario's choice.
    case named(ValueType)
    /// A value for both directions, or `{ down, up }`.
    case perDirection(ValueType)
    /// The first that fits the kind of value.
    case either([ValueType])
    case anything

    /// The names that can be referred to.
    enum Reference: String, Hashable, Sendable {
        case host, peer, network, interface, party, rule, checker, preset, key, hostOrService, turnServer
    }

    static func choice<Word: CaseIterable & RawRepresentable<String>>(of type: Word.Type) -> ValueType {
        .choice(Word.allCases.map(\.rawValue))
    }
}
