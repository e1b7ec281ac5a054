/// Which generations of the remote peer have been in force with which of ours (ICE-10). Outlives connections.
struct GenerationHistory: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        let remote: String
        let local: String?
    }

    /// Oldest first.
    private var entries: [Entry] = []

    /// A remote description is in force, with our own.
    mutating func record(remote: String?, local: String?) {
        guard let remote else { return }
        entries.removeAll { $0.remote == remote }
        entries.append(Entry(remote: remote, local: local))
        if entries.count > SignalLimits.rememberedGenerations { entries.removeFirst() }
    }

    /// Whether an offer is of a generation that another one has followed.
    func isEarlier(offer fragment: String?) -> Bool {
        guard let fragment, let index = entries.firstIndex(where: { $0.remote == fragment }) else { return false }
        return index < entries.count - 1
    }

    /// Whether an answer was for an offer of another generation than the one that stands. (An answer to an offer without a restart names the generation
    /// that is in force.)
    func isEarlier(answer fragment: String?, offer local: String?) -> Bool {
        guard let fragment, let entry = entries.first(where: { $0.remote == fragment }) else { return false }
        return entry.local != local
    }

    /// Whether it has been in force.
    func knows(_ fragment: String?) -> Bool { entries.contains { $0.remote == fragment } }
}
