import NIOCore
import SimulationKernel

extension TCPFidelity {
    /// How connections end in a blackout that does not, from the fault on.
    func endRows() throws(TCPError) -> [FidelityRow] {
        [
            FidelityRow(
                "tcp_retries2 = 5: ETIMEDOUT", measured: .seconds(14) ... .seconds(14), resolution: .milliseconds(50),
                model: try ends(profile: .linux(retries: 5)),
                explanation: "real-timings.md; the first timeout later than 12.6 s after the first retransmission"),
            FidelityRow(
                "TCP_USER_TIMEOUT 10 s: ETIMEDOUT", measured: .milliseconds(10_500) ... .milliseconds(10_500),
                resolution: .milliseconds(50),
                model: try ends(options: TCPSocketOptions(userTimeout: .seconds(10))),
                explanation: "real-timings.md; 10 s from the first retransmission"),
            FidelityRow(
                "library keepalive 20/20 s: 1011, after the connection opened", measured: .seconds(40) ... .seconds(40),
                resolution: .milliseconds(500), model: try keepaliveEnds(),
                explanation: "real-timings.md (\"about 40 s\"); TCP itself is still trying"),
        ]
    }

    private func ends(profile: TCPProfile = .linux, options: TCPSocketOptions = TCPSocketOptions()) throws(TCPError) -> [TimeAmount] {
        var ends: [TimeAmount] = []
        for phase in 0..<phases {
            let exchange = try exchange(phase: phase, profile: profile, options: options)
            let start = faultStart(phase: phase)
            exchange.blackout(from: start, for: .hours(1))
            exchange.hosts.simulation.run(until: start + .seconds(60))
            if let failure = exchange.client.failure, failure.error == .timedOut { ends.append(failure.time - start) }
            exchange.finish()
        }
        return ends
    }

    /// A library that sends a ping 20 s after the last answer and gives up 20 s after a ping, in a blackout that begins 3 s after the opening.
    private func keepaliveEnds() throws(TCPError) -> [TimeAmount] {
        var ends: [TimeAmount] = []
        for phase in 0..<phases {
            let exchange = try exchange(phase: phase)
            let simulation = exchange.hosts.simulation
            let start = faultStart(phase: phase)
            exchange.blackout(from: start, for: .hours(1))
            let pingAt = NIODeadline.uptimeNanoseconds(0) + .seconds(20)
            simulation.run(until: pingAt)
            exchange.client.send()
            simulation.run(until: pingAt + .seconds(20))
            let isAnswered = exchange.client.firstArrival(after: pingAt) != nil
            if !isAnswered, exchange.client.failure == nil { ends.append(simulation.now - .uptimeNanoseconds(0)) }
            exchange.finish()
        }
        return ends
    }
}
