/// The version of TLS, which decides how many round trips the handshake takes.
public enum TLSVersion: String, Hashable, Sendable, CaseIterable {
    /// RFC 5246: two round trips.
    case tls12 = "TLS 1.2"
    /// RFC 8446: one round trip.
    case tls13 = "TLS 1.3"

    /// Bytes that protection adds to each record of application data, without its header: for 1.3 the inner content type and a 16-byte tag (RFC 8446
    /// section 5.2), for 1.2 with AES-GCM an 8-byte nonce and the tag (RFC 5288 section 3).
    var protectionBytes: Int {
        switch self {
        case .tls12: 24
        case .tls13: 17
        }
    }
}

/// The certificate of a server, as far as names go.
public enum TLSCertificate: Hashable, Sendable {
    /// Valid for whatever name a client asks for: the server that a scenario does not doubt.
    case valid
    /// Valid only for these names; `*.example.com` covers one label (RFC 9525 section 6.3). A captive portal has one for itself.
    case names([String])

    func covers(_ name: String) -> Bool {
        switch self {
        case .valid: true
        case .names(let names): names.contains { Self.matches($0.lowercased(), name.lowercased()) }
        }
    }

    private static func matches(_ pattern: String, _ name: String) -> Bool {
        guard pattern.hasPrefix("*.") else { return pattern == name }
        guard let dot = name.firstIndex(of: ".") else { return false }
        return name[dot...] == pattern.dropFirst()
    }
}

/// Why a TLS connection failed.
public enum TLSError: Error, Hashable, Sendable {
    /// The certificate is for other names: somebody else answered.
    case certificateNameMismatch(expected: String, presented: [String])
    /// The other end refused the handshake with this alert (RFC 8446 section 6).
    case alertReceived(UInt8)
    /// What arrived is not TLS.
    case notTLS
    /// The stream ended in the handshake.
    case handshakeInterrupted
    /// The stream ended without close_notify: it may have been cut short.
    case uncleanShutdown
}
