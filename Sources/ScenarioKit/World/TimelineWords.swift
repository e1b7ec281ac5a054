import CompactJSON
import NIOCore

extension Scenario.Action {
    /// The action as the language and the trace call it.
    var word: String {
        switch self {
        case .blackout: return "blackout"
        case .linkDown: return "link-down"
        case .roam: return "roam"
        case .link: return "link"
        case .natRebind: return "nat-rebind"
        case .dns: return "dns"
        case .captivePortal: return "captive-portal"
        case .vpn: return "vpn"
        case .sleep: return "sleep"
        case .suspendApp: return "suspend-app"
        case .wallClock: return "wall-clock"
        case .halfOpen: return "half-open"
        case .deploy: return "deploy"
        case .crash: return "crash"
        case .serviceClose: return "service-close"
        case .refuse: return "refuse"
        case .slow: return "slow"
        case .silent: return "silent"
        case .reject: return "reject"
        case .malformed: return "malformed"
        case .raw: return "raw"
        case .flap: return "flap"
        case .http: return "http"
        case .goingAway: return "going-away"
        case .tokenEndpoint: return "token-endpoint"
        case .newID: return "new-id"
        case .connect: return "connect"
        case .close: return "close"
        case .subscribe: return "subscribe"
        case .unsubscribe: return "unsubscribe"
        case .publish: return "publish"
        case .send: return "send"
        case .networkPathChanged: return "network-path-changed"
        case .retry: return "retry"
        case .turn: return "turn"
        case .udpBlocked: return "udp-blocked"
        case .snapshot: return "snapshot"
        case .iceServers: return "ice-servers"
        case .join: return "join"
        case .restart: return "restart"
        case .addTrack: return "add-track"
        case .removeTrack: return "remove-track"
        case .replaceTrack: return "replace-track"
        case .openChannel: return "open-channel"
        case .sendData: return "send-data"
        }
    }

    /// Whom the action is about, for the trace.
    var details: JSONObject {
        var details: JSONObject = [:]
        func list(_ key: String, _ names: [String]) {
            details[key] = names.count > 3 ? .string("\(names.count) \(key)s") : .string(names.joined(separator: ", "))
        }
        switch self {
        case .blackout(let blackout):
            details["direction"] = .string(blackout.direction.rawValue)
            details["place"] = .string(blackout.place.words)
        case .linkDown(let hosts, let interface, _):
            details["place"] = .string(Scenario.Place.interface(hosts: hosts, interface: interface).words)
        case .roam(let roam):
            list("host", roam.hosts)
            details["from"] = .string(roam.from)
            details["to"] = .string(roam.to)
        case .link(let change): details["place"] = .string(change.place.words)
        case .natRebind(let hosts), .vpn(let hosts, _), .sleep(let hosts, _, _, _), .captivePortal(let hosts, _, _), .dns(let hosts, _, _):
            list("host", hosts)
        case .wallClock(let owner, let jump):
            switch owner {
            case .hosts(let hosts): list("host", hosts)
            case .service: details["place"] = "service"
            }
            details["jumpNs"] = .integer(jump.nanoseconds)
        case .serviceClose(let close):
            list("peer", close.peers)
            details["code"] = .integer(Int64(close.code))
        case .reject(let rejection):
            list("peer", rejection.peers)
            details["code"] = .string(rejection.code)
        case .suspendApp(let peers, _, _, _), .halfOpen(let peers), .slow(let peers, _, _), .silent(let peers, _, _),
            .malformed(let peers, _, _), .raw(let peers, _), .flap(let peers, _, _, _), .http(let peers, _, _), .goingAway(let peers, _),
            .connect(let peers),
            .close(let peers, _, _), .subscribe(let peers, _, _), .unsubscribe(let peers, _), .publish(let peers, _, _, _),
            .send(let peers, _, _, _), .networkPathChanged(let peers, _), .retry(let peers):
            list("peer", peers)
        case .turn(let servers, let fault, _):
            list("server", servers)
            details["does"] = .string(fault.word)
        case .udpBlocked(let block):
            list("host", block.hosts)
            details["allows"] = .string(block.allowed.rawValue)
        case .iceServers(let servers): details["servers"] = .string(servers.isEmpty ? "none" : servers.joined(separator: ", "))
        case .restart(let restart): list("peer", restart.peers)
        case .addTrack(let addition):
            list("peer", addition.peers)
            details["track"] = .string(addition.source.rawValue)
        case .removeTrack(let peers, let source), .replaceTrack(let peers, let source, _):
            list("peer", peers)
            details["track"] = .string(source.rawValue)
        case .openChannel(let opening):
            list("peer", opening.peers)
            details["label"] = .string(opening.label)
        case .sendData(let message):
            list("peer", message.peers)
            details["label"] = .string(message.label)
        case .snapshot(let peers, _, _, _), .join(let peers, _): list("peer", peers)
        case .newID(let peer, let id): details = ["peer": .string(peer), "id": .string(id)]
        case .deploy, .crash, .refuse, .tokenEndpoint: break
        }
        return details
    }
}

extension Scenario.Place {
    /// The place in words: `phone`, `phone/wifi`, `phone to the service`.
    var words: String {
        switch self {
        case .hosts(let hosts): return hosts.count > 3 ? "\(hosts.count) hosts" : hosts.joined(separator: ", ")
        case .interface(let hosts, let interface):
            return hosts.count > 3 ? "\(interface) of \(hosts.count) hosts" : hosts.map { "\($0)/\(interface)" }.joined(separator: ", ")
        case .between(let first, let second): return "\(Self.words(first)) to \(Self.words(second))"
        }
    }

    private static func words(_ parties: [Scenario.Party]) -> String {
        if parties.count > 3 { return "\(parties.count) hosts" }
        return parties.map { party in
            switch party {
            case .host(let name): return name
            case .service: return "the service"
            case .tokenEndpoint: return "the token endpoint"
            case .turn(let name): return name
            }
        }.joined(separator: ", ")
    }
}
