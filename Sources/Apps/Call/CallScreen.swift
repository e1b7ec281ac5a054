import MeteredRealtime

/// A change of what the user of a call sees, or can notice.
public enum CallChange: Sendable {
    /// What any app shows.
    case common(ScreenChange)
    /// The tile of a remote peer appears. It belongs to this object until it goes (ROS-04).
    case showsTile(RemotePeer)
    /// The tile goes.
    case hidesTile(RemotePeer)
    /// A message was sent on a data channel.
    case sent(label: String, to: String)
    /// A message could not be sent.
    case sendFailed(label: String, to: String, reason: String)
    /// A message came on a data channel.
    case received(label: String, from: String, DataChannelMessage)
}

/// Where the app of a call draws.
public typealias CallScreen = @Sendable (CallChange) -> Void
