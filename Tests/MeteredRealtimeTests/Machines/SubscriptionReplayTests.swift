import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Subscriptions and their replay (SIG-12, 13)")
struct SubscriptionReplayTests {
    private func replay(_ channels: String...) -> SubscriptionReplay {
        var replay = SubscriptionReplay(SignallingOptions())
        for channel in channels { _ = replay.track(channel, includeSenderMetadata: false) }
        return replay
    }

    @Test("subscriptions are replayed in the order in which they were first made")
    func order() {
        var replay = replay("b", "a", "c")
        _ = replay.track("b", includeSenderMetadata: true)
        replay.untrack("a")
        #expect(replay.tracked.map(\.channel) == ["b", "c"])
        #expect(replay.tracked.first?.includeSenderMetadata == true)
    }

    @Test("a subscribe that never left is as if it had not been called")
    func neverSent() {
        var replay = replay("a")
        let again = replay.track("a", includeSenderMetadata: true)
        let new = replay.track("b", includeSenderMetadata: false)
        replay.neverSent(again)
        replay.neverSent(new)
        #expect(replay.tracked.map(\.channel) == ["a"])
        #expect(replay.tracked.first?.includeSenderMetadata == false)
    }

    @Test("a rejected subscribe is untracked")
    func rejected() {
        var replay = replay()
        let ticket = replay.track("a", includeSenderMetadata: false)
        replay.rejected(ticket)
        #expect(replay.tracked.isEmpty)
    }

    @Test("the rejection of an earlier subscribe leaves a later one alone")
    func staleRejection() {
        var replay = replay()
        let first = replay.track("a", includeSenderMetadata: false)
        _ = replay.track("a", includeSenderMetadata: true)
        replay.rejected(first)
        #expect(replay.tracked.map(\.channel) == ["a"])
    }

    @Test("a failed replay is repeated 2 s later, three times, then given up")
    func retries() {
        var replay = replay("a")
        for attempt in 1...3 {
            let now = NIODeadline.milliseconds(Int64(attempt) * 10_000)
            #expect(replay.replayFailed("a", at: now) == .retry(attempt: attempt))
            #expect(replay.nextDue == now + .seconds(2))
            #expect(replay.takeDue(at: now + .milliseconds(1_999)).isEmpty)
            #expect(replay.takeDue(at: now + .seconds(2)).map(\.channel) == ["a"])
        }
        #expect(replay.replayFailed("a", at: .milliseconds(90_000)) == .giveUp)
        #expect(replay.tracked.map(\.channel) == ["a"], "the next connection tries again")
    }

    @Test("an unsubscribe ends the retries")
    func unsubscribed() {
        var replay = replay("a")
        _ = replay.replayFailed("a", at: .milliseconds(0))
        replay.untrack("a")
        #expect(replay.nextDue == nil)
        #expect(replay.replayFailed("a", at: .milliseconds(1)) == .forget)
    }

    @Test("a retry takes the newest options of the channel")
    func freshOptions() {
        var replay = replay("a")
        _ = replay.replayFailed("a", at: .milliseconds(0))
        _ = replay.track("a", includeSenderMetadata: true)
        #expect(replay.takeDue(at: .milliseconds(2_000)).map(\.includeSenderMetadata) == [true])
    }

    @Test("a new connection has its retries anew")
    func newConnection() {
        var replay = replay("a")
        for _ in 0..<4 { _ = replay.replayFailed("a", at: .milliseconds(0)) }
        replay.connectionEnded()
        #expect(replay.nextDue == nil)
        #expect(replay.replayFailed("a", at: .milliseconds(1)) == .retry(attempt: 1))
    }
}
