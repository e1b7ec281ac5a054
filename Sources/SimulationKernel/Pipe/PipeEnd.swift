#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
import NIOCore

/// One end of a pipe: the transport of its channel, and the queue of what is on its way to it.
final class PipeEnd: SimulatedTransport, EventTarget {
    enum Event: UInt64 {
        case activate
        case arrival
        case reset
        case roomToSend
    }

    private enum Item {
        case bytes(ByteBuffer)
        case end
        case reset
    }

    let channel: SimulatedChannel
    // A pipe lives as long as one of its channels uses it. `close` breaks the cycle.
    var pipe: SimulatedPipe?
    var peer: PipeEnd?
    var isHeld = false

    private var isCut = false
    private var isClosed = false
    private var inFlight: [(arrival: NIODeadline, item: Item)] = []
    private var firstInFlight = 0
    private var lastArrival = NIODeadline.uptimeNanoseconds(0)
    /// Bytes of this end that the peer's application has not taken yet.
    private var outstandingBytes = 0
    private var refusedBytes = false

    init(channel: SimulatedChannel) { self.channel = channel }

    // MARK: SimulatedTransport

    func send(_ bytes: inout ByteBuffer) {
        guard let pipe = self.pipe, let peer = self.peer else { return }
        let room = max(0, pipe.sendBufferBytes - self.outstandingBytes)
        let count = min(room, bytes.readableBytes)
        self.refusedBytes = count < bytes.readableBytes
        guard count > 0, let taken = bytes.readSlice(length: count) else { return }
        self.outstandingBytes += count
        peer.enqueue(.bytes(taken), latency: pipe.latency)
    }

    func consumed(byteCount: Int) { self.peer?.delivered(byteCount: byteCount) }

    func close(_ mode: SimulatedCloseMode, unreadBytes: Int) {
        self.isClosed = true
        self.inFlight = []
        self.firstInFlight = 0
        if let pipe = self.pipe, let peer = self.peer {
            switch mode {
            case .graceful: peer.enqueue(.end, latency: pipe.latency)
            case .abortive: peer.enqueue(.reset, latency: pipe.latency)
            }
        }
        self.pipe = nil
        self.peer = nil
    }

    private func delivered(byteCount: Int) {
        self.outstandingBytes -= byteCount
        guard self.refusedBytes, !self.isClosed else { return }
        self.refusedBytes = false
        self.channel.loop.execute(target: self, argument: Event.roomToSend.rawValue)
    }

    // MARK: Arrival

    private func enqueue(_ item: Item, latency: TimeAmount) {
        guard !self.isCut, !self.isClosed else { return }
        self.lastArrival = max(self.lastArrival, self.channel.loop.simulation.now + latency)
        self.inFlight.append((self.lastArrival, item))
        if !self.isHeld {
            self.channel.loop.scheduleArrival(at: self.lastArrival, target: self, argument: Event.arrival.rawValue)
        }
    }

    func cut() {
        self.isCut = true
        self.inFlight = []
        self.firstInFlight = 0
    }

    func release() {
        guard self.isHeld else { return }
        self.isHeld = false
        for entry in self.inFlight[self.firstInFlight...] {
            self.channel.loop.scheduleArrival(at: entry.arrival, target: self, argument: Event.arrival.rawValue)
        }
    }

    func scheduleReset() { self.channel.loop.execute(target: self, argument: Event.reset.rawValue) }

    func fire(_ argument: UInt64) {
        guard let event = Event(rawValue: argument) else { preconditionFailure("unknown pipe event \(argument)") }
        switch event {
        case .activate: self.channel.activate()
        case .reset: self.channel.receiveReset(Self.resetError)
        case .roomToSend: self.channel.sendBufferHasRoom()
        case .arrival: self.deliverFirst()
        }
    }

    /// Events of arrival are only wake-ups: one that was scheduled before a hold or a cut finds nothing that is due.
    private func deliverFirst() {
        guard !self.isHeld, self.firstInFlight < self.inFlight.count else { return }
        let (arrival, item) = self.inFlight[self.firstInFlight]
        guard arrival <= self.channel.loop.simulation.now else { return }
        self.firstInFlight += 1
        if self.firstInFlight == self.inFlight.count {
            self.inFlight.removeAll(keepingCapacity: true)
            self.firstInFlight = 0
        }
        switch item {
        case .bytes(let bytes): self.channel.receive(bytes)
        case .end: self.channel.receiveEnd()
        case .reset: self.channel.receiveReset(Self.resetError)
        }
    }

    private static var resetError: IOError { IOError(errnoCode: ECONNRESET, reason: "connection reset by peer") }
}
