import NIOCore
import Trace

/// Why two peers of a call cannot connect, in a sentence for whoever reads a failed expectation.
struct CallDiagnosis {
    let scenario: Scenario
    let index: TraceIndex
    let link: Scenario.Link
    let untilNs: Int64

    /// The sentence; nil if nothing explains it, or if the link is connected at the end of the window.
    var sentence: String? {
        guard !isConnected, let one = scenario.peer(link.peer), let other = scenario.peer(link.remote) else { return nil }
        let servers = scenario.service.iceServers.compactMap(scenario.turnServer).filter { !$0.isSTUNOnly }
        let needs = relayNeed(one, other)
        if let needs, servers.isEmpty {
            return "\(needs), so only relay candidates would work, and \(noServer)."
        }
        if let blocked = [one, other].first(where: isUDPBlocked), !servers.contains(where: reachesPastFirewall) {
            let words = "UDP is blocked where \(blocked.name) is, so only a relay over TCP or TLS would work"
            return servers.isEmpty ? "\(words), and \(noServer)." : "\(words), and no TURN server's URL for TCP or TLS was handed out."
        }
        if let refusal { return needs.map { "\($0), so only relay candidates would work, and \(refusal)." } ?? "Relays: \(refusal)." }
        if let needs { return "\(needs), so only relay candidates would work, and \(relays(one, other))." }
        return candidates(of: one, other)
    }

    private var noServer: String {
        scenario.turnServers.contains { !$0.isSTUNOnly } ? "no TURN server was handed to clients" : "no TURN server was configured"
    }

    /// How the link was until the end of the window.
    private var states: ArraySlice<TraceIndex.StateChange> {
        let states = index.states(of: .link(link))
        return states[...states.inForce(atNs: untilNs)]
    }

    private var isConnected: Bool { states.last?.state == Scenario.LinkState.connected.rawValue }

    /// When it ceased to be connected, if it was.
    private var lostNs: Int64? {
        states.lastIndex { $0.state == Scenario.LinkState.connected.rawValue }.map { states[$0 + 1].timeNs }
    }

    /// Why no direct pair can work; nil if one might.
    private func relayNeed(_ one: Scenario.Peer, _ other: Scenario.Peer) -> String? {
        if let peer = [one, other].first(where: { $0.call?.icePolicy == .relay }) {
            return "\(peer.name) may use relay candidates only (icePolicy: relay)"
        }
        if let blocked = [one, other].first(where: isUDPBlocked) { return "UDP is blocked where \(blocked.name) is" }
        for (one, other) in [(one, other), (other, one)] {
            guard let first = nat(of: one), let second = nat(of: other) else { continue }
            if first.mapping == .addressAndPortDependent, second.filtering == .addressAndPortDependent {
                return
                    "\(one.name)'s NAT takes a new port for each address and port, and \(other.name)'s lets in only the ones it knows"
            }
        }
        return stunNeed(one, other)
    }

    /// Two private addresses behind different NATs, and nobody to tell the public ones.
    private func stunNeed(_ one: Scenario.Peer, _ other: Scenario.Peer) -> String? {
        guard nat(of: one) != nil, nat(of: other) != nil, scenario.service.iceServers.isEmpty, one.host != other.host else { return nil }
        let (first, second) = (network(of: one), network(of: other))
        guard first?.name != second?.name || first?.isShared == false else { return nil }
        return "\(one.name) and \(other.name) are behind NATs and know no STUN server"
    }

    private func network(of peer: Scenario.Peer) -> Scenario.Network? {
        scenario.host(peer.host)?.interfaces.first { $0.isUp && $0.network != nil }?.network.flatMap(scenario.network)
    }

    private func nat(of peer: Scenario.Peer) -> Scenario.NAT? { network(of: peer)?.nat }

    /// Whether a firewall was in force around the end of the window.
    private func isUDPBlocked(_ peer: Scenario.Peer) -> Bool {
        scenario.timeline.contains { entry in
            guard case .udpBlocked(let block) = entry.action, block.hosts.contains(peer.host) else { return false }
            let end = block.duration.map { entry.at + $0 } ?? scenario.duration
            return entry.at.nanoseconds <= untilNs && end.nanoseconds >= untilNs
        }
    }

    private func reachesPastFirewall(_ server: Scenario.TURNServer) -> Bool { server.urls.contains { $0 != .udp } }

    /// What TURN servers answered to these peers.
    private var refusal: String? {
        for peer in [link.peer, link.remote] {
            let places = index.slice(index.places(ofKind: TraceKind.turn.rawValue, about: [peer]), fromNs: .min, toNs: untilNs)
            guard let last = places.last, let code = index.events[last][.code] else { continue }
            return "\(index.events[last][.server] ?? "the TURN server") refused \(peer) with \(code)"
        }
        return nil
    }

    /// What became of relays: lost again, none gathered, or gathered in vain; if the link was connected before, since then.
    private func relays(_ one: Scenario.Peer, _ other: Scenario.Peer) -> String {
        let sides = [(one, other), (other, one)]
        for (peer, remote) in sides {
            guard let place = places(of: .turn, peer, about: remote).last, index.events[place][.event] == "lost" else { continue }
            let server = index.events[place][.server] ?? "the TURN server"
            return "\(peer.name) lost its allocation on \(server) at \(Words.time(index.events[place].timeNs))"
        }
        let without = sides.filter { peer, remote in
            !places(of: .candidate, peer, about: remote, fromNs: lostNs).contains { index.events[$0][.candidateType] == "relay" }
        }
        let since = lostNs.map { " since it was lost at \(Words.time($0))" } ?? ""
        if let peer = without.map(\.0).first(where: { $0.call?.icePolicy == .relay }) { return "\(peer.name) gathered none\(since)" }
        return (without.count == 2 ? "none was gathered" : "no pair with one worked") + since
    }

    /// The events that a peer has about another until the end of the window.
    private func places(of kind: TraceKind, _ peer: Scenario.Peer, about remote: Scenario.Peer, fromNs: Int64? = nil) -> ArraySlice<Int> {
        let places = index.places(ofKind: kind, about: Scenario.Link(peer: peer.name, remote: remote.name))
        return index.slice(places, fromNs: fromNs ?? .min, toNs: untilNs)
    }

    private func candidates(of one: Scenario.Peer, _ other: Scenario.Peer) -> String? {
        for peer in [one.name, other.name] where index.places(ofKind: TraceKind.candidate.rawValue, about: [peer]).isEmpty {
            return "\(peer) found no candidate at all."
        }
        return nil
    }
}
