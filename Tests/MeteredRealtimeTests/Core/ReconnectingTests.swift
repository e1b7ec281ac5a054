import CompactJSON
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Reconnecting (SIG-01...06, 15, 18, BEY-01, 04...07)")
struct ReconnectingTests {
    /// A world whose first connection is welcomed and drops 1 s after it opened (at 1,050 ms).
    private func world(
        _ options: SignallingOptions = SignallingOptions(), credential: Credential = .publishableKey("k"),
        jitter: any RandomNumberGenerator & Sendable = TestWorld.MiddleJitter(),
        redials: @escaping (Int) -> TestServer.Dial = { _ in .accept() },
        firstEnds: @escaping (TestConnection) -> Void = { $0.drop() }
    ) throws -> TestWorld {
        let world = try TestWorld(options, credential: credential, jitter: jitter)
        world.server.dials = { $0 == 1 ? .accept() : redials($0) }
        world.server.onOpen = { connection, number in
            connection.welcomeSoon()
            if number == 1 { connection.after(.seconds(1), firstEnds) }
        }
        world.connect()
        return world
    }

    @Test("a drop is reported, the state becomes reconnecting, and the first attempt begins 500 ms later")
    func drop() throws {
        let world = try world()
        world.run(until: 3_000)
        #expect(world.log.disconnects == ["1050.0 1006  true"])
        #expect(world.log.states == ["0.0 connecting", "70.0 connected", "1050.0 reconnecting", "1620.0 connected"])
        #expect(world.log.attempts == [0, 1_550])
    }

    @Test("on a drop the socket's end comes first, then the disconnect, then the state, then the wait")
    func order() throws {
        let world = try world()
        world.run(until: 1_100)
        let names = world.log.entries.filter { $0.at == 1_050 }.compactMap { entry -> String? in
            switch entry.diagnostic {
            case .socketClosed: "socket closed"
            case .event(.disconnected): "disconnected"
            case .event(.stateChanged): "state"
            case .backoffScheduled: "backoff"
            default: nil
            }
        }
        #expect(names == ["socket closed", "disconnected", "state", "backoff"])
    }

    @Test("refused dials climb the ladder to the cap and report nothing")
    func ladder() throws {
        let world = try world(redials: { _ in .refuse() })
        world.run(until: 100_000)
        #expect(world.log.attempts == [0, 1_550, 2_560, 4_570, 8_580, 16_590, 32_600, 62_610, 92_620])
        #expect(world.log.disconnects.count == 1)
        #expect(world.log.states.last == "1050.0 reconnecting")
    }

    @Test("jitter is drawn once per delay", arguments: [(0.0, 1_450.0), (0.999_999, 1_650.0)])
    func jitter(unit: Double, first: Double) throws {
        let world = try world(jitter: TestWorld.ConstantJitter(unit: unit))
        world.run(until: 3_000)
        #expect(abs(world.log.attempts[1] - first) < 0.01)
    }

    @Test("every socket that opened is reported, with 1011 or whatever it was, without a change of state")
    func opensAndCloses() throws {
        var options = SignallingOptions()
        options.maximumAttempts = 3
        let world = try world(options)
        world.server.onOpen = { connection, number in
            if number == 1 {
                connection.welcomeSoon()
                connection.after(.seconds(1)) { $0.drop() }
            } else {
                connection.after(.milliseconds(100)) { $0.send(close: 1_011, reason: "x") }
            }
        }
        world.run(until: 60_000)
        #expect(world.log.disconnects == ["1050.0 1006  true", "1700.0 1011 x true", "2850.0 1011 x true", "5000.0 1011 x false"])
        #expect(world.log.states.suffix(2) == ["1050.0 reconnecting", "5000.0 closed"])
    }

    @Test("a budget spent on dials that never opened is reported with 1006")
    func spentBudget() throws {
        var options = SignallingOptions()
        options.maximumAttempts = 3
        let world = try world(options, redials: { _ in .refuse() })
        world.run(until: 60_000)
        #expect(world.log.disconnects == ["1050.0 1006  true", "4580.0 1006 connection refused false"])
        #expect(world.log.states.last == "4580.0 closed")
        #expect(world.simulation.pendingEvents == 0)
    }

    @Test("100 attempts are made by default")
    func defaultBudget() throws {
        let world = try world(redials: { _ in .refuse() })
        world.run(until: 4_000_000)
        #expect(world.log.attempts.count == 101)
        #expect(world.state == .closed)
    }

    @Test("a server that welcomes and closes at once is approached ever more slowly")
    func flapping() throws {
        let world = try world()
        world.server.onOpen = { connection, _ in
            connection.welcomeSoon()
            connection.after(.milliseconds(50)) { $0.send(close: 1_011, reason: "flap") }
        }
        world.run(until: 20_000)
        #expect(world.log.backoffs.prefix(5).map(\.delay) == [500, 1_000, 2_000, 4_000, 8_000].map { .milliseconds($0) })
    }

    @Test("a connection that held for 5 s starts the ladder anew")
    func heldConnection() throws {
        let world = try world()
        world.server.onOpen = { connection, number in
            connection.welcomeSoon()
            connection.after(number == 3 ? .milliseconds(5_021) : .milliseconds(100)) { $0.drop() }
        }
        world.run(until: 20_000)
        #expect(world.log.backoffs.prefix(3).map(\.attempt) == [1, 2, 1])
    }

    @Test("a terminal code closes at once, with one report", arguments: [4_001, 4_003, 4_012, 4_020] as [UInt16])
    func terminal(code: UInt16) throws {
        let world = try world(firstEnds: { $0.send(close: code, reason: "r") })
        world.run(until: 60_000)
        #expect(world.log.disconnects == ["1050.0 \(code) r false"])
        #expect(world.log.states.suffix(1) == ["1050.0 closed"])
        #expect(world.server.dialCount == 1)
        #expect(world.simulation.pendingEvents == 0)
    }

    @Test(
        "any other code reconnects and is reported as it came",
        arguments: [1_000, 1_001, 1_002, 1_008, 1_009, 1_011, 1_012, 3_000, 4_000, 4_002, 4_011, 4_999, 5_000, 65_535] as [UInt16])
    func transient(code: UInt16) throws {
        let world = try world(firstEnds: { $0.send(close: code, reason: "r") })
        world.run(until: 5_000)
        #expect(world.log.disconnects == ["1050.0 \(code) r true"])
        #expect(world.log.attempts == [0, 1_550])
    }

    @Test("a server's close is answered with its code, and the client ends the connection")
    func echo() throws {
        let world = try world(firstEnds: { $0.send(close: 1_011, reason: "r", endsTCP: false) })
        world.run(until: 1_100)
        #expect(world.log.disconnects == ["1050.0 1011 r true"])
        #expect(world.server.connections[0].closeFrames.map(\.code) == [1_011])
        #expect(world.server.connections[0].isGone)
    }

    @Test("a close without a code is reported as 1005")
    func noCode() throws {
        let world = try world(firstEnds: { $0.send(close: nil) })
        world.run(until: 2_000)
        #expect(world.log.disconnects == ["1050.0 1005  true"])
    }

    @Test("after 4010 the next delay is 30 s, the one after it is the ladder's")
    func slowFloor() throws {
        let world = try world(redials: { _ in .refuse() }, firstEnds: { $0.send(close: 4_010, reason: "cap") })
        world.run(until: 60_000)
        #expect(world.log.backoffs.prefix(2).map(\.delay) == [.seconds(30), .seconds(1)])
        #expect(world.log.backoffs.first?.floor == .seconds(30))
    }

    @Test("a 4010 floor does not survive close() into the next session")
    func floorDiesWithSession() throws {
        let world = try world(firstEnds: { $0.send(close: 4_010, reason: "cap") })
        world.server.onOpen = { connection, number in
            connection.welcomeSoon()
            connection.after(.seconds(1)) { $0.send(close: number == 1 ? 4_010 : 1_011) }
        }
        world.close(at: 2_000)
        world.connect(at: 3_000)
        world.run(until: 6_000)
        #expect(world.log.backoffs.prefix(2).map(\.delay) == [.seconds(30), .milliseconds(500)])
    }

    @Test(
        "going_away keeps the client away for at least as long as it asks, with upward jitter only",
        arguments: [(0.0, 8_000), (0.5, 8_800)])
    func goingAway(unit: Double, milliseconds: Int64) throws {
        let world = try world(
            jitter: TestWorld.ConstantJitter(unit: unit),
            firstEnds: { connection in
                connection.send(["type": "going_away", "retryAfterMs": 8_000])
                connection.send(close: 1_001, reason: "deploy")
            })
        world.run(until: 20_000)
        #expect(world.log.events.contains(.goingAway(retryAfter: .seconds(8))))
        #expect(world.log.backoffs.first?.delay == .milliseconds(milliseconds))
    }

    @Test("with honoursGoingAway off the announcement is only reported (parity)")
    func goingAwayOff() throws {
        var options = SignallingOptions()
        options.honoursGoingAway = false
        let world = try world(
            options,
            firstEnds: { connection in
                connection.send(["type": "going_away", "retryAfterMs": 8_000])
                connection.send(close: 1_001)
            })
        world.run(until: 20_000)
        #expect(world.log.events.contains(.goingAway(retryAfter: .seconds(8))))
        #expect(world.log.backoffs.first?.delay == .milliseconds(500))
    }

    @Test("with a fixed key a 401 on a reconnect is reported and terminal")
    func http401() throws {
        let world = try world(redials: { _ in .http(.unauthorized) })
        world.run(until: 60_000)
        #expect(world.log.events.contains(.upgradeRejected(status: 401)))
        #expect(world.log.disconnects.last == "1600.0 1006 HTTP status 401 false")
        #expect(world.state == .closed)
        #expect(world.server.dialCount == 2)
    }

    @Test("other statuses on a reconnect are reported and retried")
    func http503() throws {
        let world = try world(redials: { $0 == 4 ? .accept() : .http(.serviceUnavailable) })
        world.run(until: 10_000)
        #expect(world.log.events.filter { $0 == .upgradeRejected(status: 503) }.count == 2)
        #expect(world.state == .connected)
    }

    @Test("with auto-reconnect off a drop is final")
    func noAutoReconnect() throws {
        var options = SignallingOptions()
        options.autoReconnect = false
        let world = try world(options)
        world.run(until: 60_000)
        #expect(world.log.disconnects == ["1050.0 1006  false"])
        #expect(world.log.states.last == "1050.0 closed")
    }

    @Test("a reset connection is a drop like any other")
    func reset() throws {
        let world = try world(firstEnds: { _ in })
        world.at(2_000) { [server = world.server] _ in server.pipes[0].reset() }
        world.run(until: 3_000)
        #expect(world.log.disconnects == ["2000.0 1006  true"])
        #expect(world.state == .connected)
    }

    @Test("a protocol error of the server closes with 1002 and reconnects")
    func protocolError() throws {
        let world = try world(firstEnds: { $0.send(opcode: .continuation, ByteBuffer(string: "x")) })
        world.run(until: 3_000)
        #expect(world.log.disconnects == ["1050.0 1002  true"])
        #expect(world.server.connections[0].closeFrames.first?.code == 1_002)
        #expect(world.state == .connected)
    }
}
