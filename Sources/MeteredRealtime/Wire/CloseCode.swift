/// A WebSocket close code: RFC 6455 section 7.4, and the service's own in 4000...4999 (SPEC section 1, "Close codes").
public struct CloseCode: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
    /// The code as it is on the wire.
    public let rawValue: UInt16

    /// - Parameter rawValue: The code as it is on the wire.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// - Parameter value: The code as it is on the wire.
    public init(integerLiteral value: UInt16) { self.rawValue = value }

    /// 1000: done.
    public static let normalClosure: CloseCode = 1000
    /// 1001: the server is going away.
    public static let goingAway: CloseCode = 1001
    /// 1002: the peer broke the WebSocket protocol.
    public static let protocolError: CloseCode = 1002
    /// 1005: a close frame without a code. Never on the wire.
    public static let noStatusReceived: CloseCode = 1005
    /// 1006: the connection ended without a close frame. Never on the wire.
    public static let abnormalClosure: CloseCode = 1006
    /// 1008.
    public static let policyViolation: CloseCode = 1008
    /// 1009: a frame was larger than the receiver takes (WIRE-05).
    public static let messageTooBig: CloseCode = 1009
    /// 4000: sent by the client's own watchdog (SIG-11).
    public static let clientInactivity: CloseCode = 4000
    /// 4001: terminal.
    public static let invalidToken: CloseCode = 4001
    /// 4002: the next attempt fetches a fresh token.
    public static let tokenExpired: CloseCode = 4002
    /// 4003: terminal.
    public static let channelNotAuthorized: CloseCode = 4003
    /// 4010: the plan's connection cap; retried slowly (SIG-06).
    public static let overConcurrentLimit: CloseCode = 4010
    /// 4011.
    public static let overMessageRate: CloseCode = 4011
    /// 4012: terminal.
    public static let accountSuspended: CloseCode = 4012
    /// 4020: terminal.
    public static let adminDisconnect: CloseCode = 4020

    /// Whether the code ends reconnecting at once (SIG-05).
    public var isTerminal: Bool {
        switch self {
        case .invalidToken, .channelNotAuthorized, .accountSuspended, .adminDisconnect: true
        default: false
        }
    }

    /// Whether a peer may put the code into a close frame (RFC 6455 section 7.4.1: 1004, 1005, 1006 and 1015 are reserved, below 1000 unused).
    var isAllowedOnWire: Bool {
        switch rawValue {
        case 0..<1000, 1004, 1005, 1006, 1015: false
        default: true
        }
    }

    /// The symbolic name of the SPEC's table, or nil for a code it does not list.
    public var name: String? {
        switch self {
        case .goingAway: "going_away"
        case .policyViolation: "policy_violation"
        case .messageTooBig: "message_too_big"
        case .clientInactivity: "client_inactivity"
        case .invalidToken: "invalid_token"
        case .tokenExpired: "token_expired"
        case .channelNotAuthorized: "channel_not_authorized"
        case .overConcurrentLimit: "over_concurrent_limit"
        case .overMessageRate: "over_message_rate"
        case .accountSuspended: "account_suspended"
        case .adminDisconnect: "admin_disconnect"
        default: nil
        }
    }

    /// The number, and the name if there is one.
    public var description: String { name.map { "\(rawValue) (\($0))" } ?? "\(rawValue)" }
}
