import MeteredRealtime

/// A video call around one ``MeteredPeer``: a tile for each remote peer, camera and microphone for everyone, data channels on `connected`, and the
/// guide's patterns.
public actor CallApp {
    private let configuration: Configuration
    private let makePeer: @Sendable () throws -> MeteredPeer
    private let screen: CallScreen
    private var session: Session?
    /// What the user wants, kept over a retry.
    private var room: String?
    private var shares: [Share]

    private struct Session {
        var peer: MeteredPeer
        var streams: [MediaStream] = []
        var tiles: [Tile] = []
        var tasks: [Task<Void, Never>] = []
    }

    private struct Tile {
        var remote: RemotePeer
        var channels: RemoteChannels?
    }

    /// - Parameters:
    ///   - configuration: What the app does.
    ///   - shares: What the user shares from the start.
    ///   - makePeer: Builds a peer; called once for each call that is begun, and once for each manual retry.
    ///   - screen: Where the app draws.
    public init(
        _ configuration: Configuration, shares: [Share] = [], makePeer: @escaping @Sendable () throws -> MeteredPeer,
        screen: @escaping CallScreen
    ) {
        self.configuration = configuration
        self.shares = shares
        self.makePeer = makePeer
        self.screen = screen
    }

    /// The peer of the running session.
    public var peer: MeteredPeer? { session?.peer }

    // MARK: - The call

    /// Builds a peer, if there is none, sends what the user shares, and joins. A join that fails leads to an error screen, and may be made again (BEY-02).
    public func join(_ channel: String) async {
        room = channel
        guard session != nil || begin(), let peer else { return }
        if session?.streams.isEmpty == true { for share in shares { await send(share, on: peer) } }
        do throws(MeteredPeerError) {
            try await peer.join(channel, includeSenderMetadata: configuration.includeSenderMetadata)
        } catch {
            failed(error)
        }
    }

    private func begin() -> Bool {
        guard let peer = try? makePeer() else { return false }
        var session = Session(peer: peer)
        let screen = screen
        session.tasks = configuration.patterns.map { pattern in
            pattern.follow(peer.events().compactMap { ConnectionNews($0) }) { screen(.common($0)) }
        }
        let events = peer.events()
        session.tasks.append(Task { [weak self] in for await event in events { await self?.handle(event, of: peer) } })
        self.session = session
        return true
    }

    private func failed(_ error: MeteredPeerError) {
        guard configuration.patterns.contains(.errorScreens), case .signalling(let cause) = error else { return }
        let screen = screen
        ErrorScreens(screen: { screen(.common($0)) }).connectFailed(cause)
    }

    /// What the retry button does (APP-02): closes the peer, builds a fresh one and joins again.
    public func retry() async {
        await close()
        if let room { await join(room) }
    }

    /// A reload: closes the peer, and joins with a fresh one when the old is closed and the pause is over.
    public func restart(after pause: Duration) async {
        async let closed: Void = close()
        if pause > .zero { try? await Task.sleep(for: pause) }
        await closed
        if let room { await join(room) }
    }

    /// Ends the call.
    public func close(reason: String? = nil) async {
        guard let ending = end() else { return }
        await ending.peer.close(reason: reason)
        for task in ending.tasks { task.cancel() }
    }

    private func end() -> Session? {
        guard let ending = session else { return nil }
        session = nil
        for tile in ending.tiles { hide(tile) }
        return ending
    }

    /// Says something to one peer, or to everyone in the room.
    public func say(_ data: JSONValue, to peerID: String?) async {
        guard let peer else { return }
        // What fails is in the diagnostics; an app would mark the message.
        if let peerID { try? await peer.send(data, to: peerID) } else { try? await peer.send(data) }
    }

    // MARK: - Tiles

    private func handle(_ event: PeerEvent, of peer: MeteredPeer) {
        guard session?.peer === peer else { return }
        switch event {
        case .peerJoined(let remote): show(remote)
        case .peerLeft(let remote):
            guard let place = session?.tiles.firstIndex(where: { $0.remote === remote }), let tile = session?.tiles.remove(at: place) else {
                return
            }
            hide(tile)
        case .stateChanged, .joined, .left, .data, .error: break
        }
    }

    private func show(_ remote: RemotePeer) {
        var tile = Tile(remote: remote)
        if configuration.takesDataChannels || configuration.dataChannels != nil {
            // The stream is made before anything can be missed.
            let channels = RemoteChannels(remote, configuration.dataChannels, screen: screen)
            tile.channels = channels
            // A link that carries no media is connected by its first channel only.
            let opensAtOnce = shares.isEmpty
            let events = remote.events()
            session?.tasks.append(Task { await channels.run(events, opensAtOnce: opensAtOnce) })
        }
        session?.tiles.append(tile)
        screen(.showsTile(remote))
    }

    private func hide(_ tile: Tile) {
        if let channels = tile.channels { Task { await channels.stop() } }
        screen(.hidesTile(tile.remote))
    }

    // MARK: - What the user shares

    /// Shares something from now on.
    public func add(_ share: Share) async {
        shares.append(share)
        if let peer { await send(share, on: peer) }
    }

    /// Stops sharing something.
    public func remove(_ name: String) async {
        guard let place = shares.firstIndex(where: { $0.name == name }) else { return }
        let share = shares.remove(at: place)
        try? await peer?.removeTrack(share.track)
    }

    /// Shares something in the place of another, without negotiation.
    public func replace(_ name: String, with share: Share) async {
        guard let place = shares.firstIndex(where: { $0.name == name }) else { return }
        let old = shares[place]
        shares[place] = share
        // Where it fails, the others go on seeing the old one.
        try? await peer?.replaceTrack(old.track, with: share.track)
    }

    private func send(_ share: Share, on peer: MeteredPeer) async {
        let stream: MediaStream
        if let known = session?.streams.first(where: { $0.id == share.streamID }) {
            stream = known
        } else {
            stream = MediaStream(id: share.streamID)
            session?.streams.append(stream)
        }
        try? await peer.addTrack(share.track, to: stream, metadata: share.metadata)
    }

    // MARK: - Data channels

    /// Opens a data channel to a remote peer.
    public func open(_ label: String, to peerID: String, configuration: DataChannelConfiguration) async {
        await channels(to: peerID)?.open(label, configuration)
    }

    /// Sends on the newest data channel of that label.
    public func send(_ text: String, on label: String, to peerID: String) async {
        guard let channels = channels(to: peerID) else {
            return screen(.sendFailed(label: label, to: peerID, reason: "there is no such peer"))
        }
        await channels.send(text, on: label)
    }

    private func channels(to peerID: String) -> RemoteChannels? { session?.tiles.first { $0.remote.id == peerID }?.channels }
}
