import CompactJSON
import NIOCore
import NIOHTTP1
import NIOWebSocket
import SimulationKernel

/// The simulated realtime service (SPEC section 7): authentication, presence, relaying, limits, close codes, deploys and crashes, and every
/// departure from the rules that a scenario asks for.
///
/// Confined to one event loop: its channels live on it, and everything of it is called on it. It knows nothing of the network below: give
/// ``accept(_:)`` each accepted channel as its initializer.
public final class RealtimeService {
    /// The loop.
    public let eventLoop: any EventLoop
    /// Keys, limits, policies, times. May change at any time.
    public var configuration: ServiceConfiguration
    /// Told of everything that happens, in order.
    public var observe: ((ServiceEvent) -> Void)?
    /// Told of each change of ``state``, so that a host can close and open its listener.
    public var onStateChange: ((ServiceState) -> Void)?
    /// Asked for the `metadata` of each welcome by peer id, `iceServers` for instance; a token's own members win.
    public var welcomeMetadata: ((_ peerID: String) -> JSONObject?)?
    /// Offered each request of a welcomed client before the rules see it; true: it was dealt with.
    public var intercept: ((ServiceConnection, ClientRequest) -> Bool)?
    /// Ends a channel by a reset. The default knows simulated channels and sockets; on others it is a plain close.
    public var resetChannel: (any Channel) -> Void
    /// What the service is doing.
    public internal(set) var state = ServiceState.running
    /// Connections over time.
    public internal(set) var statistics = AcceptStatistics()

    var behaviours = BehaviourTable()
    var connections = JoinOrderedTable<Int, ServiceConnection>()
    /// Welcomed connections by peer; two or more only with parallel sessions.
    var sessions: [String: [ServiceConnection]] = [:]
    var servedConnections = 0
    var rooms: [String: Room] = [:]
    var partitions: [(id: PartitionID, clients: ClientSelector)] = []
    var partitionsMade = 0
    var goingAwayRetryAfter: TimeAmount?
    /// Counts deploys, crashes and restarts, so that a later one takes the place of what an earlier one still planned.
    var epoch = 0
    var abandoned: [FrameHandler] = []
    private var accepted = 0
    var welcomes = 0
    private var random: any RandomNumberGenerator
    private let givenWallClock: () -> WallTime
    private var wallClockOffset: TimeAmount = .zero

    /// - Parameters:
    ///   - eventLoop: of the host that the service runs on.
    ///   - random: draws peer ids for bare keys, nothing else.
    ///   - wallClock: civil time as the service's host believes it at first; see ``jumpWallClock(by:)``.
    public init(
        eventLoop: any EventLoop, configuration: ServiceConfiguration, random: any RandomNumberGenerator,
        wallClock: @escaping () -> WallTime
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.random = random
        givenWallClock = wallClock
        resetChannel = Self.closeWithoutLinger
    }

    /// A service in a simulation: its wall clock is true until it is moved, its random stream is `service`.
    public convenience init(on loop: SimulatedEventLoop, configuration: ServiceConfiguration) {
        self.init(eventLoop: loop, configuration: configuration, random: loop.simulation.random("service")) { [unowned loop] in
            WallTime(unixNanoseconds: loop.simulation.wallClock)
        }
    }

    // MARK: Clocks

    /// Civil time as the service believes it.
    public var wallClock: WallTime { givenWallClock() + wallClockOffset }

    /// Moves the service's wall clock. Live tokens are judged anew at once: they expire by this clock.
    public func jumpWallClock(by amount: TimeAmount) {
        wallClockOffset = wallClockOffset + amount
        emit(nil, .wallClockJumped(by: amount))
        for connection in connections(.everyone) { scheduleExpiry(connection) }
    }

    // MARK: Accepting

    /// Takes an accepted channel; the initializer of the host's listener.
    ///
    /// - Returns: succeeds when the pipeline stands; fails if the channel is closed already.
    public func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        eventLoop.preconditionInEventLoop()
        switch state {
        case .refusing(.reset):
            emit(nil, .turnedAway(.reset))
            resetChannel(channel)
            return eventLoop.makeSucceededVoidFuture()
        case .refusing(.silent):
            emit(nil, .turnedAway(.silent))
            return eventLoop.makeSucceededVoidFuture()
        case .refusing(.http), .running, .goingAway: break
        }
        accepted += 1
        let connection = ServiceConnection(id: accepted, channel: channel, service: self)
        connections[connection.id] = connection
        statistics.connectionAccepted(at: eventLoop.now)
        emit(connection, .accepted(remoteAddress: connection.remoteAddress))
        channel.closeFuture.assumeIsolated().whenComplete { [weak self] _ in self?.channelClosed(connection) }
        return eventLoop.assumeIsolated().makeCompletedFuture(Result { try configure(channel, connection) })
    }

    /// The stock server pipeline, with the gate between decoder and upgrader.
    private func configure(_ channel: any Channel, _ connection: ServiceConnection) throws {
        let encoder = HTTPResponseEncoder()
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
        let gate = UpgradeGate(patience: configuration.timing.upgradeTimeout) { [weak self] head in
            self?.judge(head, connection) ?? .reject(status: 503, retryAfter: nil)
        } rejected: { [weak self] status in
            self?.emit(connection, .upgradeRejected(status: status))
        }
        let bound = NIOLoopBound((service: WeakService(self), connection: connection), eventLoop: eventLoop)
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: configuration.limits.maximumMessageBytes, automaticErrorHandling: false,
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    try bound.value.service.service?.upgraded(channel, bound.value.connection)
                }
            })
        let upgradeHandler = HTTPServerUpgradeHandler(
            upgraders: [upgrader], httpEncoder: encoder, extraHTTPHandlers: [decoder, gate], upgradeCompletionHandler: { _ in })
        try channel.pipeline.syncOperations.addHandlers([encoder, decoder, gate, upgradeHandler])
    }

    private func upgraded(_ channel: any Channel, _ connection: ServiceConnection) throws {
        // The service may have crashed while the upgrade was under way.
        guard connection.phase == .upgrading else { return }
        let timing = configuration.timing
        let handler = FrameHandler(
            maximumMessageBytes: configuration.limits.maximumMessageBytes, maximumBacklogBytes: configuration.limits.maximumBacklogBytes,
            timing: ConnectionTiming(
                pingInterval: timing.pingInterval, pingGrace: timing.pingGrace, closeTimeout: timing.closeTimeout,
                failureLinger: timing.failureLinger),
            reset: resetChannel, encoderContext: try channel.pipeline.syncOperations.context(handlerType: WebSocketFrameEncoder.self),
            delegate: connection)
        connection.handler = handler
        connection.phase = .open
        try channel.pipeline.syncOperations.addHandler(handler)
        emit(connection, .upgraded)
        opened(connection)
    }

    /// The end of a channel that never got as far as a WebSocket.
    private func channelClosed(_ connection: ServiceConnection) {
        guard connection.handler == nil, connection.phase != .ended else { return }
        ended(connection, ConnectionEnd(code: .abnormal, reason: "", by: .transport))
    }

    /// 60 bits, enough to be unique and short enough to read.
    func newPeerID() -> String {
        let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")
        var bits = random.next()
        var name = "peer-"
        for _ in 0..<12 {
            name.append(alphabet[Int(bits & 31)])
            bits >>= 5
        }
        return name
    }

    func emit(_ connection: ServiceConnection?, _ kind: @autoclosure () -> ServiceEvent.Kind) {
        guard let observe else { return }
        observe(ServiceEvent(at: eventLoop.now, connection: connection?.id, peer: connection?.peerID, kind: kind()))
    }

    /// A close without linger sends a reset instead of the end of the stream.
    private static func closeWithoutLinger(_ channel: any Channel) {
        if let channel = channel as? SimulatedChannel {
            channel.closesAbortively = true
        } else if let socket = channel as? any SocketOptionProvider {
            _ = socket.setSoLinger(NIOLinger(l_onoff: 1, l_linger: 0))
        }
        channel.close(promise: nil)
    }
}

/// Channels may outlive the service that they were given to.
private struct WeakService {
    weak var service: RealtimeService?
    init(_ service: RealtimeService) { self.service = service }
}
