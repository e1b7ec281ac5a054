/// `[[LocalIceCredentialsToReplace]]` of webrtc-pc: the ICE credentials that `restartIce()` wants to be rid of.
///
/// It outlives rollback and glare: only a stable state in which no local description has any of them empties it.
struct CredentialsToReplace: Hashable, Sendable {
    private struct Credentials: Hashable, Sendable {
        var usernameFragment: String
        var password: String

        init(_ transport: SDPTransport) {
            usernameFragment = transport.usernameFragment
            password = transport.password
        }
    }

    private var credentials: Set<Credentials> = []

    /// Whether the next offer has to have fresh credentials.
    var isEmpty: Bool { credentials.isEmpty }

    /// `restartIce()` was called: webrtc-pc section 4.4.2, "empty, then populate with all ICE credentials of the current and pending local descriptions".
    mutating func restart(_ descriptions: NegotiatedDescriptions) { credentials = Self.all(of: descriptions) }

    /// The signaling state became stable (webrtc-pc section 4.4.1.5, step 4.7.4).
    mutating func becameStable(_ descriptions: NegotiatedDescriptions) {
        if credentials.isDisjoint(with: Self.all(of: descriptions)) { credentials = [] }
    }

    private static func all(of descriptions: NegotiatedDescriptions) -> Set<Credentials> {
        var all: Set<Credentials> = []
        for case let description? in [descriptions.currentLocal, descriptions.pendingLocal] {
            for section in description.session.sections where !section.isRejected { all.insert(Credentials(section.transport)) }
        }
        return all
    }
}
