import NIOCore
public import NetworkModel
import SimulationKernel

/// Plays the laboratory's experiments with Chromium and aioice in the model, and compares: real-timings.md.
///
/// Each experiment is repeated with the fault at another phase of the stable ping interval, which is also another seed: other ticks of Chromium's timers at
/// either end, other random intervals. Messages are datagrams over ``ICETransport/send(_:)``: neither DTLS nor SCTP is in these figures.
public struct WebRTCFidelity {
    /// How many phases each experiment is repeated with.
    public var phases: Int
    /// What all chance derives from.
    public var seed: UInt64

    /// Experiments with at least one phase each.
    public init(phases: Int = 200, seed: UInt64 = 1) {
        self.phases = max(phases, 1)
        self.seed = seed
    }

    /// Plays everything. Throws if the laboratory cannot be built.
    public func rows() throws -> [FidelityRow] { try captureRows() + libwebrtcRows() + turnRows() + aioiceRows() }

    /// Half of the last digit that real-timings.md writes down.
    static let digit = TimeAmount.milliseconds(50)
    /// What the laboratory's runs and the model's do not share.
    static let probe = "there SCTP's retransmission, here a datagram every 500 ms"
    /// From the heal of the laboratory's fault to when it was logged as healed, and back.
    static let source = "real-timings.md"

    /// The laboratory breaks things about 8 s after the call began.
    private static let faultAfter = TimeAmount.seconds(8)
    /// 10 ticks of 17/64 s: the interval of pings on a stable pair.
    private static let pingInterval = TimeAmount.microseconds(2_656_250)

    /// Plays one experiment at every phase.
    ///
    /// - Parameters:
    ///   - setup: The laboratory.
    ///   - length: From the fault to the end.
    ///   - fault: What is done to it, with the time of the fault.
    ///   - look: What was seen.
    func play(
        _ setup: Laboratory.Setup = .init(), for length: TimeAmount, fault: @escaping (Laboratory, NIODeadline) -> Void,
        look: (Laboratory, NIODeadline) -> Void
    ) throws {
        for phase in 0..<phases {
            let laboratory = try Laboratory(setup, seed: seed &+ UInt64(phase))
            let offset = Self.pingInterval.nanoseconds * Int64(phase) / Int64(phases)
            let start = NIODeadline.uptimeNanoseconds(0) + Self.faultAfter + .nanoseconds(offset)
            laboratory.at(start) { [unowned laboratory] in fault(laboratory, start) }
            laboratory.run(until: start + length)
            look(laboratory, start)
            laboratory.finish()
        }
    }

    static func range(_ low: Int64, _ high: Int64) -> ClosedRange<TimeAmount> { .milliseconds(low) ... .milliseconds(high) }
}

/// When something happened in the runs of one experiment.
struct Sightings {
    private(set) var times: [TimeAmount] = []
    private(set) var runs = 0

    /// One end or one run in which it happened, or not.
    mutating func note(_ time: TimeAmount?) {
        runs += 1
        if let time { times.append(time) }
    }

    func row(_ what: String, _ measured: ClosedRange<TimeAmount>, _ explanation: String, resolution: TimeAmount = WebRTCFidelity.digit)
        -> FidelityRow
    {
        FidelityRow(what, measured: measured, resolution: resolution, model: times, explanation: explanation)
    }

    func never(_ what: String, _ explanation: String = WebRTCFidelity.source) -> FidelityRow {
        FidelityRow(what, neverIn: runs, model: times, explanation: explanation)
    }
}
