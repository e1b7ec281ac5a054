/// What a client proves its identity with.
///
/// The value is used to build the connect URL and goes nowhere else: it never appears in an error, an event, a diagnostic or a log (SIG-17).
public enum Credential: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A publishable key, sent as `?key=`.
    case publishableKey(String)

    /// Yields a JWT, sent as `?token=`. Called anew before every attempt (SIG-07); the task that runs it is cancelled when it takes longer than
    /// ``SignallingOptions/tokenProviderTimeout`` or when the client closes. Throwing, or returning an empty string, is a failed attempt (SIG-08).
    case tokenProvider(@Sendable () async throws -> String)

    /// The kind of credential, without its value.
    public var description: String {
        switch self {
        case .publishableKey: "publishableKey(***)"
        case .tokenProvider: "tokenProvider"
        }
    }

    /// The kind of credential, without its value.
    public var debugDescription: String { description }

    /// A mirror without children, so that `dump` and string interpolation of containing values cannot show the key.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
