import CompactJSON
import NIOCore

/// The token provider of a case. Confined to the simulation's thread.
final class ScriptedTokenProvider {
    /// What a scripted failure throws.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let script: TokenScript
    private let recorder: LineRecorder
    private var calls = 0
    /// What the last call returned: the credential of the next attempt.
    private(set) var lastToken = ""

    init(_ script: TokenScript, recorder: LineRecorder) {
        self.script = script
        self.recorder = recorder
    }

    func token() async throws -> String {
        calls += 1
        let ordinal = calls
        recorder.record("app", "tokenCall", ["n": .integer(Int64(ordinal))])
        switch script.call(ordinal) {
        case .ok(let token, let delay):
            if delay > .zero { try await wait(.nanoseconds(delay.nanoseconds), ordinal) }
            lastToken = token ?? "tok-\(ordinal)"
            return lastToken
        case .raise(let message): throw Failure(description: message)
        case .empty: return ""
        case .hang:
            // A century: longer than any run.
            try await wait(.seconds(100 * 365 * 86_400), ordinal)
            return ""
        }
    }

    private func wait(_ duration: Duration, _ ordinal: Int) async throws {
        do { try await Task.sleep(for: duration) } catch {
            recorder.record("app", "tokenCancelled", ["n": .integer(Int64(ordinal))])
            throw error
        }
    }
}
