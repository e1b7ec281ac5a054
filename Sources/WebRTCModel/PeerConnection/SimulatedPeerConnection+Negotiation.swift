import MeteredRealtime
import NIOCore

/// What descriptions do to transceivers and tracks (webrtc-pc section 4.4.1.5, RFC 8829 sections 5.9 to 5.11).
extension SimulatedPeerConnection {
    /// What the check for negotiation looks at.
    var negotiationNeeded: NegotiationNeeded {
        NegotiationNeeded(
            mustReplaceCredentials: !credentials.isEmpty, hasDataChannels: hasDataChannels,
            media: transceivers.map { NegotiationNeeded.Media(mid: $0.negotiation.mid, direction: $0.direction, streams: $0.streams) },
            currentLocal: descriptions.currentLocal, currentRemote: descriptions.currentRemote)
    }

    /// A local offer gives sections to transceivers.
    func associate(_ created: CreatedDescription) {
        for place in created.places {
            guard let transceiver = transceivers.first(where: { $0.ordinal == place.ordinal }) else { continue }
            transceiver.negotiation.mid = created.session.sections[place.index].mid
        }
    }

    /// A remote description's sections find or make their transceivers (RFC 8829 section 5.10).
    func takeSections(_ session: SDPSession) {
        for section in session.sections where !section.isRejected {
            guard let kind = section.kind.media else { continue }
            let transceiver = transceiver(for: section, kind: kind)
            transceiver.negotiation.mid = section.mid
            transceiver.negotiation.remote = section.remoteSource
        }
    }

    private func transceiver(for section: SDPMediaSection, kind: MediaKind) -> Transceiver {
        if let known = transceivers.first(where: { $0.negotiation.mid == section.mid }) { return known }
        if section.direction.receives,
            let free = transceivers.first(where: { $0.negotiation.mid == nil && $0.kind == kind && $0.isOfAddTrack && $0.direction.sends })
        {
            return free
        }
        return makeTransceiver(kind: kind, track: nil, streamIDs: [], direction: .recvonly, isOfAddTrack: false)
    }

    func makeTransceiver(
        kind: MediaKind, track: SimulatedMediaTrack?, streamIDs: [String], direction: MediaDirection, isOfAddTrack: Bool
    ) -> Transceiver {
        transceiverCount += 1
        let identifier = track?.id ?? "\(number)-\(transceiverCount)"
        let sender = SimulatedRTPSender(
            kind: kind, track: track, streamIDs: streamIDs, identifier: identifier, source: UInt32.random(in: 1 ... .max, using: &random),
            of: self)
        let transceiver = Transceiver(
            ordinal: transceiverCount, kind: kind, sender: sender, direction: direction, isOfAddTrack: isOfAddTrack)
        transceivers.append(transceiver)
        return transceiver
    }

    /// An answer was applied, ours or theirs.
    func negotiated(_ action: SignalingMachine.Action) {
        guard let local = descriptions.local, let remote = descriptions.remote else { return }
        for transceiver in transceivers {
            guard let mid = transceiver.negotiation.mid, let ours = local.session.section(mid: mid),
                let theirs = remote.session.section(mid: mid)
            else { continue }
            let direction =
                ours.isRejected || theirs.isRejected
                ? .inactive
                : MediaDirection(
                    sends: ours.direction.sends && theirs.direction.receives, receives: ours.direction.receives && theirs.direction.sends)
            transceiver.negotiation.currentDirection = direction
            if direction.sends { transceiver.hasSent = true }
        }
        startTransports(local: local, remote: remote)
        updateSenders()
        guard action == .complete else { return }
        negotiation.stable = transceivers.map { ($0, $0.negotiation) }
        negotiation.usedMids.formUnion(local.session.sections.map(\.mid))
        transport.becameStable()
    }

    /// Remote tracks appear and end as the remote description says; transceivers that only a rolled-back offer wanted are dropped.
    func syncReceivers() {
        for transceiver in transceivers {
            let remote = transceiver.negotiation.remote
            if let receiver = transceiver.receiver, receiver.track.id != remote?.trackID {
                receiver.stop()
                transceiver.receiver = nil
                emit(.trackRemoved(receiver.track, streamIDs: receiver.streamIDs))
            }
            guard !isClosed, let remote else { continue }
            if let receiver = transceiver.receiver {
                receiver.streamIDs = remote.streamIDs
                receiver.synchronizationSource = remote.synchronizationSource
            } else {
                let receiver = makeReceiver(kind: transceiver.kind, remote)
                transceiver.receiver = receiver
                emit(.track(receiver.track, streamIDs: remote.streamIDs))
            }
        }
        transceivers.removeAll { $0.negotiation.mid == nil && !$0.isOfAddTrack }
    }
}

extension Transceiver {
    /// What `a=msid` says of the sender; no stream is "-" (RFC 8830 section 2).
    var streams: [SDPStream] {
        (sender.streamIDs.isEmpty ? ["-"] : sender.streamIDs).map { SDPStream(stream: $0, track: sender.identifier) }
    }

    var asBuilderMedia: DescriptionBuilder.Media {
        DescriptionBuilder.Media(
            ordinal: ordinal, kind: kind, mid: negotiation.mid, direction: direction, streams: streams,
            synchronizationSource: sender.synchronizationSource)
    }
}

extension SDPMediaKind {
    var media: MediaKind? {
        switch self {
        case .audio: .audio
        case .video: .video
        case .application: nil
        }
    }
}

extension SDPMediaSection {
    /// What its author sends; nil if nothing.
    fileprivate var remoteSource: Transceiver.RemoteSource? {
        guard direction.sends else { return nil }
        return Transceiver.RemoteSource(
            // Without a=msid the track still needs a name (RFC 8829 section 5.10): the section's, which both ends know.
            trackID: streams.compactMap(\.track).first ?? "mid-\(mid)", streamIDs: streams.map(\.stream).filter { $0 != "-" },
            synchronizationSource: synchronizationSources.first)
    }
}
