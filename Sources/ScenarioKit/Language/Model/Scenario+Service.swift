import NIOCore

extension Scenario {
    /// The simulated realtime service (SRV-01 ... SRV-07).
    public struct Service: Hashable, Sendable {
        /// The network it is attached to.
        public var network: String
        /// How long a token is valid.
        public var tokenLifetime: TimeAmount
        /// What a second connection of the same peer id does to the first (SRV-03).
        public var sessions: SessionPolicy
        /// The service pings each connection this often.
        public var pingInterval: TimeAmount
        /// ... and gives it up when this long has passed without a pong.
        public var pingGrace: TimeAmount
        /// Connections at one time before 4010; nil is unlimited.
        public var connectionCap: Int?
        /// Sustained messages per second before 4011, above which the burst is used up.
        public var messageRate: Int
        /// Messages at once before 4011.
        public var messageBurst: Int
        /// Messages a connection may send before `over_message_quota`; nil is unlimited.
        public var messageQuota: Int?
        /// The largest message; more closes with 1009.
        public var maxMessageSize: DataSize
        /// What a subscribe outside the allowed channels is answered with (SRV-04).
        public var deniedChannel: DeniedChannel
        /// The publishable keys that are valid, in the order of the file.
        public var keys: [Key]
        /// How long it takes to answer a frame.
        public var processingDelay: TimeAmount
        /// TLS version; nil is plain `ws`.
        public var tls: TLSVersion?
        /// How far the service's wall clock is ahead of the true time; negative is behind.
        public var wallClockOffset: TimeAmount
        /// The STUN and TURN servers it hands to clients, by name.
        public var iceServers: [String]
        /// When it hands them out.
        public var iceServerRefresh: ICEServerRefresh
    }

    /// What a second connection of one peer id means.
    public enum SessionPolicy: String, CaseIterable, Sendable {
        /// The old connection is closed with 4020, without a left event.
        case replace
        /// Both live.
        case parallel
    }

    /// The answer to a subscribe outside the allowed channels.
    public enum DeniedChannel: String, CaseIterable, Sendable {
        /// An error frame `channel_not_authorized`.
        case error
        /// Close with 4003.
        case close
    }

    /// TLS versions.
    public enum TLSVersion: String, CaseIterable, Sendable {
        /// Two round trips.
        case v1_2 = "1.2"
        /// One round trip.
        case v1_3 = "1.3"
    }

    /// A publishable key and what it allows.
    public struct Key: Hashable, Sendable {
        /// The name by which peers refer to it; the key itself is made from it.
        public var name: String
        /// Channel patterns it allows; `*` at the end matches the rest.
        public var channels: [String]
        /// The actions it allows.
        public var actions: [KeyAction]
    }

    /// What a key may allow.
    public enum KeyAction: String, CaseIterable, Sendable {
        /// Subscribing to a channel.
        case subscribe
        /// Publishing to a channel.
        case publish
        /// Sending to a peer.
        case send
    }

    /// Where applications fetch their tokens (SIG-07, SIG-08).
    public struct TokenEndpoint: Hashable, Sendable {
        /// How long a call takes.
        public var latency: TimeAmount
        /// What it does from the start.
        public var behaviour: TokenBehaviour
    }

    /// What the token endpoint does with calls.
    public enum TokenBehaviour: Hashable, Sendable {
        /// Issues a token.
        case works
        /// Fails this many calls, then works; nil fails until told otherwise.
        case fails(times: Int?)
        /// Never answers this many calls, then works; nil until told otherwise.
        case hangs(times: Int?)
        /// Issues tokens that have expired already this many times, then works; nil until told otherwise.
        case issuesExpired(times: Int?)
        /// Issues tokens with a bad signature this many times, then works; nil until told otherwise.
        case issuesInvalid(times: Int?)
    }
}
