import Conformance
import Testing

@Suite("Coverage of the spec")
struct SpecCoverageTests {
    private let sig01 = RuleID("SIG-01")!, sig06 = RuleID("SIG-06")!, srv03 = RuleID("SRV-03")!

    @Test("counts over runs how often a rule was exercised and held")
    func counts() throws {
        var coverage = SpecCoverage()
        for seed in 1...3 as ClosedRange<UInt64> {
            coverage.add(
                ConformanceSuite.signalling.check(FakeRuns.refusals(FakeValues(), seed: seed)), scenario: "refusals", cited: [sig01])
        }
        let row = try #require(coverage.table.first { $0.rule.id == sig01 })
        #expect(row.runsExercised == 3)
        #expect(row.held == 27)
        #expect(row.violated == 0)
        #expect(row.citedBy == ["refusals"])
        #expect(coverage.citedInVain.isEmpty)
    }

    @Test("a rule that is cited but exercised by no run of the scenario is a finding")
    func vain() {
        var coverage = SpecCoverage()
        let report = ConformanceSuite.signalling.check(FakeRuns.refusals(FakeValues()))
        coverage.add(report, scenario: "refusals", cited: [sig01, sig06])
        #expect(coverage.citedInVain.map(\.rule) == [sig06])
        #expect(coverage.citedInVain.map(\.scenario) == ["refusals"])
    }

    @Test("one run of many that exercises a cited rule is enough")
    func someRun() {
        var coverage = SpecCoverage()
        coverage.add(ConformanceSuite.signalling.check(FakeRuns.refusals(FakeValues())), scenario: "s", cited: [sig06])
        coverage.add(ConformanceSuite.signalling.check(FakeRuns.overCapacity(FakeValues())), scenario: "s", cited: [sig06])
        #expect(coverage.citedInVain.isEmpty)
    }

    @Test("a rule that no checker knows is not held against a scenario")
    func unchecked() {
        var coverage = SpecCoverage()
        coverage.add(CheckReport(), scenario: "s", cited: [srv03])
        #expect(coverage.citedInVain.isEmpty)
    }
}
