import MeteredRealtime
import NIOCore
import SimulationKernel

/// Puts the frames of a local track on the wire while it may.
final class MediaSender: EventTarget {
    private let loop: SimulatedEventLoop
    private let flow: MediaFlow
    private let source: UInt32
    private let payloadType: UInt8
    /// RTP clock ticks per second.
    private let clockRate: Int64
    private let send: (ByteBuffer) -> Bool
    private var timer: EventHandle?
    private var sequenceNumber: UInt16
    private(set) var bytesSent: UInt64 = 0

    init(loop: SimulatedEventLoop, kind: MediaKind, flow: MediaFlow, source: UInt32, send: @escaping (ByteBuffer) -> Bool) {
        self.loop = loop
        self.flow = flow
        self.source = source
        self.send = send
        sequenceNumber = UInt16(truncatingIfNeeded: source)
        payloadType = DescriptionBuilder.format(kind).payloadType
        clockRate = kind == .audio ? 48_000 : 90_000
    }

    var isRunning: Bool { timer != nil }

    /// The first frame goes at once.
    func start() {
        guard timer == nil else { return }
        timer = loop.schedule(at: loop.now, target: self, argument: 0)
    }

    func stop() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }

    func fire(_ argument: UInt64) {
        let now = loop.now
        timer = loop.schedule(at: now + flow.interval, target: self, argument: 0)
        let ticks = Int64(clamping: now.uptimeNanoseconds / 1_000_000) &* clockRate / 1_000
        let header = RTPPacket.Header(
            payloadType: payloadType, sequenceNumber: sequenceNumber, timestamp: UInt32(truncatingIfNeeded: ticks),
            synchronizationSource: source,
            isMarked: true)
        sequenceNumber &+= 1
        if send(RTPPacket.encode(header, payloadBytes: flow.bytes)) { bytesSent += UInt64(flow.bytes) }
    }
}
