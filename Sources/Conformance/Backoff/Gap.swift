/// One wait between two attempts, with what the spec says about it and what came of it.
struct Gap {
    var n: Int
    var before: Attempt
    var after: Attempt
    var beforeEnd: Mark
    var waited: Nanoseconds
    var expectation: DelayExpectation
    /// The wait that the client announced.
    var announced: Attempt.Backoff?
    /// When the attempt may begin.
    var window: TimerWindow

    /// `ok`, or by how much it was wrong.
    func verdict(_ evidence: Evidence) -> String {
        let early = window.earliest - after.start.at
        let late = after.start.at - window.latest
        if early > evidence.tolerance.early { return "early by \(early.text)" }
        if late > evidence.tolerance.late { return "late by \(late.text)" }
        return "ok"
    }

    /// The rows of the attempts table up to this gap.
    static func table(_ gaps: [Gap], _ evidence: Evidence) -> FindingTable {
        FindingTable(
            columns: ["attempt", "waited", "spec", "band", "verdict"],
            rows: gaps.suffix(8).map { gap in
                let band = "\(gap.expectation.shortest.text)-\(gap.expectation.longest.text)"
                return [String(gap.n), gap.waited.text, gap.expectation.mean.text, band, gap.verdict(evidence)]
            })
    }
}
