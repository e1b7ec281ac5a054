/// The spec's close codes (section 1) and what the client does at each. Codes that are not listed are transient.
public enum CloseCodes {
    /// What the client does.
    public enum Reaction: String, Hashable, Sendable {
        case reconnect, reconnectSlowly, stop
    }

    /// One row.
    public struct Row: Hashable, Sendable {
        /// RFC 6455 or the service's own.
        public let code: Int
        /// The symbolic name.
        public let name: String
        /// What the client does.
        public let reaction: Reaction
    }

    /// The table.
    public static let rows = [
        Row(code: 1000, name: "normal_closure", reaction: .reconnect), Row(code: 1001, name: "going_away", reaction: .reconnect),
        Row(code: 1005, name: "no_status", reaction: .reconnect), Row(code: 1006, name: "abnormal_closure", reaction: .reconnect),
        Row(code: 1008, name: "policy_violation", reaction: .reconnect), Row(code: 1009, name: "message_too_big", reaction: .reconnect),
        Row(code: 1011, name: "internal_error", reaction: .reconnect), Row(code: 1012, name: "service_restart", reaction: .reconnect),
        Row(code: 4000, name: "client_inactivity", reaction: .reconnect), Row(code: 4001, name: "invalid_token", reaction: .stop),
        Row(code: 4002, name: "token_expired", reaction: .reconnect), Row(code: 4003, name: "channel_not_authorized", reaction: .stop),
        Row(code: 4010, name: "over_concurrent_limit", reaction: .reconnectSlowly),
        Row(code: 4011, name: "over_message_rate", reaction: .reconnect), Row(code: 4012, name: "account_suspended", reaction: .stop),
        Row(code: 4020, name: "admin_disconnect", reaction: .stop),
    ]

    /// What the client does at a code.
    public static func reaction(to code: Int) -> Reaction {
        rows.first { $0.code == code }?.reaction ?? .reconnect
    }

    static let abnormalClosure = 1006
    static let normalClosure = 1000
    static let clientInactivity = 4000
    static let messageTooBig = 1009

    static func text(_ code: Int) -> String {
        rows.first { $0.code == code }.map { "\(code) (\($0.name))" } ?? String(code)
    }
}
