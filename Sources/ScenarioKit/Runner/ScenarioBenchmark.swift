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
    ///
    /// - Parameter atEnd: called when the simulated time is over and everything is still there: the moment to measure memory.
    @discardableResult
    public func once(atEnd: () -> Void = {}) -> Result {
        let outcome = ScenarioRunner.run(run, atEnd: atEnd)
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

    /// Two full peers through three minutes: the path between them and their TURN server die at 20 s, both fail, and all nine rungs are climbed.
    public static func call() throws -> ScenarioBenchmark {
        try ScenarioBenchmark(
            """
            faultline: 1
            name: Two peers, a whole ladder, 180 s
            spec: [ICE-01, ICE-02]
            seeds: 1
            duration: 180 s
            hosts:
              phone: { interfaces: { wifi: home-wifi } }
              laptop: { interfaces: { eth: fibre } }
            turn:
              turn-a:
            peers:
              alice: { on: phone, app: call, joins: room at 0 s }
              bob: { on: laptop, app: call, joins: room at 0 s }
            timeline:
              - { at: 20 s, blackout: { between: [phone, laptop] } }
              - { at: 20 s, turn: { server: turn-a, does: crash } }
            expect:
              - { peer: bob, event: rung, rung: 9, count: 1 }
            """)
    }

    /// A full mesh in one room for a minute: every peer has a connection to every other.
    ///
    /// - Parameter peers: how many, 2 or more.
    public static func room(peers: Int) throws -> ScenarioBenchmark {
        try ScenarioBenchmark(
            """
            faultline: 1
            name: Room of \(peers), 60 s
            spec: [ROS-05]
            seeds: 1
            duration: 60 s
            hosts:
              laptops: { count: \(peers), interfaces: { eth: fibre } }
            turn:
              turn-a:
            peers:
              crowd: { count: \(peers), on: laptops, app: call, media: [], data: { labels: [chat] }, joins: room at 0 s }
            expect:
              - { link: crowd <-> crowd, state: connected, at: end }
            """)
    }
}
