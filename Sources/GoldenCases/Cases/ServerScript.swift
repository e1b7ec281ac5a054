import CompactJSON
import NIOCore

/// What the signalling service does, by connection attempt.
public struct ServerScript: Sendable {
    /// The first connection attempts, merged over the defaults.
    public var connections: [ConnectionScript]
    /// Every later attempt.
    public var then: ConnectionScript
    /// Actions at absolute times, on the newest open socket.
    public var steps: [ServerStep]

    /// The script of the attempt with this ordinal (from 1, over the whole case).
    public func connection(_ ordinal: Int) -> ConnectionScript {
        connections.indices.contains(ordinal - 1) ? connections[ordinal - 1] : then
    }
}

/// What the service does with one connection attempt and the socket that may come of it.
public struct ConnectionScript: Sendable {
    /// What becomes of the attempt, and when.
    public enum Connect: Hashable, Sendable {
        /// The upgrade succeeds.
        case accept(after: TimeAmount)
        /// TCP is refused.
        case refuse(after: TimeAmount)
        /// Nothing ever answers.
        case hang
        /// The upgrade is answered with this status.
        case http(status: Int, after: TimeAmount)
    }

    /// The first frame.
    public struct Welcome: Hashable, Sendable {
        /// Counted from the accept.
        public var after: TimeAmount
        /// Everything in the frame but its type.
        public var members: JSONObject
    }

    /// What the service does with a `ping`.
    public enum Ping: String, Sendable, CaseIterable {
        case pong
        case unknownType = "unknown_type"
        case none
    }

    /// The presence that follows an acknowledged subscribe.
    public struct Snapshot: Hashable, Sendable {
        /// Counted from the ack.
        public var afterAck: TimeAmount
        /// The membership.
        public var joined: [JSONValue]
        /// The channel, if it is not that of the subscribe.
        public var channel: String?
    }

    /// Which snapshot follows the n-th acknowledged subscribe of a socket.
    public enum Snapshots: Hashable, Sendable {
        case never
        case always(Snapshot)
        case list([Snapshot?])

        func snapshot(forSubscribe ordinal: Int) -> Snapshot? {
            switch self {
            case .never: nil
            case .always(let snapshot): snapshot
            case .list(let snapshots): snapshots.indices.contains(ordinal - 1) ? snapshots[ordinal - 1] : nil
            }
        }
    }

    /// A time in which nothing passes, in either direction.
    public struct BlackHole: Hashable, Sendable {
        /// What becomes of what falls in.
        public enum Mode: String, Sendable, CaseIterable { case lose, delay }
        /// First instant, counted from the accept.
        public var from: TimeAmount
        /// First instant that is out of it, or nil for never.
        public var to: TimeAmount?
        /// What becomes of what falls in.
        public var mode: Mode
    }

    /// What becomes of the attempt, and when.
    public var connect: Connect
    /// The first frame, or nil for never.
    public var welcome: Welcome?
    /// How requests are answered.
    public var acknowledgement: AcknowledgementScript
    /// The presences after subscribes.
    public var snapshots: Snapshots
    /// What the service does with a `ping`.
    public var ping: Ping
    /// How long an answer to a ping takes.
    public var pongLatency: TimeAmount
    /// Whether the service answers a close frame.
    public var echoesClose: Bool
    /// How long that takes.
    public var closeEchoLatency: TimeAmount
    /// Times in which nothing passes.
    public var blackHoles: [BlackHole]
    /// Timed actions, counted from the accept.
    public var steps: [ServerStep]
}

/// How requests are answered.
public struct AcknowledgementScript: Hashable, Sendable {
    /// What an override does with a request.
    public enum Result: Hashable, Sendable {
        case acknowledge
        case error(code: String, message: String?)
        case none

        /// Whether the request is rejected.
        var isError: Bool {
            switch self {
            case .error: true
            case .acknowledge, .none: false
            }
        }
    }

    /// An exception to "every request is acknowledged".
    public struct Override: Hashable, Sendable {
        /// Members that the frame must have.
        public var match: JSONObject
        /// Which of the matching requests of a socket it is for (from 1), or nil for all.
        public var ordinals: [Int]?
        /// What happens.
        public var result: Result
        /// How long it takes, if not the usual time.
        public var latency: TimeAmount?
    }

    /// How long an answer takes.
    public var latency: TimeAmount
    /// The exceptions; the first that fits applies.
    public var overrides: [Override]
}

/// An action of the service at a time.
public struct ServerStep: Hashable, Sendable {
    /// Counted from the accept, or from the start for the steps of the server itself.
    public var at: TimeAmount
    /// What happens.
    public var action: ServerAction
}

/// What the service can do on a socket.
public enum ServerAction: Hashable, Sendable {
    /// Sends this JSON.
    case frame(JSONValue)
    /// Sends a presence frame.
    case presence(channel: String, joined: [JSONValue], left: [JSONValue])
    /// Sends this text as it is.
    case raw(String)
    /// Sends a binary frame.
    case binary([UInt8])
    /// Sends a close frame (nil: without a status) and ends TCP at once.
    case close(code: UInt16?, reason: String)
    /// Ends TCP without a close frame.
    case drop
    /// Sends a text frame of this many bytes.
    case oversized(bytes: Int)
    /// A remote peer's description.
    case remoteDescription(kind: RemoteDescriptionKind, from: String, ufrag: String, media: [String])
    /// A remote peer's candidates (nil: the end of them).
    case remoteCandidates(from: String, candidate: JSONObject?, count: Int)
}

/// Which description a remote peer sends.
public enum RemoteDescriptionKind: String, Hashable, Sendable { case offer, answer }
