import CompactJSON
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Connecting (SIG-07, 09, 14, 15, WIRE-03)")
struct ConnectingTests {
    @Test("a first connect goes through connecting to connected at the welcome")
    func connects() throws {
        let world = try TestWorld()
        world.connect()
        world.run(until: 2_000)
        #expect(world.log.states == ["0.0 connecting", "70.0 connected"])
        #expect(world.log.finish(of: "connect") == .init(call: "connect", result: .success(()), at: 70))
    }

    @Test("the upgrade request goes to /v1 with the credential and a proper key")
    func request() throws {
        let world = try TestWorld(credential: .publishableKey("pk a"))
        world.connect()
        world.run(until: 100)
        let request = try #require(world.server.requests.first)
        #expect(request.uri == "/v1?key=pk%20a")
        #expect(request.headers["Host"] == ["rms.metered.ca"])
        #expect(request.headers["Sec-WebSocket-Version"] == ["13"])
        #expect(request.headers["Sec-WebSocket-Key"].first?.utf8.count == 24)
    }

    @Test("frames are masked, each with another key")
    func masking() throws {
        let world = try TestWorld()
        world.connect()
        for _ in 0..<2 { world.publish(at: 100) }
        world.run(until: 200)
        let keys = world.server.connections[0].received.compactMap(\.maskKey).map(Array.init)
        #expect(keys.count == 2)
        #expect(keys[0] != keys[1])
    }

    @Test("a welcome in the same segment as the answer to the upgrade is not lost")
    func welcomeInSameSegment() throws {
        let world = try TestWorld()
        world.server.coalescesWrites = true
        world.server.onOpen = { connection, _ in connection.welcome() }
        world.connect()
        world.run(until: 1_000)
        #expect(world.log.finish(of: "connect") == .init(call: "connect", result: .success(()), at: 51))
    }

    @Test("frames before the welcome are dispatched")
    func framesBeforeWelcome() throws {
        let world = try TestWorld()
        world.server.onOpen = { connection, _ in
            connection.after(.milliseconds(10)) { $0.send(["type": "message", "channel": "c", "from": "x", "data": 1]) }
            connection.welcomeSoon()
        }
        world.connect()
        world.run(until: 200)
        #expect(world.log.events.dropFirst().first == .message(channel: "c", from: "x", data: 1, fromMetadata: nil))
    }

    @Test("a second welcome on a socket is ignored with a log line")
    func secondWelcome() throws {
        let world = try TestWorld()
        world.server.onOpen = { connection, _ in
            connection.welcomeSoon()
            connection.welcomeSoon(after: .milliseconds(100), ["peerId": "other"])
        }
        world.connect()
        world.run(until: 1_000)
        #expect(world.log.events.filter { if case .connected = $0 { true } else { false } }.count == 1)
        #expect(world.log.times { if case .frameDropped("second welcome", _) = $0 { true } else { false } } == [150])
        #expect(world.state == .connected)
    }

    @Test("the welcome's fields reach the caller, with its ICE servers")
    func welcomeFields() throws {
        let world = try TestWorld()
        world.server.onOpen = { connection, _ in
            connection.welcomeSoon(["maxMessageSize": 10, "expiresAt": 5, "metadata": ["iceServers": [["urls": "stun:a"]]]])
        }
        var welcome: Welcome?
        world.at(0) { $0.connect { welcome = try? $0.get() } }
        world.run(until: 200)
        #expect(welcome?.maximumMessageBytes == 10)
        #expect(welcome?.expiresAt == 5)
        #expect(welcome?.iceServers == [ICEServer(urls: ["stun:a"])])
    }

    @Test("a reconnect's welcome without ICE servers keeps the earlier ones")
    func keepsICEServers() throws {
        let world = try TestWorld()
        world.server.onOpen = { connection, number in
            connection.welcomeSoon(number == 1 ? ["metadata": ["iceServers": [["urls": "stun:a"]]]] : [:])
            if number == 1 { connection.after(.milliseconds(100)) { $0.drop() } }
        }
        world.connect()
        world.run(until: 2_000)
        var servers: [ICEServer]?
        world.at(2_001) { servers = $0.iceServers }
        world.run(until: 2_002)
        #expect(world.server.dialCount == 2)
        #expect(servers == [ICEServer(urls: ["stun:a"])])
    }

    @Test(
        "a first connect that fails is not retried and says why",
        arguments: [
            (TestServer.Dial.refuse(), SignallingError.connectFailed(code: 1_006, reason: "connection refused"), 10),
            (.http(.unauthorized), .upgradeRejected(status: 401), 50), (.http(.tooManyRequests), .upgradeRejected(status: 429), 50),
            (.wrongUpgradeKey, .connectFailed(code: 1_006, reason: "invalid answer to the upgrade"), 50),
            (.notHTTP, .connectFailed(code: 1_006, reason: "answer is not HTTP"), 50),
            (.hang, .connectFailed(code: 1_006, reason: "timeout"), 10_000),
            (.silentUpgrade, .connectFailed(code: 1_006, reason: "timeout"), 10_000),
        ] as [(TestServer.Dial, SignallingError, Double)])
    func firstConnectFails(dial: TestServer.Dial, error: SignallingError, at time: Double) throws {
        let world = try TestWorld()
        world.server.dials = { _ in dial }
        world.connect()
        world.run(until: 60_000)
        #expect(world.log.finish(of: "connect") == .init(call: "connect", result: .failure(error), at: time))
        #expect(world.log.states == ["0.0 connecting", "\(time) closed"])
        #expect(world.log.disconnects.isEmpty)
        #expect(world.server.dialCount == 1)
        #expect(world.simulation.pendingEvents == 0, "no timer is left")
    }

    @Test("a close before the first welcome fails connect with its code", arguments: [1_000, 1_011, 4_001, 4_010] as [UInt16])
    func closeBeforeWelcome(code: UInt16) throws {
        let world = try TestWorld()
        world.server.onOpen = { connection, _ in connection.after(.milliseconds(500)) { $0.send(close: code, reason: "r") } }
        world.connect()
        world.run(until: 60_000)
        let error = SignallingError.connectFailed(code: CloseCode(rawValue: code), reason: "r")
        #expect(world.log.finish(of: "connect") == .init(call: "connect", result: .failure(error), at: 550))
        #expect(world.server.dialCount == 1)
    }

    @Test("a socket without a welcome is closed with 1000 after 10 s and abandoned at once")
    func noWelcome() throws {
        let world = try TestWorld()
        world.server.onOpen = { connection, _ in connection.closeEchoDelay = .seconds(1) }
        world.connect()
        world.run(until: 60_000)
        let error = SignallingError.connectFailed(code: .normalClosure, reason: "no welcome")
        #expect(world.log.finish(of: "connect") == .init(call: "connect", result: .failure(error), at: 10_050))
        let close = try #require(world.server.connections[0].closeFrames.first)
        #expect(close.code == 1_000)
        #expect(close.reason == "no welcome")
    }

    @Test("with the handshake awaited, a welcome timeout that is not answered ends as 1006 after 10 s more (parity)")
    func noWelcomeParity() throws {
        var options = SignallingOptions()
        options.closeHandshakeTimeout = .seconds(10)
        let world = try TestWorld(options)
        world.server.onOpen = { connection, _ in connection.echoesClose = false }
        world.connect()
        world.run(until: 60_000)
        let error = SignallingError.connectFailed(code: .abnormalClosure, reason: "")
        #expect(world.log.finish(of: "connect") == .init(call: "connect", result: .failure(error), at: 20_050))
        #expect(world.log.times { $0 == .closeHandshakeAbandoned } == [20_050])
    }

    @Test("a welcome 9.9 s after the socket opened is accepted")
    func lateWelcome() throws {
        let world = try TestWorld()
        world.server.onOpen = { connection, _ in connection.welcomeSoon(after: .milliseconds(9_900)) }
        world.connect()
        world.run(until: 12_000)
        #expect(world.log.finish(of: "connect")?.at == 9_950)
        #expect(world.state == .connected)
    }

    @Test("a channel that arrives after the attempt was given up is closed")
    func lateChannel() throws {
        let world = try TestWorld()
        world.server.dials = { _ in .hang }
        world.connect()
        var late: (any Channel)?
        world.at(11_000) { [server = world.server] _ in late = server.completeHungDial(0) }
        world.run(until: 12_000)
        #expect(late?.isActive == false)
        #expect(world.server.requests.isEmpty, "no credential is sent on it")
    }

    @Test("a dial that is given up, by the time limit or by close(), is stopped; one that succeeded or failed is not")
    func abandonedDials() throws {
        let world = try TestWorld()
        world.server.dials = { [.hang, .hang, .refuse(), .accept()][min($0 - 1, 3)] }
        world.connect(at: 0)
        world.run(until: 10_000)
        #expect(world.server.abandonedDials == 1)
        world.connect(at: 11_000)
        world.close(at: 12_000)
        world.run(until: 12_001)
        #expect(world.server.abandonedDials == 2)
        world.connect(at: 13_000)
        world.connect(at: 14_000)
        world.close(at: 15_000)
        world.run(until: 20_000)
        #expect(world.server.abandonedDials == 2)
    }

    @Test("connect is refused while a session is under way and works again after a failure")
    func connectStates() throws {
        let world = try TestWorld()
        world.server.dials = { $0 == 1 ? .refuse() : .accept() }
        world.connect(at: 0)
        world.connect(at: 5)
        world.connect(at: 1_000)
        world.connect(at: 2_000)
        world.run(until: 3_000)
        #expect(
            world.log.finishes.map(\.error) == [
                .invalidState(.connecting), .connectFailed(code: 1_006, reason: "connection refused"), nil, .invalidState(.connected),
            ])
        #expect(world.log.states == ["0.0 connecting", "10.0 closed", "1000.0 connecting", "1070.0 connected"])
    }

    @Test("several clients with the same seed send the same bytes")
    func deterministic() throws {
        func run() throws -> [JSONValue] {
            let world = try TestWorld(seed: 9)
            world.connect()
            for index in 0..<5 { world.publish(.integer(Int64(index)), at: 100) }
            world.run(until: 1_000)
            return world.server.connections[0].received.map(\.json)
        }
        #expect(try run() == run())
    }
}
