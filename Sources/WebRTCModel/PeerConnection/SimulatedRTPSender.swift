public import MeteredRealtime

/// The sender of a simulated peer connection.
public final class SimulatedRTPSender: RTPSender {
    /// The track that is sent.
    public private(set) var track: (any MediaStreamTrack)?
    let kind: MediaKind
    /// The flow that ``stream`` has.
    var streamFlow: MediaFlow?
    /// What `a=msid` calls the track: the id of the first one, whatever replaces it, as in libwebrtc.
    var identifier: String
    var streamIDs: [String]
    /// Its RTP stream.
    let synchronizationSource: UInt32
    /// The flow on the wire; exists while it may send.
    var stream: MediaSender?
    private weak var connection: SimulatedPeerConnection?

    init(
        kind: MediaKind, track: SimulatedMediaTrack?, streamIDs: [String], identifier: String, source: UInt32,
        of connection: SimulatedPeerConnection
    ) {
        self.kind = kind
        self.streamIDs = streamIDs
        self.identifier = identifier
        self.synchronizationSource = source
        self.connection = connection
        set(track)
    }

    /// Sends another track of the same kind in place of the present one, without negotiation; nil sends nothing.
    ///
    /// Fails for a track of another kind or another library, and once the connection is closed.
    public func replaceTrack(_ track: (any MediaStreamTrack)?, _ completion: @escaping (Result<Void, any Error>) -> Void) {
        guard let connection else { return completion(.failure(SimulatedPeerConnectionError.invalidState(.closed))) }
        connection.replaceTrack(of: self, with: track, completion)
    }

    /// Replaces the track; a track that is switched on or off tells the senders it has.
    func set(_ track: SimulatedMediaTrack?) {
        (self.track as? SimulatedMediaTrack)?.removeSender(self)
        self.track = track
        track?.addSender(self)
    }

    /// The first track of a sender that was made for receiving.
    func adopt(_ track: SimulatedMediaTrack, streamIDs: [String]) {
        identifier = track.id
        self.streamIDs = streamIDs
        set(track)
    }

    /// Its track was switched on or off.
    func trackChanged() { connection?.updateSenders() }
}
