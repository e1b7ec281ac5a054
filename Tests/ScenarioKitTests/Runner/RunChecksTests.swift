@testable import ScenarioKit
import Testing
import Trace

@Suite("what a run is held against")
struct RunChecksTests {
    /// The failures of a run in which the client goes from idle to reconnecting, which SIG-15 does not allow.
    private func failures(_ expectations: String) throws -> [Failure] {
        let trace = TraceLog(events: [.state(at: 1_000_000_000, who: "alice", from: "idle", to: "reconnecting")])
        let checks = RunChecks(
            scenario: try scenario(world("expect: [\(expectations)]")), trace: trace, endings: WorldEndings(secrets: [], leaks: []))
        return checks.failures
    }

    @Test("a finding that the scenario asked for is told once, with the line that asked")
    func conforms() throws {
        let found = try failures("{ conforms: SIG-15 }")
        #expect(found.map(\.source) == [.rule("SIG-15")])
        #expect(found[0].line == 9)
        #expect(found[0].message.hasSuffix(" (conforms, line 9)"))
    }

    @Test("a finding that nobody asked for names no line")
    func unasked() throws {
        let found = try failures("{ peer: alice, outcome: reconnecting }")
        #expect(found.map(\.source) == [.rule("SIG-15")])
        #expect(found[0].line == nil)
        #expect(!found[0].message.contains("conforms"))
    }

    @Test("rules whose situation never came up fail as an expectation")
    func unexercised() throws {
        let found = try failures("{ conforms: pacing }")
        #expect(found.map(\.source) == [.rule("SIG-15"), .expectation])
    }
}
