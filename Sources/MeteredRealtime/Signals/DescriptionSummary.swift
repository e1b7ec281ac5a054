/// What negotiation needs to know of an SDP (RFC 8866): a scan over its lines, not a parser. Any text can be scanned.
struct DescriptionSummary: Hashable, Sendable {
    /// The distinct ICE user-name fragments (RFC 8839 section 5.4), in order. The first names the generation (ICE-10).
    private(set) var usernameFragments: [String] = []
    /// The distinct DTLS fingerprints (RFC 8122), in order. They name the connection (ICE-11).
    private(set) var fingerprints: [String] = []
    /// The kinds of the media sections, in order.
    private(set) var sections: [String] = []
    /// The distinct track ids that it announces (RFC 8830), in order.
    private(set) var tracks: [String] = []

    /// The generation's name, or nil if the text has none.
    var usernameFragment: String? { usernameFragments.first }

    init() {}

    /// - Parameter sdp: The text. What exceeds ``SignalLimits`` is left out.
    init(_ sdp: String) {
        var sdp = sdp
        sdp.withUTF8 { readLines($0) }
    }

    /// Bytes, not characters: every description is read several times, and most of its lines say nothing of this.
    private mutating func readLines(_ text: UnsafeBufferPointer<UInt8>) {
        for line in text.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            if let value = Self.value(of: "a=ice-ufrag:", in: line, limit: SignalLimits.identifierCharacters) {
                Self.insert(value, into: &usernameFragments)
            } else if let value = Self.value(of: "a=fingerprint:", in: line, limit: SignalLimits.candidateCharacters) {
                Self.insert(value.lowercased(), into: &fingerprints)
            } else if let value = Self.value(of: "a=msid:", in: line, limit: SignalLimits.candidateCharacters) {
                let parts = value.split(separator: " ")
                if parts.count > 1 { Self.insert(String(parts[1]), into: &tracks) }
            } else if let value = Self.value(of: "m=", in: line, limit: SignalLimits.candidateCharacters) {
                insert(section: value)
            }
        }
    }

    /// Whether the descriptions come from two connections: both have fingerprints, and none in common (ICE-11).
    func isOfAnotherConnection(than other: DescriptionSummary) -> Bool {
        !fingerprints.isEmpty && !other.fingerprints.isEmpty && !fingerprints.contains(where: other.fingerprints.contains)
    }

    /// Rejected sections count too: port 0 also marks one that is bundled only (RFC 9143 section 6).
    private mutating func insert(section: String) {
        guard sections.count < SignalLimits.sections, let kind = section.split(separator: " ").first else { return }
        sections.append(String(kind))
    }

    private static func insert(_ value: String, into list: inout [String]) {
        guard list.count < SignalLimits.distinctAttributes, !list.contains(value) else { return }
        list.append(value)
    }

    private static func value(of name: StaticString, in line: Slice<UnsafeBufferPointer<UInt8>>, limit: Int) -> String? {
        let length = name.utf8CodeUnitCount
        guard line.count > length, line.count - length <= limit else { return nil }
        for place in 0..<length where line[line.startIndex + place] != name.utf8Start[place] { return nil }
        return String(decoding: line.dropFirst(length), as: UTF8.self).trimmingSpaces()
    }
}

extension String {
    fileprivate func trimmingSpaces() -> String {
        var text = Substring(self)
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return String(text)
    }
}

extension ICECandidate {
    /// Whether it has the form of a candidate at all (RFC 8839 section 5.1); the empty one ends a section's candidates. The library judges the rest.
    var isWellFormed: Bool { candidate.isEmpty || candidate.hasPrefix("candidate:") }

    /// The generation it names, in its own member or as an extension of the attribute (`ufrag`).
    var generation: String? {
        if let usernameFragment { return usernameFragment }
        let words = candidate.split(separator: " ", maxSplits: 64)
        guard let index = words.firstIndex(of: "ufrag"), index + 1 < words.count else { return nil }
        return String(words[index + 1])
    }
}
