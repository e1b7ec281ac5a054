import Conformance
import Testing

@Suite("The spec as data")
struct SpecCatalogueTests {
    @Test("has every rule, numbered without gaps")
    func counts() {
        let counts: [(RuleID.Family, Int)] = [
            (.wire, 11), (.signalling, 21), (.iceRestart, 11), (.roster, 13), (.application, 7), (.better, 27), (.service, 7),
            (.invariant, 7),
        ]
        for (family, count) in counts {
            #expect(SpecRule.all.filter { $0.id.family == family }.map(\.id.number) == Array(1...count))
        }
    }

    @Test("a rule is found by its name, and nothing by another")
    func names() {
        #expect(RuleID("SIG-07")?.description == "SIG-07")
        #expect(RuleID("BEY-27")?.number == 27)
        #expect(RuleID("SIG-22") == nil)
        #expect(RuleID("SIG-7") == nil)
        #expect(RuleID("") == nil)
    }

    @Test("each rule has a line of its own")
    func texts() {
        #expect(Set(SpecRule.all.map(\.text)).count == SpecRule.all.count)
        #expect(SpecRule.all.allSatisfy { !$0.text.isEmpty && !$0.text.contains("\n") })
    }

    @Test("every checker's rules are in the catalogue, and each checker can be asked for by name")
    func suites() throws {
        #expect(ConformanceSuite.all.rules.allSatisfy { SpecRule.rule($0) != nil })
        for name in ConformanceSuite.names { #expect(ConformanceSuite(named: [name]) != nil) }
        #expect(ConformanceSuite(named: ["backof"]) == nil)
    }

    @Test("the delays before attempts 1 to 8 are the guide's")
    func ladder() {
        let report = ConformanceSuite.signalling.check(FakeRuns.refusals(FakeValues()))
        #expect(report.passed)
        let delays = (1...8).map { SignallingSpec().baseDelay(attempt: $0).value / 1_000_000 }
        #expect(delays == [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    }
}
