extension IPAddress: LosslessStringConvertible {
    /// Parses dotted-quad IPv4 or RFC 4291 section 2.2 IPv6 text, strictly; nil for anything else.
    ///
    /// Not accepted: fewer than four IPv4 numbers, octal or leading zeros in IPv4 ("010.0.0.1"), zones ("fe80::1%en0"), brackets, white space.
    public init?(_ text: String) {
        var text = text
        let parsed: IPAddress? = text.withUTF8 { bytes in
            guard bytes.count <= 45 else { return nil }
            return bytes.contains(UInt8(ascii: ":"))
                ? IPv6TextParser.parse(bytes[...]) : IPv4TextParser.parse(bytes[...]).map(IPAddress.v4)
        }
        guard let parsed else { return nil }
        self = parsed
    }

    /// Dotted quad, or the one canonical IPv6 text of RFC 5952 (lower case, the longest run of two or more zero groups shortened, the first
    /// on a tie, IPv4-mapped addresses in mixed notation).
    public var description: String {
        switch self {
        case .v4(let bits): Self.dottedQuad(bits)
        case .v6(let high, let low): Self.canonicalV6(high: high, low: low)
        }
    }

    private static func dottedQuad(_ bits: UInt32) -> String {
        "\(bits >> 24).\(bits >> 16 & 0xFF).\(bits >> 8 & 0xFF).\(bits & 0xFF)"
    }

    private static func canonicalV6(high: UInt64, low: UInt64) -> String {
        if high == 0, low >> 32 == 0xFFFF { return "::ffff:" + dottedQuad(UInt32(truncatingIfNeeded: low)) }
        let groups = [high >> 48, high >> 32, high >> 16, high, low >> 48, low >> 32, low >> 16, low].map { $0 & 0xFFFF }
        guard let zeros = longestZeroRun(groups) else { return hexadecimal(groups[...]) }
        return hexadecimal(groups[..<zeros.lowerBound]) + "::" + hexadecimal(groups[zeros.upperBound...])
    }

    private static func hexadecimal(_ groups: ArraySlice<UInt64>) -> String {
        groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    /// RFC 5952 section 4.2: at least two groups, the longest, the first on a tie.
    private static func longestZeroRun(_ groups: [UInt64]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start >= 2, end - start > (best?.count ?? 0) { best = start..<end }
            start = max(end, start + 1)
        }
        return best
    }
}

private enum IPv4TextParser {
    static func parse(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> UInt32? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
            var number: UInt32 = 0
            for byte in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                number = number * 10 + UInt32(byte - UInt8(ascii: "0"))
            }
            guard number <= 255 else { return nil }
            bits = bits << 8 | number
        }
        return bits
    }
}

private enum IPv6TextParser {
    static func parse(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> IPAddress? {
        guard let gap = firstDoubleColon(in: bytes) else {
            guard let all = groups(bytes), all.count == 8 else { return nil }
            return address(all)
        }
        let tail = bytes[(gap + 2)...]
        guard firstDoubleColon(in: tail) == nil, tail.first != UInt8(ascii: ":") else { return nil }
        guard let before = groups(bytes[..<gap], mayEndInIPv4: false), let after = groups(tail), before.count + after.count <= 7 else {
            return nil
        }
        return address(before + Array(repeating: 0, count: 8 - before.count - after.count) + after)
    }

    private static func firstDoubleColon(in bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        let colon = UInt8(ascii: ":")
        return bytes.indices.dropLast().first { bytes[$0] == colon && bytes[$0 + 1] == colon }
    }

    /// Colon-separated groups of one to four hexadecimal digits; the last may be a dotted quad and counts as two. Empty text is no groups.
    private static func groups(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, mayEndInIPv4: Bool = true) -> [UInt64]? {
        if bytes.isEmpty { return [] }
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt64] = []
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let quad = IPv4TextParser.parse(part) else { return nil }
                groups += [UInt64(quad >> 16), UInt64(quad & 0xFFFF)]
            } else {
                guard (1...4).contains(part.count), let number = hexadecimal(part) else { return nil }
                groups.append(number)
            }
        }
        return groups.count <= 8 ? groups : nil
    }

    private static func hexadecimal(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): number = number << 4 | UInt64(digit - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return number
    }

    private static func address(_ groups: [UInt64]) -> IPAddress {
        .v6(
            high: groups[0] << 48 | groups[1] << 32 | groups[2] << 16 | groups[3],
            low: groups[4] << 48 | groups[5] << 32 | groups[6] << 16 | groups[7])
    }
}
