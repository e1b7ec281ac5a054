/// INV-04: nothing is left behind at the end. What there was to count, the caller counted.
struct LeakChecker: Checker {
    static let name = "leaks"
    static let rules: [RuleID] = [.inv(4)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for leak in evidence.context.leaks {
            report.expect(leak.count == 0, .inv(4), "run", evidence.end, "\(leak.count) \(leak.name) were left behind at the end.")
        }
    }
}
