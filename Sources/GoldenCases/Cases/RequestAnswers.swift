import CompactJSON
import NIOCore

/// How one socket answers its requests: the script of acks with the counters that belong to the socket.
struct RequestAnswers {
    /// What becomes of one request.
    struct Answer: Hashable {
        let result: AcknowledgementScript.Result
        let latency: TimeAmount
    }

    private let script: AcknowledgementScript
    /// How many requests each override has matched on this socket.
    private var matches: [Int]

    init(_ script: AcknowledgementScript) {
        self.script = script
        matches = Array(repeating: 0, count: script.overrides.count)
    }

    /// The answer to the next request of the socket.
    mutating func answer(_ frame: JSONObject) -> Answer {
        var chosen: Answer?
        for (index, override) in script.overrides.enumerated() where override.fits(frame) {
            matches[index] += 1
            if chosen == nil, override.ordinals?.contains(matches[index]) ?? true {
                chosen = Answer(result: override.result, latency: override.latency ?? script.latency)
            }
        }
        return chosen ?? Answer(result: .acknowledge, latency: script.latency)
    }
}

extension AcknowledgementScript.Override {
    func fits(_ frame: JSONObject) -> Bool { match.allSatisfy { key, value in frame[key].map { $0.means(value) } ?? false } }
}
