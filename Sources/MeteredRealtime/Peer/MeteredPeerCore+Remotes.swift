import CompactJSON

extension MeteredPeerCore {
    // MARK: The roster

    /// A remote peer enters the roster (ROS-05): its link carries the local tracks before the application hears of it.
    func admit(_ peerID: String, metadata: JSONObject?) {
        guard let localID = reconcile.own.current else { preconditionFailure("a roster without a welcome") }
        let isPolite = Self.isPolite(localID, to: peerID)
        let remote = RemotePeer(id: peerID, metadata: metadata, isPolite: isPolite, core: self)
        let link = PeerLink(remoteID: peerID, isPolite: isPolite, options: options, environment: environment(of: remote))
        let entry = RosterEntry(remote: remote, link: link, localID: localID)
        entries[peerID] = entry
        shared.insert(remote)
        for track in localMedia.entries { link.addTrack(track.localTrack) }
        link.start()
        emit(.peerJoined(remote), .peerJoined(remote))
        announce(entry)
        for early in earlySignals where early.peerID == peerID && isTelling { entry.link.receive(early.signal) }
        earlySignals.removeAll { $0.peerID == peerID }
    }

    /// A member sent a signal before it is told of: without it the link would wait until it is sent again. Returns false for a stranger (ROS-13).
    private func holdEarly(_ signal: PeerSignal, from peerID: String) -> Bool {
        guard reconcile.isHeld(peerID), earlySignals.count < SignalLimits.heldCandidates else { return false }
        earlySignals.append((peerID, signal))
        return true
    }

    /// The signals of those who are gone again, or were not admitted.
    func dropEarlySignals() {
        earlySignals.removeAll { early in
            guard !reconcile.isHeld(early.peerID) else { return false }
            diagnose(.droppedFromStranger(peerID: early.peerID, what: early.signal.name))
            return true
        }
    }

    /// The application knows the remote peer: what its link told meanwhile follows, in order.
    private func announce(_ entry: RosterEntry) {
        while let held = entry.held, !held.isEmpty {
            entry.held = []
            for body in held { body() }
        }
        entry.held = nil
    }

    /// A remote peer leaves the roster (ROS-03).
    func remove(_ peerID: String) {
        guard let entry = entries[peerID] else { return }
        entry.link.close()
        // If this happens inside a step of the link, its own word comes too late.
        if entry.remote.state != .closed, isTelling { handle(.stateChanged(from: entry.remote.state, to: .closed), of: entry) }
        entry.remote.shared.hub.setState(.closed)
        entries[peerID] = nil
        shared.remove(entry.remote)
        entry.remote.shared.hub.finish()
        guard isTelling else { return }
        emit(.peerLeft(entry.remote), .peerLeft(entry.remote))
    }

    /// A remote peer is in the roster and in the snapshot (ROS-04). Returns its entry if its link is kept as it is (BEY-22).
    func refresh(_ peerID: String, metadata: JSONObject?, isSurvivor: Bool) -> RosterEntry? {
        guard let entry = entries[peerID], let localID = reconcile.own.current else { return nil }
        let remote = entry.remote
        // With another id of ours we are another peer to the remote one: the old connection is of no use.
        let isKept = !isSurvivor || (options.keepsConnectedLinks && entry.link.isTransportConnected && entry.localID == localID)
        let isNews = remote.metadata != metadata
        remote.shared.metadata = metadata
        diagnose(.peerRefreshed(remote, isKept: isKept))
        if isNews { emit(.metadataChanged(metadata), of: remote, nil) }
        guard !isKept, isTelling else { return isSurvivor ? entry : nil }
        entry.localID = localID
        entry.link.isPolite = Self.isPolite(localID, to: peerID)
        remote.shared.isPolite = entry.link.isPolite
        entry.link.swap()
        return nil
    }

    /// ICE-08: the smaller id yields. Compared byte by byte, which is the order of code points: both sides must agree.
    static func isPolite(_ localID: String, to remoteID: String) -> Bool { localID.utf8.lexicographicallyPrecedes(remoteID.utf8) }

    // MARK: The link of a remote peer

    private func environment(of remote: RemotePeer) -> LinkEnvironment {
        let peerID = remote.id
        return LinkEnvironment(
            eventLoop: eventLoop, factory: peerConnections, iceServers: { [weak self] in self?.signalling.iceServers ?? [] },
            serialSignals: signalling.options.serialSignals,
            nextRequestID: { [signalling] in signalling.nextRequestID() },
            send: { [weak self] signal, requestID, completion in
                guard let self else { return completion(.failure(.closed)) }
                signalling.send(signal.json, to: peerID, urgency: signal.urgency, requestID: requestID, completion)
            },
            observe: { [weak self, weak remote] event in
                guard let self, let remote else { return }
                told(of: remote) { $0.handle(event, of: $1) }
            },
            diagnose: { [weak self, weak remote] diagnostic in
                guard let self, let remote, hasDiagnostics else { return }
                told(of: remote) { core, entry in core.diagnose(.link(entry.remote, diagnostic)) }
            })
    }

    /// Passes on what a link tells: within the step that made it tell, and not before the application knows the remote peer.
    private func told(of remote: RemotePeer, _ body: @escaping (MeteredPeerCore, RosterEntry) -> Void) {
        inStep { [self] in
            guard let entry = entry(of: remote), isTelling else { return }
            guard entry.held == nil else {
                entry.held?.append { [weak self, weak entry] in
                    guard let self, let entry, isTelling else { return }
                    body(self, entry)
                }
                return
            }
            body(self, entry)
        }
    }

    private func handle(_ event: LinkEvent, of entry: RosterEntry) {
        let remote = entry.remote
        switch event {
        case .stateChanged(let from, let to):
            remote.shared.hub.setState(to)
            emit(.stateChanged(from: from, to: to), of: remote, .remoteStateChanged(remote, from: from, to: to))
        case .negotiationFailed(let error):
            log(.warning, "\(remote.id): \(error)")
            emit(.negotiationFailed(error), of: remote, .negotiationFailed(remote, error))
        case .iceCandidateFailed(let failure): emit(.iceCandidateFailed(failure), of: remote, .iceCandidateFailed(remote, failure))
        case .track(let track, let streamIDs): tell(entry.media.add(track, streamIDs: streamIDs), of: remote)
        case .trackRemoved(let track, _): tell(entry.media.remove(track), of: remote)
        case .trackMetadata(let metadata): describe(metadata, of: entry)
        case .dataChannel(let channel): emit(.dataChannel(channel), of: remote, nil)
        case .connectionReplaced: entry.media.connectionReplaced()
        }
    }

    /// What we would not send, we do not store.
    private func describe(_ metadata: TrackMetadata, of entry: RosterEntry) {
        let cap = signalling.maximumMessageBytes
        guard let bytes = try? PeerSignal.trackMetadata(metadata).json.encoded().count, bytes <= cap else {
            return log(.warning, "\(entry.remote.id): the metadata of a track are larger than \(cap) bytes")
        }
        diagnose(.trackMetadata(entry.remote, trackID: metadata.trackID, isRemoval: metadata.metadata == nil))
        tell(entry.media.describe(metadata), of: entry.remote)
    }

    private func tell(_ changes: [InboundMedia.Change], of remote: RemotePeer) {
        for change in changes where isTelling {
            switch change {
            case .trackAdded(let track, let stream, let metadata):
                emit(
                    .trackAdded(track, stream: stream, metadata: metadata), of: remote,
                    .track(remote, id: track.id, kind: track.kind, .added))
            case .trackRemoved(let track):
                emit(.trackRemoved(track), of: remote, .track(remote, id: track.id, kind: track.kind, .removed))
            case .trackMetadataChanged(let track, let metadata): emit(.trackMetadataChanged(track, metadata: metadata), of: remote, nil)
            case .streamAdded(let stream, let metadata):
                emit(.streamAdded(stream, metadata: metadata), of: remote, .stream(remote, stream, .added))
            case .streamRemoved(let stream): emit(.streamRemoved(stream), of: remote, .stream(remote, stream, .removed))
            }
        }
    }

    // MARK: What remote peers send

    /// A direct message: a signal for the sender's link, or data (WIRE-09, ROS-13).
    func direct(from peerID: String, data: JSONValue, metadata: JSONObject?) {
        let entry = entries[peerID]
        switch PeerSignal.read(data) {
        case .data:
            guard entry != nil else { return diagnose(.droppedFromStranger(peerID: peerID, what: "data")) }
            emit(PeerData(kind: .direct, from: peerID, data: data, senderMetadata: metadata))
        case .signal(let signal):
            if let entry { return entry.link.receive(signal) }
            if !holdEarly(signal, from: peerID) { diagnose(.droppedFromStranger(peerID: peerID, what: signal.name)) }
        case .malformed(let why):
            log(.warning, "dropping a malformed signal of \(peerID): \(why)")
        }
    }

    func emit(_ data: PeerData) { emit(.data(data), .data(kind: data.kind, from: data.from, shape: PeerSignal.shape(of: data.data))) }
}

extension PeerSignal {
    /// What it is, in a word.
    fileprivate var name: String {
        switch self {
        case .description(let description): description.kind.rawValue
        case .candidate: "ice"
        case .endOfCandidates: "ice-end"
        case .trackMetadata: "track-metadata"
        }
    }
}
