import CompactJSON

// How a producer makes the events of a peer's room: joining and leaving, who is there, snapshots. The meaning of each field: `TraceVocabulary`.

extension TraceEvent {
    /// Where a call of `join()` stands.
    public enum JoinPhase: String, Sendable, CaseIterable {
        case called, done, failed
    }

    /// The application called `join`, or `join` returned or threw. `code` is the server's, of a rejection.
    public static func join(
        at timeNs: Int64, who: String, phase: JoinPhase, channel: String, error: String? = nil, code: String? = nil
    ) -> Self {
        make(.join, timeNs, who) {
            $0.add(.phase, phase.rawValue)
            $0.add(.channel, channel)
            $0.add(.error, error)
            $0.add(.serverCode, code)
        }
    }

    /// Where a call of the peer's `close()` stands.
    public enum LeavePhase: String, Sendable, CaseIterable {
        case called, done
    }

    /// The application called the peer's `close`, or it returned.
    public static func leave(at timeNs: Int64, who: String, phase: LeavePhase) -> Self {
        make(.leave, timeNs, who) { $0.add(.phase, phase.rawValue) }
    }

    /// The peer's state changed.
    public static func peerState(at timeNs: Int64, who: String, from: String, to: String) -> Self {
        make(.peerState, timeNs, who) {
            $0.add(.from, from)
            $0.add(.to, to)
        }
    }

    /// The application was told that the peer is in the room.
    public static func joined(at timeNs: Int64, who: String, peerID: String, channel: String) -> Self {
        make(.joined, timeNs, who) {
            $0.add(.peerID, peerID)
            $0.add(.channel, channel)
        }
    }

    /// The application was told that the peer left.
    public static func left(at timeNs: Int64, who: String, reason: String? = nil) -> Self {
        make(.left, timeNs, who) { $0.add(.reason, reason) }
    }

    /// The application was told of a new remote peer. `object` counts the `RemotePeer` objects that the recorder met, told apart by identity.
    public static func peerJoined(at timeNs: Int64, who: String, remote: String, object: Int, metadata: JSONValue? = nil) -> Self {
        make(.peerJoined, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.object, object)
            $0.add(.metadata, metadata)
        }
    }

    /// The application was told that a remote peer is gone.
    public static func peerLeft(at timeNs: Int64, who: String, remote: String, object: Int) -> Self {
        make(.peerLeft, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.object, object)
        }
    }

    /// A snapshot found a remote peer that was known before (ROS-04); `metadata` is what the object has now. `kept`: its connection stays (BEY-22).
    public static func peerRefreshed(
        at timeNs: Int64, who: String, remote: String, object: Int, metadata: JSONValue? = nil, kept: Bool? = nil
    ) -> Self {
        make(.peerRefreshed, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.object, object)
            $0.add(.metadata, metadata)
            $0.add(.kept, kept)
        }
    }

    /// Why a member of a presence did not become a remote peer.
    public enum MemberIgnoredReason: String, Sendable, CaseIterable {
        case own = "self"
        case duplicate
        case overCap = "over-cap"
    }

    /// A member of a presence did not become a remote peer (ROS-06, BEY-21).
    public static func memberIgnored(at timeNs: Int64, who: String, remote: String, reason: MemberIgnoredReason) -> Self {
        make(.memberIgnored, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.reason, reason.rawValue)
        }
    }

    /// What an error of the peer is about.
    public enum PeerErrorKind: String, Sendable, CaseIterable {
        /// The connection ended for good (ROS-12); with the close code and its name.
        case disconnected
        /// No snapshot came, whatever was tried (ROS-09).
        case reconcileTimeout = "reconcile-timeout"
        /// No usable token, several times in a row (SIG-08).
        case tokenProvider = "token-provider"
        /// The channel could not be subscribed again (SIG-12).
        case resubscribeFailed = "resubscribe-failed"
        /// The server reported a condition (SIG-21); its code is the `name`.
        case serverError = "server-error"
        /// Anything else.
        case other
    }

    /// The application was told of an error of the peer. `code` is a close code, `name` its symbolic name or the server's code; `text` is redacted.
    public static func peerError(
        at timeNs: Int64, who: String, error: PeerErrorKind, code: Int? = nil, name: String? = nil, text: String? = nil
    ) -> Self {
        make(.peerError, timeNs, who) {
            $0.add(.error, error.rawValue)
            $0.add(.code, code)
            $0.add(.name, name)
            $0.add(.text, text)
        }
    }

    /// How data came.
    public enum PeerDataKind: String, Sendable, CaseIterable {
        case broadcast, direct, channel
    }

    /// The application was shown data. `shape` is the data's `type` member, or `__meteredTrackMeta` if it has that member (WIRE-09); `label` is
    /// that of a data channel.
    public static func peerData(
        at timeNs: Int64, who: String, kind: PeerDataKind, from: String, label: String? = nil, shape: String? = nil
    ) -> Self {
        make(.peerData, timeNs, who) {
            $0.add(.dataKind, kind.rawValue)
            $0.add(.from, from)
            $0.add(.label, label)
            $0.add(.shape, shape)
        }
    }

    /// Data came that the application was not shown (ROS-13).
    public static func peerDataDropped(at timeNs: Int64, who: String, kind: PeerDataKind, from: String, reason: String) -> Self {
        make(.peerDataDropped, timeNs, who) {
            $0.add(.dataKind, kind.rawValue)
            $0.add(.from, from)
            $0.add(.reason, reason)
        }
    }

    /// The presence that is taken for the snapshot. `members` are its ids as they came, `metadata` an object that has each member's.
    public static func snapshot(
        at timeNs: Int64, who: String, channel: String, members: [String], metadata: JSONObject? = nil
    ) -> Self {
        make(.snapshot, timeNs, who) {
            $0.add(.channel, channel)
            $0.add(.members, members)
            $0.add(.metadata, metadata.map(JSONValue.object))
        }
    }

    /// Where the wait for a snapshot stands.
    public enum ReconcilePhase: String, Sendable, CaseIterable {
        case forcedSubscribe = "forced-subscribe"
        case timedOut = "timed-out"
        case superseded
    }

    /// The wait for a snapshot took a turn (ROS-08, ROS-09). `n` counts forced subscribes from 1.
    public static func reconcile(at timeNs: Int64, who: String, phase: ReconcilePhase, n: Int? = nil) -> Self {
        make(.reconcile, timeNs, who) {
            $0.add(.phase, phase.rawValue)
            $0.add(.attemptNumber, n)
        }
    }

    /// What became of the ICE servers of a welcome.
    public enum ICEServersPhase: String, Sendable, CaseIterable {
        case taken, kept, discarded
    }

    /// A welcome's ICE servers: `taken`; it had none and the earlier ones are `kept`; malformed and `discarded` (WIRE-07). `list` counts the lists
    /// that differ, credentials included, so that new credentials can be told without being shown; `urls` are those in force from now on.
    public static func iceServers(at timeNs: Int64, who: String, phase: ICEServersPhase, urls: [String], list: Int? = nil) -> Self {
        make(.iceServers, timeNs, who) {
            $0.add(.phase, phase.rawValue)
            $0.add(.iceServers, urls)
            $0.add(.serverList, list)
        }
    }
}
