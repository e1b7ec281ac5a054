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
        var hash = FNV1a()
        func mix(_ text: String) {
            for byte in text.utf8 { hash.mix(byte) }
            hash.mix(0xFF)
        }
        for server in servers {
            server.urls.forEach(mix)
            mix(server.username ?? "")
        }
        self.init(urls: servers.flatMap(\.urls), digest: FNV1a.digits(hash.value, count: 16))
    }
}
