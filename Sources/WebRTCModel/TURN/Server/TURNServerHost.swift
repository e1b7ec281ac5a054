import NIOCore
import NetworkModel
import SimulationKernel

/// A TURN server on a host of the simulated network: its ports, its relay sockets, and the faults that befall it.
///
/// It listens from `init` on. When its host crashes its allocations are gone, and it listens again when the host has booted.
public final class TURNServerHost {
    /// Where it listens.
    public struct Ports: Hashable, Sendable {
        /// UDP ports.
        public var udp: [UInt16]
        /// TCP ports.
        public var tcp: [UInt16]
        /// TLS ports.
        public var tls: [UInt16]

        /// By default those of RFC 8656 section 3.1.
        public init(udp: [UInt16] = [3478], tcp: [UInt16] = [3478], tls: [UInt16] = [5349]) {
            self.udp = udp
            self.tcp = tcp
            self.tls = tls
        }
    }

    /// Why it could not listen.
    public enum StartError: Error, Hashable, Sendable {
        /// A UDP port is taken.
        case udp(BindError)
        /// A TCP port is taken.
        case tcp(TCPError)
    }

    /// Its host.
    public let host: Host
    /// Where it listens.
    public let ports: Ports
    /// The machine: its options and who is admitted can be changed at any time.
    public var server: TURNServer
    /// Takes nothing and answers nothing, while its sockets are open: a process that hangs. Connections stay.
    public var isSilent = false
    /// Whether its process runs.
    public private(set) var isRunning = false

    private var sockets: [UDPSocket] = []
    private var listeners: [TCPListener] = []
    /// The clients' connections, and which in the order of acceptance each is.
    private var connections: [TURNFiveTuple: (number: Int, connection: TURNServerConnection)] = [:]
    private var acceptedCount = 0
    private var relays: [TransportAddress: UDPSocket] = [:]
    private var timer: EventHandle?
    private var armedDeadline = NIODeadline.distantFuture

    /// Starts a server. Throws if a port is taken.
    ///
    /// - Parameters:
    ///   - host: where it runs; it relays from the host's addresses.
    ///   - options: users, lifetimes, limits.
    ///   - wallClockAtZero: the wall clock in seconds since 1970 at the start of the simulation, for time-limited credentials.
    ///   - ports: where it listens.
    public init(on host: Host, options: TURNServerOptions, wallClockAtZero: Int64 = 1_700_000_000, ports: Ports = Ports())
        throws(StartError)
    {
        self.host = host
        self.ports = ports
        server = TURNServer(options: options, wallClockAtZero: wallClockAtZero, random: host.simulation.random("\(host.name)/turn"))
        host.onLifecycle.append { [weak self] in self?.lifecycle($0) }
        try start()
    }

    // MARK: Faults

    /// The process dies: datagrams are answered with ICMP port unreachable, connections are closed and new ones refused. Allocations are gone.
    public func stopProcess() {
        guard isRunning else { return }
        for socket in sockets { socket.close() }
        for listener in listeners { listener.close() }
        let closing = connections.values.sorted { $0.number < $1.number }
        forgetEverything()
        for accepted in closing { accepted.connection.close() }
    }

    /// The process starts (again), without any memory. Throws if another took its ports.
    public func start() throws(StartError) {
        guard !isRunning else { return }
        isRunning = true
        server.invalidateNonces()
        for port in ports.udp {
            for family in IPFamily.allCases { try listenUDP(.any(family), port) }
        }
        for (transport, ports) in [(TURNTransport.tcp, ports.tcp), (.tls, ports.tls)] {
            for port in ports { try listenStream(transport, port) }
        }
    }

    /// The process stops and starts at once: nonces are stale, allocations forgotten, their relayed addresses closed.
    public func restart() throws(StartError) {
        stopProcess()
        try start()
    }

    /// Allocations are forgotten without a word, while connections stay.
    public func forgetAllocations() {
        for relayed in server.forgetAllocations() { closeRelay(relayed) }
    }

    private func lifecycle(_ event: HostLifecycleEvent) {
        switch event {
        case .crashed, .processExited: forgetEverything()
        case .booted: try? start()
        case .slept, .woke, .appSuspended, .appResumed: break
        }
    }

    private func forgetEverything() {
        isRunning = false
        forgetAllocations()
        sockets = []
        listeners = []
        connections = [:]
        if let timer { host.eventLoop.cancel(timer) }
        timer = nil
        armedDeadline = .distantFuture
    }

    // MARK: Ports

    private func listenUDP(_ address: IPAddress, _ port: UInt16) throws(StartError) {
        do throws(BindError) {
            let socket = try host.bindUDP(address, port: port)
            sockets.append(socket)
            socket.onReceive = { [unowned self, unowned socket] in received($0, on: socket) }
        } catch { throw .udp(error) }
    }

    private func listenStream(_ transport: TURNTransport, _ port: UInt16) throws(StartError) {
        do throws(TCPError) {
            let listener = try host.listen(port: Int(port), tls: transport == .tls) { [weak self] channel in
                channel.eventLoop.makeCompletedFuture { try self?.accept(channel, transport) }
            }
            listeners.append(listener)
        } catch { throw .tcp(error) }
    }

    private func accept(_ channel: any Channel, _ transport: TURNTransport) throws {
        guard let client = channel.remoteAddress.flatMap(TransportAddress.init),
            let own = channel.localAddress.flatMap(TransportAddress.init)
        else { return }
        let fiveTuple = TURNFiveTuple(transport: transport, client: client, server: own)
        let connection = TURNServerConnection(fiveTuple, channel: channel, server: self)
        acceptedCount += 1
        connections[fiveTuple] = (acceptedCount, connection)
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    // MARK: Inputs

    private func received(_ datagram: UDPSocket.Received, on socket: UDPSocket) {
        let fiveTuple = TURNFiveTuple(transport: .udp, client: datagram.source, server: datagram.destination)
        received(datagram.payload, from: fiveTuple)
    }

    func received(_ message: ByteBuffer, from fiveTuple: TURNFiveTuple) {
        guard !isSilent, isRunning else { return }
        perform(server.receive(message, from: fiveTuple, now: now))
        arm()
    }

    private func receivedFromPeer(_ datagram: UDPSocket.Received, at relayed: TransportAddress) {
        guard !isSilent else { return }
        perform(server.receiveFromPeer(datagram.payload, at: relayed, from: datagram.source, now: now))
    }

    func closed(_ connection: TURNServerConnection) {
        if connections[connection.fiveTuple]?.connection === connection { connections[connection.fiveTuple] = nil }
        if let relayed = server.connectionClosed(connection.fiveTuple) { closeRelay(relayed) }
    }

    private var now: NIODeadline { host.eventLoop.now }

    // MARK: Actions

    private func perform(_ action: TURNServer.Action) {
        switch action {
        case .ignore: break
        case .reply(let bytes, let fiveTuple): reply(bytes, to: fiveTuple)
        case .openRelay(let family): perform(server.relayOpened(at: openRelay(family), now: now))
        case .relay(let bytes, let relayed, let peer): relays[relayed]?.send(bytes, to: peer)
        case .closeRelay(let relayed, let bytes, let fiveTuple):
            closeRelay(relayed)
            reply(bytes, to: fiveTuple)
        }
    }

    private func reply(_ bytes: ByteBuffer, to fiveTuple: TURNFiveTuple) {
        switch fiveTuple.transport {
        case .udp:
            let socket = sockets.first {
                $0.local.port == fiveTuple.server.port && $0.local.address.family == fiveTuple.client.address.family
            }
            socket?.send(bytes, to: fiveTuple.client)
        case .tcp, .tls:
            connections[fiveTuple]?.connection.write(bytes)
        }
    }

    private func openRelay(_ family: IPFamily) -> TransportAddress? {
        let addresses = host.preferredInterfaces.flatMap(\.addresses)
        guard let address = addresses.first(where: { $0.family == family }), let socket = try? host.bindUDP(address) else { return nil }
        let relayed = socket.local
        relays[relayed] = socket
        socket.onReceive = { [unowned self] in receivedFromPeer($0, at: relayed) }
        return relayed
    }

    private func closeRelay(_ relayed: TransportAddress) { relays.removeValue(forKey: relayed)?.close() }

    // MARK: Time

    /// One timer, moved only when it fires or when something ends sooner.
    private func arm() {
        guard server.deadline < armedDeadline else { return }
        if let timer { host.eventLoop.cancel(timer) }
        armedDeadline = server.deadline
        timer = host.eventLoop.schedule(at: armedDeadline, target: self, argument: 0)
    }
}

extension TURNServerHost: EventTarget {
    /// For the simulation.
    public func fire(_ argument: UInt64) {
        timer = nil
        armedDeadline = .distantFuture
        for relayed in server.timerFired(now: now) { closeRelay(relayed) }
        arm()
    }
}
