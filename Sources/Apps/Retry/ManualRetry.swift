import MeteredRealtime

/// Offers the user a manual retry after a long time of reconnecting (APP-02).
///
/// The offer is withdrawn when the client is connected again or closed. What the retry does - closing the client and building a fresh one - is the app's part:
/// ``ChatApp/retry()``.
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

    /// Follows a client until its events end.
    public func run(_ events: AsyncStream<SignallingEvent>) async {
        for await event in events {
            guard case .stateChanged(_, let state) = event else { continue }
            switch state {
            case .reconnecting: offerLater()
            case .idle, .connecting, .connected, .closed: withdraw()
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
