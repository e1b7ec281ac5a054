/// A track that the application sends to every peer.
struct LocalTrack {
    /// The track.
    let track: any MediaStreamTrack
    /// The streams it is part of.
    var streamIDs: [String]
    /// What the application says about it; sent ahead of the description that carries it (WIRE-11).
    var metadata: JSONObject?
}
