import MeteredRealtime

/// Makes offers and answers (RFC 8829 sections 5.2 and 5.3): pure, from what the connection would like and what was negotiated.
struct DescriptionBuilder {
    /// One transceiver as the builder sees it.
    struct Media: Hashable, Sendable {
        /// Its place among the transceivers, which identifies it.
        var ordinal: Int
        var kind: MediaKind
        var mid: String?
        var direction: MediaDirection
        var streams: [SDPStream]
        var synchronizationSource: UInt32
    }

    /// An offer, and which section each transceiver without one was given.
    struct Offer: Hashable, Sendable {
        var session: SDPSession
        var places: [(ordinal: Int, index: Int)] = []

        static func == (left: Offer, right: Offer) -> Bool { left.session == right.session }
        func hash(into hasher: inout Hasher) { hasher.combine(session) }
    }

    var identifier: UInt64
    var version: UInt64
    var transport: SDPTransport
    var media: [Media]
    /// Whether a section for data channels is wanted.
    var hasData: Bool
    var maximumMessageBytes: Int
    /// RFC 8841 section 5: the port is only a name inside the DTLS association.
    static let sctpPort: UInt16 = 5_000

    /// An offer that keeps the sections of `previous` in their order and adds what has none (RFC 8829 section 5.2.2).
    /// - Parameters:
    ///   - previous: The sections of the newest negotiated description.
    ///   - usedMids: Never to be given to a new section.
    func offer(after previous: [SDPMediaSection], usedMids: Set<String>) -> Offer {
        var offer = Offer(session: SDPSession(identifier: identifier, version: version, bundle: [], sections: []))
        var mids = MidAllocator(used: usedMids.union(previous.map(\.mid)))
        for section in previous {
            if let media = media.first(where: { $0.mid == section.mid }) {
                offer.session.sections.append(makeSection(media, mid: section.mid, direction: media.direction))
            } else if section.kind == .application, hasData {
                offer.session.sections.append(makeDataSection(mid: section.mid))
            } else {
                offer.session.sections.append(rejected(section))
            }
        }
        for media in media where media.mid == nil {
            offer.places.append((media.ordinal, offer.session.sections.count))
            offer.session.sections.append(makeSection(media, mid: mids.next(), direction: media.direction))
        }
        if hasData, !offer.session.sections.contains(where: { $0.kind == .application && !$0.isRejected }) {
            offer.session.sections.append(makeDataSection(mid: mids.next()))
        }
        offer.session.bundle = offer.session.sections.filter { !$0.isRejected }.map(\.mid)
        return offer
    }

    /// The answer to an offer: the same sections in the same order (RFC 8829 section 5.3.1).
    func answer(to offer: SDPSession) -> SDPSession {
        var answer = SDPSession(identifier: identifier, version: version, bundle: [], sections: [])
        for section in offer.sections {
            answer.sections.append(makeAnswer(to: section))
        }
        let accepted = Set(answer.sections.filter { !$0.isRejected }.map(\.mid))
        answer.bundle = offer.bundle.filter(accepted.contains)
        return answer
    }

    private func makeAnswer(to section: SDPMediaSection) -> SDPMediaSection {
        if section.isRejected { return rejected(section) }
        if section.kind == .application { return makeDataSection(mid: section.mid) }
        guard let media = media.first(where: { $0.mid == section.mid }) else { return rejected(section) }
        let wanted = section.direction.reversed
        let direction = MediaDirection(sends: media.direction.sends && wanted.sends, receives: media.direction.receives && wanted.receives)
        var made = makeSection(media, mid: section.mid, direction: direction)
        // Payload types are the offerer's (RFC 3264 section 6.1).
        if !section.formats.isEmpty { made.formats = [section.formats[0]] }
        return made
    }

    private func makeSection(_ media: Media, mid: String, direction: MediaDirection) -> SDPMediaSection {
        var section = SDPMediaSection(kind: media.kind == .audio ? .audio : .video, mid: mid, transport: transport)
        section.direction = direction
        section.formats = [Self.format(media.kind)]
        if direction.sends {
            section.streams = media.streams
            section.synchronizationSources = [media.synchronizationSource]
        }
        return section
    }

    private func makeDataSection(mid: String) -> SDPMediaSection {
        var section = SDPMediaSection(kind: .application, mid: mid, transport: transport)
        section.sctpPort = Self.sctpPort
        section.maximumMessageBytes = UInt64(maximumMessageBytes)
        return section
    }

    private func rejected(_ section: SDPMediaSection) -> SDPMediaSection {
        var rejected = SDPMediaSection(kind: section.kind, mid: section.mid, transport: transport)
        rejected.isRejected = true
        rejected.direction = .inactive
        rejected.formats = section.formats
        return rejected
    }

    /// Opus and VP8, with Chrome's payload types.
    static func format(_ kind: MediaKind) -> SDPFormat {
        switch kind {
        case .audio: SDPFormat(payloadType: 111, map: "opus/48000/2")
        case .video: SDPFormat(payloadType: 96, map: "VP8/90000")
        }
    }
}

/// Gives out `mid`s: the lowest numbers that are free, as libwebrtc does.
private struct MidAllocator {
    private var used: Set<String>
    private var number = 0

    init(used: Set<String>) { self.used = used }

    mutating func next() -> String {
        while !used.insert(String(number)).inserted { number += 1 }
        return String(number)
    }
}
