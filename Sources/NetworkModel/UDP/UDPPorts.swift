import NIOCore
import SimulationKernel

/// Why a socket could not be bound.
public enum BindError: Error, Hashable, Sendable {
    /// EADDRINUSE.
    case addressInUse(TransportAddress)
    /// EADDRNOTAVAIL: no interface that is up has the address.
    case addressNotAvailable(IPAddress)
    /// All ephemeral ports are taken.
    case portsExhausted
}

/// The UDP sockets of one host by port.
final class UDPPorts {
    private unowned let host: Host
    private var sockets: [UInt16: [UDPSocket]] = [:]
    private lazy var portStream = host.simulation.random("\(host.name)/udp-ports")

    init(host: Host) {
        self.host = host
    }

    /// A socket whose callbacks run at once, for what belongs to the operating system.
    func bindForSystem(_ family: IPFamily, port: UInt16 = 0) throws(BindError) -> UDPSocket {
        try bind(.any(family), port: port, isOfSystem: true)
    }

    func bind(_ address: IPAddress, port: UInt16, isOfSystem: Bool = false) throws(BindError) -> UDPSocket {
        guard address.isUnspecified || host.isOwn(address) else { throw .addressNotAvailable(address) }
        let local = TransportAddress(address, port == 0 ? try freePort() : port)
        guard isFree(local) else { throw .addressInUse(local) }
        let socket = UDPSocket(local: local, host: host, isOfSystem: isOfSystem)
        sockets[local.port, default: []].append(socket)
        return socket
    }

    private func isFree(_ local: TransportAddress) -> Bool {
        sockets[local.port]?.contains {
            $0.local.address == local.address
                || ($0.local.address.family == local.address.family && ($0.local.address.isUnspecified || local.address.isUnspecified))
        } != true
    }

    private func freePort() throws(BindError) -> UInt16 {
        let range = host.profile.ephemeralPorts
        let start = Int(portStream.uniform(0...Int64(range.count - 1)))
        for offset in 0..<range.count {
            let port = range.lowerBound + UInt16((start + offset) % range.count)
            if sockets[port] == nil { return port }
        }
        throw .portsExhausted
    }

    func remove(_ socket: UDPSocket) {
        sockets[socket.local.port]?.removeAll { $0 === socket }
        if sockets[socket.local.port]?.isEmpty == true { sockets[socket.local.port] = nil }
    }

    /// The operating system closes the application's sockets: with an error to their owners, or without a word if those are gone too.
    func closeApplicationSockets(tellingOwners: Bool) {
        for socket in allSockets where !socket.isOfSystem {
            if tellingOwners { socket.reclaim() } else { socket.close() }
        }
    }

    /// The machine forgets all of its sockets.
    func closeAll() { allSockets.forEach { $0.close() } }

    /// Sockets of the application; those of the operating system do not count.
    var applicationSocketCount: Int { sockets.values.reduce(0) { $0 + $1.count { !$0.isOfSystem } } }

    private var allSockets: [UDPSocket] { sockets.keys.sorted().flatMap { sockets[$0] ?? [] } }

    func receive(_ packet: IPPacket, _ datagram: UDPDatagram) {
        guard let socket = sockets[datagram.destinationPort]?.first(where: { $0.takes(packet.destination) }) else {
            return refuse(packet)
        }
        if let tunnelled = datagram.tunnelled {
            socket.onTunnelled?(tunnelled.packet, packet.sourceTransportAddress)
            return
        }
        let received = UDPSocket.Received(
            source: packet.sourceTransportAddress, destination: packet.destinationTransportAddress, payload: datagram.payload)
        if !socket.enqueue(received) { host.network.drop(packet, at: host.name, .receiveBufferFull) }
    }

    /// RFC 1122 section 4.1.3.1: a datagram to a port without a socket is answered with ICMP port unreachable.
    private func refuse(_ packet: IPPacket) {
        host.network.drop(packet, at: host.name, .noReceiver)
        guard host.answersUnknown else { return }
        let error = ICMPMessage(.destinationUnreachable(.port), quoting: packet)
        _ = host.send(IPPacket(source: packet.destination, destination: packet.source, payload: .icmp(error)))
    }

    func receive(_ message: ICMPMessage) {
        let socket = sockets[message.quoted.source.port]?.first { $0.takes(message.quoted.source.address) }
        switch message.kind {
        case .destinationUnreachable(let why): socket?.enqueue(.unreachable(message.quoted.destination, why))
        case .packetTooBig(let limit): socket?.enqueue(.tooBig(message.quoted.destination, maximumTransmissionUnit: limit))
        case .hopLimitExceeded: break
        }
    }
}

extension Host {
    /// Opens a UDP socket.
    ///
    /// - Parameters:
    ///   - address: one of the host's addresses; "any" of IPv4 if nil.
    ///   - port: 0 for a random free port of the profile's ephemeral range.
    public func bindUDP(_ address: IPAddress? = nil, port: UInt16 = 0) throws(BindError) -> UDPSocket {
        try udp.bind(address ?? .anyV4, port: port)
    }
}
