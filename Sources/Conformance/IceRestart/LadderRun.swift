/// A ladder that runs: what has come of it, and what must come next.
struct LadderRun {
    var summary: LadderSummary
    let start: Mark
    /// The rung that comes next; one more than there are is the give-up.
    var next = 1
    /// The instant from which the wait for it counts.
    var waitsFrom: Nanoseconds
    /// Whether the offsets from t0 are the table's: not any more after a resumption or a wrong rung.
    var isOnTable = true
    /// When the link connected; nil while it is down.
    var connectedAt: Mark?
    /// Whether the link was `disconnected` since: then the spec does not say when it has held.
    var wavered = false
    /// The last failure before the link had held: a ladder that begins there should have gone on.
    var resumedAt: Mark?
    /// Whether the spec leaves open if the link had held.
    var mayBeginAnew = false
    /// The first rung off the table was reported.
    var isReported = false

    init(_ summary: LadderSummary, at start: Mark) {
        self.summary = summary
        self.start = start
        waitsFrom = start.at
    }

    /// When the next rung or the give-up is due, by the clock of the host.
    func due(_ spec: PeerSpec, _ clock: HostClock) -> TimerWindow {
        clock.window(from: waitsFrom, after: spec.delay(before: next))
    }

    mutating func note(_ n: Int, at mark: Mark?, _ spec: PeerSpec, outcome: String, verdict: String) {
        guard summary.rungs.count < 1_000 else { return }
        let due = isOnTable ? spec.offset(of: n) : (waitsFrom - start.at) + spec.delay(before: n)
        summary.rungs.append(
            .init(n: n, due: due, came: mark.map { $0.at - start.at }, outcome: outcome, verdict: verdict))
    }

    /// What became of the rung that is on.
    mutating func outcome(_ text: String) {
        guard let last = summary.rungs.indices.last, summary.rungs[last].outcome != "skipped" else { return }
        summary.rungs[last].outcome = text
    }
}
