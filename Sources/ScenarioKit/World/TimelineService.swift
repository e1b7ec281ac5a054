import CompactJSON
import NIOCore
import ServiceModel

// Actions on the service and the token endpoint.

extension TimelineDriver {
    func performOnService(_ action: Scenario.Action) {
        let service = world.service.service
        switch action {
        case .deploy(let deploy): self.deploy(deploy)
        case .crash(let connections, let duration): world.service.crash(connections, for: duration)
        case .serviceClose(let close): self.close(close)
        case .refuse(let duration): world.service.refuse(.reset, for: duration)
        case .slow(let peers, let delay, let duration):
            let effects: [Behaviour.Effect] = [.delayUpgrade(delay), .delayWelcome(delay), .delayReplies(.all, delay)]
            for effect in effects { add(effect, peers: peers, times: nil, for: duration) }
        case .silent(let peers, let what, let duration): silence(peers, what, for: duration)
        case .reject(let rejection):
            let requests = RequestSelector(kinds: [rejection.request.kind], channel: rejection.channel)
            add(.reject(requests, code: rejection.code), peers: rejection.peers, times: rejection.times, for: nil)
        case .malformed(let peers, let kind, let times):
            for _ in 0..<times { service.send(kind.frame, to: selector(peers)) }
        case .raw(let peers, let text): service.send(text: text, to: selector(peers))
        case .flap(let peers, let after, let code, let times):
            let closeCode = ServiceCloseCode(rawValue: UInt16(clamping: code))
            add(.closeAfterWelcome(closeCode, reason: "", after: after), peers: peers, times: times, for: nil)
        case .http(let peers, let status, let limit):
            switch limit {
            case .times(let times): add(.rejectUpgrade(status: status), peers: peers, times: times, for: nil)
            case .duration(let duration): add(.rejectUpgrade(status: status), peers: peers, times: nil, for: duration)
            case .unlimited: add(.rejectUpgrade(status: status), peers: peers, times: nil, for: nil)
            }
        case .goingAway(let peers, let retryAfter):
            service.send(text: Self.goingAwayFrame(retryAfter), to: selector(peers))
        case .tokenEndpoint(let behaviour, let latency, let duration):
            world.tokens.change(to: behaviour, latency: latency, for: duration)
        case .newID(let peer, let id): world.setID(id, of: peer)
        case .blackout, .linkDown, .roam, .link, .natRebind, .dns, .captivePortal, .vpn, .sleep, .suspendApp, .wallClock, .halfOpen,
            .connect,
            .close, .subscribe, .unsubscribe, .publish, .send, .networkPathChanged, .retry, .turn, .udpBlocked, .snapshot, .iceServers,
            .join,
            .restart, .addTrack, .removeTrack, .replaceTrack, .openChannel, .sendData:
            preconditionFailure("not an action of the service: \(action.word)")
        }
    }

    /// The connections of these peers, under every id that they have or will get.
    private func selector(_ peers: [String]) -> ClientSelector { ClientSelector(peers: world.scenario.ids(of: peers)) }

    /// Puts one behaviour a peer in force, so that `times` counts for each of them.
    func add(_ effect: Behaviour.Effect, peers: [String], times: Int?, for duration: TimeAmount?) {
        let service = world.service.service
        let selectors = times == nil ? [selector(peers)] : peers.map { selector([$0]) }
        for clients in selectors {
            let id = service.add(Behaviour(effect, clients: clients, times: times))
            if let duration { world.simulation.schedule(in: duration) { service.remove(id) } }
        }
    }

    private func deploy(_ deploy: Scenario.Deploy) {
        let service = world.service.service
        if deploy.announces, deploy.retryAfter == nil { service.send(text: Self.goingAwayFrame(nil), to: .everyone) }
        service.deploy(Deploy(retryAfter: deploy.announces ? deploy.retryAfter : nil, grace: deploy.grace, refusal: deploy.down))
    }

    private func close(_ close: Scenario.ServiceClose) {
        let code = ServiceCloseCode(rawValue: UInt16(clamping: close.code))
        switch close.moment {
        case .now: world.service.service.close(selector(close.peers), code, reason: close.reason)
        case .beforeWelcome: add(.closeBeforeWelcome(code, reason: close.reason), peers: close.peers, times: close.times, for: nil)
        case .afterWelcome:
            add(.closeAfterWelcome(code, reason: close.reason, after: .zero), peers: close.peers, times: close.times, for: nil)
        case .atSubscribe:
            add(.closeOnRequest(.kinds(.subscribe), code, reason: close.reason), peers: close.peers, times: close.times, for: nil)
        }
    }

    private func silence(_ peers: [String], _ what: Scenario.Silence, for duration: TimeAmount?) {
        let effect: Behaviour.Effect
        switch what {
        case .everything: effect = .stall
        case .welcome: effect = .withholdWelcome
        case .ack: effect = .withholdReplies(.kinds(.subscribe, .unsubscribe, .publish, .send))
        case .upgrade: effect = .ignoreUpgrade
        case .pong: effect = .ignoreRequests(.kinds(.ping))
        case .presence: effect = .withholdSnapshot
        case .closeEcho: effect = .ignoreClose
        case .accept:
            world.service.refuse(.silent, for: duration)
            return
        }
        add(effect, peers: peers, times: nil, for: duration)
    }

    private static func goingAwayFrame(_ retryAfter: TimeAmount?) -> String {
        guard let retryAfter else { return #"{"type":"going_away"}"# }
        return #"{"type":"going_away","retryAfterMs":\#(retryAfter.nanoseconds / 1_000_000)}"#
    }
}

extension Scenario.RequestKind {
    fileprivate var kind: ServiceModel.RequestKind {
        switch self {
        case .subscribe: return .subscribe
        case .unsubscribe: return .unsubscribe
        case .publish: return .publish
        case .send: return .send
        }
    }
}

extension Scenario.MalformedKind {
    fileprivate var frame: MalformedFrame {
        switch self {
        case .notJSON: return .badJSON
        case .unknownType: return .unknownType
        case .missingField: return .missingField
        case .wrongType: return .mistypedField
        case .binary: return .binary
        case .invalidUTF8: return .invalidUTF8
        case .oversized: return .oversized
        case .secondWelcome: return .secondWelcome
        case .garbage: return .reservedOpcode
        }
    }
}
