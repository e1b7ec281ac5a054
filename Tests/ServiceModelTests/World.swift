import CompactJSON
import NIOCore
import SimulationKernel
import Testing

@testable import ServiceModel

/// A service, its mint and room for clients, in virtual time.
final class World {
    let simulation: Simulation
    let serverLoop: SimulatedEventLoop
    let clientLoop: SimulatedEventLoop
    let service: RealtimeService
    let mint: TokenMint
    private(set) var events: [ServiceEvent] = []
    private var clients: [TestClient] = []

    static let key = AccessKey(id: "pk_test", secret: Array("a secret of thirty-two bytes, ok".utf8))

    init(seed: UInt64 = 1, configure: (inout ServiceConfiguration) -> Void = { _ in }) {
        let simulation = Simulation(seed: seed)
        self.simulation = simulation
        let serverLoop = simulation.makeEventLoop(name: "service")
        self.serverLoop = serverLoop
        clientLoop = simulation.makeEventLoop(name: "client")
        var configuration = ServiceConfiguration(keys: [Self.key])
        configure(&configuration)
        service = RealtimeService(on: serverLoop, configuration: configuration)
        mint = TokenMint(eventLoop: serverLoop, key: SigningKey(id: "pk_test", secret: Array("a secret of thirty-two bytes, ok".utf8))) {
            WallTime(unixNanoseconds: simulation.wallClock)
        }
        service.observe = { [unowned self] in events.append($0) }
    }

    deinit {
        simulation.enter { mint.abandonHangingCalls() }
        simulation.shutdown()
    }

    func run(for amount: TimeAmount = .milliseconds(100)) { simulation.run(until: simulation.now + amount) }

    /// In the simulation, as an event of the timeline would.
    func act<Result>(_ body: (RealtimeService) throws -> Result) rethrows -> Result {
        let service = service
        return try simulation.enter { try body(service) }
    }

    func token(
        _ peer: String, lifetime: TimeAmount = .hours(1), channels: [ChannelPattern]? = nil, permissions: ServiceActions? = nil,
        peerMetadata: JSONObject? = nil, metadata: JSONObject? = nil
    ) throws -> String {
        let claims = TokenClaims(
            peerID: peer, expiresAt: WallTime(unixNanoseconds: simulation.wallClock) + lifetime, channels: channels,
            permissions: permissions,
            peerMetadata: peerMetadata, metadata: metadata)
        return try JSONWebToken.sign(claims, with: try #require(Self.key.signingKey))
    }

    /// A client whose upgrade request is out; nothing has run yet.
    func dial(_ target: String, headers: [(String, String)] = [], latency: TimeAmount = .zero) -> TestClient {
        let client = TestClient(self, latency: latency)
        clients.append(client)
        run(for: .zero)
        client.upgrade(target, headers: headers)
        return client
    }

    /// A client with a token, up to and including its welcome.
    func connect(_ peer: String, lifetime: TimeAmount = .hours(1), peerMetadata: JSONObject? = nil, latency: TimeAmount = .zero) throws
        -> TestClient
    {
        let client = dial("/v1?token=\(try token(peer, lifetime: lifetime, peerMetadata: peerMetadata))", latency: latency)
        run()
        return client
    }

    /// A client with a token in a channel, its own frames so far forgotten.
    func join(_ peer: String, _ channel: String = "room", peerMetadata: JSONObject? = nil) throws -> TestClient {
        let client = try connect(peer, peerMetadata: peerMetadata)
        client.subscribe(channel)
        run()
        client.forgetFrames()
        return client
    }

    func ends(of peer: String) -> [ConnectionEnd] {
        events.compactMap { event in
            guard event.peer == peer, case .closed(let end) = event.kind else { return nil }
            return end
        }
    }
}
