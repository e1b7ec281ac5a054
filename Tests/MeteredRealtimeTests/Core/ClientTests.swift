import CompactJSON
import DeterministicRuntime
import NIOCore
import SimulationKernel
import Testing

@testable import MeteredRealtime

@Suite("The client's async face")
struct ClientTests {
    @Test("a whole life with async calls and a stream of events")
    func life() throws {
        let world = try TestWorld()
        let client = world.client!
        let stream = client.events()
        let events = try world.simulation.run {
            let welcome = try await client.connect()
            try await client.subscribe("room")
            try await client.publish(["x": 1], to: "room")
            try await client.send(nil, to: "p")
            try await client.unsubscribe("room")
            await client.close()
            var events: [SignallingEvent] = []
            for await event in stream {
                events.append(event)
                if event == .stateChanged(from: .connected, to: .closed) { break }
            }
            return (welcome, events)
        }
        #expect(events.0.peerID == "m")
        #expect(
            events.1 == [
                .stateChanged(from: .idle, to: .connecting), .stateChanged(from: .connecting, to: .connected),
                .connected(events.0, isReconnect: false), .presence(channel: "room", joined: [], left: []),
                .stateChanged(from: .connected, to: .closed),
            ])
        #expect(
            world.server.connections[0].received.map { $0.json["type"]?.stringValue } == ["subscribe", "publish", "send", "unsubscribe"])
    }

    @Test("calls throw typed errors")
    func errors() throws {
        let world = try TestWorld()
        world.server.dials = { _ in .refuse() }
        let client = world.client!
        let error = try world.simulation.run { () async -> SignallingError? in
            do throws(SignallingError) {
                try await client.connect()
                return nil
            } catch { return error }
        }
        #expect(error == .connectFailed(code: .abnormalClosure, reason: "connection refused"))
    }

    @Test("a slow consumer loses the oldest events, with a diagnostic")
    func overflow() throws {
        var options = SignallingOptions()
        options.eventBufferLimit = 2
        let world = try TestWorld(options)
        let stream = world.client.events()
        world.connect()
        world.run(until: 100)
        world.releaseClient()
        world.run(until: 101)
        let events = try world.simulation.run {
            var events: [SignallingEvent] = []
            for await event in stream { events.append(event) }
            return events
        }
        #expect(events.count == 2)
        #expect(world.log.times { $0 == .eventsDropped(count: 1) } == [70])
    }

    @Test("a stream survives close() and a later connect()")
    func streamSurvives() throws {
        let world = try TestWorld()
        let client = world.client!
        let stream = client.events()
        let states = try world.simulation.run {
            try await client.connect()
            await client.close()
            try await client.connect()
            var states: [SignallingState] = []
            for await event in stream {
                if case .stateChanged(_, let state) = event { states.append(state) }
                if states.count == 5 { break }
            }
            return states
        }
        #expect(states == [.connecting, .connected, .closed, .connecting, .connected])
    }

    @Test("releasing the client ends its streams, its socket, its requests and its timers")
    func release() throws {
        let world = try TestWorld()
        world.server.onOpen = { connection, _ in
            connection.answer = { _, _ in }
            connection.welcomeSoon()
        }
        let stream = world.client.events()
        world.connect()
        world.publish(at: 1_000)
        world.run(until: 2_000)
        weak var core: SignallingCore?
        world.at(2_001) { core = $0 }
        world.run(until: 2_001)
        #expect(core != nil)
        world.releaseClient()
        world.run(until: 2_002)
        #expect(core == nil)
        #expect(world.server.connections[0].isGone)
        #expect(world.log.finish(of: "publish")?.error == .closed)
        #expect(world.simulation.pendingEvents == 0)
        let count = try world.simulation.run {
            var count = 0
            for await _ in stream { count += 1 }
            return count
        }
        #expect(count == 3)
    }

    @Test("releasing the client from inside a callback ends it after that step")
    func releaseInCallback() throws {
        let world = try TestWorld()
        world.server.onOpen = { connection, _ in
            connection.welcomeSoon()
            connection.after(.seconds(1)) { $0.drop() }
        }
        world.at(0) { [unowned world] core in
            core.observer = { notification in
                if case .event(.disconnected) = notification { world.releaseClient() }
            }
        }
        world.connect(at: 1)
        world.run(until: 60_000)
        #expect(world.server.dialCount == 1)
        #expect(world.simulation.pendingEvents == 0)
    }

    @Test("releasing the client while it dials closes the channel that arrives")
    func releaseWhileDialling() throws {
        let world = try TestWorld()
        world.server.dials = { _ in .hang }
        world.connect()
        world.run(until: 100)
        world.releaseClient()
        world.run(until: 101)
        let late = world.simulation.enter { world.server.completeHungDial(0) }
        world.run(until: 200)
        #expect(!late.isActive)
        #expect(world.log.finish(of: "connect")?.error == .closed)
    }

    @Test("a client cannot be made with a bad URL, option or credential")
    func construction() throws {
        struct NoConnector: Connector {
            let eventLoop: any EventLoop
            func connect(host: String, port: Int, tls: Bool) -> EventLoopFuture<any Channel> {
                eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
            }
        }
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        let connector = NoConnector(eventLoop: simulation.mainLoop)
        var options = SignallingOptions()
        options.jitterRatio = 2
        #expect(throws: SignallingError.invalidCredential) { try SignallingClient(credential: .publishableKey(""), connector: connector) }
        #expect(throws: SignallingError.self) {
            try SignallingClient(url: "ws://x", credential: .publishableKey("k"), connector: connector)
        }
        #expect(throws: SignallingError.self) {
            try SignallingClient(credential: .publishableKey("k"), options: options, connector: connector)
        }
    }
}
