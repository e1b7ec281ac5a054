import NIOCore

/// The retransmission timeout of RFC 6298: smoothed round trip and its variation, with the profile's floors.
struct RoundTripEstimator {
    /// SRTT, zero before the first measurement.
    private(set) var smoothed: TimeAmount = .zero
    private var variation: TimeAmount = .zero
    /// The timeout without backoff.
    private(set) var timeout: TimeAmount

    init(profile: TCPProfile) { timeout = profile.timers.roundedUp(profile.initialTimeout) }

    var hasMeasurement: Bool { smoothed > .zero }

    /// RFC 6298 rules 2.2 and 2.3.
    mutating func measure(_ sample: TimeAmount, profile: TCPProfile) {
        let sample = max(sample.nanoseconds, 1)
        if hasMeasurement {
            let deviation = abs(smoothed.nanoseconds - sample)
            variation = .nanoseconds((3 * variation.nanoseconds + deviation) / 4)
            smoothed = .nanoseconds((7 * smoothed.nanoseconds + sample) / 8)
        } else {
            smoothed = .nanoseconds(sample)
            variation = .nanoseconds(sample / 2)
        }
        let spread = max(4 * variation.nanoseconds, profile.varianceFloor.nanoseconds)
        let base = max(smoothed.nanoseconds + spread, profile.minimumTimeout.nanoseconds)
        timeout = profile.timers.roundedUp(.nanoseconds(min(base, profile.maximumTimeout.nanoseconds)))
    }
}
