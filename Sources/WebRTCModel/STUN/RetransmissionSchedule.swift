import NIOCore

/// When a STUN request is sent again over an unreliable transport, and when it has failed.
///
/// The first repetition comes after `initialTimeout`, each later wait is twice the one before and at most `longestWait`; after the last send the
/// answer has `finalWait`. RFC 8489 section 6.2.1; the figures of the stacks are in the profiles.
public struct RetransmissionSchedule: Hashable, Sendable {
    /// The wait after the first send (RTO).
    public var initialTimeout: TimeAmount
    /// The wait between two sends does not grow over this.
    public var longestWait: TimeAmount
    /// How often the request is sent in all (Rc), at least 1.
    public var sends: Int
    /// The wait after the last send.
    public var finalWait: TimeAmount

    /// A schedule of these figures.
    public init(initialTimeout: TimeAmount, longestWait: TimeAmount, sends: Int, finalWait: TimeAmount) {
        precondition(sends >= 1 && initialTimeout > .zero && longestWait > .zero, "a request is sent at least once, and waits")
        self.initialTimeout = initialTimeout
        self.longestWait = longestWait
        self.sends = sends
        self.finalWait = finalWait
    }

    /// RFC 8489 section 6.2.1: RTO 500 ms, Rc 7, Rm 16: sends at 0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s, failure at 39.5 s.
    public static let rfc8489 = RetransmissionSchedule(
        initialTimeout: .milliseconds(500), longestWait: .seconds(60), sends: 7, finalWait: .seconds(8))

    /// RFC 8489 section 6.2.2: over TCP and TLS a request is sent once and has Ti, 39.5 s.
    public static let reliable = once(timeout: .milliseconds(39_500))

    /// One send, and this long for the answer.
    public static func once(timeout: TimeAmount) -> RetransmissionSchedule {
        RetransmissionSchedule(initialTimeout: timeout, longestWait: timeout, sends: 1, finalWait: timeout)
    }

    /// The wait after the send of this number, from 1.
    func wait(afterSend number: Int) -> TimeAmount {
        guard number < sends else { return finalWait }
        var wait = initialTimeout
        for _ in 1..<number {
            guard wait < longestWait else { break }
            wait = wait + wait
        }
        return min(wait, longestWait)
    }

    /// From the first send to the failure.
    public var total: TimeAmount { (1...sends).reduce(.zero) { $0 + wait(afterSend: $1) } }
}
