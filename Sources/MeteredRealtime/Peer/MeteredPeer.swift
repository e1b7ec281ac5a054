public import CompactJSON
public import Logging
public import NIOCore

/// One member of a channel: a roster of the others, a WebRTC connection to each, and recovery from whatever the network does.
///
/// ```swift
/// let peer = try MeteredPeer(credential: .publishableKey("pk_..."), connector: connector, peerConnections: factory)
/// let events = peer.events()
/// try await peer.addStream(camera)
/// try await peer.join("room")
/// for await event in events { ... }
/// ```
///
/// Every method can be called from any thread or task; everything happens on the connector's event loop. Cancelling a task that waits for a call does
/// not undo the call: ``close(reason:)`` does. Releasing the peer ends its connections and its event streams. The event loop must outlive it.
public final class MeteredPeer: Sendable {
    /// The options of the signalling layer that the peer was made with.
    public let signallingOptions: SignallingOptions

    /// The options the peer was made with.
    public let options: PeerOptions

    /// The loop on which the peer lives.
    public let eventLoop: any EventLoop

    /// The peer itself, for code that runs on ``eventLoop`` and wants its calls to act at once.
    package let core: NIOLoopBoundBox<MeteredPeerCore>

    private let shared: PeerShared

    /// Makes a peer. It does nothing until ``join(_:includeSenderMetadata:)``.
    /// - Parameters:
    ///   - url: The service's origin (WIRE-10).
    ///   - credential: A publishable key or a token provider.
    ///   - signalling: The values of the signalling layer; the SPEC's by default.
    ///   - options: The values of the room and its links; the SPEC's by default.
    ///   - connector: The network, and the event loop.
    ///   - peerConnections: The WebRTC library.
    ///   - random: The generators; the operating system's by default.
    ///   - logger: Gets what a developer wants to read. No credential is ever logged.
    ///   - diagnostics: Gets everything, synchronously and in order, on the event loop. It must be quick.
    /// - Throws: ``SignallingError/invalidURL(_:)``, ``SignallingError/invalidOptions(_:)``, ``SignallingError/invalidCredential``.
    public init(
        url: String = SignallingClient.defaultURL,
        credential: Credential,
        signalling: SignallingOptions = SignallingOptions(),
        options: PeerOptions = PeerOptions(),
        connector: any Connector,
        peerConnections: any PeerConnectionFactory,
        random: RandomSources = .system,
        logger: Logger = Logger(label: "metered-realtime", factory: { _ in SwiftLogNoOpLogHandler() }),
        diagnostics: (@Sendable (PeerDiagnostic) -> Void)? = nil
    ) throws(SignallingError) {
        try options.validate()
        var signallingDiagnostics: (@Sendable (SignallingDiagnostic) -> Void)?
        if let diagnostics { signallingDiagnostics = { diagnostics(.signalling($0)) } }
        let signallingCore = try SignallingCore(
            url: url, credential: credential, options: signalling, connector: connector, random: random,
            hub: EventHub(state: .idle, bufferLimit: 1), logger: logger, diagnostics: signallingDiagnostics)
        let shared = PeerShared(bufferLimit: options.eventBufferLimit)
        self.signallingOptions = signalling
        self.options = options
        self.shared = shared
        eventLoop = connector.eventLoop
        core = NIOLoopBoundBox.makeBoxSendingValue(
            MeteredPeerCore(
                signalling: signallingCore, options: options, peerConnections: peerConnections, shared: shared, logger: logger,
                diagnostics: diagnostics),
            eventLoop: connector.eventLoop)
    }

    deinit {
        core.perform { $0.release() }
    }

    /// The state as of now.
    public var state: MeteredPeerState { shared.hub.state }

    /// This peer's identifier, as the newest welcome told it; nil before the first.
    public var peerID: String? { shared.peerID }

    /// The channel, from `join` on; nil before it, after a failed one and after the end.
    public var channel: String? { shared.channel }

    /// The others, in the order in which they entered the roster.
    public var remotePeers: [RemotePeer] { shared.remotePeers }

    /// A new, independent stream of the events from now on. It ends after ``PeerEvent/left(peerID:channel:reason:)``.
    ///
    /// Each stream holds up to ``PeerOptions/eventBufferLimit`` events for a slow consumer; beyond it the oldest are dropped, with a log line.
    public func events() -> AsyncStream<PeerEvent> { shared.hub.stream() }

    /// Enters a channel: connects, if need be, and subscribes. The members follow as ``PeerEvent/peerJoined(_:)`` (BEY-19).
    ///
    /// After a failure the state is `idle` and the call may be made again (BEY-02); after ``close(reason:)`` it may not.
    /// - Parameters:
    ///   - channel: 1...256 Unicode scalars without control characters, and not reserved (WIRE-05, WIRE-06).
    ///   - includeSenderMetadata: Whether data carries its sender's metadata.
    /// - Throws: ``MeteredPeerError/invalidState(_:)`` unless the state is `idle`; ``MeteredPeerError/signalling(_:)`` for what went wrong;
    ///   ``MeteredPeerError/closed`` if ``close(reason:)`` came first.
    public func join(_ channel: String, includeSenderMetadata: Bool = false) async throws(MeteredPeerError) {
        try await core.call { core, completion in core.join(channel, includeSenderMetadata: includeSenderMetadata, completion) }
    }

    /// Leaves the channel and ends every connection, whatever the state (SIG-16). The object is of no more use then.
    /// - Parameter reason: For the events; the service is not told.
    public func close(reason: String? = nil) async {
        await withCheckedContinuation { continuation in
            core.perform { [eventLoop] core in
                // One tick later, so that the calls that this one ended return before it.
                core.close(reason: reason) { eventLoop.execute { continuation.resume() } }
            }
        }
    }

    /// Sends data to everyone in the channel.
    /// - Parameter data: Any JSON value whose text is not larger than ``Welcome/maximumMessageBytes``.
    /// - Throws: ``MeteredPeerError/notJoined(_:)``, or ``MeteredPeerError/signalling(_:)`` for what went wrong.
    public func send(_ data: JSONValue) async throws(MeteredPeerError) {
        try await core.call { core, completion in core.send(data, completion) }
    }

    /// Sends data to one peer through the service.
    /// - Parameters:
    ///   - data: Any JSON value whose text is not larger than ``Welcome/maximumMessageBytes``.
    ///   - peerID: 1...128 Unicode scalars without control characters.
    /// - Throws: ``MeteredPeerError/notJoined(_:)``, ``MeteredPeerError/sendToSelf``, or ``MeteredPeerError/signalling(_:)`` for what went wrong.
    public func send(_ data: JSONValue, to peerID: String) async throws(MeteredPeerError) {
        try await core.call { core, completion in core.send(data, to: peerID, completion) }
    }

    /// Sends every track of a stream to every peer, present and future.
    /// - Parameters:
    ///   - stream: The stream; tracks that are sent already stay as they are.
    ///   - metadata: What the others shall know of each track; it reaches them ahead of the track (WIRE-11).
    /// - Throws: ``MeteredPeerError/invalidState(_:)`` in `leaving` and `closed`; ``MeteredPeerError/invalidMedia(_:)``;
    ///   ``MeteredPeerError/trackAlreadyAttached(trackID:streamID:)``; ``MeteredPeerError/signalling(_:)`` if the metadata is too large. Nothing is added
    ///   then.
    public func addStream(_ stream: MediaStream, metadata: JSONObject? = nil) async throws(MeteredPeerError) {
        try await core.call { core, completion in completion(core.addStream(stream, metadata: metadata)) }
    }

    /// Stops sending every track of a stream.
    /// - Parameter stream: The stream, or another with the same id.
    /// - Throws: ``MeteredPeerError/invalidState(_:)`` in `leaving` and `closed`.
    public func removeStream(_ stream: MediaStream) async throws(MeteredPeerError) {
        try await core.call { core, completion in completion(core.removeStream(stream)) }
    }

    /// Sends a track to every peer, present and future.
    /// - Parameters:
    ///   - track: The track. Adding it to the same stream again changes nothing.
    ///   - stream: The stream that it is part of at the others; the track is inserted into it. Nil: none.
    ///   - metadata: What the others shall know of the track; it reaches them ahead of it (WIRE-11).
    /// - Throws: As ``addStream(_:metadata:)``.
    public func addTrack(_ track: any MediaStreamTrack, to stream: MediaStream? = nil, metadata: JSONObject? = nil)
        async throws(MeteredPeerError)
    {
        try await core.call { core, completion in completion(core.addTrack(track, to: stream, metadata: metadata)) }
    }

    /// Stops sending a track. Does nothing if it is not sent.
    /// - Parameter track: The track.
    /// - Throws: ``MeteredPeerError/invalidState(_:)`` in `leaving` and `closed`.
    public func removeTrack(_ track: any MediaStreamTrack) async throws(MeteredPeerError) {
        try await core.call { core, completion in completion(core.removeTrack(track)) }
    }

    /// Sends another track of the same kind in a track's place, to every peer, present and future.
    ///
    /// No negotiation is needed where the library can do without; where it cannot, the old track is removed and the new one added.
    /// - Parameters:
    ///   - track: The track that is sent.
    ///   - replacement: The other track. It takes over the stream and the metadata.
    /// - Throws: ``MeteredPeerError/trackNotAttached(trackID:)``; ``MeteredPeerError/trackAlreadyAttached(trackID:streamID:)`` if the replacement is
    ///   sent itself; ``MeteredPeerError/invalidMedia(_:)``; ``MeteredPeerError/invalidState(_:)`` in `leaving` and `closed`.
    public func replaceTrack(_ track: any MediaStreamTrack, with replacement: any MediaStreamTrack) async throws(MeteredPeerError) {
        try await core.call { core, completion in core.replaceTrack(track, with: replacement, completion) }
    }

    /// Hands over the operating system's connectivity signal, such as `NWPathMonitor`'s (SIG-19).
    /// - Parameter oldPathGone: Whether the interface that carried the connections is certainly gone. Signalling is then redialled, and ICE restarted on
    ///   every link, at once.
    public func networkPathChanged(oldPathGone: Bool = false) {
        core.perform { core in core.networkPathChanged(oldPathGone: oldPathGone) }
    }
}
