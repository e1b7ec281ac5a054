/// Something that the app tells its user.
public enum Prompt: String, Sendable, Hashable, CaseIterable {
    /// The credential is not accepted any more: log in again.
    case login
    /// The account is suspended: go to billing.
    case billing
    /// An administrator ended the session.
    case kicked
    /// The channel is not for this user.
    case accessDenied = "access-denied"
    /// The connection could not be made; try later.
    case connectionFailed = "connection-failed"
}

/// A change of what the user sees.
public enum ScreenChange: Sendable, Hashable {
    /// The "reconnecting" banner appears.
    case showsBanner
    /// The banner goes away.
    case hidesBanner
    /// The "retry" button appears.
    case offersRetry
    /// The button goes away.
    case withdrawsRetry
    /// A prompt or an error screen appears.
    case prompts(Prompt)
}

/// Where the app draws.
public typealias Screen = @Sendable (ScreenChange) -> Void
