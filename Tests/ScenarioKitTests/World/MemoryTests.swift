import Foundation
import Testing

@testable import ScenarioKit

@Suite("Memory of a run")
struct MemoryTests {
    @Test(
        "nothing of a run is left when it is over",
        arguments: ["signalling/elevator.yaml", "signalling/four-refusals.yaml", "calls/plain-call.yaml", "calls/elevator-20s.yaml"])
    func nothingIsLeft(_ file: String) throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Scenarios/\(file)").standardized.path()
        weak var network: AnyObject?
        weak var participant: AnyObject?
        do {
            let world = try World(scenario: try #require(try ScenarioLoader.load(path).get().first).scenario, seed: 1)
            world.run()
            world.shutDown()
            network = world.network
            participant = world.participant("alice")
            #expect(participant != nil)
        }
        #expect(network == nil)
        #expect(participant == nil)
    }
}
