public import MeteredRealtime
import NIOCore

/// Tracks, data channels and what has passed.
extension SimulatedPeerConnection {
    // MARK: Tracks

    /// See `PeerConnection`.
    /// - Throws: ``SimulatedPeerConnectionError``: once closed, for a track of another library, or one that has a sender already.
    public func addTrack(_ track: any MediaStreamTrack, streamIDs: [String]) throws -> any RTPSender {
        guard !isClosed else { throw SimulatedPeerConnectionError.invalidState(.closed) }
        guard let track = track as? SimulatedMediaTrack else {
            throw SimulatedPeerConnectionError.invalidArgument("a track of another library")
        }
        guard !transceivers.contains(where: { $0.sender.track === track }) else {
            throw SimulatedPeerConnectionError.invalidArgument("the track has a sender")
        }
        defer { updateNegotiationNeeded() }
        // Section 5.1, `addTrack` step 7: a sender that never sent is taken over.
        if let free = transceivers.first(where: { $0.kind == track.kind && $0.sender.track == nil && !$0.hasSent && !$0.direction.sends }) {
            free.sender.adopt(track, streamIDs: streamIDs)
            free.direction = MediaDirection(sends: true, receives: free.direction.receives)
            free.isOfAddTrack = true
            return free.sender
        }
        return makeTransceiver(kind: track.kind, track: track, streamIDs: streamIDs, direction: .sendrecv, isOfAddTrack: true).sender
    }

    /// See `PeerConnection`.
    /// - Throws: ``SimulatedPeerConnectionError``: once closed, or for a sender of another connection.
    public func removeTrack(_ sender: any RTPSender) throws {
        guard !isClosed else { throw SimulatedPeerConnectionError.invalidState(.closed) }
        guard let transceiver = transceivers.first(where: { $0.sender === sender }) else {
            throw SimulatedPeerConnectionError.invalidArgument("a sender of another connection")
        }
        guard transceiver.sender.track != nil else { return }
        transceiver.sender.set(nil)
        transceiver.direction = MediaDirection(sends: false, receives: transceiver.direction.receives)
        updateSenders()
        updateNegotiationNeeded()
    }

    func replaceTrack(
        of sender: SimulatedRTPSender, with track: (any MediaStreamTrack)?, _ completion: @escaping (Result<Void, any Error>) -> Void
    ) {
        chain(completion) { [self] in
            guard let track else {
                sender.set(nil)
                return updateSenders()
            }
            guard let track = track as? SimulatedMediaTrack, track.kind == sender.kind else {
                throw SimulatedPeerConnectionError.invalidArgument("a track of another kind")
            }
            sender.set(track)
            updateSenders()
        }
    }

    /// Frames flow for tracks that are negotiated while there is a protected path for them.
    func updateSenders() {
        let isPathUsable = !isClosed && dtls.state == .connected && ice.state != .failed && ice.state != .new
        for transceiver in transceivers {
            let isWanted = isPathUsable && transceiver.negotiation.currentDirection?.sends == true
            transceiver.sender.setSending(isWanted, on: self)
        }
    }

    func sendMedia(_ packet: ByteBuffer) -> Bool {
        guard ice.send(packet) else { return false }
        mediaBytesSent += UInt64(packet.readableBytes - RTPPacket.headerBytes - RTPPacket.tagBytes)
        return true
    }

    func makeReceiver(kind: MediaKind, _ remote: Transceiver.RemoteSource) -> MediaReceiver {
        let id = remote.trackID
        return MediaReceiver(
            track: SimulatedMediaTrack(remote: id, kind: kind), streamIDs: remote.streamIDs, source: remote.synchronizationSource,
            loop: loop,
            stallsAfter: kind == .audio ? options.audioStallsAfter : options.videoStallsAfter
        ) { [weak self] isFlowing, silence in
            self?.record(.media(track: id, isFlowing: isFlowing, silence: silence))
        }
    }

    /// Frames find their track by the synchronisation source that the description names.
    func receiveMedia(_ header: RTPPacket.Header, payloadBytes: Int) {
        let transceiver = transceivers.first { $0.receiver?.synchronizationSource == header.synchronizationSource }
        transceiver?.receiver?.receive(payloadBytes: payloadBytes)
    }

    // MARK: Data channels

    /// See `PeerConnection`.
    /// - Throws: ``SimulatedPeerConnectionError``: once closed, for two reliability limits at once, or for texts over 65,535 bytes.
    public func createDataChannel(label: String, configuration: DataChannelConfiguration) throws -> any DataChannelTransport {
        guard !isClosed else { throw SimulatedPeerConnectionError.invalidState(.closed) }
        guard configuration.maximumPacketLifetime == nil || configuration.maximumRetransmits == nil else {
            throw SimulatedPeerConnectionError.invalidArgument("two limits of reliability")
        }
        guard label.utf8.count <= Int(UInt16.max), configuration.negotiatedProtocol.utf8.count <= Int(UInt16.max) else {
            throw SimulatedPeerConnectionError.invalidArgument("a label over 65,535 bytes")
        }
        let channel = try sctp.makeChannel(label: label, configuration: configuration)
        if !hasDataChannels {
            hasDataChannels = true
            updateNegotiationNeeded()
        }
        return channel
    }

    // MARK: Statistics

    /// See `PeerConnection`. Bytes are those of frames and of data channels' messages.
    public func statistics(_ completion: @escaping (PeerConnectionStatistics) -> Void) {
        let receivers = transceivers.compactMap(\.receiver)
        let video = receivers.filter { $0.track.kind == .video }
        let pair = ice.selectedPair.map { pair in
            PeerConnectionStatistics.SelectedPair(
                local: "\(pair.local.kind.rawValue) \(pair.local.address)", remote: "\(pair.remote.kind.rawValue) \(pair.remote.address)",
                roundTripTime: pair.roundTripTime)
        }
        let statistics = PeerConnectionStatistics(
            selectedPair: pair, bytesSent: mediaBytesSent + sctp.bytesSent,
            bytesReceived: sctp.bytesReceived + receivers.reduce(0) { $0 + $1.bytesReceived },
            framesReceived: video.reduce(0) { $0 + $1.track.framesReceived })
        queueTask { completion(statistics) }
    }
}

extension SimulatedRTPSender {
    /// Starts, changes or stops the flow of the present track.
    func setSending(_ isWanted: Bool, on connection: SimulatedPeerConnection) {
        let source = track as? SimulatedMediaTrack
        guard isWanted, let source, source.isEnabled, let flow = source.flow else {
            stream?.stop()
            return
        }
        if streamFlow != flow {
            stream?.stop()
            stream = MediaSender(
                loop: connection.loop, kind: kind, flow: flow, source: synchronizationSource
            ) { [weak connection] in connection?.sendMedia($0) ?? false }
            streamFlow = flow
        }
        stream?.start()
    }
}
