import NIOCore
import NIOPosix
import NetworkModel
import SimulationKernel

@testable import WebRTCModel

/// An `ICEAgent` on a real UDP socket of 127.0.0.1, with a TURN client on the same socket if it is to be relayed. Confined to its event loop.
final class RealAgent: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private var agent: ICEAgent
    private var turn: TURNClient?
    private let parameters: ICEParameters
    private var channel: (any Channel)?
    private var local: TransportAddress?
    private var timers: [Scheduled<Void>] = []
    private var candidates: [CandidateAttribute] = []
    private var isGathered: EventLoopPromise<Void>?
    private var isConnected: EventLoopPromise<Void>?
    private var waiting: [(text: String, promise: EventLoopPromise<Void>)] = []

    /// The relayed candidate's transport, and the socket's.
    private static let (relay, socket) = (2, 1)

    private init(profile: WebRTCProfile, isControlling: Bool, turn: TURNClient?, seed: UInt64) {
        var random = RandomStream(seed: seed, name: "real agent")
        agent = ICEAgent(profile: profile.ice, isControlling: isControlling, random: random)
        parameters = ICEParameters(random: &random)
        self.turn = turn
        agent.startGeneration(parameters, now: .now())
    }

    /// An agent that has its candidates: that of its socket, or only that of its allocation.
    static func start(
        profile: WebRTCProfile, isControlling: Bool, turnPort: UInt16? = nil, user: String = "", password: String = "", seed: UInt64 = 1
    ) async throws -> RealAgent {
        let client = turnPort.map {
            TURNClient(
                server: TransportAddress(.v4(0x7F00_0001), $0), credentials: TURNCredentials(username: user, password: password),
                profile: profile.turn, isStream: false, random: RandomStream(seed: seed, name: "real turn"))
        }
        let real = RealAgent(profile: profile, isControlling: isControlling, turn: client, seed: seed)
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(real) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        try await channel.eventLoop.flatSubmit { real.gather(on: channel) }.get()
        return real
    }

    private func gather(on channel: any Channel) -> EventLoopFuture<Void> {
        self.channel = channel
        let address = TransportAddress(.v4(0x7F00_0001), UInt16(channel.localAddress?.port ?? 0))
        local = address
        let promise = channel.eventLoop.makePromise(of: Void.self)
        guard turn != nil else {
            addCandidate(.host, address, Self.socket)
            promise.succeed()
            return promise.futureResult
        }
        isGathered = promise
        turn?.start(now: .now())
        pump()
        return promise.futureResult
    }

    private func addCandidate(_ kind: ICECandidateKind, _ address: TransportAddress, _ transport: Int) {
        let candidate = ICELocalCandidate(kind: kind, address: address, base: address, relatedAddress: kind == .host ? nil : local)
        if let attribute = agent.addLocal(candidate, transport: transport, now: .now()) { candidates.append(attribute) }
        agent.endOfLocalCandidates(now: .now())
        pump()
    }

    // MARK: What a test does

    /// Exchanges parameters and candidates, and waits until both ends are connected.
    func connect(to peer: AioicePeer) async throws {
        guard let channel else { return }
        try peer.tell(parameters, try await channel.eventLoop.submit { self.candidates }.get())
        let (remote, remoteCandidates) = (peer.parameters, peer.candidates)
        try await channel.eventLoop.flatSubmit {
            let promise = channel.eventLoop.makePromise(of: Void.self)
            self.isConnected = promise
            self.agent.setRemote(remote, now: .now())
            for candidate in remoteCandidates { self.agent.addRemote(candidate, now: .now()) }
            self.agent.endOfRemoteCandidates(now: .now())
            self.pump()
            return promise.futureResult
        }.get()
    }

    /// Sends a datagram on the selected pair and waits for another.
    func send(_ text: String, until answer: String) async throws {
        guard let channel else { return }
        try await channel.eventLoop.flatSubmit {
            let promise = channel.eventLoop.makePromise(of: Void.self)
            self.waiting.append((answer, promise))
            if let route = self.agent.route { self.carry(ByteBuffer(string: text), route.transport, route.remote) }
            self.pump()
            return promise.futureResult
        }.get()
    }

    func selectedPair() async throws -> ICESelectedPair? {
        try await channel?.eventLoop.submit { self.agent.selectedPair }.get()
    }

    func close() async throws { try await channel?.close() }

    // MARK: The socket

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let source = TransportAddress(envelope.remoteAddress) else { return }
        if source == turn?.server, let received = turn?.receive(envelope.data, now: .now()) {
            switch received {
            case .data(let payload, let peer): take(payload, peer, Self.relay)
            case .handled: break
            case .notTURN: break
            }
        } else {
            take(envelope.data, source, Self.socket)
        }
        pump()
    }

    private func take(_ bytes: ByteBuffer, _ source: TransportAddress, _ transport: Int) {
        guard agent.receive(bytes, on: transport, from: source, now: .now()) == .data else { return }
        let text = String(buffer: bytes)
        for (_, promise) in waiting.filter({ $0.text == text }) { promise.succeed() }
        waiting.removeAll { $0.text == text }
    }

    private func carry(_ bytes: ByteBuffer, _ transport: Int, _ remote: TransportAddress) {
        if transport == Self.relay { _ = turn?.send(bytes, to: remote, now: .now()) } else { write(bytes, remote) }
    }

    private func write(_ bytes: ByteBuffer, _ remote: TransportAddress) {
        guard case .v4 = remote.address, let address = try? SocketAddress(ipAddress: "\(remote.address)", port: Int(remote.port)) else {
            return
        }
        channel?.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: bytes), promise: nil)
    }

    /// Carries out what the machines want, and sets their timers.
    private func pump() {
        while let action = agent.nextAction() {
            switch action {
            case .send(let bytes, let transport, let remote): carry(bytes, transport, remote)
            case .stateChanged(.connected), .stateChanged(.completed): isConnected?.succeed()
            case .stateChanged(.failed): isConnected?.fail(AioicePeer.Unavailable(description: "ICE failed"))
            case .stateChanged, .pairMade, .pairForgotten, .pairSelected, .pairLost, .writableChanged, .roleChanged, .generationEnded: break
            }
        }
        while let bytes = turn?.nextTransmission(), let server = turn?.server { write(bytes, server) }
        while let event = turn?.nextEvent() {
            guard case .allocated(let relayed, _, _) = event else { continue }
            addCandidate(.relayed, relayed, Self.relay)
            isGathered?.succeed()
        }
        for timer in timers { timer.cancel() }
        timers = []
        set(agent.nextDeadline) { $0.agent.timerFired(now: .now()) }
        set(turn.map(\.deadline)) { $0.turn?.timerFired(now: .now()) }
    }

    private func set(_ deadline: NIODeadline?, _ fire: @escaping @Sendable (RealAgent) -> Void) {
        guard let channel, let deadline, deadline != .distantFuture else { return }
        timers.append(
            channel.eventLoop.scheduleTask(deadline: deadline) {
                fire(self)
                self.pump()
            })
    }
}

extension TransportAddress {
    /// An IPv4 address of NIO.
    fileprivate init?(_ address: SocketAddress) {
        guard let text = address.ipAddress, let parsed = IPAddress(text), let port = address.port else { return nil }
        self.init(parsed, UInt16(port))
    }
}
