import MeteredRealtime

/// `RTCRtpTransceiver`: one audio or video section, with what is sent and what is received in it.
final class Transceiver {
    /// What negotiation changes, and rollback restores.
    struct Negotiation: Hashable, Sendable {
        /// The section's `mid`; nil while not associated.
        var mid: String?
        /// `currentDirection`; nil before the first answer.
        var currentDirection: MediaDirection?
        /// What the remote description says that is sent to us; nil if nothing is.
        var remote: RemoteSource?
    }

    /// What the other end sends in the section.
    struct RemoteSource: Hashable, Sendable {
        var trackID: String
        var streamIDs: [String]
        var synchronizationSource: UInt32?
    }

    /// Its place in the order of creation.
    let ordinal: Int
    let kind: MediaKind
    let sender: SimulatedRTPSender
    /// What we would like.
    var direction: MediaDirection
    var negotiation = Negotiation()
    /// Whether `addTrack` made it or took it over: such a one outlives the rollback of a remote offer.
    var isOfAddTrack: Bool
    /// Whether its sender has ever been allowed to send: then `addTrack` does not take it over (webrtc-pc section 5.1, `addTrack` step 7).
    var hasSent = false
    /// What arrives; exists while the other end sends.
    var receiver: MediaReceiver?

    init(ordinal: Int, kind: MediaKind, sender: SimulatedRTPSender, direction: MediaDirection, isOfAddTrack: Bool) {
        self.ordinal = ordinal
        self.kind = kind
        self.sender = sender
        self.direction = direction
        self.isOfAddTrack = isOfAddTrack
    }
}
