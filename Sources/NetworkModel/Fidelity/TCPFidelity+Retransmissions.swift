import NIOCore
import SimulationKernel

extension TCPFidelity {
    /// The gaps between the transmissions of the first message that was lost, from the captures: in each the two ends of a run of 70 s (the first nine) and
    /// of a run of 5 s (the first five).
    private static let capturedGaps: [[Int64]] = [
        [427, 415, 428, 424], [448, 428, 436, 436], [864, 833, 832, 832], [1_696, 1_662, 1_664, 1_664], [3_392, 3_488, 3_520, 3_520],
        [6_912, 6_656], [13_568, 13_312], [27_136, 27_648], [55_296, 53_248],
    ]

    /// The retransmissions of one segment in a blackout that does not end.
    func retransmissionRows() throws(TCPError) -> [FidelityRow] {
        var gaps: [[TimeAmount]] = Array(repeating: [], count: Self.capturedGaps.count)
        for phase in 0..<phases {
            let times = try retransmissions(phase: phase)
            for (index, pair) in zip(times, times.dropFirst()).enumerated() where index < gaps.count {
                gaps[index].append(pair.1 - pair.0)
            }
        }
        return Self.capturedGaps.enumerated().map { index, captured in
            let measured = captured.map { TimeAmount.milliseconds($0) }.sorted()
            let source = index < 5 ? "captures of 5 s and 70 s, both ends" : "capture of 70 s, both ends"
            return FidelityRow(
                "gap before retransmission \(index + 1)", measured: measured[0]...measured[measured.count - 1],
                resolution: .milliseconds(4),
                model: gaps[index], explanation: source + (index == 0 ? "; a loss probe of a later message comes between" : ""))
        }
    }

    /// When the first message that the blackout swallowed was sent, and each time again.
    private func retransmissions(phase: Int) throws(TCPError) -> [NIODeadline] {
        let exchange = try exchange(phase: phase)
        let simulation = exchange.hosts.simulation
        let start = faultStart(phase: phase)
        var lost: UInt32?
        var times: [NIODeadline] = []
        exchange.hosts.filter = { packet, fromLeft in
            guard simulation.now >= start else { return .pass }
            if fromLeft, case .tcp(let segment) = packet.payload, segment.payload.readableBytes > 0 {
                if lost == nil { lost = segment.sequenceNumber }
                if lost == segment.sequenceNumber { times.append(simulation.now) }
            }
            return .drop
        }
        simulation.run(until: start + .seconds(130))
        exchange.finish()
        return times
    }

    // MARK: Connecting

    /// Captured: 1.005 1.024 1.024 1.024 1.024 2.016 4.032 8.196 16.124 33.280.
    private static let capturedSYNGaps: [ClosedRange<Int64>] = [
        1_005...1_005, 1_024...1_024, 1_024...1_024, 1_024...1_024, 1_024...1_024, 2_016...2_016, 4_032...4_032, 8_196...8_196,
        16_124...16_124, 33_280...33_280,
    ]

    /// A SYN that is never answered; the network is back at 70 s, which is too late for the last SYN.
    func connectRows() throws(TCPError) -> [FidelityRow] {
        var gaps: [[TimeAmount]] = Array(repeating: [], count: Self.capturedSYNGaps.count)
        var ends: [TimeAmount] = []
        for phase in 0..<phases {
            let (times, end) = try connect(phase: phase)
            for (index, pair) in zip(times, times.dropFirst()).enumerated() where index < gaps.count {
                gaps[index].append(pair.1 - pair.0)
            }
            if let end, let first = times.first { ends.append(end - first) }
        }
        let rows = Self.capturedSYNGaps.enumerated().map { index, captured in
            FidelityRow(
                "gap before SYN \(index + 2)",
                measured: .milliseconds(captured.lowerBound) ... .milliseconds(captured.upperBound), resolution: .milliseconds(4),
                model: gaps[index], explanation: "capture of 70 s; the timer wheel rounds up")
        }
        let end = FidelityRow(
            "connect gives up though the network was back at 70 s", measured: .milliseconds(134_288) ... .milliseconds(134_288),
            resolution: .milliseconds(500), model: ends, explanation: "the run of the capture; 131 s without the timer wheel")
        return rows + [end]
    }

    private func connect(phase: Int) throws(TCPError) -> (syns: [NIODeadline], end: NIODeadline?) {
        let hosts = BackToBackHosts(seed: seed &+ UInt64(phase), oneWayDelay: MessageExchange.oneWayDelay)
        let simulation = hosts.simulation
        _ = try hosts.right.tcp.listen(port: 9_000) { _ in }
        var times: [NIODeadline] = []
        let start = NIODeadline.uptimeNanoseconds(0)
        hosts.filter = { _, fromLeft in
            if fromLeft { times.append(simulation.now) }
            return simulation.now < start + .seconds(70) ? .drop : .pass
        }
        let end = MessageExchange.Participant(
            try hosts.left.tcp.connect(to: TransportAddress(hosts.right.address, 9_000)), simulation: simulation)
        hosts.run(until: .seconds(200))
        hosts.finish()
        return (times, end.failure?.time)
    }
}
