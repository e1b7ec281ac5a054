import NIOCore
import SimulationKernel

/// What the owner of a ``TCPSocket`` is told. All calls come on the host's application loop, so they wait while the application is suspended.
public protocol TCPSocketOwner: AnyObject {
    /// The handshake is complete.
    func socketConnected()
    /// Bytes have arrived, in order.
    func socketReceived(_ bytes: ByteBuffer)
    /// The other end has closed its direction; nothing more will be received.
    func socketReachedEndOfFile()
    /// The send buffer has room again.
    func socketBecameWritable()
    /// The connection is gone. Nothing follows.
    func socketFailed(_ error: TCPError)
}

/// One TCP socket of a host: the connection machine, its timer in the host's kernel and the way to its owner in the host's application.
public final class TCPSocket: EventTarget {
    /// This end.
    public let local: TransportAddress
    /// The other end.
    public let remote: TransportAddress
    /// Who is told what happens. Held strongly until the socket has closed or failed.
    public var owner: (any TCPSocketOwner)? {
        didSet { deliverLater() }
    }

    private(set) var connection: TCPConnection
    /// The order of creation in the host, which gives loops over all sockets an order.
    let number: UInt64
    private unowned let stack: TCPStack
    /// Set while the connection is not accepted yet.
    private(set) weak var listener: TCPListener?
    private let reclamations: Int
    private var timer: EventHandle?
    private var armedDeadline = NIODeadline.distantFuture
    private var isDeliveryScheduled = false
    private var isRemoved = false
    private var synAttempts = 0

    private enum Wake: UInt64 { case timer, delivery }

    init(
        local: TransportAddress, remote: TransportAddress, connection: TCPConnection, number: UInt64, stack: TCPStack,
        listener: TCPListener? = nil
    ) {
        self.local = local
        self.remote = remote
        self.connection = connection
        self.number = number
        self.stack = stack
        self.listener = listener
        reclamations = stack.reclamations
    }

    // MARK: For the owner

    /// Where the connection is.
    public var state: TCPConnection.State { connection.state }

    /// The settings of the socket.
    public var options: TCPSocketOptions { connection.options }

    /// Bytes that ``write(_:)`` would take now.
    public var sendCapacity: Int { connection.sendCapacity }

    /// Bytes written and not acknowledged by the other end's kernel.
    public var unacknowledgedBytes: Int { connection.unacknowledgedBytes }

    /// False: the owner does not read, and the receive window fills.
    public var isReading: Bool {
        get { connection.isReading }
        set {
            guard newValue != connection.isReading else { return }
            connection.isReading = newValue
            deliverLater()
        }
    }

    /// Takes what the send buffer has room for from the front of `bytes`; if something is left, ``TCPSocketOwner/socketBecameWritable()`` follows.
    public func write(_ bytes: inout ByteBuffer) {
        _ = connection.write(&bytes)
        pump()
    }

    /// Asks for one ``TCPSocketOwner/socketBecameWritable()`` when the send buffer has room, as a write that was cut short does.
    public func awaitRoom() {
        connection.isWriterBlocked = true
        deliverLater()
    }

    /// Ends the stream after what was written. With `bothDirections` as `close(2)`: the owner hears nothing more.
    public func close(bothDirections: Bool = true) {
        if bothDirections { owner = nil }
        connection.close(bothDirections: bothDirections, now: stack.now)
        pump()
    }

    /// Ends the connection with RST; the owner hears nothing more.
    public func abort() {
        owner = nil
        connection.abort(now: stack.now)
        pump()
    }

    // MARK: For the stack

    func open() { pump() }

    func receive(_ segment: TCPSegment) {
        let before = connection.state
        connection.receive(segment, now: stack.now)
        if segment.flags.contains(.rst), connection.state == .closed, before != .closed { report(.resetReceived) }
        if connection.state == .established, before == .synSent || before == .synReceived { report(.established) }
        pump()
        if let listener, connection.state != .synReceived { listener.handshakeEnded(self) }
    }

    func networkFailed(_ error: TCPError, quotedSequenceNumber: UInt32?) {
        connection.networkFailed(error, quotedSequenceNumber: quotedSequenceNumber)
        pump()
    }

    func pathShrank(maximumSegmentSize: Int) {
        connection.pathShrank(maximumSegmentSize: maximumSegmentSize)
        pump()
    }

    func addressRemoved() {
        connection.addressRemoved()
        pump()
    }

    /// The operating system has taken the socket away: an error for the owner in place of what it has not read, nothing on the wire.
    func reclaim() {
        connection.fail(.aborted)
        pump()
    }

    /// The machine lost power: nobody is told anything.
    func vanish() {
        owner = nil
        connection.terminate()
        disarm()
        isRemoved = true
    }

    func accepted() { listener = nil }

    // MARK: Events

    /// The kernel's timer, or the turn of the application.
    public func fire(_ argument: UInt64) {
        switch Wake(rawValue: argument) {
        case .timer?:
            timer = nil
            armedDeadline = .distantFuture
            connection.timerFired(now: stack.now)
            pump()
            if let listener, connection.state == .closed { listener.handshakeEnded(self) }
        case .delivery?:
            isDeliveryScheduled = false
            deliver()
        case nil:
            preconditionFailure("a socket was woken for an unknown reason")
        }
    }

    /// Sends what there is to send, and arranges for what comes later.
    private func pump() {
        guard !isRemoved else { return }
        let now = stack.now
        while let transmission = connection.nextTransmission(now: now) { transmit(transmission) }
        let deadline = connection.deadline
        if deadline != armedDeadline { arm(deadline) }
        deliverLater()
        if connection.state == .closed { remove() }
    }

    private func transmit(_ transmission: TCPConnection.Transmission) {
        observe(transmission)
        switch stack.transmit(transmission.segment, from: local, to: remote) {
        case .sent, .notPermitted:
            break  // a local firewall's refusal is not shown to TCP: the segment counts as sent and lost
        case .noRoute, .noAddress:
            connection.sendingFailed(.networkUnreachable)
        case .messageTooLong(let maximumTransmissionUnit):
            let overhead = IPPacket.headerBytes(local.address.family) + 20
            connection.pathShrank(maximumSegmentSize: maximumTransmissionUnit - overhead)
        }
    }

    private func arm(_ deadline: NIODeadline) {
        disarm()
        guard deadline != .distantFuture else { return }
        armedDeadline = deadline
        timer = stack.ip.systemLoop.schedule(at: deadline, target: self, argument: Wake.timer.rawValue)
    }

    private func disarm() {
        if let timer { stack.ip.systemLoop.cancel(timer) }
        timer = nil
        armedDeadline = .distantFuture
    }

    private func remove() {
        disarm()
        isRemoved = true
        if connection.failure == .timedOut { report(.timedOut) }
        report(.closed(error: connection.failure?.rawValue))
        stack.remove(self)
    }

    // MARK: Delivery

    private func deliverLater() {
        guard owner != nil, !isDeliveryScheduled, connection.hasEvent else { return }
        isDeliveryScheduled = true
        stack.ip.eventLoop.schedule(at: stack.ip.eventLoop.now, target: self, argument: Wake.delivery.rawValue)
    }

    private func deliver() {
        // Reclaimed, perhaps after it had ended with bytes that nobody had read.
        if isRemoved, reclamations != stack.reclamations { connection.discardUndelivered() }
        // The owner may close, or stop reading, in any of these calls.
        while let owner, let event = connection.nextEvent() {
            switch event {
            case .connected: owner.socketConnected()
            case .received(let bytes): owner.socketReceived(bytes)
            case .peerFinished: owner.socketReachedEndOfFile()
            case .writable: owner.socketBecameWritable()
            case .failed(let error): failed(error)
            }
        }
        pump()
    }

    private func failed(_ error: TCPError) {
        let owner = owner
        self.owner = nil
        owner?.socketFailed(error)
    }

    // MARK: Observation

    private func observe(_ transmission: TCPConnection.Transmission) {
        switch transmission.purpose {
        case .original where transmission.segment.flags.contains(.syn), .retransmission where transmission.segment.flags == .syn:
            synAttempts += 1
            if transmission.segment.flags == .syn { report(.synSent(attempt: synAttempts)) }
        case .retransmission(let timeout): report(.retransmitted(timeout: timeout))
        case .lossProbe: report(.retransmitted(timeout: nil))
        case .reset: report(.resetSent)
        case .original, .probe, .acknowledgement: break
        }
    }

    private func report(_ kind: TCPEvent.Kind) { stack.ip.report(.tcp(TCPEvent(kind, local: local, remote: remote))) }
}
