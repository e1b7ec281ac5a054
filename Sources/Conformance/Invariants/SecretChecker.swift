import CompactJSON
import Trace

/// SIG-17: no credential in any field of any event.
struct SecretChecker: Checker {
    static let name = "secrets"
    static let rules: [RuleID] = [.sig(17)]

    /// Shorter needles than this would be found in innocent text.
    private static let shortestSecret = 4
    /// What introduces a secret in a URL, in SDP and in JSON, with what must follow in its place.
    private static let introductions = ["token=", "key=", "ice-pwd:", "\"credential\":\""].map { Array($0.utf8) }
    private static let placeholder = Array("***".utf8)

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        let secrets = evidence.context.secrets.map { Array($0.utf8) }.filter { $0.count >= Self.shortestSecret }
        let needles = Needles(secrets: secrets, introductions: Self.introductions, placeholder: Self.placeholder)
        var violated = false
        for (index, event) in evidence.log.events.enumerated() {
            for member in event.fields.members where contains(member.value, needles) {
                violated = true
                let mark = Mark(index: index, at: Nanoseconds(event.timeNs))
                // What it is must not be repeated here.
                report.violate(.sig(17), event.who, mark, "a credential stands in \"\(member.key)\" of \(event.what).")
            }
        }
        if !violated, !evidence.log.events.isEmpty { report.hold(.sig(17)) }
    }

    /// A member whose name says that its value is one.
    private static func isSecret(_ name: String, _ value: JSONValue) -> Bool {
        guard name == "credential" || name == "ice-pwd", let text = value.stringValue else { return false }
        return !text.hasPrefix("***")
    }

    private func contains(_ value: JSONValue, _ needles: Needles) -> Bool {
        switch value {
        case .string(let text): return needles.isIn(text)
        case .array(let elements): return elements.contains { contains($0, needles) }
        case .object(let object):
            return object.members.contains { Self.isSecret($0.key, $0.value) || contains($0.value, needles) }
        case .null, .bool, .integer, .double: return false
        }
    }
}

/// Searches texts for many strings in one pass.
private struct Needles {
    private let secrets: [[UInt8]]
    private let introductions: [[UInt8]]
    private let placeholder: [UInt8]
    /// Whether a needle begins with the byte.
    private var begins = [Bool](repeating: false, count: 256)

    init(secrets: [[UInt8]], introductions: [[UInt8]], placeholder: [UInt8]) {
        self.secrets = secrets
        self.introductions = introductions
        self.placeholder = placeholder
        for needle in secrets + introductions { begins[Int(needle[0])] = true }
    }

    func isIn(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            for place in bytes.indices where begins[Int(bytes[place])] {
                if secrets.contains(where: { stands($0, at: place, in: bytes) }) { return true }
                if introductions.contains(where: { introduces($0, at: place, in: bytes) }) { return true }
            }
            return false
        }
    }

    private func introduces(_ word: [UInt8], at place: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard stands(word, at: place, in: bytes), place == 0 || !isLetter(bytes[place - 1]) else { return false }
        let value = place + word.count
        return value < bytes.count && !stands(placeholder, at: value, in: bytes)
    }

    private func stands(_ needle: [UInt8], at place: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard place + needle.count <= bytes.count else { return false }
        return needle.indices.allSatisfy { bytes[place + $0] == needle[$0] }
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
