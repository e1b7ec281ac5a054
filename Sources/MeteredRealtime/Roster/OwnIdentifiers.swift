/// The identifiers that were ours: none of them is another peer (BEY-21).
struct OwnIdentifiers: Hashable, Sendable {
    /// How many are remembered. A ghost of ours is gone 40 s after its connection (SRV-02), so that the newest suffice.
    static let limit = 64

    private(set) var current: String?
    private var former: [String] = []

    /// A welcome told our identifier.
    mutating func welcomed(as peerID: String) {
        if let current, current != peerID {
            former.append(current)
            if former.count > Self.limit { former.removeFirst() }
        }
        current = peerID
    }

    func contains(_ peerID: String) -> Bool { peerID == current || former.contains(peerID) }
}
