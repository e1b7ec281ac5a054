public import NIOCore

/// The timers of a DTLS handshake.
public struct DTLSProfile: Hashable, Sendable {
    /// How long the first flight is waited for.
    public enum InitialTimeout: Hashable, Sendable {
        /// Always the same.
        case fixed(TimeAmount)
        /// Twice the round-trip time that ICE measured, within these bounds.
        case twiceRoundTrip(minimum: TimeAmount, maximum: TimeAmount)
    }

    /// Until the first retransmission of a flight.
    public var initialTimeout: InitialTimeout
    /// The longest interval between two sendings of a flight.
    public var maximumTimeout: TimeAmount
    /// So many timeouts in a row end the handshake.
    public var maximumTimeouts: Int
    /// The server sends HelloVerifyRequest first (one round trip more; RFC 6347 section 4.2.1).
    public var usesCookie: Bool

    /// Until the first retransmission, for what ICE knows of the round trip.
    public func initialTimeout(roundTripTime: TimeAmount?) -> TimeAmount {
        switch initialTimeout {
        case .fixed(let timeout): timeout
        case .twiceRoundTrip(let minimum, let maximum):
            roundTripTime.map { min(max(.nanoseconds($0.nanoseconds &* 2), minimum), maximum) } ?? maximum
        }
    }
}
