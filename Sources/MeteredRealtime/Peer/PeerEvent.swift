public import CompactJSON

/// What a peer tells the application.
public enum PeerEvent: Sendable {
    /// The state changed. Every change is reported once.
    case stateChanged(from: MeteredPeerState, to: MeteredPeerState)
    /// This peer entered the channel.
    case joined(peerID: String, channel: String)
    /// This peer left for good; the last event. `peerID` and `channel` are nil if it was never in a channel.
    case left(peerID: String?, channel: String?, reason: String?)
    /// Another peer is in the channel (ROS-05).
    case peerJoined(RemotePeer)
    /// Another peer is in the channel no more (ROS-03). Its object is closed.
    case peerLeft(RemotePeer)
    /// Data of another peer.
    case data(PeerData)
    /// A condition that the application must act on, or know (SIG-08, SIG-12, SIG-21, ROS-09, ROS-12).
    case error(MeteredPeerError)
}

/// Data of another peer.
public struct PeerData: Hashable, Sendable {
    /// The way it came.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// To everyone in the channel.
        case broadcast
        /// To this peer alone.
        case direct
    }

    /// The way it came.
    public var kind: Kind
    /// The sender, as the server knows it.
    public var from: String
    /// What was sent.
    public var data: JSONValue
    /// What the sender's credential says of it, if the channel was joined with `includeSenderMetadata`.
    public var senderMetadata: JSONObject?

    /// - Parameters:
    ///   - kind: The way it came.
    ///   - from: The sender.
    ///   - data: What was sent.
    ///   - senderMetadata: What the sender's credential says of it.
    public init(kind: Kind, from: String, data: JSONValue, senderMetadata: JSONObject? = nil) {
        self.kind = kind
        self.from = from
        self.data = data
        self.senderMetadata = senderMetadata
    }
}
