import MeteredRealtime

/// Leads the user to the right screen when the connection ends for good (APP-04): 4001 and a final 4002 to login, 4012 to billing, 4020 to "kicked",
/// 4003 to "access denied".
public struct ErrorScreens: Sendable {
    private let screen: Screen

    /// - Parameter screen: where the prompts appear.
    public init(screen: @escaping Screen) { self.screen = screen }

    /// Follows a connection until its news end.
    public func run(_ news: some AsyncSequence<ConnectionNews, Never> & Sendable) async {
        for await item in news {
            guard case .ended(let code) = item else { continue }
            screen(.prompts(Self.prompt(closeCode: code) ?? .connectionFailed))
        }
    }

    /// Shows why the first connect failed (SIG-14: it does not retry).
    public func connectFailed(_ error: SignallingError) {
        switch error {
        case .connectFailed(let code, _): screen(.prompts(Self.prompt(closeCode: code) ?? .connectionFailed))
        case .upgradeRejected(let status): screen(.prompts(status == 401 || status == 403 ? .login : .connectionFailed))
        case .tokenProviderFailed: screen(.prompts(.login))
        case .closed: break
        default: screen(.prompts(.connectionFailed))
        }
    }

    /// The screen for a close code, or nil for one that says nothing to a user.
    public static func prompt(closeCode: CloseCode) -> Prompt? {
        switch closeCode {
        case .invalidToken, .tokenExpired: return .login
        case .channelNotAuthorized: return .accessDenied
        case .accountSuspended: return .billing
        case .adminDisconnect: return .kicked
        default: return nil
        }
    }
}
