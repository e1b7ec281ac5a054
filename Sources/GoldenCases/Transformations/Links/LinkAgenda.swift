/// What is still to happen in a model, in order of time and, at one instant, of entry.
struct LinkAgenda {
    private var entries: [(time: Int64, body: () -> Void)] = []

    /// The number of happenings that a model may have: beyond it, it does not settle.
    static let limit = 20_000

    mutating func add(_ time: Int64, _ body: @escaping () -> Void) {
        let place = entries.firstIndex { $0.time > time } ?? entries.endIndex
        entries.insert((time, body), at: place)
    }

    /// The next happening that comes before `end`.
    mutating func next(before end: Int64) -> (time: Int64, body: () -> Void)? {
        guard let first = entries.first, first.time < end else { return nil }
        return entries.removeFirst()
    }
}
