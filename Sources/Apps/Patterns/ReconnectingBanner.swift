/// A "reconnecting" banner that does not flicker (APP-01): it waits before it appears, so that a drop that heals in less never shows it.
public actor ReconnectingBanner {
    private let delay: Duration
    private let screen: Screen
    private var appearance: Task<Void, Never>?
    private var isShown = false

    /// - Parameter delay: how long `reconnecting` lasts before the banner appears (APP-01: 1,000 ms).
    public init(delay: Duration = .seconds(1), screen: @escaping Screen) {
        self.delay = delay
        self.screen = screen
    }

    /// Follows a connection until its news end.
    public func run(_ news: some AsyncSequence<ConnectionNews, Never> & Sendable) async {
        for await item in news {
            switch item {
            case .reconnecting: appearLater()
            case .connected, .quiet: disappear()
            case .ended, .tokenProviderFailed: continue
            }
        }
        disappear()
    }

    private func appearLater() {
        guard appearance == nil, !isShown else { return }
        appearance = Task { [delay] in
            try? await Task.sleep(for: delay)
            if !Task.isCancelled { appear() }
        }
    }

    private func appear() {
        appearance = nil
        isShown = true
        screen(.showsBanner)
    }

    private func disappear() {
        appearance?.cancel()
        appearance = nil
        guard isShown else { return }
        isShown = false
        screen(.hidesBanner)
    }
}
