import CompactJSON
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Subscriptions over reconnects (SIG-12, 13, BEY-26)")
struct SubscriptionTests {
    /// The first connection drops at 1,550; `answers` says how later ones answer.
    private func world(
        _ options: SignallingOptions = SignallingOptions(), first: @escaping (TestConnection, JSONValue) -> Void = { $0.acknowledge($1) },
        later: @escaping (TestConnection, JSONValue) -> Void = { $0.acknowledge($1) }
    ) throws -> TestWorld {
        let world = try TestWorld(options)
        world.server.onOpen = { connection, number in
            connection.answer = number == 1 ? first : later
            connection.welcomeSoon()
            if number == 1 { connection.after(.milliseconds(1_500)) { $0.drop() } }
        }
        world.connect()
        return world
    }

    private func subscribes(_ world: TestWorld, connection: Int) -> [String] {
        world.server.connections[connection].received.compactMap { received in
            guard received.json["type"] == "subscribe" else { return nil }
            return
                "\(received.at.milliseconds) \(received.json["channel"]?.stringValue ?? "") \(received.json["includeSenderMetadata"] != nil)"
        }
    }

    @Test("tracked subscriptions are replayed at the welcome, in order, with their options")
    func replay() throws {
        let world = try world()
        world.subscribe("a", at: 500)
        world.subscribe("b", at: 510, includeSenderMetadata: true)
        world.subscribe("c", at: 520)
        world.unsubscribe("c", at: 600)
        world.run(until: 5_000)
        #expect(subscribes(world, connection: 1) == ["2120.0 a false", "2120.0 b true"])
    }

    @Test("connected is reported before the replay")
    func order() throws {
        let world = try world()
        world.subscribe("a", at: 500)
        world.run(until: 5_000)
        let names = world.log.entries.filter { $0.at == 2_120 }.compactMap { entry -> String? in
            switch entry.diagnostic {
            case .event(.stateChanged): "state"
            case .event(.connected(_, let isReconnect)): "connected \(isReconnect)"
            case .frameSent(let record): "sent \(record.type)"
            default: nil
            }
        }
        #expect(names == ["state", "connected true", "sent subscribe"])
    }

    @Test("with autoResubscribe off nothing is replayed")
    func off() throws {
        var options = SignallingOptions()
        options.autoResubscribe = false
        let world = try world(options)
        world.subscribe("a", at: 500)
        world.run(until: 5_000)
        #expect(subscribes(world, connection: 1).isEmpty)
    }

    @Test("a subscribe in flight at the drop is replayed")
    func inFlight() throws {
        let world = try world(first: { _, _ in })
        world.subscribe("a", at: 500)
        world.run(until: 5_000)
        #expect(world.log.finish(of: "subscribe a")?.error == .disconnected(code: .abnormalClosure, reason: ""))
        #expect(subscribes(world, connection: 1) == ["2120.0 a false"])
    }

    @Test("a rejected subscribe is not replayed")
    func rejected() throws {
        let world = try world(first: { $0.reject($1, code: "channel_not_authorized") })
        world.subscribe("a", at: 500)
        world.run(until: 5_000)
        #expect(world.log.finish(of: "subscribe a")?.error == .rejectedByServer(code: "channel_not_authorized", message: "no"))
        #expect(subscribes(world, connection: 1).isEmpty)
    }

    @Test("a rejected replay is repeated 2 s after each failure, and a final failure is reported with its code")
    func replayRejected() throws {
        let world = try world(later: { $0.reject($1, code: "channel_not_authorized") })
        world.subscribe("a", at: 500)
        world.run(until: 30_000)
        #expect(subscribes(world, connection: 1) == ["2120.0 a false", "4150.0 a false", "6180.0 a false", "8210.0 a false"])
        let failures = world.log.entries.filter { if case .event(.subscriptionReplayFailed) = $0.diagnostic { true } else { false } }
        #expect(failures.map(\.at) == [8_240])
        #expect(
            world.log.events.last
                == .subscriptionReplayFailed(channel: "a", error: .rejectedByServer(code: "channel_not_authorized", message: "no")))
    }

    @Test("a replay that is never acknowledged is repeated 17 s apart")
    func replayUnanswered() throws {
        let world = try world(later: { connection, frame in if frame["type"] == "ping" { connection.acknowledge(frame) } })
        world.subscribe("a", at: 500)
        world.run(until: 80_000)
        #expect(subscribes(world, connection: 1) == ["2120.0 a false", "19120.0 a false", "36120.0 a false", "53120.0 a false"])
    }

    @Test("a channel whose replay failed for good is tried again on the next connection")
    func nextConnection() throws {
        let world = try world(later: { $0.reject($1, code: "backend_error") })
        world.subscribe("a", at: 500)
        world.at(14_000) { [server = world.server] _ in server.connections[1].drop() }
        world.run(until: 16_000)
        #expect(subscribes(world, connection: 2).count == 1)
    }

    @Test("an unsubscribe ends the repetitions of a replay")
    func unsubscribed() throws {
        let world = try world(later: { connection, frame in
            if frame["type"] == "subscribe" { connection.reject(frame, code: "x") } else { connection.acknowledge(frame) }
        })
        world.subscribe("a", at: 500)
        world.unsubscribe("a", at: 3_000)
        world.run(until: 30_000)
        #expect(subscribes(world, connection: 1).count == 1)
    }

    @Test("subscriptions outlive close(): the next session replays them at its first reconnect, not at its first welcome")
    func newSession() throws {
        let world = try world()
        world.subscribe("a", at: 500)
        world.close(at: 600)
        world.connect(at: 2_000)
        world.at(3_000) { [server = world.server] _ in server.connections[1].drop() }
        world.run(until: 6_000)
        #expect(world.server.connections.count == 3)
        #expect(subscribes(world, connection: 1).isEmpty)
        #expect(subscribes(world, connection: 2).count == 1)
    }
}
