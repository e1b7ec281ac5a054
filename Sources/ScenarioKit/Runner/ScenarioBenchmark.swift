/// A scenario that is run again and again to see what it costs, trace and checks included.
public struct ScenarioBenchmark: Sendable {
    /// What one run came to.
    public struct Result: Sendable {
        /// Events of the kernel.
        public var events: UInt64
        /// Simulated time in nanoseconds.
        public var simulatedNanoseconds: Int64
        /// Messages of what failed; empty if the run did what the scenario expects.
        public var failures: [String]
    }

    private let run: PlannedRun

    /// Reads the scenario once.
    private init(_ text: String) throws {
        let resolved = try ScenarioLoader(readText: { _ in .success(text) }).load("benchmark.yaml").get()
        run = PlannedRun(resolved[0], seed: 1)
    }

    /// Runs it on the calling thread.
    @discardableResult
    public func once() -> Result {
        let outcome = ScenarioRunner.run(run)
        return Result(
            events: outcome.kernelEvents, simulatedNanoseconds: outcome.simulatedNanoseconds, failures: outcome.failures.map(\.message))
    }
}

extension ScenarioBenchmark {
    /// One client through three minutes with a crash of its service.
    public static func signalling() throws -> ScenarioBenchmark {
        try ScenarioBenchmark(
            """
            faultline: 1
            name: One client, 180 s
            spec: [SIG-01]
            seeds: 1
            duration: 180 s
            hosts:
              phone: { interfaces: { wifi: home-wifi } }
            peers:
              alice: { on: phone, app: [chat, banner], auth: token, joins: room at 0 s }
            timeline:
              - { at: 60 s, crash: { connections: reset, for: 4 s } }
            """)
    }
}
