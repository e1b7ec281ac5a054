public import CompactJSON
public import Logging
public import NIOCore

/// A client of the Metered realtime messaging service: publish and subscribe over one WebSocket that heals itself.
///
/// ```swift
/// let client = try SignallingClient(credential: .publishableKey("pk_..."), connector: connector)
/// let events = client.events()
/// try await client.connect()
/// try await client.subscribe("room")
/// for await event in events { ... }
/// ```
///
/// Every method can be called from any thread or task; everything happens on the connector's event loop. Cancelling a task that waits for a call does
/// not undo the call: ``close(code:reason:)`` does. Releasing the client ends its connection and its event streams. The event loop must outlive it.
public final class SignallingClient: Sendable {
    /// The service's address.
    public static let defaultURL = "wss://rms.metered.ca"

    /// The options the client was made with.
    public let options: SignallingOptions

    /// The loop on which the client lives.
    public let eventLoop: any EventLoop

    /// The client itself, for code that runs on ``eventLoop`` and wants its calls to act at once.
    package let core: NIOLoopBoundBox<SignallingCore>

    private let hub: EventHub<SignallingState, SignallingEvent>

    /// Makes a client. It does nothing until ``connect()``.
    /// - Parameters:
    ///   - url: The service's origin; the SDK appends the path `/v1` (WIRE-10).
    ///   - credential: A publishable key or a token provider.
    ///   - options: The SPEC's values by default.
    ///   - connector: The network, and the event loop.
    ///   - random: The generators; the operating system's by default.
    ///   - logger: Gets what a developer wants to read. No credential is ever logged.
    ///   - diagnostics: Gets everything, synchronously and in order, on the event loop. It must be quick.
    /// - Throws: ``SignallingError/invalidURL(_:)``, ``SignallingError/invalidOptions(_:)``, ``SignallingError/invalidCredential``.
    public init(
        url: String = SignallingClient.defaultURL,
        credential: Credential,
        options: SignallingOptions = SignallingOptions(),
        connector: any Connector,
        random: RandomSources = .system,
        logger: Logger = Logger(label: "metered-realtime", factory: { _ in SwiftLogNoOpLogHandler() }),
        diagnostics: (@Sendable (SignallingDiagnostic) -> Void)? = nil
    ) throws(SignallingError) {
        let hub = EventHub<SignallingState, SignallingEvent>(state: .idle, bufferLimit: options.eventBufferLimit)
        let core = try SignallingCore(
            url: url, credential: credential, options: options, connector: connector, random: random, hub: hub, logger: logger,
            diagnostics: diagnostics)
        self.options = options
        self.hub = hub
        eventLoop = connector.eventLoop
        self.core = NIOLoopBoundBox.makeBoxSendingValue(core, eventLoop: connector.eventLoop)
    }

    deinit {
        core.perform { $0.release() }
    }

    /// The state as of now.
    public var state: SignallingState { hub.state }

    /// A new, independent stream of the events from now on.
    ///
    /// Each stream holds up to ``SignallingOptions/eventBufferLimit`` events for a slow consumer; beyond it the oldest are dropped, with a log line. A
    /// stream survives `close()` and a later ``connect()``; it ends when the client is released.
    public func events() -> AsyncStream<SignallingEvent> { hub.stream() }

    /// Connects and waits for the welcome. A first connect is not retried (SIG-14).
    /// - Returns: The server's welcome.
    /// - Throws: ``SignallingError/invalidState(_:)`` unless the client is idle or closed; ``SignallingError/connectFailed(code:reason:)``,
    ///   ``SignallingError/upgradeRejected(status:)`` or ``SignallingError/tokenProviderFailed(_:)`` for what went wrong;
    ///   ``SignallingError/closed`` if ``close(code:reason:)`` came first.
    @discardableResult
    public func connect() async throws(SignallingError) -> Welcome {
        try await core.call { core, completion in core.connect(completion) }
    }

    /// Ends the session, whatever the state (SIG-16). The server's answer to the close frame is awaited for ``SignallingOptions/closeTimeout``.
    /// - Parameters:
    ///   - code: The close code for the server.
    ///   - reason: The close reason; at most 123 bytes of it are sent.
    public func close(code: CloseCode = .normalClosure, reason: String = "client requested close") async {
        await withCheckedContinuation { continuation in
            core.perform { [eventLoop] core in
                // One tick later, so that the calls that this one ended return before it.
                core.close(code: code, reason: reason) { eventLoop.execute { continuation.resume() } }
            }
        }
    }

    /// Joins a channel and keeps it joined over reconnects (SIG-12, SIG-13).
    /// - Parameters:
    ///   - channel: 1...256 Unicode scalars without control characters, and not reserved (WIRE-05, WIRE-06).
    ///   - includeSenderMetadata: Whether messages carry their senders' metadata.
    /// - Throws: ``SignallingError`` if the name is invalid, there is no connection, or the server did not acknowledge.
    public func subscribe(_ channel: String, includeSenderMetadata: Bool = false) async throws(SignallingError) {
        try await core.call { core, completion in core.subscribe(channel, includeSenderMetadata: includeSenderMetadata, completion) }
    }

    /// Leaves a channel.
    /// - Parameter channel: A channel name.
    /// - Throws: ``SignallingError`` if the name is invalid, there is no connection, or the server did not acknowledge.
    public func unsubscribe(_ channel: String) async throws(SignallingError) {
        try await core.call { core, completion in core.unsubscribe(channel, completion) }
    }

    /// Sends data to the other subscribers of a channel.
    /// - Parameters:
    ///   - data: Any JSON value whose text is not larger than ``Welcome/maximumMessageBytes``.
    ///   - channel: A channel name.
    /// - Throws: ``SignallingError`` if an argument is invalid, there is no connection, or the server did not acknowledge.
    public func publish(_ data: JSONValue, to channel: String) async throws(SignallingError) {
        try await core.call { core, completion in core.publish(data, to: channel, completion) }
    }

    /// Sends data to one peer.
    /// - Parameters:
    ///   - data: Any JSON value whose text is not larger than ``Welcome/maximumMessageBytes``.
    ///   - peerID: 1...128 Unicode scalars without control characters.
    /// - Throws: ``SignallingError`` if an argument is invalid, there is no connection, or the server did not acknowledge.
    public func send(_ data: JSONValue, to peerID: String) async throws(SignallingError) {
        try await core.call { core, completion in core.send(data, to: peerID, completion) }
    }

    /// Hands over the operating system's connectivity signal, such as `NWPathMonitor`'s (SIG-19).
    /// - Parameter oldPathGone: Whether the interface that carried the connection is certainly gone, so that waiting for the old socket is pointless.
    public func networkPathChanged(oldPathGone: Bool = false) {
        core.perform { core in core.networkPathChanged(oldPathGone: oldPathGone) }
    }
}
