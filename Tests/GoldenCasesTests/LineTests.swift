import CompactJSON
import Foundation
import Testing

@testable import GoldenCases

@Suite("Golden lines")
struct LineTests {
    @Test("a golden file that was read is written as it was", arguments: ["connect-ok", "going-away-1001", "error-uncorrelated"])
    func roundTrip(name: String) throws {
        let data = try #require(FileManager.default.contents(atPath: Fixtures.path("golden/golden/\(name).json")))
        #expect(GoldenFile.text(try GoldenFile.read(Array(data), file: name)) == String(decoding: data, as: UTF8.self))
    }

    @Test("a line without a time is an error that names the line")
    func brokenLine() {
        let text = #"[{"t":1,"who":"a","what":"b"},{"who":"a","what":"b"}]"#
        #expect(throws: CaseError(file: "g", message: "line 2: \"t\" is not a time in milliseconds")) {
            try GoldenFile.read(Array(text.utf8), file: "g")
        }
    }

    @Test(
        "times round to milliseconds by way of microseconds, halves to even",
        arguments: [(0, 0), (500_000, 0), (1_500_000, 2), (2_500_000, 2), (2_500_400, 2), (2_500_500, 3), (2_499_999, 2), (3_999_999, 4)])
    func rounding(nanoseconds: UInt64, milliseconds: Int64) {
        #expect(LineRecorder.milliseconds(nanoseconds: nanoseconds) == milliseconds)
    }

    @Test("numbers and the order of members make no difference in what JSON means")
    func meaning() {
        let left: JSONValue = ["a": 1, "b": [2.0, nil]]
        #expect(left.means(["b": [2, nil], "a": 1.0]))
        #expect(!left.means(["b": [2, nil], "a": 1, "c": nil]))
        #expect(!JSONValue.bool(true).means(1))
    }

    @Test("payloads are shown as the format says")
    func payloads() {
        let offer: JSONValue = [
            "type": "rtc-description",
            "description": ["type": "offer", "sdp": "v=0\r\nm=audio 9 x\r\na=ice-ufrag:l-1\r\nm=application 9 x\r\n"],
        ]
        #expect(PayloadText.members(of: offer) == ["sig": "offer", "ufrag": "l-1", "media": ["audio", "application"]])
        #expect(PayloadText.members(of: ["type": "rtc-ice", "candidate": nil]) == ["sig": "ice-end"])
        #expect(PayloadText.members(of: ["type": "rtc-ice", "candidate": ["candidate": "x"]]) == ["sig": "ice"])
        #expect(PayloadText.members(of: .string(String(repeating: "é", count: 200)))["data"] != nil)
        #expect(PayloadText.members(of: .string(String(repeating: "é", count: 201))) == ["dataBytes": 404])
    }
}

@Suite("Comparing lines")
struct LineComparisonTests {
    private let exact = LineComparison(for: .constant(0.5))

    @Test("lines of the service are not compared")
    func serverIsIgnored() {
        #expect(exact.firstDifference(expected: [GoldenLine(1, "server", "accept")], actual: []) == nil)
    }

    @Test("a missing line, an extra line and another time are differences")
    func differences() {
        let line = GoldenLine(5, "client", "send", ["type": "ping"])
        #expect(exact.firstDifference(expected: [line], actual: [])?.actual == nil)
        #expect(exact.firstDifference(expected: [], actual: [line])?.expected == nil)
        #expect(exact.firstDifference(expected: [line], actual: [line.at(6)]) != nil)
        #expect(exact.firstDifference(expected: [line], actual: [line]) == nil)
    }

    @Test("a millisecond is allowed only where the jitter has fractions")
    func tolerance() {
        let line = GoldenLine(5, "client", "send", ["type": "ping"])
        let fractions = LineComparison(for: .splitMix64(seed: 1))
        #expect(fractions.firstDifference(expected: [line], actual: [line.at(6)]) == nil)
        #expect(fractions.firstDifference(expected: [line], actual: [line.at(7)]) != nil)
    }

    @Test("lines of different sequences at one instant have no order")
    func sequences() {
        let event = GoldenLine(5, "client", "Connected")
        let result = GoldenLine(5, "app", "result", ["id": 1, "do": "connect", "ok": true])
        #expect(exact.firstDifference(expected: [event, result], actual: [result, event]) == nil)
    }

    @Test("errors are compared by kind, not by name or text")
    func errorKinds() {
        func result(_ error: JSONValue, text: JSONValue, call: JSONValue = "publish") -> GoldenLine {
            GoldenLine(5, "app", "result", ["id": 1, "do": call, "ok": false, "error": error, "text": text])
        }
        #expect(exact.matches(result("AckTimeoutError", text: "x"), result("timeout", text: "y")))
        #expect(!exact.matches(result("AckTimeoutError", text: "x"), result("disconnected", text: "x")))
        #expect(exact.matches(result("ValueError", text: "x"), result("invalidArgument", text: "y")))
        #expect(exact.matches(result("ValueError", text: "x", call: "connect"), result("tokenProvider", text: "y", call: "connect")))
        #expect(!exact.matches(result("SomethingNew", text: "x"), result("timeout", text: "y")))
    }

    @Test("the reason of a dial that failed is the implementation's, any other is not")
    func reasons() {
        func report(_ code: JSONValue, _ reason: JSONValue) -> GoldenLine {
            GoldenLine(5, "client", "Disconnected", ["code": code, "reason": reason, "willReconnect": false])
        }
        #expect(exact.matches(report(1006, "TimeoutError"), report(1006, "not open in time")))
        #expect(!exact.matches(report(1006, "token provider failed"), report(1006, "x")))
        #expect(!exact.matches(report(4001, "TimeoutError"), report(4001, "x")))
    }
}

@Suite("Scripted jitter")
struct ScriptedJitterTests {
    private func draw(_ script: RandomScript, _ count: Int) -> [Double] {
        var jitter = ScriptedJitter(script)
        return (0..<count).map { _ in Double(jitter.next() >> 11) / 9_007_199_254_740_992 }
    }

    @Test("the SDK reads exactly the values of the case")
    func values() {
        #expect(draw(.constant(0.75), 2) == [0.75, 0.75])
        #expect(draw(.list([0, 0.25], then: 0.5), 4) == [0, 0.25, 0.5, 0.5])
        #expect(draw(.constant(0.9999999999999999), 1) == [0.9999999999999999])
        #expect(draw(.constant(1), 1) == [0.9999999999999999])
    }

    @Test("SplitMix64 gives the values of its reference implementation")
    func splitMix64() {
        // From seed 1234567 the reference implementation gives 6457827717110365317, 3203168211198807973.
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973].map { (word: UInt64) in
            Double(word >> 11) / 9_007_199_254_740_992
        }
        #expect(draw(.splitMix64(seed: 1_234_567), 2) == expected)
    }
}
