extension SDPSession {
    /// Parses a description. What the model does not use is skipped.
    init(parsing text: String) throws(SDPError) {
        var parser = SDPParser()
        self = try parser.parse(text)
    }
}

extension String {
    /// What stands between spaces; of `atMost` words the last is all of the rest.
    func words(atMost count: Int = .max) -> [Substring] {
        utf8.split(separator: UInt8(ascii: " "), maxSplits: count - 1).map { Substring($0) }
    }
}

/// Goes over the lines of a description once.
private struct SDPParser {
    /// What session-level attributes give to every section that has none of its own (RFC 8829 section 5.8).
    private struct TransportLines {
        var usernameFragment: String?
        var password: String?
        var trickles = false
        var fingerprint: SDPFingerprint?
        var setup: SDPSetup?

        func transport(or session: TransportLines, section: Int) throws(SDPError) -> SDPTransport {
            func required<Value>(_ value: Value?, _ name: String) throws(SDPError) -> Value {
                guard let value else { throw .missing(name: name, section: section) }
                return value
            }
            return SDPTransport(
                usernameFragment: try required(usernameFragment ?? session.usernameFragment, "ice-ufrag"),
                password: try required(password ?? session.password, "ice-pwd"), trickles: trickles || session.trickles,
                fingerprint: try required(fingerprint ?? session.fingerprint, "fingerprint"),
                setup: try required(setup ?? session.setup, "setup"))
        }
    }

    private struct Section {
        var kind: SDPMediaKind
        var isRejected: Bool
        var mid: String?
        var media = SDPMediaLines()
        var transport = TransportLines()
    }

    private var line = 0
    private var origin: (identifier: UInt64, version: UInt64)?
    private var bundle: [String] = []
    private var isICELite = false
    private var session = TransportLines()
    private var sections: [Section] = []

    mutating func parse(_ text: String) throws(SDPError) -> SDPSession {
        guard text.utf8.count <= SDPLimits.bytes else { throw .tooLong }
        // Lines are cut as bytes: Swift sees CR LF as one character, and characters cost far more.
        for raw in Array(text.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
            line += 1
            let trimmed = raw.last == UInt8(ascii: "\r") ? raw.dropLast() : raw
            guard (2...SDPLimits.lineBytes).contains(trimmed.count), let type = trimmed.first,
                trimmed.dropFirst().first == UInt8(ascii: "=")
            else { throw .malformedLine(line) }
            try take(type, trimmed.dropFirst(2))
        }
        return try finished()
    }

    private mutating func take(_ type: UInt8, _ value: ArraySlice<UInt8>) throws(SDPError) {
        if line == 1, type != UInt8(ascii: "v") || !value.elementsEqual("0".utf8) { throw .malformedLine(line) }
        switch type {
        case UInt8(ascii: "o"): origin = try parseOrigin(String(decoding: value, as: UTF8.self))
        case UInt8(ascii: "m"): try beginSection(String(decoding: value, as: UTF8.self))
        case UInt8(ascii: "a"):
            let end = value.firstIndex(of: UInt8(ascii: ":")) ?? value.endIndex
            try attribute(
                String(decoding: value[..<end], as: UTF8.self), String(decoding: value[end...].dropFirst(), as: UTF8.self))
        default: break
        }
    }

    private func malformed(_ name: String) -> SDPError { .malformedValue(name: name, line: line) }

    private func parseOrigin(_ value: String) throws(SDPError) -> (UInt64, UInt64) {
        let parts = value.words()
        guard parts.count == 6, let identifier = UInt64(parts[1]), let version = UInt64(parts[2]) else { throw malformed("o") }
        return (identifier, version)
    }

    private mutating func beginSection(_ value: String) throws(SDPError) {
        guard sections.count < SDPLimits.sections else { throw .tooMany("media sections") }
        let parts = value.words(atMost: 4)
        guard parts.count == 4, let kind = SDPMediaKind(rawValue: String(parts[0])), let port = UInt16(parts[1]) else {
            throw malformed("m")
        }
        var section = Section(kind: kind, isRejected: port == 0)
        if kind != .application {
            let types = String(parts[3]).words()
            guard types.count <= SDPLimits.entries else { throw .tooMany("formats") }
            for type in types {
                guard let type = UInt8(type), type < 128 else { throw malformed("m") }
                section.media.formats.append(SDPFormat(payloadType: type, map: nil))
            }
        }
        sections.append(section)
    }

    private mutating func attribute(_ name: String, _ value: String) throws(SDPError) {
        guard let last = sections.indices.last else {
            if try takeTransport(name, value, into: &session) { return }
            if name == "ice-lite" { isICELite = true }
            if name == "group", value.hasPrefix("BUNDLE") { bundle = value.words().dropFirst().map(String.init) }
            return
        }
        if try takeTransport(name, value, into: &sections[last].transport) { return }
        if name == "mid" {
            guard (1...64).contains(value.utf8.count), !value.utf8.contains(UInt8(ascii: " ")) else { throw malformed("mid") }
            sections[last].mid = value
            return
        }
        try sections[last].media.take(name, value, line: line)
    }

    private func takeTransport(_ name: String, _ value: String, into lines: inout TransportLines) throws(SDPError) -> Bool {
        switch name {
        case "ice-ufrag": lines.usernameFragment = try credential(value, atLeast: 4, name: "ice-ufrag")
        case "ice-pwd": lines.password = try credential(value, atLeast: 22, name: "ice-pwd")
        case "ice-options": lines.trickles = value.words().contains("trickle")
        case "fingerprint":
            guard let fingerprint = SDPFingerprint(value) else { throw malformed("fingerprint") }
            lines.fingerprint = fingerprint
        case "setup":
            guard let setup = SDPSetup(rawValue: value) else { throw malformed("setup") }
            lines.setup = setup
        default: return false
        }
        return true
    }

    /// `ice-char`s (RFC 8839 section 5.4).
    private func credential(_ value: String, atLeast minimum: Int, name: String) throws(SDPError) -> String {
        let isValid = value.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "="), UInt8(ascii: "#"):
                // The last four are not allowed by the grammar, and seen in the wild.
                true
            default: false
            }
        }
        guard isValid, (minimum...SDPLimits.credentialCharacters).contains(value.utf8.count) else { throw malformed(name) }
        return value
    }

    private func finished() throws(SDPError) -> SDPSession {
        guard let origin else { throw .missing(name: "o", section: nil) }
        var finished: [SDPMediaSection] = []
        for (index, section) in sections.enumerated() {
            guard let mid = section.mid else { throw .missing(name: "mid", section: index) }
            var made = SDPMediaSection(kind: section.kind, mid: mid, transport: try transport(of: index))
            made.isRejected = section.isRejected
            section.media.fill(&made)
            finished.append(made)
        }
        try checkIdentifiers(finished)
        return SDPSession(
            identifier: origin.identifier, version: origin.version, bundle: bundle, isICELite: isICELite, sections: finished)
    }

    /// A rejected section may say nothing about a transport (RFC 8829 section 5.3.1): then it has that of one in use.
    private func transport(of index: Int) throws(SDPError) -> SDPTransport {
        var lines = sections[index].transport
        if sections[index].isRejected, lines.usernameFragment == nil, let used = sections.first(where: { !$0.isRejected }) {
            lines = used.transport
        }
        return try lines.transport(or: session, section: index)
    }

    private func checkIdentifiers(_ sections: [SDPMediaSection]) throws(SDPError) {
        let known = Set(sections.map(\.mid))
        guard known.count == sections.count, Set(bundle).count == bundle.count, known.isSuperset(of: bundle) else {
            throw .inconsistentIdentifiers
        }
        let used = sections.filter { !$0.isRejected }
        guard used.count <= 1 || used.allSatisfy({ bundle.contains($0.mid) }) else { throw .notBundled }
    }
}
