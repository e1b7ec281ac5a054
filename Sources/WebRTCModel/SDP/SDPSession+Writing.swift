extension SDPSession {
    /// The description as text, with the lines in the order in which Chrome writes them.
    var text: String {
        var lines = ["v=0", "o=- \(identifier) \(version) IN IP4 127.0.0.1", "s=-", "t=0 0"]
        if !bundle.isEmpty { lines.append("a=group:BUNDLE " + bundle.joined(separator: " ")) }
        if isICELite { lines.append("a=ice-lite") }
        lines.append("a=msid-semantic: WMS")
        for section in sections { section.write(to: &lines) }
        return lines.joined(separator: "\r\n") + "\r\n"
    }
}

extension SDPMediaSection {
    fileprivate func write(to lines: inout [String]) {
        let port = isRejected ? 0 : 9
        switch kind {
        case .audio, .video:
            let types = formats.isEmpty ? "0" : formats.map { String($0.payloadType) }.joined(separator: " ")
            lines.append("m=\(kind.rawValue) \(port) UDP/TLS/RTP/SAVPF \(types)")
        case .application:
            lines.append("m=application \(port) UDP/DTLS/SCTP webrtc-datachannel")
        }
        lines.append("c=IN IP4 0.0.0.0")
        lines += candidates.map { "a=candidate:" + $0 }
        if isEndOfCandidates { lines.append("a=end-of-candidates") }
        transport.write(to: &lines)
        lines.append("a=mid:" + mid)
        switch kind {
        case .audio, .video: writeMedia(to: &lines)
        case .application:
            if let sctpPort { lines.append("a=sctp-port:\(sctpPort)") }
            if let maximumMessageBytes { lines.append("a=max-message-size:\(maximumMessageBytes)") }
        }
    }

    private func writeMedia(to lines: inout [String]) {
        lines.append("a=" + direction.rawValue)
        for stream in streams { lines.append("a=msid:" + stream.stream + (stream.track.map { " " + $0 } ?? "")) }
        lines.append("a=rtcp-mux")
        for format in formats {
            if let map = format.map { lines.append("a=rtpmap:\(format.payloadType) \(map)") }
        }
        for source in synchronizationSources { lines.append("a=ssrc:\(source) cname:-") }
    }
}

extension SDPTransport {
    fileprivate func write(to lines: inout [String]) {
        lines.append("a=ice-ufrag:" + usernameFragment)
        lines.append("a=ice-pwd:" + password)
        if trickles { lines.append("a=ice-options:trickle") }
        lines.append("a=fingerprint:\(fingerprint.hash) \(fingerprint.value)")
        lines.append("a=setup:" + setup.rawValue)
    }
}
