import CompactJSON
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Closing (SIG-16)")
struct ClosingTests {
    @Test("close() sends its frame, waits for the echo, and ends with the state closed")
    func close() throws {
        let world = try TestWorld()
        world.connect()
        world.close(at: 1_000, code: 4_321)
        world.run(until: 10_000)
        let frame = try #require(world.server.connections[0].closeFrames.first)
        #expect(frame.code == 4_321)
        #expect(frame.reason == "bye")
        #expect(world.log.socketsClosed == ["1030.0 4321 bye"])
        #expect(world.log.states.last == "1030.0 closed")
        #expect(world.log.finish(of: "close")?.at == 1_030)
        #expect(world.log.disconnects.isEmpty)
        #expect(world.simulation.pendingEvents == 0, "every timer ended")
    }

    @Test("a server that does not answer is waited for 1 s, then the socket is aborted")
    func noEcho() throws {
        let world = try TestWorld()
        world.server.onOpen = { connection, _ in
            connection.echoesClose = false
            connection.welcomeSoon()
        }
        world.connect()
        world.close(at: 1_000)
        world.run(until: 10_000)
        #expect(world.log.finish(of: "close")?.at == 2_000)
        #expect(world.log.states.last == "2000.0 closed")
        #expect(world.server.connections[0].isGone)
        #expect(world.server.connections[0].closeFrames.count == 1)
    }

    @Test("nothing is reported between close() and the final state, whatever the server sends")
    func silence() throws {
        let world = try TestWorld()
        world.server.onOpen = { connection, _ in
            connection.closeEchoDelay = .milliseconds(500)
            connection.welcomeSoon()
        }
        world.connect()
        world.close(at: 1_000)
        world.at(1_100) { [server = world.server] _ in
            server.connections[0].send(["type": "message", "channel": "c", "from": "f", "data": 1])
            server.connections[0].send(["type": "going_away", "retryAfterMs": 5])
        }
        world.run(until: 100_000)
        #expect(world.log.events.suffix(1) == [.stateChanged(from: .connected, to: .closed)])
        #expect(world.log.events.count == 4)
        #expect(world.log.entries.last?.diagnostic == .closeFinished)
    }

    @Test("requests in flight fail when the socket has closed")
    func inFlight() throws {
        let world = try TestWorld()
        world.server.onOpen = { connection, _ in
            connection.answer = { _, _ in }
            connection.welcomeSoon()
        }
        world.connect()
        world.publish(at: 1_000)
        world.close(at: 1_100)
        world.publish(at: 1_110)
        world.run(until: 10_000)
        #expect(
            world.log.finishes.dropFirst().map(\.error) == [
                .notConnected(.connected), .disconnected(code: .normalClosure, reason: "bye"), nil,
            ])
        #expect(world.log.finishes.map(\.at) == [70, 1_110, 1_130, 1_130])
    }

    @Test("close() ends a dial, a backoff, an idle client and a closed one at once", arguments: [20, 60, 1_600, 3_000])
    func otherStates(time: Int64) throws {
        let world = try TestWorld()
        world.server.dials = { $0 == 1 ? .accept() : .refuse() }
        world.server.onOpen = { connection, _ in
            connection.closeEchoDelay = .zero
            connection.welcomeSoon()
            connection.after(.seconds(1)) { $0.drop() }
        }
        world.connect()
        world.close(at: time)
        world.close(at: time)
        world.run(until: 20_000)
        #expect(world.log.finishes.filter { $0.call == "close" }.map(\.at) == [Double(time), Double(time)])
        #expect(world.log.states.last == "\(Double(time)) closed")
        #expect(world.simulation.pendingEvents == 0)
        if time < 70 { #expect(world.log.finish(of: "connect")?.error == .closed) }
    }

    @Test("close() before connect() leads to closed, and connect() works afterwards")
    func idle() throws {
        let world = try TestWorld()
        world.close(at: 0)
        world.connect(at: 100)
        world.run(until: 1_000)
        #expect(world.log.states == ["0.0 closed", "100.0 connecting", "170.0 connected"])
    }

    @Test("close() from inside an event's callback takes effect at that instant")
    func reentrant() throws {
        let world = try TestWorld()
        world.at(0) { [unowned world] core in
            core.observer = { [unowned core] notification in
                guard case .event(.disconnected) = notification else { return }
                core.close(code: .normalClosure, reason: "") { world.log.finished("close", .success(()), at: core.now) }
            }
        }
        world.server.onOpen = { connection, _ in
            connection.welcomeSoon()
            connection.after(.seconds(1)) { $0.drop() }
        }
        world.connect(at: 1)
        world.run(until: 10_000)
        #expect(world.log.states.suffix(2) == ["1051.0 reconnecting", "1051.0 closed"])
        #expect(world.log.finish(of: "close")?.at == 1_051)
        #expect(world.server.dialCount == 1)
    }

    @Test("while our own close waits for its answer, close() takes over without a second frame (parity)")
    func closeWhileLeaving() throws {
        var options = SignallingOptions()
        options.closeHandshakeTimeout = .seconds(10)
        options.inactivityTimeout = .seconds(3)
        let world = try TestWorld(options)
        world.server.onOpen = { connection, _ in
            connection.echoesClose = false
            connection.answer = { _, _ in }
            connection.welcomeSoon()
        }
        world.connect()
        world.close(at: 5_000)
        world.run(until: 30_000)
        #expect(world.server.connections[0].closeFrames.map(\.code) == [4_000])
        #expect(world.log.finish(of: "close")?.at == 6_000)
        #expect(world.log.disconnects.isEmpty)
    }

    @Test("no credential is in any diagnostic of a life with a drop and a failure")
    func noCredential() throws {
        let world = try TestWorld(credential: .publishableKey("pk_s3cret"))
        world.server.dials = { $0 == 2 ? .http(.serviceUnavailable) : .accept() }
        world.server.onOpen = { connection, _ in
            connection.welcomeSoon()
            connection.after(.seconds(1)) { $0.send(close: 1_011, reason: "x") }
        }
        world.connect()
        world.publish(["sdp": "a=ice-pwd:s3cret"], at: 500)
        world.run(until: 5_000)
        #expect(!world.log.entries.contains { "\($0.diagnostic)".contains("s3cret") })
        #expect(world.log.entries.count > 20)
    }
}
