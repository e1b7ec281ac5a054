import CompactJSON
import MeteredRealtime
import MeteredRealtimeNIO
import NIOCore
import NIOSSL
import Testing

/// The SDK on real sockets, against a server that is not ours.
@Suite("On loopback, against the Python package websockets", .serialized, .timeLimit(.minutes(2)))
struct LoopbackTests {
    private func client(_ server: PythonServer, key: String = "pk_test", options: SignallingOptions = SignallingOptions()) throws
        -> SignallingClient
    {
        try SignallingClient(url: "ws://127.0.0.1:\(server.port)", credential: .publishableKey(key), options: options)
    }

    /// The first event that `matches`; nil if the stream ends before.
    private func first(in events: AsyncStream<SignallingEvent>, _ matches: @escaping @Sendable (SignallingEvent) -> Bool) async
        -> SignallingEvent?
    {
        for await event in events where matches(event) { return event }
        return nil
    }

    @Test("connect, subscribe, publish, receive, close")
    func conversation() async throws {
        let server = try PythonServer()
        let client = try client(server, key: "pk test")
        let events = client.events()
        let welcome = try await client.connect()
        #expect(welcome.peerID == "p1")
        #expect(welcome.iceServers == [ICEServer(urls: ["stun:stun.example.test"])])
        try await client.subscribe("room")
        try await client.publish(["text": "grüße 😀", "n": 1.5], to: "room")
        let expected = SignallingEvent.message(channel: "room", from: "p1", data: ["text": "grüße 😀", "n": 1.5], fromMetadata: nil)
        #expect(await first(in: events) { $0 == expected } != nil)
        await client.close(reason: "done")
        #expect(client.state == .closed)
        #expect(server.next()?["key"] == ["pk test"])
        var closed: JSONValue?
        while let line = server.next() {
            if line["what"] == "closed" {
                closed = line
                break
            }
        }
        #expect(closed == ["what": "closed", "code": 1_000, "reason": "done"])
    }

    @Test("a server's error reaches the caller")
    func rejection() async throws {
        let server = try PythonServer()
        let client = try client(server)
        try await client.connect()
        await #expect(throws: SignallingError.rejectedByServer(code: "peer_not_found", message: nil)) {
            try await client.send(1, to: "nobody")
        }
        await client.close()
    }

    @Test("a refused upgrade has its HTTP status")
    func refusedUpgrade() async throws {
        let server = try PythonServer()
        let client = try client(server, key: "forbidden")
        await #expect(throws: SignallingError.upgradeRejected(status: 401)) { try await client.connect() }
    }

    @Test("4001 ends the session")
    func terminalClose() async throws {
        let server = try PythonServer()
        let client = try client(server)
        let events = client.events()
        try await client.connect()
        try server.closeClients(code: 4_001, reason: "bad token")
        let expected = SignallingEvent.disconnected(code: .invalidToken, reason: "bad token", willReconnect: false)
        #expect(await first(in: events) { $0 == expected } != nil)
        #expect(await first(in: events) { $0 == .stateChanged(from: .connected, to: .closed) } != nil)
    }

    @Test("1011 is followed by a reconnect and the replay of the subscriptions")
    func transientClose() async throws {
        let server = try PythonServer()
        let client = try client(server)
        let events = client.events()
        try await client.connect()
        try await client.subscribe("room")
        try server.closeClients(code: 1_011, reason: "oops")
        let expected = SignallingEvent.disconnected(code: 1_011, reason: "oops", willReconnect: true)
        #expect(await first(in: events) { $0 == expected } != nil)
        #expect(await first(in: events) { if case .connected(_, isReconnect: true) = $0 { true } else { false } } != nil)
        #expect(await first(in: events) { if case .presence("room", _, _) = $0 { true } else { false } } != nil)
        await client.close()
    }

    @Test("a server that is killed and started again is found again")
    func restart() async throws {
        let server = try PythonServer()
        let client = try client(server)
        let events = client.events()
        try await client.connect()
        server.kill()
        #expect(await first(in: events) { $0 == .disconnected(code: .abnormalClosure, reason: "", willReconnect: true) } != nil)
        let successor = try PythonServer(port: server.port)
        #expect(await first(in: events) { if case .connected(_, isReconnect: true) = $0 { true } else { false } } != nil)
        try await client.publish(1, to: "room")
        await client.close()
        successor.kill()
    }

    @Test("nobody listening is a failed connect")
    func refused() async throws {
        let server = try PythonServer()
        server.kill()
        let client = try client(server)
        do throws(SignallingError) {
            try await client.connect()
            Issue.record("connected")
        } catch {
            guard case .connectFailed(.abnormalClosure, _) = error else {
                Issue.record("\(error)")
                return
            }
        }
    }
}

@Suite("TLS on loopback, with a certificate made for the test", .serialized, .timeLimit(.minutes(2)))
struct LoopbackTLSTests {
    private func client(host: String, _ server: PythonServer, trusting roots: [NIOSSLCertificate]) throws -> SignallingClient {
        try SignallingClient(
            url: "wss://\(host):\(server.port)", credential: .publishableKey("pk"), tls: .init(additionalTrustRoots: roots))
    }

    private func certificate(of server: PythonServer) throws -> [NIOSSLCertificate] {
        try NIOSSLCertificate.fromPEMFile(try #require(server.certificate))
    }

    private func expectFailure(_ client: SignallingClient) async {
        do throws(SignallingError) {
            try await client.connect()
            Issue.record("connected")
        } catch {
            guard case .connectFailed(.abnormalClosure, _) = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test("a trusted certificate for the right name is accepted")
    func trusted() async throws {
        let server = try PythonServer(tls: true)
        let client = try client(host: "localhost", server, trusting: certificate(of: server))
        try await client.connect()
        try await client.publish(1, to: "room")
        await client.close()
    }

    @Test("a certificate that nobody vouches for is refused")
    func untrusted() async throws {
        let server = try PythonServer(tls: true)
        await expectFailure(try client(host: "localhost", server, trusting: []))
    }

    @Test("a trusted certificate for another name is refused")
    func wrongName() async throws {
        let server = try PythonServer(tls: true)
        await expectFailure(try client(host: "127.0.0.1", server, trusting: certificate(of: server)))
    }
}
