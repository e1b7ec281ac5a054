/// One client through three minutes with a crash of its service: what a signalling scenario costs, trace and checks included.
public struct SignallingBenchmark: Sendable {
    private let run: PlannedRun

    /// Reads the scenario once.
    public init() throws {
        let text = """
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
            """
        let resolved = try ScenarioLoader(readText: { _ in .success(text) }).load("benchmark.yaml").get()
        run = PlannedRun(resolved[0], seed: 1)
    }

    /// Runs it on the calling thread.
    public func once() { _ = ScenarioRunner.run(run) }
}
