public import MeteredRealtime
import NIOCore

/// ICE, DTLS and SCTP of the connection: one transport for everything (BUNDLE, RFC 9143).
extension SimulatedPeerConnection {
    /// What the connection knows about its transport.
    struct TransportState {
        /// Our credentials as last applied, and as of the last stable state.
        var local = ICEParameters(usernameFragment: "", password: "")
        var stableLocal = ICEParameters(usernameFragment: "", password: "")
        /// The candidates of `local`, and of `stableLocal` while that is another.
        var localCandidates: [CandidateAttribute] = []
        private var stableCandidates: [CandidateAttribute] = []
        /// The peer's credentials in use.
        var remote: SDPTransport?
        /// Fixed with the first description.
        var remoteFingerprint: SDPFingerprint?
        var dtlsRole: DTLSHandshake.Role?
        var hasData = false
        var hasGathered = false
        var mustGather = true
        /// Candidates for a remote offer that has no answer yet; nil is their end.
        var pendingRemoteCandidates: [CandidateAttribute?] = []
        /// Told when gathering is complete.
        var whenGathered: (() -> Void)?
        var reportedSignaling = SignalingState.stable

        /// Takes other credentials, which have other candidates.
        mutating func useLocal(_ parameters: ICEParameters) {
            if local == stableLocal { stableCandidates = localCandidates }
            localCandidates = parameters == stableLocal ? stableCandidates : []
            mustGather = parameters != stableLocal
            local = parameters
        }

        mutating func becameStable() {
            stableLocal = local
            stableCandidates = []
        }
    }

    // MARK: Wiring

    func connectTransports() {
        ice.onState = { [weak self] in self?.iceStateChanged($0) }
        ice.onGatheringState = { [weak self] in self?.gatheringStateChanged($0) }
        ice.onLocalCandidate = { [weak self] in self?.found($0) }
        ice.onCandidateError = { [weak self] in self?.emit(.iceCandidateError($0)) }
        ice.onData = { [weak self] in self?.receive($0) }
        dtls.send = { [weak self] in self?.ice.send($0) ?? false }
        dtls.onState = { [weak self] in self?.dtlsStateChanged($0, $1) }
        dtls.onData = { [weak self] in self?.sctp.receive($0) }
        sctp.send = { [weak self] in self?.dtls.sendData($0) }
        sctp.onState = { [weak self] isConnected, reason in
            self?.record(.sctp(phase: isConnected ? "connected" : "aborted: \(reason ?? "")"))
        }
        sctp.onChannel = { [weak self] in self?.emit(.dataChannel($0)) }
    }

    // MARK: Gathering

    /// Our credentials from now on: new ones begin a generation, those of the last stable state end one that was rolled back.
    func useLocal(_ parameters: ICEParameters) {
        guard parameters != transport.local, profile.ice.restart != .unsupported else { return }
        transport.useLocal(parameters)
        ice.restart(with: parameters)
    }

    func gatherIfNeeded(_ session: SDPSession) {
        guard transport.mustGather, session.sections.contains(where: { !$0.isRejected }) else { return }
        transport.mustGather = false
        transport.hasGathered = true
        ice.gather()
    }

    private func found(_ candidate: CandidateAttribute) {
        transport.localCandidates.append(candidate)
        guard profile.gathering.trickles, let section = descriptions.local?.session.transportSection else { return }
        let index = descriptions.local?.session.sections.firstIndex { $0.mid == section.mid }
        emit(
            .iceCandidate(
                ICECandidate(
                    candidate: candidate.description, sdpMid: section.mid, sdpMLineIndex: index,
                    usernameFragment: candidate.usernameFragment ?? transport.local.usernameFragment)))
    }

    private func gatheringStateChanged(_ state: ICEGatheringState) {
        guard !isClosed, state != iceGatheringState else { return }
        iceGatheringState = state
        emit(.iceGatheringStateChange(state))
        guard state == .complete else { return }
        if profile.gathering.trickles { emit(.iceCandidate(nil)) }
        let whenGathered = transport.whenGathered
        transport.whenGathered = nil
        whenGathered?()
    }

    // MARK: The peer's side

    /// An answer was applied: the transports know their peer.
    func startTransports(local: AppliedDescription, remote: AppliedDescription) {
        guard let theirs = remote.session.transport, let section = remote.session.transportSection else { return }
        if transport.remoteFingerprint == nil {
            transport.remoteFingerprint = theirs.fingerprint
            ice.setRole(controlling: local.kind == .offer || remote.session.isICELite)
        }
        if transport.dtlsRole == nil { transport.dtlsRole = dtlsRole(local: local, remote: theirs) }
        if needsRemote(theirs) {
            transport.remote = theirs
            ice.setRemote(
                ICEParameters(usernameFragment: theirs.usernameFragment, password: theirs.password, isLite: remote.session.isICELite))
        }
        for text in section.candidates {
            if let candidate = try? CandidateAttribute(parsing: text) { ice.addRemoteCandidate(candidate) }
        }
        if section.isEndOfCandidates { ice.endOfRemoteCandidates() }
        takePendingCandidates()
        transport.hasData = [local, remote].allSatisfy { $0.session.sections.contains { $0.kind == .application && !$0.isRejected } }
        if let longest = remote.session.sections.first(where: { $0.kind == .application })?.longestMessageBytes {
            sctp.longestMessageBytes = min(profile.sctp.maximumMessageBytes, longest)
        }
        startDTLS()
        startSCTP()
    }

    private func needsRemote(_ theirs: SDPTransport) -> Bool {
        guard let known = transport.remote else { return true }
        guard profile.ice.restart != .unsupported else { return false }
        return known.usernameFragment != theirs.usernameFragment || known.password != theirs.password
    }

    private func dtlsRole(local: AppliedDescription, remote: SDPTransport) -> DTLSHandshake.Role {
        if local.kind == .offer { return remote.setup == .active ? .server : .client }
        return local.session.transport?.setup == .passive ? .server : .client
    }

    private func takePendingCandidates() {
        let pending = transport.pendingRemoteCandidates
        transport.pendingRemoteCandidates = []
        for candidate in pending { take(candidate) }
    }

    private func take(_ candidate: CandidateAttribute?) {
        if let candidate { ice.addRemoteCandidate(candidate) } else { ice.endOfRemoteCandidates() }
    }

    /// See `PeerConnection`.
    ///
    /// A candidate of a remote offer that has no answer yet waits for the answer. One with a name instead of an address (mDNS) or of an unknown kind is ignored,
    /// as webrtc-pc asks; one of a generation that no applied description has fails.
    public func addICECandidate(_ candidate: ICECandidate?, _ completion: @escaping (Result<Void, any Error>) -> Void) {
        chain(completion) { [self] in try add(candidate) }
    }

    private func add(_ candidate: ICECandidate?) throws(SimulatedPeerConnectionError) {
        guard let remote = descriptions.remote else { throw .noRemoteDescription }
        guard let candidate else { return takeOrHold(nil, generation: nil) }
        let sections = remote.session.sections
        if let mid = candidate.sdpMid {
            guard sections.contains(where: { $0.mid == mid }) else { throw .invalidCandidate }
        } else if let index = candidate.sdpMLineIndex {
            guard sections.indices.contains(index) else { throw .invalidCandidate }
        } else if !candidate.candidate.isEmpty {
            throw .invalidArgument("a candidate without sdpMid and sdpMLineIndex")
        }
        let generation = candidate.usernameFragment
        if let generation {
            let known = [descriptions.pendingRemote, descriptions.currentRemote].compactMap { $0?.session.transport?.usernameFragment }
            guard known.contains(generation) else { throw .invalidCandidate }
        }
        guard !candidate.candidate.isEmpty else { return takeOrHold(nil, generation: generation) }
        do {
            var parsed = try CandidateAttribute(parsing: candidate.candidate)
            parsed.usernameFragment = parsed.usernameFragment ?? generation
            takeOrHold(parsed, generation: parsed.usernameFragment)
        } catch {
            switch error {
            case .unresolvable, .unknownKind: return
            case .malformed, .tooLong: throw .invalidCandidate
            }
        }
    }

    private func takeOrHold(_ candidate: CandidateAttribute?, generation: String?) {
        let newest = descriptions.remote?.session.transport?.usernameFragment
        guard let generation = generation ?? newest, generation != transport.remote?.usernameFragment else { return take(candidate) }
        if transport.pendingRemoteCandidates.count < SDPLimits.candidates { transport.pendingRemoteCandidates.append(candidate) }
    }

    // MARK: States

    private func iceStateChanged(_ state: ICEConnectionState) {
        guard !isClosed else { return }
        let aggregated = StateAggregation.iceConnectionState([state])
        startDTLS()
        if aggregated != iceConnectionState {
            iceConnectionState = aggregated
            emit(.iceConnectionStateChange(aggregated))
        }
        updateConnectionState()
        updateSenders()
    }

    private func updateConnectionState() {
        guard !isClosed else { return }
        let state = StateAggregation.connectionState(ice: iceConnectionState, dtls: [dtls.state])
        guard state != connectionState else { return }
        connectionState = state
        emit(.connectionStateChange(state))
    }

    private func startDTLS() {
        guard let role = transport.dtlsRole, let fingerprint = transport.remoteFingerprint else { return }
        guard ice.state == .connected || ice.state == .completed else { return }
        dtls.start(role: role, remoteFingerprint: fingerprint, roundTripTime: ice.selectedPair?.roundTripTime)
    }

    private func dtlsStateChanged(_ state: DTLSTransportState, _ reason: String?) {
        record(.dtls(phase: state == .connecting ? "started" : reason.map { "\(state.rawValue): \($0)" } ?? state.rawValue))
        switch state {
        case .connected: startSCTP()
        case .closed, .failed: sctp.transportClosed()
        case .new, .connecting: break
        }
        guard !isClosed else { return }
        if state == .closed, profile.connection.closesWithRemoteDTLS { return closeWithRemote() }
        updateConnectionState()
        updateSenders()
    }

    /// aiortc and pion: what the remote peer closed is closed here too, and says so.
    private func closeWithRemote() {
        let onEvent = onEvent
        close()
        onEvent?(.iceConnectionStateChange(.closed))
        onEvent?(.connectionStateChange(.closed))
    }

    private func startSCTP() {
        guard transport.hasData, dtls.state == .connected, let role = transport.dtlsRole else { return }
        sctp.start(isClient: role == .client)
    }

    func endTransports() {
        for transceiver in transceivers {
            transceiver.sender.stream?.stop()
            transceiver.receiver?.stop()
        }
        sctp.close()
        dtls.close()
        ice.close()
        let whenGathered = transport.whenGathered
        transport.whenGathered = nil
        whenGathered?()
    }

    // MARK: Packets

    /// RFC 7983: DTLS begins with 20 to 63, RTP and RTCP with 128 to 191.
    private func receive(_ datagram: ByteBuffer) {
        if DTLSRecord.isDTLS(datagram) { return dtls.receive(datagram) }
        guard dtls.state == .connected, let header = RTPPacket.decode(datagram) else { return }
        receiveMedia(header, payloadBytes: max(0, datagram.readableBytes - RTPPacket.headerBytes - RTPPacket.tagBytes))
    }
}

extension SDPMediaSection {
    /// RFC 8841 section 6: 65,536 if nothing is said, 0 is any size.
    fileprivate var longestMessageBytes: Int {
        switch maximumMessageBytes {
        case nil: 65_536
        case 0?: .max
        case let bytes?: Int(clamping: bytes)
        }
    }
}
