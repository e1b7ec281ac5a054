import MeteredRealtime
import NIOCore
import NetworkModel
import ServiceModel

// Actions on calls and what they need.

extension TimelineDriver {
    func performInCalls(_ action: Scenario.Action, label: String) {
        switch action {
        case .turn(let servers, let fault, let duration):
            for server in servers { world.turn.begin(fault, on: server, for: duration) }
        case .udpBlocked(let block): blockUDP(block, label)
        case .snapshot(let peers, let trick, let times, let duration):
            add(trick.effect, peers: peers, times: times, for: duration)
        case .iceServers(let names): world.iceServers.hand(out: names)
        case .join(let peers, let channel): calls(peers).forEach { $0.join(channel) }
        case .restart(let restart):
            if let metadata = restart.metadata { world.setMetadata(metadata, of: restart.peers) }
            calls(restart.peers).forEach { $0.restart(after: restart.down) }
        case .addTrack(let addition): calls(addition.peers).forEach { $0.addTrack(addition.source, metadata: addition.metadata) }
        case .removeTrack(let peers, let source): calls(peers).forEach { $0.removeTrack(source) }
        case .replaceTrack(let peers, let source, let other): calls(peers).forEach { $0.replaceTrack(source, with: other) }
        case .openChannel(let opening):
            let configuration = DataChannelConfiguration(isOrdered: opening.isOrdered, retransmits: opening.maximumRetransmits)
            for call in calls(opening.peers) {
                for remote in opening.to where remote != call.peer.name { call.openChannel(opening.label, to: remote, configuration) }
            }
        case .sendData(let message):
            for call in calls(message.peers) {
                for remote in message.to where remote != call.peer.name {
                    call.sendData(message.label, to: remote, bytes: message.size.bytes, times: message.times)
                }
            }
        case .blackout, .linkDown, .roam, .link, .natRebind, .dns, .captivePortal, .vpn, .sleep, .suspendApp, .wallClock, .halfOpen,
            .deploy,
            .crash, .serviceClose, .refuse, .slow, .silent, .reject, .malformed, .raw, .flap, .http, .goingAway, .tokenEndpoint, .newID,
            .connect,
            .close, .subscribe, .unsubscribe, .publish, .send, .networkPathChanged, .retry:
            preconditionFailure("not an action on calls: \(action.word)")
        }
    }

    private func calls(_ names: [String]) -> [CallModel] { names.compactMap { world.call($0) } }

    /// The network's firewall: rules in order, and what none matches passes.
    private func blockUDP(_ block: Scenario.UDPBlock, _ label: String) {
        let names = Firewall.Rule(.outgoing, isPermitting: true, transportProtocol: .udp, remotePort: DNSServer.port)
        let answers = Firewall.Rule(.incoming, isPermitting: true, transportProtocol: .udp, remotePort: DNSServer.port)
        var rules = [
            names, answers, Firewall.Rule(.outgoing, transportProtocol: .udp), Firewall.Rule(.incoming, transportProtocol: .udp),
        ]
        if block.allowed == .tcp443 {
            for direction in [Firewall.Direction.outgoing, .incoming] {
                rules.append(Firewall.Rule(direction, isPermitting: true, transportProtocol: .tcp, remotePort: 443))
                rules.append(Firewall.Rule(direction, transportProtocol: .tcp))
            }
        }
        for network in accessNetworks(of: block.hosts) {
            let fault = network.block(rules, answers: block.answers, name: label)
            if let duration = block.duration { fault.end(after: duration) }
        }
    }
}

extension Scenario.SnapshotTrick {
    fileprivate var effect: Behaviour.Effect {
        switch self {
        case .late(let delay): .delaySnapshot(delay)
        case .twice: .alterSnapshot(.twice)
        case .duplicated: .alterSnapshot(.duplicated)
        case .foreign(let channel): .alterSnapshot(.foreign(channel: channel))
        case .padded(let count): .alterSnapshot(.padded(count))
        }
    }
}
