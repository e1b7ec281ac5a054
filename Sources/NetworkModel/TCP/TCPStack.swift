import NIOCore
import SimulationKernel

/// The TCP of one host: its sockets, its listeners, and what its kernel answers to segments that belong to none.
public final class TCPStack {
    /// The timing of new sockets.
    public var profile: TCPProfile

    unowned let ip: any IPStack
    private var sockets: [Endpoints: TCPSocket] = [:]
    private var listeners: [UInt16: TCPListener] = [:]
    private var random: RandomStream
    private let bootOffset: TimeAmount
    private let ephemeralPorts: ClosedRange<UInt16>
    private var nextEphemeralPort: UInt16
    private var createdSockets: UInt64 = 0
    /// How often the application's sockets were reclaimed.
    private(set) var reclamations = 0

    private struct Endpoints: Hashable {
        var local: TransportAddress
        var remote: TransportAddress
    }

    /// Takes over TCP on a host; the host must outlive it. Make one per host.
    ///
    /// - Parameter ephemeralPorts: where the ports of outgoing connections come from; by default Linux's `ip_local_port_range`.
    public init(on ip: any IPStack, profile: TCPProfile = .linux, ephemeralPorts: ClosedRange<UInt16> = 32_768...60_999) {
        self.ip = ip
        self.profile = profile
        self.ephemeralPorts = ephemeralPorts
        random = ip.simulation.random("tcp \(ip.name)")
        // Up to 2^15 ticks of 4 ms: the boundaries of the timer wheel that matter here repeat after that.
        bootOffset = random.uniform(.zero ... .milliseconds(131_072))
        nextEphemeralPort = UInt16(random.uniform(Int64(ephemeralPorts.lowerBound)...Int64(ephemeralPorts.upperBound)))
        ip.setReceiver(for: .tcp) { [unowned self] in receive($0) }
        ip.onAddressRemoved.append { [weak self] in self?.addressRemoved($0) }
        ip.onLifecycle.append { [weak self] in self?.lifecycle($0) }
    }

    /// The time of the host's kernel, which stands still while the machine sleeps.
    var now: NIODeadline { ip.systemLoop.now }

    /// Sockets that exist, also those that are closed by their application and not done yet.
    public var socketCount: Int { sockets.count }

    // MARK: Opening

    /// Opens a connection: the SYN is sent before this returns. The owner of the socket hears whether it succeeded.
    ///
    /// Throws `.networkUnreachable` (ENETUNREACH) if no interface leads to the destination, and `.addressNotAvailable` if no port is free.
    ///
    /// - Parameters:
    ///   - source: the address of this host to connect from; nil: that of the preferred interface. If it has gone, the connection fails with `.networkUnreachable`.
    public func connect(
        to remote: TransportAddress, from source: IPAddress? = nil, options: TCPSocketOptions = TCPSocketOptions()
    ) throws(TCPError) -> TCPSocket {
        guard let address = source ?? ip.sourceAddress(for: remote.address), address.family == remote.address.family else {
            throw .networkUnreachable
        }
        let local = TransportAddress(address, try ephemeralPort(from: address, to: remote))
        let connection = TCPConnection.connecting(
            localPort: local.port, remotePort: remote.port, initialSequence: initialSequence(),
            maximumSegmentSize: maximumSegmentSize(from: address), profile: profile, options: options, bootOffset: bootOffset, now: now)
        let socket = add(connection, local: local, remote: remote)
        socket.open()
        return socket
    }

    /// Listens on a port of all addresses. `accept` is called on the application's loop with each connection; set the owner of the socket there.
    ///
    /// Throws `.addressInUse`.
    public func listen(
        port: UInt16, backlog: Int = 4_096, options: TCPSocketOptions = TCPSocketOptions(), accept: @escaping (TCPSocket) -> Void
    ) throws(TCPError) -> TCPListener {
        guard listeners[port] == nil else { throw .addressInUse }
        let listener = TCPListener(port: port, backlog: backlog, options: options, stack: self, accept: accept)
        listeners[port] = listener
        return listener
    }

    private func add(_ connection: TCPConnection, local: TransportAddress, remote: TransportAddress, listener: TCPListener? = nil)
        -> TCPSocket
    {
        createdSockets += 1
        let socket = TCPSocket(
            local: local, remote: remote, connection: connection, number: createdSockets, stack: self, listener: listener)
        sockets[Endpoints(local: local, remote: remote)] = socket
        return socket
    }

    func remove(_ socket: TCPSocket) { sockets[Endpoints(local: socket.local, remote: socket.remote)] = nil }

    func remove(_ listener: TCPListener) { listeners[listener.port] = nil }

    private func ephemeralPort(from address: IPAddress, to remote: TransportAddress) throws(TCPError) -> UInt16 {
        for _ in ephemeralPorts {
            let port = nextEphemeralPort
            nextEphemeralPort = port == ephemeralPorts.upperBound ? ephemeralPorts.lowerBound : port + 1
            let endpoints = Endpoints(local: TransportAddress(address, port), remote: remote)
            if sockets[endpoints] == nil, listeners[port] == nil { return port }
        }
        throw .addressNotAvailable
    }

    private func initialSequence() -> UInt32 { UInt32(truncatingIfNeeded: random.next()) }

    private func maximumSegmentSize(from address: IPAddress) -> Int {
        ip.maximumTransmissionUnit(from: address) - IPPacket.headerBytes(address.family) - 20
    }

    // MARK: Packets

    func transmit(_ segment: TCPSegment, from local: TransportAddress, to remote: TransportAddress) -> SendResult {
        ip.send(IPPacket(source: local.address, destination: remote.address, payload: .tcp(segment)))
    }

    private func receive(_ packet: IPPacket) {
        switch packet.payload {
        case .tcp(let segment): receive(segment, in: packet)
        case .icmp(let message): receive(message)
        case .udp: preconditionFailure("a UDP datagram was given to TCP")
        }
    }

    private func receive(_ segment: TCPSegment, in packet: IPPacket) {
        let local = TransportAddress(packet.destination, segment.destinationPort)
        let remote = TransportAddress(packet.source, segment.sourcePort)
        if let socket = sockets[Endpoints(local: local, remote: remote)] {
            // A new connection may take the place of one in TIME-WAIT (RFC 9293 section 3.10.7.4, RFC 6191).
            guard socket.state == .timeWait, segment.flags == .syn else {
                socket.receive(segment)
                return
            }
            socket.vanish()
            remove(socket)
        }
        if segment.flags == .syn, let listener = listeners[local.port] {
            accept(segment, local: local, remote: remote, listener: listener)
        } else if !segment.flags.contains(.rst), ip.answersUnknown {
            let reset = TCPConnection.reset(answering: segment)
            _ = transmit(reset, from: local, to: remote)
            ip.report(.tcp(TCPEvent(.resetSent, local: local, remote: remote)))
        }
    }

    private func accept(_ syn: TCPSegment, local: TransportAddress, remote: TransportAddress, listener: TCPListener) {
        guard listener.hasRoom else { return }
        let connection = TCPConnection.accepting(
            syn, initialSequence: initialSequence(), maximumSegmentSize: maximumSegmentSize(from: local.address), profile: profile,
            options: listener.options, bootOffset: bootOffset, now: now)
        let socket = add(connection, local: local, remote: remote, listener: listener)
        listener.handshakeBegan(socket)
        socket.open()
    }

    private func receive(_ message: ICMPMessage) {
        let quoted = message.quoted
        guard quoted.transportProtocol == .tcp, let socket = sockets[Endpoints(local: quoted.source, remote: quoted.destination)] else {
            return
        }
        switch message.kind {
        case .destinationUnreachable(let reason):
            socket.networkFailed(Self.error(reason), quotedSequenceNumber: quoted.sequenceNumber)
        case .packetTooBig(let maximumTransmissionUnit):
            let overhead = IPPacket.headerBytes(quoted.source.address.family) + 20
            socket.pathShrank(maximumSegmentSize: maximumTransmissionUnit - overhead)
        case .hopLimitExceeded:
            socket.networkFailed(.hostUnreachable, quotedSequenceNumber: quoted.sequenceNumber)
        }
    }

    /// Linux `icmp_err_convert`.
    private static func error(_ reason: ICMPMessage.Unreachable) -> TCPError {
        switch reason {
        case .network: .networkUnreachable
        case .host, .administrativelyProhibited: .hostUnreachable
        case .port: .refused
        }
    }

    // MARK: The host

    private var socketsInOrder: [TCPSocket] { sockets.values.sorted { $0.number < $1.number } }

    private func addressRemoved(_ address: IPAddress) {
        for socket in socketsInOrder where socket.local.address == address { socket.addressRemoved() }
    }

    private func lifecycle(_ event: HostLifecycleEvent) {
        switch event {
        case .slept, .appSuspended, .booted:
            break
        case .woke(let socketsReclaimed), .appResumed(let socketsReclaimed):
            guard socketsReclaimed else { return }
            reclamations += 1
            // Connections that nobody has accepted are their listener's.
            for socket in socketsInOrder where socket.listener == nil { socket.reclaim() }
        case .processExited:
            for listener in listenersInOrder { listener.close() }
            for socket in socketsInOrder { socket.close() }
        case .crashed:
            for listener in listenersInOrder { listener.vanish() }
            listeners = [:]
            for socket in socketsInOrder { socket.vanish() }
            sockets = [:]
        }
    }

    private var listenersInOrder: [TCPListener] { listeners.values.sorted { $0.port < $1.port } }
}
