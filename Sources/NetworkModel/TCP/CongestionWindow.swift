/// NewReno congestion control (RFC 5681, RFC 6582) counted in segments, as Linux counts.
///
/// Not CUBIC: over the seconds-long, thin flows of a signalling connection the two do not differ, and NewReno has no arithmetic worth doubting.
struct CongestionWindow {
    /// Segments that may be in flight.
    private(set) var segments: Int
    private var threshold = Int.max
    private var acknowledgedInAvoidance = 0

    init(initial: Int) { segments = initial }

    /// Segments were acknowledged while no loss is being repaired, or after a timeout.
    mutating func acknowledge(_ count: Int, isLimiting: Bool) {
        guard isLimiting else { return }
        if segments < threshold {
            segments = min(segments + count, 65_535)
            return
        }
        acknowledgedInAvoidance += count
        if acknowledgedInAvoidance >= segments {
            acknowledgedInAvoidance -= segments
            segments = min(segments + 1, 65_535)
        }
    }

    /// A loss was detected by acknowledgements: half of what was in flight (RFC 5681 equation 4).
    mutating func reduce(inFlight: Int) {
        threshold = max(inFlight / 2, 2)
        segments = threshold
        acknowledgedInAvoidance = 0
    }

    /// The retransmission timer expired: one segment (RFC 5681 section 3.1).
    mutating func collapse(inFlight: Int, isFirstTimeout: Bool) {
        if isFirstTimeout { threshold = max(inFlight / 2, 2) }
        segments = 1
        acknowledgedInAvoidance = 0
    }
}
