import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Pacing (SIG-20)")
struct PacingTests {
    private typealias Queue = SendQueue<String>

    @Test("a burst of 150 goes out at once, then one frame each 12.5 ms")
    func burst() {
        var bucket = TokenBucket(.init(), at: .milliseconds(0))
        #expect((0..<151).filter { _ in bucket.take(at: .milliseconds(0)) }.count == 150)
        #expect(bucket.nextSend == .uptimeNanoseconds(12_500_000))
        #expect(bucket.take(at: .milliseconds(12)) == false)
        #expect(bucket.take(at: .milliseconds(13)) == true)
    }

    @Test("in any second no more than the rate goes out beyond the burst")
    func sustained() {
        var bucket = TokenBucket(.init(framesPerSecond: 80, burst: 150), at: .milliseconds(0))
        var sent = 0
        for millisecond in 0..<10_000 { while bucket.take(at: .milliseconds(Int64(millisecond))) { sent += 1 } }
        #expect(sent <= 150 + 800)
        #expect(sent >= 150 + 798)
    }

    @Test("a pause refills the burst and not more")
    func refill() {
        var bucket = TokenBucket(.init(framesPerSecond: 10, burst: 3), at: .milliseconds(0))
        while bucket.take(at: .milliseconds(0)) {}
        #expect((0..<10).filter { _ in bucket.take(at: .milliseconds(60_000)) }.count == 3)
    }

    @Test("without pacing everything goes out at once in the order of the calls")
    func unpaced() {
        var queue = Queue(pacing: nil, at: .milliseconds(0))
        queue.enqueue("candidate", lane: .peer("a"), priority: .candidate)
        #expect(queue.release(at: .milliseconds(0)) == ["candidate"])
        #expect(queue.nextRelease == nil)
    }

    private func heldQueue() -> Queue {
        var queue = Queue(pacing: .init(framesPerSecond: 1, burst: 1), at: .milliseconds(0))
        queue.enqueue("first", lane: .connection, priority: .control)
        _ = queue.release(at: .milliseconds(0))
        return queue
    }

    private func drained(_ queue: inout Queue) -> [String] {
        var released: [String] = []
        while let next = queue.nextRelease { released += queue.release(at: next) }
        return released
    }

    @Test("descriptions go before candidates of other peers")
    func descriptionsFirst() {
        var queue = heldQueue()
        queue.enqueue("a: candidate", lane: .peer("a"), priority: .candidate)
        queue.enqueue("b: description", lane: .peer("b"), priority: .description)
        #expect(drained(&queue) == ["b: description", "a: candidate"])
    }

    @Test("the order per peer is kept, and a description hurries its own peer's candidates")
    func lanes() {
        var queue = heldQueue()
        queue.enqueue("a1 candidate", lane: .peer("a"), priority: .candidate)
        queue.enqueue("b1 candidate", lane: .peer("b"), priority: .candidate)
        queue.enqueue("b2 description", lane: .peer("b"), priority: .description)
        queue.enqueue("a2 candidate", lane: .peer("a"), priority: .candidate)
        #expect(drained(&queue) == ["b1 candidate", "b2 description", "a1 candidate", "a2 candidate"])
    }

    @Test("a ping overtakes everything that is held back")
    func ping() {
        var queue = heldQueue()
        queue.enqueue("data", lane: .channel("room"), priority: .data)
        queue.enqueue("ping", lane: .connection, priority: .control)
        #expect(drained(&queue) == ["ping", "data"])
    }

    @Test("nothing is dropped: every frame comes out exactly once and lanes keep their order")
    func property() {
        let seed: UInt64 = 7
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            var queue = Queue(pacing: .init(framesPerSecond: 100, burst: .random(in: 1...5, using: &random)), at: .milliseconds(0))
            var lanes: [String: [String]] = [:]
            var released: [String] = []
            for index in 0..<Int.random(in: 1...60, using: &random) {
                let peer = ["a", "b", "c"].randomElement(using: &random) ?? "a"
                let item = "\(peer)\(index)"
                lanes[peer, default: []].append(item)
                queue.enqueue(item, lane: .peer(peer), priority: [.data, .description, .candidate].randomElement(using: &random) ?? .data)
                released += queue.release(at: .milliseconds(Int64(index)))
            }
            released += drained(&queue)
            for (peer, items) in lanes { #expect(released.filter { $0.hasPrefix(peer) } == items, "seed \(seed)") }
            #expect(released.count == lanes.values.map(\.count).reduce(0, +), "seed \(seed)")
        }
    }
}
