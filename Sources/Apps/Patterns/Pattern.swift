/// One of the guide's patterns.
public enum Pattern: String, Sendable, Hashable, CaseIterable {
    /// APP-01.
    case banner
    /// APP-02.
    case manualRetry = "manual-retry"
    /// APP-04.
    case errorScreens = "error-screens"
    /// APP-05.
    case tokenLogin = "token-login"

    /// Runs the pattern until the news end.
    func follow(_ news: some AsyncSequence<ConnectionNews, Never> & Sendable, screen: @escaping Screen) -> Task<Void, Never> {
        Task {
            switch self {
            case .banner: await ReconnectingBanner(screen: screen).run(news)
            case .manualRetry: await ManualRetry(screen: screen).run(news)
            case .errorScreens: await ErrorScreens(screen: screen).run(news)
            case .tokenLogin: await TokenLogin(screen: screen).run(news)
            }
        }
    }
}
