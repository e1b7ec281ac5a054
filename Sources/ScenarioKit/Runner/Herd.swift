import NIOCore

/// Ten thousand full clients that lose their service at once: what the reconnect herd costs to simulate.
public struct Herd: Sendable {
    /// What it came to.
    public struct Result: Sendable {
        /// Clients that were connected again at the end.
        public var reconnected: Int
        /// The most connections that the service got within any second.
        public var peakPerSecond: Int
        /// Events of the simulation.
        public var events: UInt64
    }

    /// How many clients.
    public var clients: Int

    /// A herd.
    public init(clients: Int) { self.clients = clients }

    /// Connects everyone within ten seconds, crashes the service at 20 s for 10 s, and lets 60 s pass.
    ///
    /// - Parameter halfway: called at 19 s, when everyone is connected: the moment to measure memory.
    public func run(halfway: () -> Void = {}) throws -> Result {
        let world = try World(scenario: scenario(), seed: 1, records: false)
        defer { world.shutDown() }
        world.simulation.run(until: .start + .seconds(19))
        halfway()
        world.run()
        return Result(
            reconnected: world.participants.count { $0.state == .connected }, peakPerSecond: world.service.service.statistics.peakPerSecond,
            events: world.simulation.executedEvents)
    }

    private func scenario() throws -> Scenario {
        let text = """
            faultline: 1
            name: Herd
            seeds: 1
            duration: 60 s
            hosts:
              phones: { count: \(clients), interfaces: { lte: lte } }
            peers:
              crowd: { count: \(clients), on: phones, app: chat, auth: key, joins: room at 1 h }
            timeline:
              - { at: 20 s, crash: { connections: reset, for: 10 s } }
            """
        return try ScenarioLoader(readText: { _ in .success(text) }).load("herd.yaml").get()[0].scenario
    }
}
