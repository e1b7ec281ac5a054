import NIOCore
import SimulationKernel

/// A UDP socket of a host's application. Its callbacks run on the host's `eventLoop`.
public final class UDPSocket {
    /// A datagram as the application gets it.
    public struct Received: Sendable {
        /// Who sent it.
        public var source: TransportAddress
        /// The address and port of this host that it was sent to.
        public var destination: TransportAddress
        /// Its bytes.
        public var payload: ByteBuffer
    }

    /// An error that the network or the operating system reported.
    public enum Failure: Hashable, Sendable {
        /// ECONNREFUSED, EHOSTUNREACH ...: an ICMP error came back about a datagram to this remote.
        case unreachable(TransportAddress, ICMPMessage.Unreachable)
        /// A link on the way to this remote takes no packet over `maximumTransmissionUnit` bytes.
        case tooBig(TransportAddress, maximumTransmissionUnit: Int)
        /// The operating system has closed the socket.
        case closed
    }

    /// Where the socket is bound: the address may be "any", then each datagram goes out by the preferred interface of the moment.
    public let local: TransportAddress
    /// Called for every datagram.
    public var onReceive: ((Received) -> Void)?
    /// Called for every error; `.closed` is the last.
    public var onFailure: ((Failure) -> Void)?
    /// Takes packets that come through a tunnel ending here; at once, since tunnels belong to the operating system.
    var onTunnelled: ((IPPacket, TransportAddress) -> Void)?
    /// Whether the socket has been closed.
    @exclusivity(unchecked) public private(set) var isClosed = false

    private unowned let host: Host
    @exclusivity(unchecked) private var received = CircularBuffer<Received>(initialCapacity: 0)
    private var failures = CircularBuffer<Failure>(initialCapacity: 0)
    @exclusivity(unchecked) private var bufferedBytes = 0
    @exclusivity(unchecked) private var isWakeUpScheduled = false
    @exclusivity(unchecked) private var isReclaimed = false

    /// Whether the socket belongs to the operating system: its callbacks run at once, whatever the application does.
    let isOfSystem: Bool

    init(local: TransportAddress, host: Host, isOfSystem: Bool) {
        self.local = local
        self.host = host
        self.isOfSystem = isOfSystem
    }

    /// Sends a datagram. What is lost after it left the host is not reported, unless an ICMP error comes back.
    @discardableResult
    public func send(_ payload: ByteBuffer, to remote: TransportAddress) -> SendResult {
        send(UDPDatagram(sourcePort: local.port, destinationPort: remote.port, payload: payload), to: remote.address)
    }

    func send(_ datagram: UDPDatagram, to remote: IPAddress) -> SendResult {
        guard !isClosed, !isReclaimed else { return .noAddress }
        guard let source = local.address.isUnspecified ? host.sourceAddress(for: remote) : local.address else { return .noRoute }
        return host.send(IPPacket(source: source, destination: remote, payload: .udp(datagram)))
    }

    /// Closes the socket. Nothing is called afterwards.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        host.udp.remove(self)
        received.removeAll()
        failures.removeAll()
    }

    // MARK: The operating system's side

    func takes(_ destination: IPAddress) -> Bool {
        local.address == destination || (local.address.isUnspecified && local.address.family == destination.family)
    }

    /// False if the receive buffer is full.
    func enqueue(_ datagram: Received) -> Bool {
        if isOfSystem {
            onReceive?(datagram)
            return true
        }
        let bytes = datagram.payload.readableBytes
        guard bufferedBytes + bytes <= host.profile.udpReceiveBufferBytes else { return false }
        bufferedBytes += bytes
        received.append(datagram)
        wakeUp()
        return true
    }

    func enqueue(_ failure: Failure) {
        if isOfSystem {
            onFailure?(failure)
            return
        }
        // An application that never reads does not make the list grow.
        if failures.count < 64 || failure == .closed { failures.append(failure) }
        wakeUp()
    }

    /// The operating system takes the socket away; its owner learns when it runs again.
    func reclaim() {
        isReclaimed = true
        host.udp.remove(self)
        enqueue(.closed)
    }

    private func wakeUp() {
        guard !isWakeUpScheduled else { return }
        isWakeUpScheduled = true
        host.eventLoop.schedule(at: host.eventLoop.now, target: self, argument: 0)
    }
}

extension UDPSocket: EventTarget {
    /// For the simulation.
    public func fire(_ argument: UInt64) {
        isWakeUpScheduled = false
        while let datagram = received.popFirst() {
            bufferedBytes -= datagram.payload.readableBytes
            onReceive?(datagram)
        }
        while let failure = failures.popFirst() {
            let handler = onFailure
            if failure == .closed { close() }
            handler?(failure)
        }
    }
}
