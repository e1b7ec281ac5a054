extension SignalRecord {
    /// The signal without what must not be seen (SIG-17).
    /// - Parameters:
    ///   - signal: The signal.
    ///   - isRepeat: Whether it was sent before.
    init(_ signal: PeerSignal, isRepeat: Bool = false) {
        switch signal {
        case .description(let description):
            self.init(description, DescriptionSummary(description.sdp), isRepeat: isRepeat)
        case .candidate(let candidate):
            self.init(
                kind: .candidate, usernameFragment: candidate.generation.map(Self.pseudonym), characters: candidate.candidate.count)
        case .endOfCandidates: self.init(kind: .endOfCandidates)
        case .trackMetadata(let metadata): self.init(kind: .trackMetadata, trackID: metadata.trackID)
        }
        self.isRepeat = isRepeat
    }

    init(_ description: SessionDescription, _ summary: DescriptionSummary, isRepeat: Bool = false) {
        self.init(
            kind: description.kind == .offer ? .offer : .answer, usernameFragment: summary.usernameFragment.map(Self.pseudonym),
            fingerprint: summary.fingerprints.first, sections: summary.sections, isRepeat: isRepeat,
            announcedTracks: summary.tracks)
    }

    private static func pseudonym(_ fragment: String) -> String { Redaction.pseudonym(forUsernameFragment: fragment) }
}

extension ICEServersRecord {
    /// The list without credentials. The digest (FNV-1a, 64 bits) covers URLs and user names.
    init(_ servers: [ICEServer]) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ text: String) {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01b3
        }
        for server in servers {
            server.urls.forEach(mix)
            mix(server.username ?? "")
        }
        let digits = String(hash, radix: 16)
        self.init(urls: servers.flatMap(\.urls), digest: String(repeating: "0", count: 16 - digits.utf8.count) + digits)
    }
}
