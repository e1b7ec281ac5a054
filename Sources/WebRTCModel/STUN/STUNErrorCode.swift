/// The number of an ERROR-CODE: 300 to 699 (RFC 8489 section 14.8).
public struct STUNErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number.
    public let rawValue: Int

    /// A code by number, clamped to 300...699.
    public init(rawValue: Int) {
        self.rawValue = min(max(rawValue, 300), 699)
    }

    /// The number as text.
    public var description: String { "\(rawValue)" }

    /// Ask the server in ALTERNATE-SERVER (RFC 8489).
    public static let tryAlternate = STUNErrorCode(rawValue: 300)
    /// The request is malformed (RFC 8489).
    public static let badRequest = STUNErrorCode(rawValue: 400)
    /// No or wrong credentials (RFC 8489).
    public static let unauthenticated = STUNErrorCode(rawValue: 401)
    /// The server does not relay to this peer (RFC 8656).
    public static let forbidden = STUNErrorCode(rawValue: 403)
    /// An attribute that must be understood is not (RFC 8489).
    public static let unknownAttribute = STUNErrorCode(rawValue: 420)
    /// The 5-tuple has no allocation, or one already (RFC 8656).
    public static let allocationMismatch = STUNErrorCode(rawValue: 437)
    /// The nonce has expired; the response has a new one (RFC 8489).
    public static let staleNonce = STUNErrorCode(rawValue: 438)
    /// The server has no relayed addresses of the family (RFC 8656).
    public static let addressFamilyNotSupported = STUNErrorCode(rawValue: 440)
    /// Not the user that made the allocation (RFC 8656).
    public static let wrongCredentials = STUNErrorCode(rawValue: 441)
    /// REQUESTED-TRANSPORT is not UDP (RFC 8656).
    public static let unsupportedTransport = STUNErrorCode(rawValue: 442)
    /// The peer's address is not of the allocation's family (RFC 8656).
    public static let peerAddressFamilyMismatch = STUNErrorCode(rawValue: 443)
    /// The user has all the allocations it may have (RFC 8656).
    public static let allocationQuotaReached = STUNErrorCode(rawValue: 486)
    /// Both agents believe to have the same role (RFC 8445).
    public static let roleConflict = STUNErrorCode(rawValue: 487)
    /// The server failed for the moment (RFC 8489).
    public static let serverError = STUNErrorCode(rawValue: 500)
    /// The server cannot carry more (RFC 8656).
    public static let insufficientCapacity = STUNErrorCode(rawValue: 508)

    /// The reason phrase that the RFCs give.
    public var usualReason: String {
        switch self {
        case .tryAlternate: "Try Alternate"
        case .badRequest: "Bad Request"
        case .unauthenticated: "Unauthenticated"
        case .forbidden: "Forbidden"
        case .unknownAttribute: "Unknown Attribute"
        case .allocationMismatch: "Allocation Mismatch"
        case .staleNonce: "Stale Nonce"
        case .addressFamilyNotSupported: "Address Family not Supported"
        case .wrongCredentials: "Wrong Credentials"
        case .unsupportedTransport: "Unsupported Transport Protocol"
        case .peerAddressFamilyMismatch: "Peer Address Family Mismatch"
        case .allocationQuotaReached: "Allocation Quota Reached"
        case .roleConflict: "Role Conflict"
        case .serverError: "Server Error"
        case .insufficientCapacity: "Insufficient Capacity"
        default: "Error"  // a number, not an enum: most have no name
        }
    }
}
