import NIOCore
import NIOWebSocket

/// What a scenario does to the service at run time (SRV-05, SRV-07).
extension RealtimeService {
    // MARK: Behaviours

    /// Puts a behaviour in force.
    @discardableResult public func add(_ behaviour: Behaviour) -> BehaviourID { behaviours.add(behaviour) }

    /// Ends a behaviour; one that is used up or removed already is no matter.
    public func remove(_ id: BehaviourID) { behaviours.remove(id) }

    /// Back to the rules.
    public func removeAllBehaviours() { behaviours.removeAll() }

    // MARK: Connections

    /// The connections that are selected, in the order in which they were accepted.
    public func connections(_ clients: ClientSelector = .everyone) -> [ServiceConnection] {
        connections.map(\.value).filter(clients.selects)
    }

    /// Closes connections. Code 1005 sends a close frame without a code; 1006 ends the transport without a frame, and so does any code for a
    /// connection that is not upgraded yet.
    public func close(_ clients: ClientSelector, _ code: ServiceCloseCode, reason: String? = nil) {
        for connection in connections(clients) { close(connection, code, reason: reason) }
    }

    /// Resets connections.
    public func reset(_ clients: ClientSelector) {
        for connection in connections(clients) {
            if let handler = connection.handler { handler.resetConnection() } else { resetChannel(connection.channel) }
        }
    }

    /// Forgets connections without a word; their peers find out by themselves.
    public func abandon(_ clients: ClientSelector) {
        for connection in connections(clients) {
            guard let handler = connection.handler else {
                ended(connection, ConnectionEnd(code: .abnormal, reason: "", by: .service))
                continue
            }
            handler.abandon()
            abandoned.append(handler)
        }
    }

    /// Sends a text frame as it is, welcome or not.
    public func send(text: String, to clients: ClientSelector) {
        let frame = ServerFrame.text(text.utf8)
        for connection in connections(clients) { connection.send(frame) }
    }

    /// Sends a binary frame.
    public func send(binary bytes: [UInt8], to clients: ClientSelector) {
        let frame = WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer(bytes: bytes))
        for connection in connections(clients) { connection.handler?.send(frame) }
    }

    /// Sends a frame of the catalogue.
    public func send(_ malformed: MalformedFrame, to clients: ClientSelector) {
        for connection in connections(clients) { connection.handler?.send(malformed.frame) }
    }

    /// Cuts the service in two: between the selected clients and the others nothing passes, as if two of its nodes had lost each other.
    /// A message stays on its side, a `send` across is `peer_not_found`, and changes of presence are told when the partition heals.
    public func partition(_ clients: ClientSelector) -> PartitionID {
        partitionsMade += 1
        let id = PartitionID(number: partitionsMade)
        partitions.append((id, clients))
        return id
    }

    /// Ends a partition.
    public func heal(_ id: PartitionID) {
        partitions.removeAll { $0.id == id }
        tellMissedPresence()
    }

    // MARK: Deploys and crashes

    /// Tells everyone to go and come back later, and goes on serving; whoever is welcomed now is told too.
    public func announceGoingAway(retryAfter: TimeAmount) {
        goingAwayRetryAfter = retryAfter
        change(to: .goingAway)
        let frame = ServerFrame.goingAway(retryAfter: retryAfter)
        connections.forEach { if $0.value.isServed { $0.value.send(frame) } }
    }

    /// A planned restart: `going_away`, the grace, 1001 to everyone, a time of refusal, back with empty rosters.
    public func deploy(_ deploy: Deploy) {
        epoch += 1
        if let retryAfter = deploy.retryAfter { announceGoingAway(retryAfter: retryAfter) } else { change(to: .goingAway) }
        inThisEpoch(after: deploy.grace) { service in
            service.forgetRosters()
            for connection in service.connections(.everyone) { service.close(connection, .goingAway) }
            service.change(to: .refusing(deploy.refusing))
            service.inThisEpoch(after: deploy.refusal) { $0.change(to: .running) }
        }
    }

    /// The service dies with all that it knew. It stays down until ``restart()``, or for a time.
    public func crash(_ mode: CrashMode, for downtime: TimeAmount? = nil) {
        epoch += 1
        forgetRosters()
        change(to: .refusing(mode == .reset ? .reset : .silent))
        switch mode {
        case .reset: reset(.everyone)
        case .silent: abandon(.everyone)
        }
        if let downtime { inThisEpoch(after: downtime) { $0.restart() } }
    }

    /// Back after a crash, or out of a deploy before its time. What still comes on a connection from before is answered by a reset.
    public func restart() {
        epoch += 1
        for handler in abandoned { handler.resetOnceHeard() }
        abandoned = []
        goingAwayRetryAfter = nil
        change(to: .running)
    }

    /// Refuses new connections, or accepts them again, without touching those that are open.
    public func refuse(_ mode: RefusalMode) {
        epoch += 1
        change(to: .refusing(mode))
    }

    private func change(to new: ServiceState) {
        let old = state
        guard old != new else { return }
        state = new
        if new == .running { goingAwayRetryAfter = nil }
        emit(nil, .stateChanged(from: old, to: new))
        onStateChange?(new)
    }

    private func inThisEpoch(after delay: TimeAmount, _ body: @escaping (RealtimeService) -> Void) {
        let epoch = epoch
        let run = { [weak self] in
            guard let self, self.epoch == epoch else { return }
            body(self)
        }
        if delay > .zero { after(delay, run) } else { run() }
    }

    /// When everyone goes at once nobody is told about anybody.
    private func forgetRosters() {
        rooms = [:]
        connections.forEach { _, connection in
            connection.subscriptions.removeAll()
            connection.inheritedChannels = []
        }
    }

    // MARK: Ends

    func close(_ connection: ServiceConnection, _ code: ServiceCloseCode, reason: String? = nil) {
        guard let handler = connection.handler else { return connection.channel.close(promise: nil) }
        if code == .abnormal { handler.endTransport() } else { handler.close(code, reason: reason ?? code.defaultReason) }
    }

    func clientFellSilent(_ connection: ServiceConnection, for silence: TimeAmount) {
        emit(connection, .ghostDetected(silentFor: silence, channels: connection.subscriptions.map(\.key)))
    }

    func ended(_ connection: ServiceConnection, _ end: ConnectionEnd) {
        leaveSessionTables(connection)
        connection.phase = .ended
        connections[connection.id] = nil
        emit(connection, .closed(end))
        leaveEverything(connection)
    }
}

/// Names a partition.
public struct PartitionID: Hashable, Sendable {
    let number: Int
}
