import NIOCore
import Testing
import WebRTCModel

@Suite struct STUNTransactionTests {
    private static let start = NIODeadline.uptimeNanoseconds(5_000_000_000)

    /// When requests are sent and when they fail, in ms after the first send.
    private func times(of schedule: RetransmissionSchedule) -> (sends: [Int64], failure: Int64) {
        var transaction = STUNTransaction(STUNTransactionID(high: 0, low: 0), schedule: schedule, now: Self.start)
        var sends: [Int64] = [0]
        while true {
            let now = transaction.deadline
            let elapsed = (now - Self.start).nanoseconds / 1_000_000
            switch transaction.timerFired(now: now) {
            case .send: sends.append(elapsed)
            case .wait: Issue.record("the deadline is not yet")
            case .fail: return (sends, elapsed)
            }
        }
    }

    @Test("RFC 8489: RTO 500 ms, doubling, 7 sends, failure after 39.5 s")
    func rfc() {
        let (sends, failure) = times(of: .rfc8489)
        #expect(sends == [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500])
        #expect(failure == 39_500)
        #expect(RetransmissionSchedule.rfc8489.total == .milliseconds(39_500))
    }

    @Test("the wait is capped and the last wait is its own, as in libwebrtc: 9 sends, failure after 39.75 s")
    func capped() {
        let (sends, failure) = times(
            of: RetransmissionSchedule(
                initialTimeout: .milliseconds(250), longestWait: .seconds(8), sends: 9, finalWait: .seconds(8)))
        #expect(sends == [0, 250, 750, 1_750, 3_750, 7_750, 15_750, 23_750, 31_750])
        #expect(failure == 39_750)
    }

    @Test("a request over TCP is sent once and fails after 39.5 s")
    func reliable() {
        let (sends, failure) = times(of: .reliable)
        #expect(sends == [0])
        #expect(failure == 39_500)
    }

    @Test("a timer that fires early changes nothing")
    func early() {
        var transaction = STUNTransaction(STUNTransactionID(high: 0, low: 0), schedule: .rfc8489, now: Self.start)
        #expect(transaction.timerFired(now: Self.start + .milliseconds(499)) == .wait)
        #expect(transaction.sends == 1)
        #expect(transaction.deadline == Self.start + .milliseconds(500))
    }

    @Test("after a late timer the next wait counts from then")
    func late() {
        var transaction = STUNTransaction(STUNTransactionID(high: 0, low: 0), schedule: .rfc8489, now: Self.start)
        #expect(transaction.timerFired(now: Self.start + .seconds(2)) == .send)
        #expect(transaction.deadline == Self.start + .seconds(3))
    }
}
