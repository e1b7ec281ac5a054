import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Requests in flight (SIG-10)")
struct RequestTableTests {
    private func table(_ ids: [String], sentAt: [Int64]) -> RequestTable<Int> {
        var table = RequestTable<Int>(timeout: .seconds(15))
        for (index, id) in ids.enumerated() {
            table.insert(id, kind: .publish, completion: index)
            table.sent(id, at: .milliseconds(sentAt[index]))
        }
        return table
    }

    @Test("an answer takes its request out once")
    func answer() {
        var table = table(["a"], sentAt: [0])
        #expect(table.answered("a")?.completion == 0)
        #expect(table.answered("a") == nil)
        #expect(table.nextDeadline == nil)
    }

    @Test("a request expires 15 s after it was written")
    func expiry() {
        var table = table(["a", "b"], sentAt: [0, 1_000])
        #expect(table.nextDeadline == .milliseconds(15_000))
        #expect(table.expire(at: .milliseconds(14_999)).isEmpty)
        #expect(table.expire(at: .milliseconds(15_000)).map(\.completion) == [0])
        #expect(table.nextDeadline == .milliseconds(16_000))
    }

    @Test("a request that was never written does not expire")
    func unwritten() {
        var table = RequestTable<Int>(timeout: .seconds(15))
        table.insert("a", kind: .publish, completion: 0)
        #expect(table.nextDeadline == nil)
        #expect(table.expire(at: .milliseconds(1_000_000)).isEmpty)
        #expect(table.count == 1)
    }

    @Test("a loss takes out everything in the order of the calls")
    func loss() {
        var table = table((0..<50).map { "id-\($0)" }, sentAt: Array(repeating: 0, count: 50))
        table.insert("unwritten", kind: .send, completion: 50)
        #expect(table.removeAll().map(\.completion) == Array(0...50))
        #expect(table.count == 0)
        #expect(table.nextDeadline == nil)
    }

    @Test("the next deadline skips requests that were answered meanwhile")
    func skipsAnswered() {
        var table = table(["a", "b", "c"], sentAt: [0, 1_000, 2_000])
        _ = table.answered("b")
        #expect(table.nextDeadline == .milliseconds(15_000))
        _ = table.answered("a")
        #expect(table.nextDeadline == .milliseconds(17_000))
    }
}
