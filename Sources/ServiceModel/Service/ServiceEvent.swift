import NIOCore

/// Something that the service did or saw. Never with a credential.
public struct ServiceEvent: Hashable, Sendable {
    /// When, by the service's loop.
    public var at: NIODeadline
    /// The ordinal of the connection, from 1; nil: about the service as a whole.
    public var connection: Int?
    /// The peer, where it is known.
    public var peer: String?
    /// What.
    public var kind: Kind

    /// What happened.
    public enum Kind: Hashable, Sendable {
        /// A channel was accepted.
        case accepted(remoteAddress: String?)
        /// A channel was turned away while the service refuses: reset, silence or an HTTP status.
        case turnedAway(RefusalMode)
        /// The upgrade was answered with this HTTP status.
        case upgradeRejected(status: Int)
        /// The WebSocket is open.
        case upgraded
        /// The welcome went out; `ordinal` counts welcomes.
        case welcomed(ordinal: Int)
        /// A request was read.
        case request(RequestKind, requestID: String?, channel: String?, to: String?, bytes: Int)
        /// A frame was dropped: it came before the welcome, was binary, or a behaviour made it vanish.
        case dropped(reason: String)
        /// A request was acknowledged.
        case acknowledged(RequestKind, requestID: String)
        /// An error frame went out.
        case errorSent(code: String, requestID: String?)
        /// The membership of a channel changed; told to `receivers` connections.
        case presence(channel: String, joined: [String], left: [String], receivers: Int)
        /// The whole membership went to a new subscriber.
        case snapshot(channel: String, members: Int)
        /// A message was delivered to this many connections.
        case published(channel: String, receivers: Int)
        /// A client answered no ping; so long it had been in the roster unheard.
        case ghostDetected(silentFor: TimeAmount, channels: [String])
        /// A second connection of the peer took over.
        case sessionReplaced(by: Int)
        /// The connection is over.
        case closed(ConnectionEnd)
        /// The service changed its state.
        case stateChanged(from: ServiceState, to: ServiceState)
        /// The wall clock of the service jumped.
        case wallClockJumped(by: TimeAmount)
    }
}
