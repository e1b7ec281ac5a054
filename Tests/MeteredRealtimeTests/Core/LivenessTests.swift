import CompactJSON
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Liveness (SIG-11, 19, BEY-03)")
struct LivenessTests {
    private func world(
        _ options: SignallingOptions = SignallingOptions(), answer: @escaping (TestConnection, JSONValue) -> Void = { $0.acknowledge($1) }
    ) throws -> TestWorld {
        let world = try TestWorld(options)
        world.server.onOpen = { connection, _ in
            connection.answer = answer
            connection.welcomeSoon()
        }
        world.connect()
        return world
    }

    @Test("a quiet connection is pinged each 20 s after the last text frame")
    func pings() throws {
        let world = try world()
        world.run(until: 60_000)
        #expect(world.log.pings == [20_070, 40_100])
        #expect(world.server.connections[0].frames("ping") == [["type": "ping"], ["type": "ping"]])
    }

    @Test("traffic suppresses the pings")
    func traffic() throws {
        let world = try world()
        for second in 1..<6 {
            world.at(Int64(second) * 10_000) { [server = world.server] _ in server.connections[0].send(text: "not even JSON") }
        }
        world.run(until: 60_000)
        #expect(world.log.pings.isEmpty)
    }

    @Test("binary and control frames do not count as life")
    func binary() throws {
        let world = try world { _, _ in }
        for second in 1..<6 {
            world.at(Int64(second) * 10_000) { [server = world.server] _ in
                server.connections[0].send(opcode: .binary, ByteBuffer(string: "x"))
                server.connections[0].send(opcode: .ping, ByteBuffer())
            }
        }
        world.run(until: 60_500)
        #expect(world.log.disconnects == ["60070.0 4000 inactivity true"])
    }

    @Test("a dead link is given up after 60 s with 4000 and not a moment later")
    func blackhole() throws {
        let world = try world()
        world.at(5_000) { [server = world.server] _ in server.pipes[0].cut() }
        world.run(until: 62_000)
        #expect(world.log.pings == [20_070, 40_070])
        #expect(world.log.times { if case .closeFrameSent(.clientInactivity?, "inactivity") = $0 { true } else { false } } == [60_070])
        #expect(world.log.disconnects == ["60070.0 4000 inactivity true"])
        #expect(world.log.attempts == [0, 60_570])
    }

    @Test("with the handshake awaited, a dead link is given up 10 s later as 1006 (parity)")
    func blackholeParity() throws {
        var options = SignallingOptions()
        options.closeHandshakeTimeout = .seconds(10)
        let world = try world(options)
        world.at(5_000) { [server = world.server] _ in server.pipes[0].cut() }
        world.run(until: 72_000)
        #expect(world.log.disconnects == ["70070.0 1006  true"])
        #expect(world.log.attempts == [0, 70_570])
    }

    @Test("with the handshake awaited, an answer ends the wait with our code (parity)")
    func echoParity() throws {
        var options = SignallingOptions()
        options.closeHandshakeTimeout = .seconds(10)
        let world = try world(options) { _, _ in }
        world.run(until: 61_000)
        #expect(world.log.disconnects == ["60100.0 4000 inactivity true"])
    }

    @Test("an inactivity timeout of zero disables pings and watchdog")
    func disabled() throws {
        var options = SignallingOptions()
        options.inactivityTimeout = .zero
        let world = try world(options) { _, _ in }
        world.run(until: 1_000_000)
        #expect(world.log.pings.isEmpty)
        #expect(world.state == .connected)
    }

    @Test("the watchdog runs from the moment the socket opens, and does not ping before the welcome")
    func beforeWelcome() throws {
        var options = SignallingOptions()
        options.inactivityTimeout = .seconds(6)
        let world = try TestWorld(options)
        world.server.onOpen = { _, _ in }
        world.connect()
        world.run(until: 60_000)
        #expect(world.log.finish(of: "connect")?.error == .connectFailed(code: .clientInactivity, reason: "inactivity"))
        #expect(world.log.finish(of: "connect")?.at == 6_050)
        #expect(world.log.pings.isEmpty)
    }
}

@Suite("Network path changes (SIG-19)")
struct NetworkPathTests {
    private func world(
        firstEndsAt: Int64? = 1_000, code: UInt16? = nil, redials: @escaping (Int) -> TestServer.Dial = { _ in .accept() },
        answer: @escaping (TestConnection, JSONValue) -> Void = { $0.acknowledge($1) }
    ) throws -> TestWorld {
        let world = try TestWorld()
        world.server.dials = { $0 == 1 ? .accept() : redials($0) }
        world.server.onOpen = { connection, number in
            connection.answer = answer
            connection.welcomeSoon()
            guard number == 1, let firstEndsAt else { return }
            connection.after(.milliseconds(firstEndsAt)) { connection in
                if let code { connection.send(close: code) } else { connection.drop() }
            }
        }
        world.connect()
        return world
    }

    private func pathChanges(_ world: TestWorld, at milliseconds: Int64, oldPathGone: Bool = false) {
        world.at(milliseconds) { $0.networkPathChanged(oldPathGone: oldPathGone) }
    }

    @Test("a change while backing off ends the wait at once")
    func endsWait() throws {
        let world = try world(redials: { $0 < 5 ? .refuse() : .accept() })
        pathChanges(world, at: 6_000)
        world.run(until: 20_000)
        #expect(world.log.attempts == [0, 1_550, 2_560, 4_570, 6_000])
        #expect(world.log.states.last == "6070.0 connected")
    }

    @Test("it is not sooner than one initial delay after the last attempt")
    func notTooSoon() throws {
        let world = try world(redials: { $0 < 4 ? .refuse() : .accept() })
        pathChanges(world, at: 2_600)
        world.run(until: 20_000)
        #expect(world.log.attempts == [0, 1_550, 2_560, 3_060])
    }

    @Test("it counts as an attempt")
    func counts() throws {
        let world = try world(redials: { _ in .refuse() })
        pathChanges(world, at: 6_000)
        world.run(until: 30_000)
        #expect(world.log.backoffs.map(\.attempt).prefix(5) == [1, 2, 3, 4, 5])
        #expect(world.log.attempts.prefix(6) == [0, 1_550, 2_560, 4_570, 6_000, 14_010])
    }

    @Test("it does not override a 4010 floor")
    func floor() throws {
        let world = try world(code: 4_010)
        pathChanges(world, at: 2_000)
        world.run(until: 40_000)
        #expect(world.log.attempts == [0, 31_050])
    }

    @Test("a change while connected sends a ping, and an answer settles it")
    func probe() throws {
        let world = try world(firstEndsAt: nil)
        pathChanges(world, at: 3_000)
        world.run(until: 15_000)
        #expect(world.log.pings == [3_000])
        #expect(world.log.disconnects.isEmpty)
    }

    @Test("no answer in 5 s is the watchdog's firing, with a redial at once")
    func probeFails() throws {
        let world = try world(firstEndsAt: nil)
        world.at(2_000) { [server = world.server] _ in server.pipes[0].cut() }
        pathChanges(world, at: 3_000)
        world.run(until: 15_000)
        #expect(world.log.disconnects == ["8000.0 4000 inactivity true"])
        #expect(world.log.attempts == [0, 8_000])
        #expect(world.log.backoffs.first?.reason == .networkPathChanged)
        #expect(world.state == .connected)
    }

    @Test("when the old path is gone the socket is abandoned and redialled at once")
    func oldPathGone() throws {
        let world = try world(firstEndsAt: nil)
        pathChanges(world, at: 3_000, oldPathGone: true)
        world.run(until: 5_000)
        #expect(world.log.disconnects == ["3000.0 1006 network path gone true"])
        #expect(world.log.attempts == [0, 3_000])
        #expect(world.log.states.last == "3070.0 connected")
    }

    @Test("when the old path is gone a going-away floor still holds")
    func oldPathGoneWithFloor() throws {
        let world = try world(firstEndsAt: nil)
        world.at(2_000) { [server = world.server] _ in server.connections[0].send(["type": "going_away", "retryAfterMs": 8_000]) }
        pathChanges(world, at: 3_000, oldPathGone: true)
        world.run(until: 20_000)
        #expect(world.log.attempts == [0, 11_800])
    }

    @Test("a change while connecting has no effect", arguments: [true, false])
    func connecting(oldPathGone: Bool) throws {
        let world = try world(firstEndsAt: nil)
        pathChanges(world, at: 20, oldPathGone: oldPathGone)
        pathChanges(world, at: 60, oldPathGone: oldPathGone)
        world.run(until: 1_000)
        #expect(world.log.attempts == [0])
        #expect(world.log.pings.isEmpty)
        #expect(world.state == .connected)
    }
}
