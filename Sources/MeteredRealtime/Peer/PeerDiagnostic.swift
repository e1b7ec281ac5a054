public import Logging

/// What the SDK's log of a field report needs: every decision of the room and its links, in the order in which it was made.
///
/// The callback is called synchronously on the peer's event loop, before the application is told, and never sees a credential (SIG-17). A
/// ``RemotePeer`` is the application's own object, so that its identity can be followed (ROS-04); printed or dumped it shows its id and its state.
public enum PeerDiagnostic: Sendable {
    /// How the peer was made; once, before its first `join`.
    case options(PeerOptions)
    /// Everything of the signalling layer.
    case signalling(SignallingDiagnostic)

    /// `join` was called in state `idle`.
    case joinCalled(channel: String, includeSenderMetadata: Bool)
    /// `join` failed; the state is `idle`, still or again (BEY-02).
    case joinFailed(MeteredPeerError)
    /// `close` was called for the first time.
    case closeCalled(reason: String?)
    /// `networkPathChanged(oldPathGone:)` was called.
    case networkPathChanged(oldPathGone: Bool)

    /// The peer's state changed.
    case stateChanged(from: MeteredPeerState, to: MeteredPeerState)
    /// The peer entered the channel.
    case joined(peerID: String, channel: String)
    /// The peer left for good.
    case left(peerID: String?, channel: String?, reason: String?)
    /// An error event.
    case error(MeteredPeerError)
    /// A data event. `shape` is the data's `type`, or `__meteredTrackMeta` if it has that member: what a signal is told by (WIRE-09).
    case data(kind: PeerData.Kind, from: String, shape: String?)
    /// A welcome came: the ICE servers in force from now on, and what became of its own (WIRE-07).
    case iceServers(ICEServersRecord, ICEServersChange)

    /// A presence was taken for the channel's snapshot (ROS-02); `joined` are its members as they came, at most 1,024 of them.
    case snapshot(channel: String, joined: [PresencePeer])
    /// The snapshot is late, or will not be used.
    case reconcile(ReconcileRecord)
    /// A remote peer entered the roster (ROS-05).
    case peerJoined(RemotePeer)
    /// A remote peer is in the roster and in the snapshot (ROS-04); `isKept` if its connection stays as it is (BEY-22).
    case peerRefreshed(RemotePeer, isKept: Bool)
    /// A remote peer left the roster (ROS-03).
    case peerLeft(RemotePeer)
    /// A member of the channel is not admitted, because the roster is full (ROS-06, BEY-12).
    case peerNotAdmitted(peerID: String)

    /// A remote peer's state changed.
    case remoteStateChanged(RemotePeer, from: RemotePeerState, to: RemotePeerState)
    /// A negotiation failed, or recovery gave up (ICE-05).
    case negotiationFailed(RemotePeer, NegotiationError)
    /// A STUN or TURN server could not be used, or a candidate was refused.
    case iceCandidateFailed(RemotePeer, ICECandidateFailure)
    /// A stream of a remote peer appeared or went (ROS-10).
    case stream(RemotePeer, MediaStream, PresenceChange)
    /// A track of a remote peer appeared or went.
    case track(RemotePeer, id: String, kind: MediaKind, PresenceChange)
    /// A remote peer described a track; `isRemoval` if it took the description back.
    case trackMetadata(RemotePeer, trackID: String, isRemoval: Bool)
    /// What a remote peer's link decided.
    case link(RemotePeer, LinkDiagnostic)

    /// A WebRTC signal or data of a peer that is not in the roster was dropped (ROS-13).
    case droppedFromStranger(peerID: String, what: String)
    /// A slow consumer of events lost the oldest ones.
    case eventsDropped(count: Int)
    /// A line that also went to the logger.
    case log(level: Logger.Level, message: String)
}

/// Whether something came or went.
public enum PresenceChange: String, Hashable, Sendable, CaseIterable {
    /// It is there.
    case added
    /// It is gone.
    case removed
}

/// What became of a welcome's ICE servers (WIRE-07).
public enum ICEServersChange: String, Hashable, Sendable, CaseIterable {
    /// They are in force.
    case taken
    /// It had none: the earlier ones stay.
    case kept
    /// They were malformed: the earlier ones stay.
    case discarded
}

/// What became of the wait for a snapshot.
public enum ReconcileRecord: Hashable, Sendable {
    /// A snapshot is awaited since a reconnect's welcome.
    case awaiting
    /// It is late: the channel is subscribed again, for the `attempt`th time on this connection (ROS-09).
    case forcedSubscribe(attempt: Int)
    /// The forced subscribes are spent (ROS-09).
    case timedOut
    /// The connection was lost before the snapshot came; the next connection starts over (ROS-08).
    case superseded
}
