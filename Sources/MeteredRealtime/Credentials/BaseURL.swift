/// The origin of the service: `wss://host[:port]`, or `ws:` on the local host (WIRE-10).
struct BaseURL: Hashable, Sendable {
    /// A host name or an address literal, lower case, without brackets.
    let host: String
    let port: Int
    let isSecure: Bool

    /// Reads and checks a URL. The text of the error never holds the URL itself, which might carry a credential.
    init(_ text: String) throws(SignallingError) {
        guard let separator = text.range(of: "://") else { throw .invalidURL("it is not absolute") }
        switch text[..<separator.lowerBound].lowercased() {
        case "wss": isSecure = true
        case "ws": isSecure = false
        default: throw .invalidURL("its scheme must be wss (or ws on the local host)")
        }
        var authority = text[separator.upperBound...]
        if authority.last == "/" { authority = authority.dropLast() }
        for (character, part) in [("?", "query"), ("#", "fragment"), ("/", "path"), ("@", "user information")] as [(Character, String)] {
            guard !authority.contains(character) else { throw .invalidURL("it must not have a \(part)") }
        }
        let (host, port) = try Self.split(authority: authority)
        self.host = host
        self.port = port ?? (isSecure ? 443 : 80)
        guard isSecure || ["localhost", "127.0.0.1", "::1"].contains(host) else {
            throw .invalidURL("ws is for the local host only, because the credential travels in the URL")
        }
    }

    /// The value of the `Host` header (RFC 9110 section 7.2): the port only if it is not the scheme's own.
    var hostHeader: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    private static func split(authority: Substring) throws(SignallingError) -> (host: String, port: Int?) {
        var host = authority
        var port: Substring?
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { throw .invalidURL("its address literal has no end") }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { throw .invalidURL("its host is malformed") }
            port = rest.isEmpty ? nil : rest.dropFirst()
            guard host.contains(":"), host.utf8.allSatisfy({ isHexDigit($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }) else {
                throw .invalidURL("its address literal is malformed")
            }
        } else {
            if let colon = authority.firstIndex(of: ":") {
                host = authority[..<colon]
                port = authority[authority.index(after: colon)...]
            }
            guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(isHostByte) else {
                throw .invalidURL("its host is malformed")
            }
        }
        guard let port else { return (host.lowercased(), nil) }
        guard port.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(port),
            (1...65_535).contains(number)
        else { throw .invalidURL("its port must be in 1...65535") }
        return (host.lowercased(), number)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): true
        default: false
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension StringProtocol {
    /// The first range of `needle`, without Foundation.
    fileprivate func range(of needle: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}
