import MeteredRealtime

/// The descriptions of a play: enough SDP for an SDK to read, with nothing that varies but user-name fragment and sections.
enum ScriptedDescription {
    /// - Parameters:
    ///   - userFragment: which generation it belongs to.
    ///   - media: its sections' kinds (`audio`, `video`, `application`), in order.
    ///   - owner: whose DTLS certificate it names.
    static func sdp(userFragment: String, media: [String], owner: String) -> String {
        let mids = media.indices.map(String.init)
        var lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        if !mids.isEmpty { lines.append("a=group:BUNDLE \(mids.joined(separator: " "))") }
        for (mid, kind) in zip(mids, media) {
            lines.append(
                kind == "application" ? "m=application 9 UDP/DTLS/SCTP webrtc-datachannel" : "m=\(kind) 9 UDP/TLS/RTP/SAVPF 96")
            lines += [
                "c=IN IP4 0.0.0.0", "a=mid:\(mid)", "a=ice-ufrag:\(userFragment)", "a=ice-pwd:\(password)",
                "a=fingerprint:sha-256 \(fingerprint(of: owner))", "a=setup:actpass",
            ]
            lines.append(kind == "application" ? "a=sctp-port:5000" : "a=sendrecv")
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    /// RFC 8839 wants at least 22 characters.
    private static let password = "scripted-password-000000"

    /// The sections' kinds of a description.
    static func media(of sdp: String) -> [String] { PayloadText.mediaKinds(in: sdp) }

    /// The first user-name fragment of a description.
    static func userFragment(of sdp: String) -> String? { PayloadText.userFragment(in: sdp) }

    /// The same for each owner, and hardly ever the same for two.
    private static func fingerprint(of owner: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        return (0..<32).map { index in
            for byte in "\(owner)#\(index)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            let digits = String(UInt8(truncatingIfNeeded: hash >> 32), radix: 16, uppercase: true)
            return digits.count == 1 ? "0\(digits)" : digits
        }.joined(separator: ":")
    }
}
