/// The caps of the wire format (WIRE-01, 05, 07, 08), fixed.
enum WireLimits {
    /// Unicode scalars in a channel name.
    static let channelScalars = 256
    /// Unicode scalars in a peer identifier.
    static let peerIDScalars = 128
    /// Bytes of a `data` value until the welcome tells the server's own limit.
    static let defaultMaximumMessageBytes = 65_536
    /// Bytes of an inbound message; one byte more closes the socket with 1009.
    static let inboundMessageBytes = 1_048_576
    /// Entries of `welcome.metadata.iceServers`.
    static let iceServers = 16
    /// Unicode scalars of an ICE server's URL.
    static let iceURLScalars = 512
    /// Unicode scalars of an ICE server's user name, and of its credential.
    static let iceCredentialScalars = 1_024
    /// Milliseconds: the range of `going_away.retryAfterMs`.
    static let retryAfterMilliseconds: ClosedRange<Int64> = 1...300_000
    /// Milliseconds: what a missing or nonsensical `retryAfterMs` reads as.
    static let defaultRetryAfterMilliseconds: Int64 = 1_000
}
