import MeteredRealtime

/// Whether a description may follow what was negotiated (RFC 8829 sections 5.7 to 5.11).
enum DescriptionCheck {
    /// Checks a remote offer.
    /// - Parameters:
    ///   - previous: The sections negotiated so far; they stay in place.
    static func offer(_ session: SDPSession, after previous: [SDPMediaSection]) throws(SimulatedPeerConnectionError) {
        guard session.sections.count >= previous.count else { throw .invalidDescription("sections are missing") }
        for (old, new) in zip(previous, session.sections) where !old.isRejected {
            guard old.mid == new.mid, old.kind == new.kind else { throw .invalidDescription("the order of the sections changed") }
        }
        try transports(session)
    }

    /// Checks the answer to an offer.
    static func answer(_ session: SDPSession, to offer: SDPSession) throws(SimulatedPeerConnectionError) {
        guard session.sections.count == offer.sections.count else { throw .invalidDescription("as many sections as in the offer") }
        for (asked, answered) in zip(offer.sections, session.sections) {
            guard asked.kind == answered.kind, asked.mid == answered.mid else {
                throw .invalidDescription("the answer's sections are not the offer's")
            }
        }
        guard session.transport?.setup != .actpass else { throw .invalidDescription("an answer chooses active or passive") }
        try transports(session)
    }

    /// Bundled sections have one transport, so they say the same about it.
    private static func transports(_ session: SDPSession) throws(SimulatedPeerConnectionError) {
        let used = session.sections.filter { !$0.isRejected }.map(\.transport)
        guard used.dropFirst().allSatisfy({ $0.usernameFragment == used[0].usernameFragment && $0.fingerprint == used[0].fingerprint })
        else { throw .invalidDescription("bundled sections with different transports") }
    }

    /// The certificate of a connection does not change: a new one is a new connection (as in libwebrtc, and SPEC ICE-11).
    static func fingerprint(_ session: SDPSession, known: SDPFingerprint?) throws(SimulatedPeerConnectionError) {
        guard let known, let new = session.transport?.fingerprint, new != known else { return }
        throw .invalidDescription("the remote fingerprint changed")
    }
}
