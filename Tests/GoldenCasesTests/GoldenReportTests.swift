import Foundation
import Testing

@testable import GoldenCases

@Suite("The report")
struct GoldenReportTests {
    private let difference = LineDifference(
        sequence: .client, expected: GoldenLine(5, "client", "abort", ["conn": 1]), actual: nil,
        context: [GoldenLine(4, "client", "closeFrame", ["conn": 1])])

    @Test("a broken file outweighs a difference, and an unused transformation matters only in a strict run")
    func exitStatus() {
        let matched = CaseResult(name: "a", verdict: .matched)
        let differing = CaseResult(name: "b", verdict: .differing(difference, transformations: []))
        let broken = CaseResult(name: "c", verdict: .broken("c.json: no"))
        #expect(GoldenReport(results: [matched]).exitStatus(strict: false) == 0)
        #expect(GoldenReport(results: [matched]).exitStatus(strict: true) == 1)
        #expect(GoldenReport(results: [matched, differing]).exitStatus(strict: false) == 1)
        #expect(GoldenReport(results: [matched, differing, broken]).exitStatus(strict: false) == 2)
        let all = CaseResult(name: "d", verdict: .explained(Transformation.all.map(\.name)))
        #expect(GoldenReport(results: [all]).exitStatus(strict: true) == 0)
    }

    @Test("the text shows the lines before a difference, what was expected and what came")
    func text() {
        let report = GoldenReport(results: [CaseResult(name: "b", verdict: .differing(difference, transformations: ["x"]))])
        #expect(
            report.text.contains(
                """
                Differing
                  b: client lines (after: x)
                      as expected  {"t":4,"who":"client","what":"closeFrame","conn":1}
                      expected     {"t":5,"who":"client","what":"abort","conn":1}
                      got          no further line
                """))
    }

    @Test("transformations have different names, and each cites a rule")
    func transformations() {
        #expect(Set(Transformation.all.map(\.name)).count == Transformation.all.count)
        for transformation in Transformation.all {
            #expect(transformation.rule.wholeMatch(of: /[A-Z]+-[0-9]{2}(, [A-Z]+-[0-9]{2})*/) != nil, "\(transformation.rule)")
        }
    }
}
