import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@testable import WebRTCModel

/// The STUN codec and the TURN client against coturn on real sockets.
@Suite(
    .serialized, .timeLimit(.minutes(1)),
    .enabled(if: CoturnServer.path != nil, "FAULTLINE_TURNSERVER does not name a coturn binary; .ci/test installs one"))
struct CoturnTests {
    private static let ann = TURNCredentials(username: "ann", password: "secret")
    private static let users = ["--lt-cred-mech", "--user", "ann:secret", "--user", "bob:other", "--user-quota", "4"]

    /// coturn on a port that was free a moment ago.
    private static func coturn(_ arguments: [String] = users) async throws -> CoturnServer {
        let probe = try await LoopbackSocket.udp()
        await probe.close()
        return try CoturnServer(port: probe.local.port, arguments)
    }

    /// A client with its socket. Its clock stands still but for what a test adds: nothing is lost on loopback.
    private final class RealClient {
        var machine: TURNClient
        let socket: LoopbackSocket
        private(set) var events: [TURNClient.Event] = []
        private(set) var received: [(payload: ByteBuffer, peer: TransportAddress, isChannelData: Bool)] = []
        var now = NIODeadline.uptimeNanoseconds(1_000_000_000)

        init(_ server: CoturnServer, _ credentials: TURNCredentials = ann, on socket: LoopbackSocket, profile: WebRTCProfile = .libwebrtc) {
            self.socket = socket
            machine = TURNClient(
                server: TransportAddress(.v4(0x7F00_0001), server.port), credentials: credentials, profile: profile.turn,
                isStream: socket.isStream, random: RandomStream(seed: UInt64(socket.local.port), name: "coturn"))
        }

        func allocate() async throws -> TransportAddress? {
            machine.start(now: now)
            try await flush()
            while machine.state == .allocating { try await step() }
            guard case .allocated(let relayed, _, _) = events.last else { return nil }
            return relayed
        }

        func send(_ text: String, to peer: TransportAddress) async throws {
            let isSent = machine.send(ByteBuffer(string: text), to: peer, now: now)
            #expect(isSent)
            try await flush()
        }

        /// Until every request has its answer.
        func settle() async throws {
            while !machine.requests.isEmpty { try await step() }
        }

        func step() async throws {
            let bytes = try await socket.next()
            if case .data(let payload, let peer) = machine.receive(bytes, now: now) {
                received.append((payload, peer, TURNChannelData.isChannelData(bytes)))
            }
            try await flush()
        }

        func flush() async throws {
            while let bytes = machine.nextTransmission() { try await socket.send(bytes, to: machine.server) }
            while let event = machine.nextEvent() { events.append(event) }
        }
    }

    @Test("a Binding request is answered with the socket's address")
    func binding() async throws {
        let server = try await Self.coturn()
        let socket = try await LoopbackSocket.udp()
        let request = STUNMessage(.request, .binding, STUNTransactionID(high: 1, low: 2), [.software("Faultline")])
        try await socket.send(request.encoded(), to: TransportAddress(.v4(0x7F00_0001), server.port))
        let response = try STUNMessage(decoding: try await socket.next())
        #expect(response.messageClass == .successResponse)
        #expect(response.transactionID == request.transactionID)
        #expect(response.mappedAddress == socket.local)
        await socket.close()
    }

    @Test("an allocation is made after the challenge, refreshed, and given back", arguments: [false, true])
    func life(overTCP: Bool) async throws {
        let server = try await Self.coturn()
        let socket = overTCP ? try await LoopbackSocket.tcp(to: server.port) : try await LoopbackSocket.udp()
        let client = RealClient(server, on: socket)
        let relayed = try #require(try await client.allocate())
        #expect(relayed.address == .v4(0x7F00_0001))
        guard case .allocated(_, let mapped, let lifetime) = client.events.first else { return #expect(Bool(false), "\(client.events)") }
        #expect(mapped == socket.local)
        #expect(lifetime == .minutes(10))
        client.now = client.now + .minutes(9)
        client.machine.timerFired(now: client.now)
        try await client.flush()
        try await client.settle()
        #expect(client.events.last == .refreshed(lifetime: .minutes(10)))
        client.machine.release(now: client.now)
        try await client.flush()
        let answer = try STUNMessage(decoding: try await socket.next())
        #expect(answer.messageClass == .successResponse && answer.method == .refresh)
        #expect(answer.lifetime == .zero)
        await socket.close()
    }

    @Test("data goes both ways between two allocations: as indications, then over channels", arguments: ["libwebrtc", "pion", "aioice"])
    func relaying(profile: String) async throws {
        let profile = try #require(WebRTCProfile.named(profile))
        let server = try await Self.coturn()
        let left = RealClient(server, on: try await LoopbackSocket.udp(), profile: profile)
        let right = RealClient(server, on: try await LoopbackSocket.udp(), profile: profile)
        let leftAddress = try #require(try await left.allocate())
        let rightAddress = try #require(try await right.allocate())
        // Both permit the other before anything can pass.
        try await right.send("opens", to: leftAddress)
        try await right.settle()
        try await left.send("first", to: rightAddress)
        try await left.settle()
        while right.received.isEmpty { try await right.step() }
        #expect(right.received.map { String(buffer: $0.payload) } == ["first"])
        #expect(right.received.allSatisfy { $0.peer == leftAddress })
        try await left.send("over a channel", to: rightAddress)
        while right.received.count < 2 { try await right.step() }
        try await right.send("back", to: leftAddress)
        while left.received.last.map({ String(buffer: $0.payload) }) != "back" { try await left.step() }
        #expect(right.received.last?.isChannelData == true && left.received.last?.isChannelData == true)
        #expect(left.machine.peers.allSatisfy { $0.isChannelBound } && right.machine.peers.allSatisfy { $0.isChannelBound })
        #expect(left.events.count == 1 && right.events.count == 1)
        await left.socket.close()
        await right.socket.close()
    }

    @Test("data crosses between an allocation over TCP and one over UDP")
    func streams() async throws {
        let server = try await Self.coturn()
        let stream = RealClient(server, on: try await LoopbackSocket.tcp(to: server.port))
        let datagram = RealClient(server, on: try await LoopbackSocket.udp())
        let streamAddress = try #require(try await stream.allocate())
        let datagramAddress = try #require(try await datagram.allocate())
        for round in ["one", "three", "seventeen"] {
            try await stream.send(round, to: datagramAddress)
            try await stream.settle()
            try await datagram.send(round, to: streamAddress)
            try await datagram.settle()
        }
        while stream.received.last.map({ String(buffer: $0.payload) }) != "seventeen" { try await stream.step() }
        while datagram.received.last.map({ String(buffer: $0.payload) }) != "seventeen" { try await datagram.step() }
        #expect(stream.received.last?.isChannelData == true)
        await stream.socket.close()
        await datagram.socket.close()
    }

    @Test("a wrong password is refused after the challenge")
    func wrongPassword() async throws {
        let server = try await Self.coturn()
        let client = RealClient(server, TURNCredentials(username: "ann", password: "wrong"), on: try await LoopbackSocket.udp())
        #expect(try await client.allocate() == nil)
        guard case .failed(.unauthenticated, _) = client.events.last else { return #expect(Bool(false), "\(client.events)") }
        await client.socket.close()
    }

    @Test("an allocation on a 5-tuple that has one is a mismatch")
    func mismatch() async throws {
        let server = try await Self.coturn()
        let socket = try await LoopbackSocket.udp()
        #expect(try await RealClient(server, on: socket).allocate() != nil)
        let second = RealClient(server, on: socket)
        #expect(try await second.allocate() == nil)
        #expect(second.events == [.needsOtherPort])
        await socket.close()
    }

    @Test("the quota of a user ends with 486")
    func quota() async throws {
        let server = try await Self.coturn()
        var clients: [RealClient] = []
        for _ in 0..<5 {
            let client = RealClient(server, TURNCredentials(username: "bob", password: "other"), on: try await LoopbackSocket.udp())
            _ = try await client.allocate()
            clients.append(client)
        }
        #expect(clients.prefix(4).allSatisfy { $0.machine.state == .allocated })
        guard case .failed(.allocationQuotaReached, _) = clients.last?.events.last else {
            return #expect(Bool(false), "\(clients.map(\.events))")
        }
        for client in clients { await client.socket.close() }
    }

    /// coturn compares times as signed 32-bit numbers: after 2038 they are in the past.
    @Test("time-limited credentials are those that coturn computes, and end when they say")
    func timeLimited() async throws {
        let server = try await Self.coturn(["--use-auth-secret", "--static-auth-secret", "north"])
        let good = RealClient(
            server, TURNCredentials(expiringAt: 2_100_000_000, user: "ann", secret: "north"), on: try await LoopbackSocket.udp())
        #expect(try await good.allocate() != nil)
        let old = RealClient(
            server, TURNCredentials(expiringAt: 1_000_000_000, user: "ann", secret: "north"), on: try await LoopbackSocket.udp())
        #expect(try await old.allocate() == nil)
        guard case .failed(.unauthenticated, _) = old.events.last else { return #expect(Bool(false), "\(old.events)") }
        await good.socket.close()
        await old.socket.close()
    }
}
