import MeteredRealtime

/// Asks the user to log in when the token provider keeps failing, while the client goes on retrying (APP-05).
public struct TokenLogin: Sendable {
    private let screen: Screen

    /// - Parameter screen: where the prompt appears.
    public init(screen: @escaping Screen) { self.screen = screen }

    /// Follows a client until its events end. The prompt appears once for each series of failures; a connection ends the series.
    public func run(_ events: AsyncStream<SignallingEvent>) async {
        var hasPrompted = false
        for await event in events {
            switch event {
            case .tokenProviderFailed where !hasPrompted:
                hasPrompted = true
                screen(.prompts(.login))
            case .stateChanged(_, .connected): hasPrompted = false
            default: continue
            }
        }
    }
}
