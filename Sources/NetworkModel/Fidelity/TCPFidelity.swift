import NIOCore
import SimulationKernel

/// Plays the laboratory's experiments with real Linux TCP in the model, and compares.
///
/// The laboratory: Linux 6.18, network namespaces, a round trip under 0.2 ms, both ends sending a small WebSocket message about every 200 ms, everything dropped
/// by a router 3 s after the connection was opened. Each experiment is repeated with the fault at another phase of the message period, another phase of the
/// kernel's timer wheel and another lag between the two ends; the laboratory has a few runs of each, two of them as captures.
public struct TCPFidelity {
    /// How many phases each experiment is repeated with.
    public var phases: Int
    /// What the phases of the timer wheel and the jitter of the messages derive from.
    public var seed: UInt64

    /// Experiments with at least one phase each.
    public init(phases: Int = 200, seed: UInt64 = 1) {
        self.phases = max(phases, 1)
        self.seed = seed
    }

    /// When the fault begins, after the connection was opened.
    private static let faultAfter = TimeAmount.seconds(3)

    /// Plays everything.
    public func rows() throws(TCPError) -> [FidelityRow] {
        try blackoutRows() + retransmissionRows() + connectRows() + endRows()
    }

    // MARK: Blackouts

    /// How long after the path was back the first message arrives, at either end.
    func blackoutRows() throws(TCPError) -> [FidelityRow] {
        let explanation = "real-timings.md; the laboratory healed 0.03 to 0.10 s late, and so does this"
        var rows: [FidelityRow] = []
        for (seconds, length, measured, resolution) in Self.blackouts {
            rows.append(
                FidelityRow(
                    "first message after a blackout of \(seconds) s, from the heal", measured: measured, resolution: resolution,
                    model: try delaysAfterBlackout(of: length), explanation: explanation))
        }
        return rows
    }

    /// real-timings.md, widened where a capture's instants lie outside; captured: 5 s +1.962 at both ends, 70 s +37.691 and +39.736.
    private static let blackouts: [(Int, TimeAmount, ClosedRange<TimeAmount>, TimeAmount)] = [
        (5, .milliseconds(5_028), .milliseconds(1_800) ... .milliseconds(2_000), .milliseconds(50)),
        (20, .milliseconds(20_028), .milliseconds(6_700) ... .milliseconds(7_400), .milliseconds(50)),
        (70, .milliseconds(70_100), .milliseconds(37_691) ... .seconds(40), .milliseconds(500)),
    ]

    func delaysAfterBlackout(of length: TimeAmount) throws(TCPError) -> [TimeAmount] {
        var delays: [TimeAmount] = []
        for phase in 0..<phases {
            let exchange = try exchange(phase: phase)
            let start = faultStart(phase: phase)
            exchange.blackout(from: start, for: length)
            // The next retransmission comes at most as long after the heal as the blackout was, and a little.
            exchange.hosts.simulation.run(until: start + length + length)
            for end in [exchange.client, exchange.server] {
                if let arrival = end?.firstArrival(after: start + length) { delays.append(arrival - (start + length)) }
            }
            exchange.finish()
        }
        return delays
    }

    // MARK: Setting up

    func exchange(
        phase: Int, profile: TCPProfile = .linux, options: TCPSocketOptions = TCPSocketOptions()
    ) throws(TCPError) -> MessageExchange {
        // In the laboratory the server's messages followed the client's by 0.5 to 5 ms at first.
        let lag = TimeAmount.microseconds(500 + 4_500 * Int64(phase * 7 % phases) / Int64(phases))
        return try MessageExchange(seed: seed &+ UInt64(phase), profile: profile, options: options, serverLag: lag)
    }

    /// The phases divide one period of the messages.
    func faultStart(phase: Int) -> NIODeadline {
        let offset = MessageExchange.period.upperBound.nanoseconds * Int64(phase) / Int64(phases)
        return .uptimeNanoseconds(0) + Self.faultAfter + .nanoseconds(offset)
    }
}
