import CompactJSON

/// What a golden and its case tell of the world around one link: who is in the room when, what signalling does, what the application asks for.
struct LinkScene {
    /// A time in which a remote peer is in the roster, as one object.
    struct Stay {
        let from: Int64
        /// When it leaves; nil if it is there at the end.
        var to: Int64?
        /// When signalling was lost.
        var losses: [Int64] = []
        /// When a snapshot made a survivor of it.
        var swaps: [Int64] = []
    }

    /// A socket from its welcome to its end.
    struct Socket {
        let ordinal: Int64
        let accepted: Int64
        let welcomed: Int64
        var ended: Int64?
        /// When our own close frame went out.
        var closing: Int64?
    }

    /// What the remote peer sends by itself.
    struct RemoteDescription {
        let time: Int64
        let isOffer: Bool
        let userFragment: String
        let media: [String]
    }

    /// When the remote peer ends its candidates by itself.
    private(set) var endsOfCandidates: [Int64] = []

    /// What the application does to the link.
    enum AppAction {
        case addTrack(AppTrack)
        case removeTrack(id: String)
        case createDataChannel
    }

    let id: String
    let scripted: GoldenCase
    let remote: RemoteScript
    private(set) var stays: [Stay] = []
    private(set) var sockets: [Socket] = []
    private(set) var descriptions: [RemoteDescription] = []
    private(set) var actions: [(time: Int64, action: AppAction)] = []
    /// The ids of ours, with the times from which they hold.
    private(set) var ownIDs: [(time: Int64, id: String)] = []
    /// When the peer is joined: from, to.
    private(set) var joined: [(from: Int64, to: Int64)] = []
    let end: Int64

    /// Nil if the case has something that needs more than one link to be understood.
    init?(_ id: String, in lines: [GoldenLine], scripted: GoldenCase) {
        self.id = id
        self.scripted = scripted
        remote = scripted.remote(id)
        end = scripted.end.milliseconds
        let scripts = scripted.server.connections + [scripted.server.then]
        let counts = scripts.flatMap(\.acknowledgement.overrides).contains { $0.ordinals != nil && $0.mayMatchSignals }
        let delays = scripts.flatMap(\.blackHoles).contains { $0.mode == .delay }
        if counts || delays { return nil }
        for (index, line) in lines.enumerated() { read(line, call: lines.call(at: index, scripted: scripted)) }
        if let open = joinedSince { joined.append((open, .max)) }
    }

    private var isInRoster = false
    private var joinedSince: Int64?

    private mutating func read(_ line: GoldenLine, call: AppCall?) {
        let now = line.milliseconds
        switch (line.who, line.what) {
        case ("peer", "PeerJoined") where line.string("id") == id: stays.append(Stay(from: now))
        case ("peer", "PeerLeft") where line.string("id") == id: if !stays.isEmpty { stays[stays.count - 1].to = now }
        case ("peer", "state"): readState(line, now)
        case ("client", "Connected"): if let own = line.string("peerId") { ownIDs.append((now, own)) }
        case ("client", "Direct") where line.string("from") == id: readDirect(line)
        case ("app", "result") where line.fields["ok"] == true: readCall(call, now)
        default: readSocket(line, now)
        }
    }

    private mutating func readState(_ line: GoldenLine, _ now: Int64) {
        if line.string("to") == "joined" {
            joinedSince = now
            // A peer that has joined at this very instant is no survivor.
            if line.string("from") == "reconnecting", let stay = stays.last, stay.to == nil, !stay.losses.isEmpty {
                stays[stays.count - 1].swaps.append(now)
            }
        } else if let since = joinedSince {
            joined.append((since, now))
            joinedSince = nil
        }
        if line.string("to") == "reconnecting", let stay = stays.last, stay.to == nil { stays[stays.count - 1].losses.append(now) }
    }

    private mutating func readSocket(_ line: GoldenLine, _ now: Int64) {
        if line.isAbout("server", "accept"), let ordinal = line.integer("n") { accepted[ordinal] = now }
        guard let ordinal = line.integer("conn") else { return }
        if Heartbeats.isWelcome(line, socket: ordinal), !sockets.contains(where: { $0.ordinal == ordinal }) {
            sockets.append(Socket(ordinal: ordinal, accepted: accepted[ordinal] ?? now, welcomed: now))
        }
        guard let index = sockets.firstIndex(where: { $0.ordinal == ordinal }), line.who == "client" else { return }
        if line.what == "socketClosed" { sockets[index].ended = now }
        if line.what == "closeFrame" { sockets[index].closing = now }
    }

    private var accepted: [Int64: Int64] = [:]
    private var lastAnswer: Int64?

    /// What is no answer to an offer of ours: those have fragments that no script has.
    private mutating func readDirect(_ line: GoldenLine) {
        defer { lastAnswer = line.string("sig") == "answer" ? line.milliseconds : nil }
        if line.string("sig") == "ice-end", lastAnswer != line.milliseconds { endsOfCandidates.append(line.milliseconds) }
        guard let kind = line.string("sig"), kind == "offer" || kind == "answer", let fragment = line.string("ufrag"),
            kind == "offer" || !fragment.hasPrefix("r-\(id)-")
        else { return }
        let media = line.fields["media"]?.arrayValue?.compactMap(\.stringValue) ?? []
        descriptions.append(
            RemoteDescription(time: line.milliseconds, isOffer: kind == "offer", userFragment: fragment, media: media))
    }

    private mutating func readCall(_ call: AppCall?, _ now: Int64) {
        switch call {
        case .peer(.addTrack(let track)): actions.append((now, .addTrack(track)))
        case .peer(.removeTrack(let track)): actions.append((now, .removeTrack(id: track)))
        case .peer(.createDataChannel(id, _)): actions.append((now, .createDataChannel))
        case .peer, .connect, .close, .subscribe, .unsubscribe, .publish, .clientSend, .reattach, .dump, nil: break
        }
    }

    // MARK: Signalling

    /// The socket on which something can be sent at a time.
    func socket(at time: Int64) -> Socket? { sockets.last { $0.welcomed <= time && ($0.ended ?? .max) > time } }

    /// Whether signalling is connected and the roster is right (ICE-07).
    func isReady(at time: Int64) -> Bool {
        socket(at: time) != nil && joined.contains { $0.from <= time && time < $0.to }
    }

    /// Whether a black hole lets something through at a time.
    func passes(_ socket: Socket, at time: Int64) -> Bool {
        let age = time - socket.accepted
        return !scripted.server.connection(Int(socket.ordinal)).blackHoles.contains {
            $0.from.milliseconds <= age && $0.to.map { age < $0.milliseconds } ?? true
        }
    }

    /// How the service answers a signal to the remote peer.
    func answer(_ payload: JSONObject, on socket: Socket) -> RequestAnswers.Answer {
        var frame: JSONObject = ["type": "send", "to": .string(id)]
        for (key, value) in payload { frame[key] = value }
        var answers = RequestAnswers(scripted.server.connection(Int(socket.ordinal)).acknowledgement)
        return answers.answer(frame)
    }

    /// Whether our offers yield at a time (ICE-08).
    func isPolite(at time: Int64) -> Bool { (ownIDs.last { $0.time <= time }?.id ?? "") < id }
}

extension AcknowledgementScript.Override {
    /// Whether the exception may be for a signal to a remote peer.
    fileprivate var mayMatchSignals: Bool { match["type"].map { $0 == "send" } ?? true }
}
