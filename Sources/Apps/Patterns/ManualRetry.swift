/// Offers the user a manual retry after a long time of reconnecting (APP-02).
///
/// The offer is withdrawn when the connection is there again or closed. What the retry does - closing everything and building it afresh - is the app's part:
/// ``ChatApp/retry()``, ``CallApp/retry()``.
public actor ManualRetry {
    private let patience: Duration
    private let screen: Screen
    private var offer: Task<Void, Never>?
    private var isOffered = false

    /// - Parameter patience: how long `reconnecting` lasts before the offer (APP-02: 30,000 ms).
    public init(patience: Duration = .seconds(30), screen: @escaping Screen) {
        self.patience = patience
        self.screen = screen
    }

    /// Follows a connection until its news end.
    public func run(_ news: some AsyncSequence<ConnectionNews, Never> & Sendable) async {
        for await item in news {
            switch item {
            case .reconnecting: offerLater()
            case .connected, .quiet: withdraw()
            case .ended, .tokenProviderFailed: continue
            }
        }
        withdraw()
    }

    private func offerLater() {
        guard offer == nil, !isOffered else { return }
        offer = Task { [patience] in
            try? await Task.sleep(for: patience)
            if !Task.isCancelled { offerNow() }
        }
    }

    private func offerNow() {
        offer = nil
        isOffered = true
        screen(.offersRetry)
    }

    private func withdraw() {
        offer?.cancel()
        offer = nil
        guard isOffered else { return }
        isOffered = false
        screen(.withdrawsRetry)
    }
}
