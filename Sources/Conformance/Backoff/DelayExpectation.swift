/// What the spec says about one wait between attempts (SIG-01, SIG-02, SIG-06, SIG-18, SIG-19).
struct DelayExpectation: Hashable, Sendable {
    /// Which part of the spec decides.
    enum Kind: Hashable, Sendable {
        case ladder, slowFloor, goingAway, shortened, immediate
    }

    var kind: Kind
    /// What jitter is drawn around.
    var mean: Nanoseconds
    var shortest: Nanoseconds
    var longest: Nanoseconds

    /// The wait before attempt `n` after `previous`, if nothing cuts it short.
    static func unshortened(attempt n: Int, after previous: Attempt, spec: SignallingSpec) -> DelayExpectation {
        let base = spec.baseDelay(attempt: n)
        let isSlow = previous.closeCode.map { CloseCodes.reaction(to: $0) == .reconnectSlowly } ?? false
        let mean = isSlow ? max(base, spec.slowFloor) : base
        let down = 1 - spec.jitterRatio
        let up = 1 + spec.jitterRatio
        if spec.goingAwayFloor, let asked = previous.retryAfter {
            // Upward jitter only: never sooner than asked.
            return DelayExpectation(
                kind: .goingAway, mean: max(mean, asked), shortest: max(asked, mean * down), longest: max(mean, asked) * up)
        }
        return DelayExpectation(kind: isSlow ? .slowFloor : .ladder, mean: mean, shortest: mean * down, longest: mean * up)
    }

    var hasFloor: Bool { kind == .slowFloor || kind == .goingAway }

    /// The rule that a wait outside the band violates. `isAnnounced`: the client announced the right base, so that only jitter can be wrong.
    func rule(isAnnounced: Bool) -> RuleID {
        switch kind {
        case .ladder: return isAnnounced ? .sig(2) : .sig(1)
        case .slowFloor: return .sig(6)
        case .goingAway: return .sig(18)
        case .shortened, .immediate: return .sig(19)
        }
    }

    /// The spec's side of a message: `4.000 s ± 20 % (3.200 ... 4.800)`.
    func text(jitterRatio: Double) -> String {
        let band = "(\(shortest.text) ... \(longest.text))"
        let percent = Nanoseconds(clamping: jitterRatio * 100).value
        switch kind {
        case .ladder: return "\(mean.text) s ± \(percent) % \(band)"
        case .slowFloor: return "\(mean.text) s ± \(percent) % after a 4010 \(band)"
        case .goingAway: return "at least what going_away asked for, with upward jitter only \(band)"
        case .shortened: return "at once after a path change, but not sooner than one initial delay after the attempt before \(band)"
        case .immediate: return "at once, because the path is gone \(band)"
        }
    }
}
