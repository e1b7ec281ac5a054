import MeteredRealtime
import NIOCore
import SimulationKernel

/// Counts the frames of a remote track and notices when they stop and start.
///
/// No timer runs while nothing flows; while frames come, one fires per `stallsAfter`.
final class MediaReceiver: EventTarget {
    let track: SimulatedMediaTrack
    var streamIDs: [String]
    var synchronizationSource: UInt32?
    private(set) var bytesReceived: UInt64 = 0

    private let loop: SimulatedEventLoop
    private let stallsAfter: TimeAmount
    private let created: NIODeadline
    private let observe: (_ isFlowing: Bool, _ silence: TimeAmount) -> Void
    private var timer: EventHandle?

    init(
        track: SimulatedMediaTrack, streamIDs: [String], source: UInt32?, loop: SimulatedEventLoop, stallsAfter: TimeAmount,
        observe: @escaping (_ isFlowing: Bool, _ silence: TimeAmount) -> Void
    ) {
        self.track = track
        self.streamIDs = streamIDs
        self.synchronizationSource = source
        self.loop = loop
        self.stallsAfter = stallsAfter
        self.observe = observe
        created = loop.now
    }

    func receive(payloadBytes: Int) {
        let now = loop.now
        bytesReceived += UInt64(payloadBytes)
        track.framesReceived += 1
        let silence = now - (track.lastFrame ?? created)
        track.lastFrame = now
        guard !track.isFlowing else { return }
        timer = loop.schedule(at: now + stallsAfter, target: self, argument: 0)
        change(isFlowing: true, silence: silence)
    }

    func fire(_ argument: UInt64) {
        timer = nil
        guard let lastFrame = track.lastFrame else { return }
        let end = lastFrame + stallsAfter
        if end > loop.now {
            timer = loop.schedule(at: end, target: self, argument: 0)
        } else {
            change(isFlowing: false, silence: loop.now - lastFrame)
        }
    }

    /// The track has ended; a flow that was reported ends with it.
    func stop() {
        if let timer { loop.cancel(timer) }
        timer = nil
        if track.isFlowing, let lastFrame = track.lastFrame { change(isFlowing: false, silence: loop.now - lastFrame) }
    }

    private func change(isFlowing: Bool, silence: TimeAmount) {
        track.isFlowing = isFlowing
        observe(isFlowing, silence)
        track.onFlowChange?(isFlowing, silence)
    }
}
