import CompactJSON
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Connecting")
struct ConnectingTests {
    @Test("a first connect goes through connecting to connected at the welcome")
    func connects() throws {
        let world = try TestWorld()
        world.connect()
        world.run(until: 2_000)
        #expect(world.log.states == ["0.0 connecting", "70.0 connected"])
        #expect(world.log.finish(of: "connect") == .init(call: "connect", result: .success(()), at: 70))
    }
}
