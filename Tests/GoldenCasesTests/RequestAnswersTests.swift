import NIOCore
import Testing

@testable import GoldenCases

@Suite("Answers to requests")
struct RequestAnswersTests {
    @Test("the first override that fits applies, and its ordinals count what it matched on this socket")
    func ordinals() {
        let script = AcknowledgementScript(
            latency: .milliseconds(30),
            overrides: [
                .init(match: ["type": "subscribe", "channel": "a"], ordinals: [2], result: .none, latency: nil),
                .init(match: ["type": "subscribe"], ordinals: nil, result: .error(code: "no", message: nil), latency: .milliseconds(5)),
            ])
        var answers = RequestAnswers(script)
        #expect(answers.answer(["type": "subscribe", "channel": "a"]).result == .error(code: "no", message: nil))
        #expect(answers.answer(["type": "subscribe", "channel": "b"]).latency == .milliseconds(5))
        #expect(answers.answer(["type": "subscribe", "channel": "a"]) == .init(result: .none, latency: .milliseconds(30)))
        #expect(answers.answer(["type": "publish", "channel": "a"]) == .init(result: .acknowledge, latency: .milliseconds(30)))
    }
}
