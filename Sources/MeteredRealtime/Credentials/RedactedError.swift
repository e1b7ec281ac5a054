/// An error of the application's own making (a token provider's), safe to log: its type is kept, its text is scrubbed (SIG-17, BEY-18).
public struct RedactedError: Error, Hashable, Sendable {
    /// The name of the error's type.
    public let typeName: String

    /// The error's description with every credential replaced by `***`.
    public let text: String

    /// The error itself, for code that wants to look at its type and fields. Its own description is not scrubbed: do not log it.
    public let underlying: any Error

    /// - Parameter error: The error as it was thrown.
    public init(_ error: any Error) {
        underlying = error
        typeName = String(describing: type(of: error))
        text = Redaction.scrub(String(describing: error))
    }

    /// Two redacted errors are equal when they read the same.
    public static func == (left: RedactedError, right: RedactedError) -> Bool {
        left.typeName == right.typeName && left.text == right.text
    }

    /// Hashes what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(typeName)
        hasher.combine(text)
    }
}

extension RedactedError: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The type's name and the scrubbed text.
    public var description: String { "\(typeName): \(text)" }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// A mirror without the underlying error, so that `dump` cannot show it.
    public var customMirror: Mirror { Mirror(self, children: ["typeName": typeName, "text": text]) }
}

/// The token provider's call took longer than ``SignallingOptions/tokenProviderTimeout`` (SIG-07).
public struct TokenProviderTimeout: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, for a person.
    public var description: String { "the token provider did not answer in time" }
}

/// The token provider returned an empty string (SIG-08).
public struct EmptyToken: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, for a person.
    public var description: String { "the token provider returned an empty token" }
}

/// The server refused a freshly fetched token at the upgrade (BEY-07).
public struct TokenRejected: Error, Hashable, Sendable, CustomStringConvertible {
    /// The HTTP status: 401 or 403.
    public let status: Int
    /// What happened, for a person.
    public var description: String { "the server refused the token with HTTP status \(status)" }
}
