/// What can go wrong between two peers. None of it ends the link by itself. No case carries a credential (SIG-17), every one keeps its cause (BEY-18).
public enum NegotiationError: Error, Hashable, Sendable {
    /// The ICE-restart ladder ended without a connection (ICE-05). Reported once, until the link has recovered.
    case recoveryGaveUp(attempts: Int)
    /// The library did not make a peer connection.
    case connectionNotMade(RedactedError)
    /// The library did not make an offer or an answer.
    case descriptionNotMade(SessionDescription.Kind, RedactedError)
    /// The library refused the remote peer's offer or answer.
    case descriptionRefused(SessionDescription.Kind, RedactedError)
    /// The library refused a local track on a new connection.
    case trackRefused(trackID: String, RedactedError)
    /// An offer or an answer was not delivered, or it is not known whether it was.
    case notDelivered(SessionDescription.Kind, SignallingError)

    /// Whether it is the end of the ladder.
    public var isGiveUp: Bool {
        switch self {
        case .recoveryGaveUp: true
        case .connectionNotMade, .descriptionNotMade, .descriptionRefused, .trackRefused, .notDelivered: false
        }
    }
}

extension NegotiationError: CustomStringConvertible {
    /// A sentence for a person.
    public var description: String {
        switch self {
        case .recoveryGaveUp(let attempts): "ICE recovery gave up after \(attempts) attempts"
        case .connectionNotMade(let error): "no peer connection could be made: \(error)"
        case .descriptionNotMade(let kind, let error): "no \(kind.rawValue) could be made: \(error)"
        case .descriptionRefused(let kind, let error): "the remote \(kind.rawValue) was refused: \(error)"
        case .trackRefused(let trackID, let error): "the track \(trackID) was refused: \(error)"
        case .notDelivered(let kind, let error): "the \(kind.rawValue) was not delivered: \(error)"
        }
    }
}
