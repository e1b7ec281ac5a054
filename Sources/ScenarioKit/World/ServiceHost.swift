import CompactJSON
import NIOCore
import NetworkModel
import ServiceModel
import SimulationKernel

/// The realtime service on its host: the service's state decides whether the host listens, refuses or is silent.
final class ServiceHost {
    /// The service's name in the simulated DNS.
    static let hostName = "rms.metered.ca"
    static let port = 443

    let host: Host
    let service: RealtimeService
    private let tls: TLSServerOptions
    private var listener: TCPListener?

    /// The publishable key of a peer: one for each, so that the service knows the peer by its name.
    static func key(_ name: String, of peer: String) -> String { "pk_\(name)_\(peer)" }

    /// - Parameters:
    ///   - scenario: what it says of the service and of who connects with a key.
    ///   - network: where the host is added.
    ///   - signingKey: the key that tokens are signed with.
    init(scenario: Scenario, network: Network, signingKey: AccessKey) throws {
        let simulation = network.simulation
        let description = scenario.service
        host = network.addServer("service", hostNames: [Self.hostName])
        let offset = description.wallClockOffset
        service = RealtimeService(
            eventLoop: host.eventLoop, configuration: Self.configuration(scenario, signingKey), random: simulation.random("service"),
            wallClock: { WallTime(unixNanoseconds: simulation.wallClock) + offset })
        tls = TLSServerOptions(version: description.tls.version)
        if description.processingDelay > .zero { service.add(Behaviour(.delayReplies(.all, description.processingDelay))) }
        service.onStateChange = { [unowned self] state in follow(state) }
        try listen()
    }

    private static func configuration(_ scenario: Scenario, _ signingKey: AccessKey) -> ServiceConfiguration {
        let description = scenario.service
        let keys = scenario.peers.compactMap { peer -> AccessKey? in
            guard case .key(let name) = peer.credential else { return nil }
            let key = description.keys.first { $0.name == name }
            return AccessKey(
                id: Self.key(name, of: peer.name), channels: key?.channels.map { ChannelPattern($0) } ?? ["*"],
                actions: key.map { ServiceActions(names: $0.actions.map(\.rawValue)) } ?? .all, peerID: peer.name,
                peerMetadata: peer.metadata)
        }
        var configuration = ServiceConfiguration(keys: [signingKey] + keys)
        configuration.sessions = description.sessions == .replace ? .replace : .parallel
        configuration.unauthorizedChannel = description.deniedChannel == .error ? .error : .close
        configuration.limits.maximumMessageBytes = description.maxMessageSize.bytes
        configuration.limits.maximumConnections = description.connectionCap
        configuration.limits.messageRate = MessageRate(sustainedPerSecond: description.messageRate, burst: description.messageBurst)
        configuration.limits.messagesLeft = description.messageQuota
        configuration.timing.pingInterval = description.pingInterval
        configuration.timing.pingGrace = description.pingGrace
        return configuration
    }

    // MARK: - Listening

    private func listen() throws {
        guard listener == nil else { return }
        listener = try host.tcp.listen(port: Self.port, tls: tls) { [service] channel in service.accept(channel) }
    }

    /// A reset is what a host without a listener answers; a silent one drops what belongs to no connection.
    private func follow(_ state: ServiceState) {
        switch state {
        case .running, .goingAway, .refusing(.http):
            host.answersUnknown = true
            // The port is free: this object is the only one that listens on it.
            do { try listen() } catch { preconditionFailure("the service cannot listen again: \(error)") }
        case .refusing(.reset):
            listener?.close()
            listener = nil
        case .refusing(.silent):
            listener?.close()
            listener = nil
            host.answersUnknown = false
        }
    }

    // MARK: - Disasters

    /// The process dies (its connections are reset), or the whole machine (nothing is heard of it).
    func crash(_ connections: Scenario.CrashedConnections, for duration: TimeAmount?) {
        switch connections {
        case .reset: service.crash(.reset, for: duration)
        case .silent:
            service.crash(.silent)
            host.crash()
            guard let duration else { return }
            host.simulation.schedule(in: duration) { [self] in
                host.boot()
                service.restart()
            }
        }
    }

    /// New connections are refused for a time; those that are open live on.
    func refuse(_ mode: RefusalMode, for duration: TimeAmount?) {
        service.refuse(mode)
        guard let duration else { return }
        host.simulation.schedule(in: duration) { [self] in service.restart() }
    }

    /// The service's side of these peers' connections is gone, and nothing tells them.
    func forgetConnections(of peers: [String]) {
        service.abandon(ClientSelector(peers: peers))
    }

    /// What others see of a peer that connects with a key, from its next connection on.
    func setMetadata(_ metadata: JSONObject, of peer: Scenario.Peer) { changeKey(of: peer) { $0.peerMetadata = metadata } }

    /// By what id a peer that connects with a key is known, from its next connection on.
    func setID(_ id: String, of peer: Scenario.Peer) { changeKey(of: peer) { $0.peerID = id } }

    private func changeKey(of peer: Scenario.Peer, _ change: (inout AccessKey) -> Void) {
        guard case .key(let name) = peer.credential else { return }
        let id = Self.key(name, of: peer.name)
        for place in service.configuration.keys.indices where service.configuration.keys[place].id == id {
            change(&service.configuration.keys[place])
        }
    }

    /// The most connections that came within any second.
    var peakConnectionsPerSecond: Int { service.statistics.peakPerSecond }
}

extension Scenario.TLSVersion? {
    /// Without a version the newest.
    var version: TLSVersion {
        switch self {
        case .v1_2: return .tls12
        case .v1_3, nil: return .tls13
        }
    }
}
