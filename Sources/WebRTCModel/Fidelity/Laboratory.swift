import MeteredRealtime
import NIOCore
import NetworkModel
import SimulationKernel

/// The laboratory of real-timings.md: two machines, routers between them without delay, coturn servers, and a message from each side every 500 ms.
final class Laboratory {
    let simulation: Simulation
    let network: Network
    let left: LaboratoryEnd
    let right: LaboratoryEnd
    private(set) var servers: [TURNServerHost] = []

    /// The round trip is under 0.2 ms.
    private static let lan = AccessProfile(
        kind: .ethernet, access: .ideal, uplink: LinkProfile(LinkConditions(delay: .microseconds(25))), ipv4: .publicAddresses)
    /// The captures: an offer and its answer take 10 to 25 ms.
    static let signallingDelay = TimeAmount.milliseconds(8)
    /// The captures: every data channel sends every 500 ms.
    static let messagePeriod = TimeAmount.milliseconds(500)

    /// What differs between the experiments.
    struct Setup {
        var profile = WebRTCProfile.libwebrtc
        var turnServers = 0
        /// Of those, how many the ends know from the start; all if nil.
        var usedTURNServers: Int?
        var bindsAnyAddress = false
    }

    init(_ setup: Setup, seed: UInt64) throws {
        simulation = Simulation(seed: seed)
        network = Network(simulation: simulation)
        for number in 0..<setup.turnServers { servers.append(try Self.addServer(number, network)) }
        // One interface up, another ready for the roam.
        let hosts = ["left", "right"].map { [network] in network.addClient($0, on: [("eth0", Self.lan), ("eth1", Self.lan)]) }
        hosts[0].interface("eth1")?.setUp(false)
        hosts[1].interface("eth1")?.setUp(false)
        left = LaboratoryEnd(hosts[0], setup)
        right = LaboratoryEnd(hosts[1], setup)
        left.connect(to: right)
        right.connect(to: left)
        left.transport.setRole(controlling: true)
        watchChecks()
        left.offer()
        left.sendMessages()
        right.sendMessages()
    }

    private static func addServer(_ number: Int, _ network: Network) throws -> TURNServerHost {
        let host = network.addServer(
            "turn\(number)", address: LaboratoryEnd.address(ofServer: number),
            on: network.accessNetwork("servers") ?? network.addAccessNetwork("servers", lan))
        return try TURNServerHost(on: host, options: TURNServerOptions(users: [TURNCredentials(username: "u", password: "p")]))
    }

    /// Every connectivity check as it leaves: what the captures show.
    private func watchChecks() {
        network.capture = { [unowned self] packet in
            guard packet.fate == .sent, case .udp(let datagram) = packet.packet.payload else { return }
            let bytes = datagram.payload
            guard STUNMessage.isSTUN(bytes), bytes.getInteger(at: bytes.readerIndex, as: UInt16.self) == 0x0001 else { return }
            ends.first { packet.place.hasPrefix($0.host.name) }?.noteCheck()
        }
    }

    var ends: [LaboratoryEnd] { [left, right] }

    func run(until time: NIODeadline) { simulation.run(until: time) }
    func at(_ time: NIODeadline, _ body: @escaping () -> Void) { simulation.schedule(at: time, body) }

    /// The hosts must outlive what runs on them: end with this.
    func finish() {
        for end in ends { end.transport.close() }
        simulation.shutdown()
    }
}

/// One side: a transport, its signalling, its messages, and what it saw.
final class LaboratoryEnd {
    let host: Host
    let transport: ICETransport
    private unowned var peer: LaboratoryEnd!
    private let setup: Laboratory.Setup
    private var isOffering = false

    private(set) var states: [(time: NIODeadline, state: ICEConnectionState)] = []
    private(set) var selections: [(time: NIODeadline, pair: ICESelectedPair)] = []
    private(set) var losses: [NIODeadline] = []
    private(set) var arrivals: [NIODeadline] = []
    private(set) var checks: [NIODeadline] = []
    var onFirstDisconnection: (() -> Void)?

    init(_ host: Host, _ setup: Laboratory.Setup) {
        self.host = host
        self.setup = setup
        var lost: () -> Void = {}
        transport = ICETransport(
            host: host, profile: setup.profile,
            configuration: Self.configuration(setup, servers: 0..<(setup.usedTURNServers ?? setup.turnServers)),
            name: "lab"
        ) { event in
            if case .pairLost = event { lost() }
        }
        lost = { [unowned self] in losses.append(now) }
        transport.onState = { [unowned self] state in
            states.append((now, state))
            guard state == .disconnected, let handler = onFirstDisconnection else { return }
            onFirstDisconnection = nil
            handler()
        }
        transport.onSelectedPair = { [unowned self] in if let pair = $0 { selections.append((now, pair)) } }
        transport.onData = { [unowned self] _ in arrivals.append(now) }
        transport.onLocalCandidate = { [unowned self] candidate in later { [unowned self] in peer.transport.addRemoteCandidate(candidate) }
        }
        transport.onGatheringState = { [unowned self] state in
            guard state == .complete else { return }
            later { [unowned self] in peer.transport.endOfRemoteCandidates() }
        }
    }

    /// Servers are used by the experiments with TURN only, and then nothing else is.
    static func configuration(_ setup: Laboratory.Setup, servers: Range<Int>) -> ICETransportConfiguration {
        ICETransportConfiguration(
            iceServers: servers.map {
                ICEServer(urls: ["turn:\(Self.address(ofServer: $0)):3478?transport=udp"], username: "u", credential: "p")
            },
            transportPolicy: setup.turnServers > 0 ? .relay : .all, bindsAnyAddress: setup.bindsAnyAddress)
    }

    /// 203.0.113.10 and so on: there is no DNS.
    static func address(ofServer number: Int) -> IPAddress { .v4(0xCB00_710A + UInt32(number)) }

    var now: NIODeadline { host.simulation.now }

    func connect(to peer: LaboratoryEnd) { self.peer = peer }

    // MARK: Signalling

    private func later(_ body: @escaping () -> Void) { host.simulation.schedule(in: Laboratory.signallingDelay, body) }

    /// The first offer, or one after a restart.
    func offer() {
        transport.gather()
        let parameters = transport.localParameters
        later { [unowned self] in peer.answer(parameters) }
    }

    private func answer(_ parameters: ICEParameters) {
        if transport.gatheringState != .new { transport.restart() }
        transport.setRemote(parameters)
        transport.gather()
        let own = transport.localParameters
        later { [unowned self] in peer.transport.setRemote(own) }
    }

    /// `restartIce()` and the negotiation that follows.
    func restart(servers: Range<Int>? = nil) {
        if let servers {
            for end in [self, peer!] { end.transport.configuration = Self.configuration(setup, servers: servers) }
        }
        transport.restart()
        offer()
    }

    // MARK: Messages

    func sendMessages() {
        transport.send(ByteBuffer(repeating: 128, count: 60))
        host.eventLoop.schedule(at: host.eventLoop.now + Laboratory.messagePeriod) { [weak self] in self?.sendMessages() }
    }

    // MARK: What was seen

    func noteCheck() { checks.append(now) }

    func time(of state: ICEConnectionState, after start: NIODeadline) -> TimeAmount? {
        states.first { $0.state == state && $0.time >= start }.map { $0.time - start }
    }

    /// The first selection of a pair since then.
    func selection(after start: NIODeadline) -> TimeAmount? { selections.first { $0.time >= start }.map { $0.time - start } }
    func loss(after start: NIODeadline) -> TimeAmount? { losses.first { $0 >= start }.map { $0 - start } }
    func arrival(after start: NIODeadline) -> TimeAmount? { arrivals.first { $0 >= start }.map { $0 - start } }
}
