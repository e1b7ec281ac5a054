/// Asks the user to log in when the token provider keeps failing, while the client goes on retrying (APP-05).
public struct TokenLogin: Sendable {
    private let screen: Screen

    /// - Parameter screen: where the prompt appears.
    public init(screen: @escaping Screen) { self.screen = screen }

    /// Follows a connection until its news end. The prompt appears once for each series of failures; a connection ends the series.
    public func run(_ news: some AsyncSequence<ConnectionNews, Never> & Sendable) async {
        var hasPrompted = false
        for await item in news {
            switch item {
            case .tokenProviderFailed:
                if !hasPrompted { screen(.prompts(.login)) }
                hasPrompted = true
            case .connected: hasPrompted = false
            case .reconnecting, .quiet, .ended: continue
            }
        }
    }
}
