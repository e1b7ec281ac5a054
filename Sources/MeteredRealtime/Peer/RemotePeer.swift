public import CompactJSON
import NIOConcurrencyHelpers
public import NIOCore

/// Another member of the channel, and the WebRTC connection to it.
///
/// The object stays the same for as long as the member is in the channel, whatever its connection goes through (ROS-04). Its data channels and inbound
/// tracks do not: they die with a connection that is replaced, and are to be opened, or taken from the events, again (ROS-10, ROS-11).
public final class RemotePeer: Sendable {
    /// Its identifier.
    public let id: String

    /// The loop on which it lives.
    public let eventLoop: any EventLoop

    let shared: RemotePeerShared
    private let core: NIOLoopBound<WeakCore>

    init(id: String, metadata: JSONObject?, isPolite: Bool, core: MeteredPeerCore) {
        self.id = id
        eventLoop = core.eventLoop
        shared = RemotePeerShared(metadata: metadata, isPolite: isPolite, bufferLimit: core.options.eventBufferLimit)
        self.core = NIOLoopBound(WeakCore(value: core), eventLoop: core.eventLoop)
    }

    /// What its credential says of it: the untrusted word of a peer. A reconnect may bring another (ROS-04).
    public var metadata: JSONObject? { shared.metadata }

    /// The state as of now.
    public var state: RemotePeerState { shared.hub.state }

    /// Whether this side yields when both make an offer at once: the peer with the smaller id does (ICE-08).
    public var isPolite: Bool { shared.isPolite }

    /// A new, independent stream of the events from now on. It ends when the remote peer leaves.
    ///
    /// Each stream holds up to ``PeerOptions/eventBufferLimit`` events for a slow consumer; beyond it the oldest are dropped, with a log line.
    public func events() -> AsyncStream<RemotePeerEvent> { shared.hub.stream() }

    /// Sends data to this peer through the service, not over the peer connection.
    /// - Parameter data: Any JSON value whose text is not larger than ``Welcome/maximumMessageBytes``.
    /// - Throws: ``MeteredPeerError/remotePeerClosed(peerID:)``, ``MeteredPeerError/notJoined(_:)`` or ``MeteredPeerError/signalling(_:)``.
    public func send(_ data: JSONValue) async throws(MeteredPeerError) {
        try await call { core, remote, completion in core.send(data, to: remote, completion) }
    }

    /// Opens a data channel over the peer connection.
    ///
    /// It dies with the connection: open it again whenever the state becomes `connected` after a reconnect (ROS-11, APP-03).
    /// - Parameters:
    ///   - label: Its label; at most 65,535 bytes of UTF-8 (RFC 8832 section 5.1).
    ///   - configuration: How it delivers; reliable and in order by default.
    /// - Throws: ``MeteredPeerError/remotePeerClosed(peerID:)``, or ``MeteredPeerError/dataChannel(_:)`` for what went wrong.
    public func createDataChannel(
        _ label: String, configuration: DataChannelConfiguration = DataChannelConfiguration()
    ) async throws(MeteredPeerError) -> DataChannel {
        try await call { core, remote, completion in
            completion(core.createDataChannel(label, configuration: configuration, to: remote))
        }
    }

    /// What has passed over the present peer connection, or nil if there is none.
    public func statistics() async -> PeerConnectionStatistics? {
        try? await call { core, remote, completion in core.statistics(of: remote) { completion(.success($0)) } }
    }

    private func call<Value: Sendable>(
        _ body: @escaping @Sendable (MeteredPeerCore, RemotePeer, @escaping (Result<Value, MeteredPeerError>) -> Void) -> Void
    ) async throws(MeteredPeerError) -> Value {
        try await core.call { (weak: WeakCore, completion: @escaping (Result<Value, MeteredPeerError>) -> Void) in
            guard let core = weak.value else { return completion(.failure(.remotePeerClosed(peerID: self.id))) }
            body(core, self, completion)
        }
    }
}

extension RemotePeer: CustomReflectable {
    /// A mirror with the id and the state: `dump` shows neither what the peer's credential says nor what lies below (SIG-17).
    public var customMirror: Mirror { Mirror(self, children: ["id": id, "state": state]) }
}

/// A reference that does not keep the room alive.
struct WeakCore {
    weak var value: MeteredPeerCore?
}

/// What of a remote peer crosses threads.
final class RemotePeerShared: Sendable {
    let hub: EventHub<RemotePeerState, RemotePeerEvent>
    private let values: NIOLockedValueBox<(metadata: JSONObject?, isPolite: Bool)>

    init(metadata: JSONObject?, isPolite: Bool, bufferLimit: Int) {
        hub = EventHub(state: .idle, bufferLimit: bufferLimit)
        values = NIOLockedValueBox((metadata, isPolite))
    }

    var metadata: JSONObject? {
        get { values.withLockedValue { $0.metadata } }
        set { values.withLockedValue { $0.metadata = newValue } }
    }

    var isPolite: Bool {
        get { values.withLockedValue { $0.isPolite } }
        set { values.withLockedValue { $0.isPolite = newValue } }
    }
}
