import CompactJSON
import NIOCore
import Testing

@testable import ServiceModel

@Suite("Many clients")
struct HerdTests {
    /// Clients of rooms of 50 that connect within one second, join, are all closed by a deploy and are gone.
    private func herd(seed: UInt64, clients count: Int) throws -> World {
        let world = World(seed: seed)
        let arrivals = world.simulation.random("arrivals")
        var clients: [TestClient] = []
        for number in 0..<count {
            let client = world.dial(
                "/v1?token=\(try world.token("peer\(number)"))", latency: arrivals.uniform(.zero ... .milliseconds(400)))
            clients.append(client)
        }
        world.run(for: .seconds(2))
        for (number, client) in clients.enumerated() { client.subscribe("room\(number / 50)") }
        world.run(for: .seconds(1))
        #expect(clients.allSatisfy { $0.acks == ["r1"] })
        // Whoever joined first heard of everyone else.
        #expect(clients[0].presence("room0").count == 50)
        world.act { $0.deploy(Deploy(retryAfter: .seconds(1), grace: .seconds(1), refusal: .seconds(1))) }
        world.run(for: .seconds(3))
        #expect(clients.allSatisfy { $0.close?.code == 1001 && !$0.isConnected })
        return world
    }

    @Test("two hundred clients come, join and are told to go, and nothing of them is left")
    func comeAndGo() throws {
        let world = try herd(seed: 1, clients: 200)
        #expect(world.service.statistics.total == 200)
        #expect(world.act { $0.connections().isEmpty })
        #expect(world.service.rooms.isEmpty && world.service.sessions.isEmpty && world.service.servedConnections == 0)
    }

    @Test("the same seed gives the same events, to the nanosecond")
    func determinism() throws {
        let first = try herd(seed: 7, clients: 50).events
        let second = try herd(seed: 7, clients: 50).events
        #expect(first.count > 400)
        #expect(first == second)
    }

    @Test("a table keeps the order of insertion through removals")
    func joinOrder() {
        var table = JoinOrderedTable<Int, Int>()
        for number in 0..<100 { table[number] = number }
        for number in stride(from: 0, to: 100, by: 3) { table[number] = nil }
        table[0] = 1_000
        table[1] = 2_000
        let expected = (1..<100).filter { $0 % 3 != 0 } + [0]
        #expect(table.map(\.key) == expected)
        #expect(table.count == expected.count)
        #expect(table[0] == 1_000 && table[1] == 2_000 && table[3] == nil)
        var visited: [Int] = []
        table.forEach { visited.append($0.key) }
        #expect(visited == expected)
    }
}
