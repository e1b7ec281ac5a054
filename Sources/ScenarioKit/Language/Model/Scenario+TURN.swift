import NIOCore

extension Scenario {
    /// A STUN or TURN server on a host of its own.
    public struct TURNServer: Hashable, Sendable {
        /// Its name; its name in the DNS is `name.turn.example`.
        public var name: String
        /// The network it is attached to.
        public var network: String
        /// Whether it only answers binding requests.
        public var isSTUNOnly: Bool
        /// What it listens on.
        public var transports: [TURNTransport]
        /// The ports by transport.
        public var ports: TURNPorts
        /// The transports whose URLs clients get, a part of ``transports``.
        public var urls: [TURNTransport]
        /// How long the credentials that clients get are valid.
        public var credentialLifetime: TimeAmount
        /// How long an allocation lives without a refresh, and at most with one.
        public var allocationLifetime: TimeAmount
        /// Allocations of one user at a time before 486; nil is unlimited.
        public var quota: Int?
        /// Allocations in all before 508; nil is unlimited.
        public var capacity: Int?
        /// How long a nonce is accepted before 438.
        public var nonceLifetime: TimeAmount

        /// Its name in the DNS.
        public var hostName: String { "\(name).turn.example" }
    }

    /// Between a client and a TURN server.
    public enum TURNTransport: String, CaseIterable, Sendable {
        /// UDP.
        case udp
        /// TCP.
        case tcp
        /// TLS over TCP.
        case tls
    }

    /// The ports of a TURN server.
    public struct TURNPorts: Hashable, Sendable {
        /// For UDP.
        public var udp: Int
        /// For TCP.
        public var tcp: Int
        /// For TLS.
        public var tls: Int

        /// The port of a transport.
        public subscript(transport: TURNTransport) -> Int {
            switch transport {
            case .udp: udp
            case .tcp: tcp
            case .tls: tls
            }
        }
    }

    /// When the service hands out ICE servers (WIRE-07).
    public enum ICEServerRefresh: String, CaseIterable, Sendable {
        /// Each welcome has them, with fresh credentials.
        case everyWelcome = "every-welcome"
        /// Each welcome has them, with the credentials of the first.
        case never
        /// Only the first welcome of a peer has them.
        case firstOnly = "first-only"
    }

    /// Something that a TURN server does wrong.
    public enum TURNFault: Hashable, Sendable {
        /// Its machine is gone: nothing is heard of it.
        case crash
        /// Its process is gone: the machine answers with port unreachable and resets. Allocations are lost.
        case die
        /// It refreshes what is there, and refuses new allocations: with 300 and the alternate server if there is one, else with 508.
        case drain(alternate: String?)
        /// Every credential made until now is refused with 401 from now on.
        case expireCredentials
        /// New allocations are refused with 486.
        case quota
        /// New allocations are refused with 508.
        case capacity
        /// The nonces of all clients are stale: their next request gets 438.
        case staleNonce
        /// The process is replaced at once: every allocation is lost, and requests for one get 437.
        case restart

        /// The word of the language.
        public var word: String {
            switch self {
            case .crash: "crash"
            case .die: "die"
            case .drain: "drain"
            case .expireCredentials: "expire-credentials"
            case .quota: "quota"
            case .capacity: "capacity"
            case .staleNonce: "stale-nonce"
            case .restart: "restart"
            }
        }

        /// Whether it goes on until it ends, rather than being over at once.
        public var lasts: Bool {
            switch self {
            case .crash, .die, .drain, .quota, .capacity: true
            case .expireCredentials, .staleNonce, .restart: false
            }
        }

        /// Every word.
        static let words = ["crash", "die", "drain", "expire-credentials", "quota", "capacity", "stale-nonce", "restart"]
    }
}
