/// One run of the ICE ladder of one link, from t0 on, rung by rung: for a report, whether or not anything is wrong with it.
public struct LadderSummary: Hashable, Sendable {
    /// One rung.
    public struct Rung: Hashable, Sendable {
        /// From 1.
        public let n: Int
        /// When the spec wants it, after t0 (ICE-02).
        public let due: Nanoseconds
        /// When it came, after t0; nil if it did not.
        public internal(set) var came: Nanoseconds?
        /// What became of it: `skipped`, `offer sent`, `answered`, `connected` ...
        public internal(set) var outcome: String
        /// `ok`, or what is wrong.
        public internal(set) var verdict: String
    }

    /// The peer whose ladder it is.
    public let who: String
    /// The other side.
    public let remote: String
    /// t0, in nanoseconds of the trace.
    public let timeNs: Int64
    /// Why it began.
    public let cause: String
    /// The rungs whose turn came.
    public internal(set) var rungs: [Rung] = []
    /// How it ended: `reset`, `abandoned`, `gave up`; nil if the trace ends before.
    public internal(set) var ending: String?

    /// The rungs as columns.
    public var table: FindingTable {
        FindingTable(
            columns: ["rung", "due", "started", "outcome", "verdict"],
            rows: rungs.map { [String($0.n), $0.due.text, $0.came?.text ?? "-", $0.outcome, $0.verdict] })
    }
}
