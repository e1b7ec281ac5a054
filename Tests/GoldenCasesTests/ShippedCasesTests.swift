import GoldenCases
import Testing

@Suite("The shipped golden cases")
struct ShippedCasesTests {
    private static let folder = "Fixtures/golden"

    @Test("every client case does what the official SDK did, or what a named transformation makes of it")
    func clientCases() throws {
        let report = try GoldenSuite.run(cases: "\(Self.folder)/cases", golden: "\(Self.folder)/golden", threads: 2)
        #expect(report.results.count == 206)
        #expect(report.results("differing").isEmpty, "\(report.text)")
        #expect(report.results("broken").isEmpty, "\(report.text)")
    }
}
