/// A WebSocket close code, with the names of SPEC section 1.
public struct ServiceCloseCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The code as sent.
    public let rawValue: UInt16
    /// Any code, legal on the wire or not.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// RFC 6455 section 7.4.1: the purpose is fulfilled.
    public static let normal = ServiceCloseCode(rawValue: 1000)
    /// A deploy.
    public static let goingAway = ServiceCloseCode(rawValue: 1001)
    /// RFC 6455: the client broke the protocol.
    public static let protocolError = ServiceCloseCode(rawValue: 1002)
    /// RFC 6455: a close frame without a code was received. Never sent.
    public static let noStatus = ServiceCloseCode(rawValue: 1005)
    /// RFC 6455: the connection ended without a close frame. Never sent.
    public static let abnormal = ServiceCloseCode(rawValue: 1006)
    /// RFC 6455: text that is not UTF-8.
    public static let invalidPayload = ServiceCloseCode(rawValue: 1007)
    /// RFC 6455: the client broke a rule of the service.
    public static let policyViolation = ServiceCloseCode(rawValue: 1008)
    /// More than 65,536 bytes in one message.
    public static let messageTooBig = ServiceCloseCode(rawValue: 1009)
    /// RFC 6455: the service cannot go on; also its verdict on a client that answers no ping.
    public static let internalError = ServiceCloseCode(rawValue: 1011)
    /// Bad signature, unknown key.
    public static let invalidToken = ServiceCloseCode(rawValue: 4001)
    /// Past `exp`, or about to be.
    public static let tokenExpired = ServiceCloseCode(rawValue: 4002)
    /// A channel outside the patterns, where the scenario chose to close for it.
    public static let channelNotAuthorized = ServiceCloseCode(rawValue: 4003)
    /// The plan's connection cap.
    public static let overConcurrentLimit = ServiceCloseCode(rawValue: 4010)
    /// The message rate.
    public static let overMessageRate = ServiceCloseCode(rawValue: 4011)
    /// The account is suspended.
    public static let accountSuspended = ServiceCloseCode(rawValue: 4012)
    /// Disconnected by the operator, or replaced by a second connection of the same peer.
    public static let adminDisconnect = ServiceCloseCode(rawValue: 4020)

    /// The number.
    public var description: String { String(rawValue) }

    /// Whether RFC 6455 sections 7.4.1 and 7.4.2 let an endpoint send it.
    var mayBeSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// The reason that goes with it unless the scenario gives another.
    var defaultReason: String {
        switch self {
        case .goingAway: "going away"
        case .messageTooBig: "message too big"
        case .internalError: "keepalive ping timeout"
        case .invalidToken: "invalid token"
        case .tokenExpired: "token expired"
        case .channelNotAuthorized: "channel not authorized"
        case .overConcurrentLimit: "over concurrent limit"
        case .overMessageRate: "over message rate"
        case .accountSuspended: "account suspended"
        case .adminDisconnect: "admin disconnect"
        default: ""
        }
    }
}
