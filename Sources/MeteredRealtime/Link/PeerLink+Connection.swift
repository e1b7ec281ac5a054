import NIOCore

/// Making, replacing and closing the peer connection, and what it reports.
extension PeerLink {
    /// A stream identifier that both sides use for the channel that carries nothing (BEY-25): the highest that libwebrtc allows, so that it is in nobody's
    /// way.
    private static let placeholderID = 1_023

    func makeConnection(_ reason: ConnectionReason, withApplicationSection: Bool) {
        iceServers = environment.iceServers()
        let connection: any PeerConnection
        do {
            connection = try environment.factory.makePeerConnection(configuration, eventLoop: environment.eventLoop)
        } catch {
            return fail(.connectionNotMade(RedactedError(error)))
        }
        self.connection = connection
        ordinal += 1
        let ordinal = ordinal
        // Only now: one that could not be made was not made.
        diagnose(.connectionCreated(ordinal: ordinal, reason: reason, iceServers: ICEServersRecord(iceServers)))
        connection.onEvent = { [weak self] event in self?.step(of: ordinal) { $0.handle(event) } }
        for index in tracks.indices { attach(at: index) }
        if withApplicationSection { makePlaceholder(on: connection) }
    }

    /// Gives the connection up for a new one that carries what the old one did (ROS-04, ICE-11).
    func replaceConnection(_ reason: ConnectionReason) {
        let hadSections = !(negotiationSections.isEmpty && channels.isEmpty && placeholder == nil)
        let hadApplication = placeholder != nil || !channels.isEmpty || negotiationSections.contains("application")
        // With nothing of our own to offer, an empty application section is what tells the remote peer of the new connection.
        let needsApplication = hadApplication || (hadSections && tracks.isEmpty)
        abandonLadder()
        closeConnection()
        switch reason {
        case .swap:
            report(linkState.swapped(carriesSomething: needsApplication || !tracks.isEmpty || !negotiation.inbox.isEmpty))
        case .first, .replaced: report(linkState.replaced())
        }
        environment.observe(.connectionReplaced(reason))
        makeConnection(reason, withApplicationSection: needsApplication)
    }

    /// Ends the connection and what lives on it. Its late callbacks do not act.
    func closeConnection() {
        for channel in channels { channel.connectionLost() }
        channels = []
        placeholder = nil
        gate.connectionReplaced()
        queue.removeAll()
        stuck = StuckWatch(options)
        transportState = .new
        negotiationSections = []
        hasReportedCandidate = false
        for index in tracks.indices { tracks[index].sender = nil }
        guard let connection else { return }
        self.connection = nil
        connection.onEvent = nil
        connection.close()
        diagnose(.connectionClosed(ordinal: ordinal))
    }

    var configuration: PeerConnectionConfiguration {
        PeerConnectionConfiguration(iceServers: iceServers, iceTransportPolicy: options.iceTransportPolicy)
    }

    /// Hands the newest ICE servers over, for the next gathering (ICE-03).
    func updateConfiguration() {
        guard let connection else { return }
        iceServers = environment.iceServers()
        diagnose(.iceServersUpdated(ordinal: ordinal, ICEServersRecord(iceServers)))
        do {
            try connection.setConfiguration(configuration)
        } catch {
            diagnose(.note("the new ICE servers were refused: \(RedactedError(error))"))
        }
    }

    private func makePlaceholder(on connection: any PeerConnection) {
        do {
            placeholder = try connection.createDataChannel(
                label: "", configuration: DataChannelConfiguration(negotiatedID: Self.placeholderID))
        } catch {
            diagnose(.note("no application section could be kept: \(RedactedError(error))"))
        }
    }

    // MARK: Events

    private func handle(_ event: PeerConnectionEvent) {
        switch event {
        case .negotiationNeeded: negotiation.negotiationNeeded()
        case .signalingStateChange(let state): diagnose(.connectionStateChanged(ordinal: ordinal, .signaling(state)))
        case .iceGatheringStateChange(let state): diagnose(.connectionStateChanged(ordinal: ordinal, .gathering(state)))
        case .iceConnectionStateChange(let state): diagnose(.connectionStateChanged(ordinal: ordinal, .ice(state)))
        case .connectionStateChange(let state): changed(to: state)
        case .iceCandidate(let candidate): trickle(candidate)
        case .iceCandidateError(let error): environment.observe(.iceCandidateFailed(.server(error.redacted)))
        case .track(let track, let streamIDs): environment.observe(.track(track, streamIDs: streamIDs))
        case .trackRemoved(let track, let streamIDs): environment.observe(.trackRemoved(track, streamIDs: streamIDs))
        case .dataChannel(let transport): environment.observe(.dataChannel(adopt(transport, origin: .remote)))
        }
    }

    private func changed(to state: PeerConnectionState) {
        diagnose(.connectionStateChanged(ordinal: ordinal, .connection(state)))
        transportState = state
        stuck.changed(to: state, at: now)
        report(linkState.transport(state))
        switch state {
        case .new: break
        case .connecting, .disconnected: ladder.disconnected()
        case .connected: suspendLadder()
        case .failed: startLadder(.failed)
        case .closed:
            abandonLadder()
            for channel in channels { channel.connectionLost() }
        }
    }
}
