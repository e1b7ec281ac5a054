import CompactJSON

// How a producer makes the events of the link to one remote peer: its state, its peer connections, its ladder.

extension TraceEvent {
    /// A remote peer's public state changed.
    public static func remoteState(at timeNs: Int64, who: String, remote: String, object: Int, from: String, to: String) -> Self {
        make(.remoteState, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.object, object)
            $0.add(.from, from)
            $0.add(.to, to)
        }
    }

    /// Why a peer connection was made. `first`: the link had none; `swap`: a snapshot (ROS-04); `replaced`: the remote peer made a new one (ICE-11).
    public enum ConnectionReason: String, Sendable, CaseIterable {
        case first, swap, replaced
    }

    /// A peer connection was made. `ordinal` counts those of this link from 1; `list` is that of ``iceServers(at:who:phase:urls:list:)``.
    public static func connection(
        at timeNs: Int64, who: String, remote: String, ordinal: Int, reason: ConnectionReason, iceServers: [String], list: Int? = nil
    ) -> Self {
        make(.connection, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.ordinal, ordinal)
            $0.add(.reason, reason.rawValue)
            $0.add(.iceServers, iceServers)
            $0.add(.serverList, list)
        }
    }

    /// A peer connection was given ICE servers (`setConfiguration`).
    public static func configuration(
        at timeNs: Int64, who: String, remote: String, ordinal: Int, iceServers: [String], list: Int? = nil
    ) -> Self {
        make(.configuration, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.ordinal, ordinal)
            $0.add(.iceServers, iceServers)
            $0.add(.serverList, list)
        }
    }

    /// A peer connection was closed by the SDK.
    public static func connectionClosed(at timeNs: Int64, who: String, remote: String, ordinal: Int) -> Self {
        make(.connectionClosed, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.ordinal, ordinal)
        }
    }

    /// A state machine of a peer connection: `RTCSignalingState`, `RTCIceConnectionState`, `RTCIceGatheringState`, `RTCPeerConnectionState`.
    public enum PeerConnectionMachine: String, Sendable, CaseIterable {
        case signaling, ice, gathering, connection
    }

    /// A state of a peer connection changed, as its library reported it; `state` is the name that webrtc-pc has.
    public static func pcState(
        at timeNs: Int64, who: String, remote: String, ordinal: Int, machine: PeerConnectionMachine, state: String
    ) -> Self {
        make(.pcState, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.ordinal, ordinal)
            $0.add(.machine, machine.rawValue)
            $0.add(.state, state)
        }
    }

    /// What the ICE ladder did.
    public enum LadderPhase: String, Sendable, CaseIterable {
        /// t0. Rung 1, run or skipped, follows at the same instant.
        case started
        /// A rung will come after `delayNs`.
        case scheduled
        /// A rung was run.
        case rung
        /// What became of a rung.
        case outcome
        /// A rung's turn came and was not used (ICE-07).
        case skipped
        /// The link connected (ICE-04).
        case suspended
        /// The link failed before it had held.
        case resumed
        /// The link held: the next failure starts at rung 1.
        case reset
        /// The ladder ended without result: swapped, replaced or closed.
        case abandoned
        /// The give-up fell due without signalling and is reported later (ICE-07).
        case giveUpPostponed = "give-up-postponed"
        /// The last rung brought no connection in time (ICE-05).
        case gaveUp = "gave-up"
    }

    /// Why the ladder did it.
    public enum LadderCause: String, Sendable, CaseIterable {
        /// `started`, `resumed`: the connection state `failed`.
        case failed
        /// `started`, `resumed`: too long in `connecting` or `disconnected` (BEY-15).
        case stuck
        /// `started`: no answer, after all repetitions (BEY-16).
        case offerUnanswered = "offer-unanswered"
        /// `skipped`: signalling is not connected.
        case signallingDown = "signalling-down"
        /// `skipped`: signalling is back, the snapshot is not there yet.
        case awaitingSnapshot = "awaiting-snapshot"
        /// `abandoned`: a snapshot made a new connection.
        case swapped
        /// `abandoned`: the remote peer made a new connection.
        case replaced
        /// `abandoned`: the link was closed.
        case closed
    }

    /// What became of a rung. Several may follow each other.
    public enum RungOutcome: String, Sendable, CaseIterable {
        /// Its offer was handed to signalling.
        case offerSent = "offer-sent"
        /// Its offer was answered.
        case answered
        /// The remote peer's own offer took its place.
        case yielded
        /// The link connected.
        case connected
        /// No offer could be made or sent.
        case failed
        /// The next rung came first, or the ladder ended.
        case superseded
    }

    /// The ICE ladder of a link did something. `rung` counts from 1 (of `resumed`: the one that comes next; of `gave-up`: how many there were);
    /// `delayNs` is the wait that begins: to the next rung, or to the give-up.
    public static func ladder(
        at timeNs: Int64, who: String, remote: String, phase: LadderPhase, cause: LadderCause? = nil, rung: Int? = nil,
        delayNs: Int64? = nil, outcome: RungOutcome? = nil
    ) -> Self {
        make(.ladder, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.phase, phase.rawValue)
            $0.add(.cause, cause?.rawValue)
            $0.add(.rung, rung)
            $0.add(.outcome, outcome?.rawValue)
            $0.add(.delay, delayNs)
        }
    }

    /// ICE was restarted outside the ladder. `cause`: `path-changed` (SIG-19), `answer-mismatch` (ICE-10).
    public static func iceRestart(at timeNs: Int64, who: String, remote: String, cause: String) -> Self {
        make(.iceRestart, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.cause, cause)
        }
    }

    /// The application was told that negotiation with a remote peer failed; `isGiveUp`: the ladder is at its end, after so many `attempts`.
    public static func negotiationError(
        at timeNs: Int64, who: String, remote: String, error: String, isGiveUp: Bool, attempts: Int? = nil
    ) -> Self {
        make(.negotiationError, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.error, error)
            $0.add(.isGiveUp, isGiveUp)
            $0.add(.attempts, attempts)
        }
    }

    /// The application was told that a STUN or TURN server could not be used; `code` is STUN's, or 701.
    public static func iceCandidateError(at timeNs: Int64, who: String, remote: String, url: String, code: Int, text: String? = nil) -> Self
    {
        make(.iceCandidateError, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.url, url)
            $0.add(.code, code)
            $0.add(.text, text)
        }
    }
}
