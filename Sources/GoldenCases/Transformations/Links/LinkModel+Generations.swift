extension LinkModel {
    /// How soon after a restart for this reason there may be another.
    private static let mismatchInterval: Int64 = 2000

    /// A remote generation is in force.
    func record(_ remote: String?, local: Int?) {
        guard let remote else { return }
        generations.removeAll { $0.remote == remote }
        generations.append((remote, local))
    }

    /// Whether an offer is of a generation that another one has followed.
    func isOfEarlierGeneration(offer: String) -> Bool {
        generations.firstIndex { $0.remote == offer }.map { $0 < generations.count - 1 } ?? false
    }

    /// Whether an answer was for an offer of another generation than the one that stands.
    func isOfEarlierGeneration(answer: String?, to connection: Connection) -> Bool {
        generations.first { $0.remote == answer }.map { $0.local != connection.ordinal } ?? false
    }

    /// An answer that none waits for. If its generation is new and nothing is connected, the one that was taken was for an earlier offer.
    func takeLateAnswer(_ fragment: String?, _ wrapper: Wrapper) {
        let connection = wrapper.connection
        guard has(.generations), let fragment, !generations.contains(where: { $0.remote == fragment }), !isHeldBack,
            now - lastMismatch >= Self.mismatchInterval, connection.answeredOurs, !wrapper.isDirty, !wrapper.wantsRestart,
            connection.state != .connected
        else { return }
        lastMismatch = now
        record(fragment, local: nil)
        wrapper.wantsRestart = true
        negotiate(wrapper)
    }
}
