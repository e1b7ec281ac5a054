/// The states of a signalling client and the changes that are legal (SIG-15).
enum ClientState: String, CaseIterable, Sendable {
    case idle, connecting, connected, reconnecting, closed

    var successors: [ClientState] {
        switch self {
        case .idle: return [.connecting, .closed]
        case .connecting: return [.connected, .closed]
        case .connected: return [.reconnecting, .closed]
        case .reconnecting: return [.connected, .closed]
        case .closed: return [.connecting]
        }
    }
}
