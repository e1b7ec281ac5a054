import CompactJSON
import NIOCore
import Testing

@testable import ServiceModel

@Suite("Channels, presence and messages (SRV-02, SRV-06)")
struct ChannelTests {
    @Test("a subscribe is acknowledged, then followed by the whole membership, the joiner included; others get a delta")
    func subscribe() throws {
        let world = World()
        let bob = try world.join("bob")
        let alice = try world.connect("alice")
        alice.forgetFrames()
        alice.subscribe()
        world.run()
        #expect(alice.allFrames.map { $0["type"]?.stringValue } == ["ack", "presence"])
        #expect(alice.presence() == ["+bob", "+alice"])
        #expect(bob.presence() == ["+alice"])
    }

    @Test("a repeated subscribe is answered with the membership again and tells nobody")
    func subscribeAgain() throws {
        let world = World()
        let bob = try world.join("bob")
        let alice = try world.join("alice")
        bob.forgetFrames()
        alice.subscribe()
        world.run()
        #expect(alice.presence() == ["+bob", "+alice"])
        #expect(bob.texts.isEmpty)
    }

    @Test("presence carries the metadata of peers")
    func presenceMetadata() throws {
        let world = World()
        let bob = try world.join("bob", peerMetadata: ["name": "Bob"])
        _ = try world.join("alice", peerMetadata: ["name": "Alice"])
        let joined = try #require(bob.frames("presence").first?["joined"]?.arrayValue?.first)
        #expect(joined == ["peerId": "alice", "metadata": ["name": "Alice"]])
    }

    @Test("an unsubscribe is acknowledged and seen by others as a departure")
    func unsubscribe() throws {
        let world = World()
        let bob = try world.join("bob")
        let alice = try world.join("alice")
        bob.forgetFrames()
        alice.request(["type": "unsubscribe", "channel": "room"])
        world.run()
        #expect(alice.acks == ["r2"])
        #expect(bob.presence() == ["-alice"])
        #expect(world.service.roster(of: "room") == ["bob"])
    }

    @Test("a socket that ends leaves its channels at once")
    func socketEnd() throws {
        let world = World()
        let bob = try world.join("bob")
        let alice = try world.join("alice")
        alice.disconnect()
        world.run(for: .zero)
        #expect(bob.presence() == ["+alice", "-alice"])
    }

    @Test("a silent loss stays in the roster until the service's own ping is not answered, at most 40 s")
    func ghost() throws {
        let world = World()
        let bob = try world.join("bob")
        let alice = try world.join("alice")
        alice.pipe.cut()
        bob.forgetFrames()
        world.run(for: .milliseconds(39_500))
        #expect(bob.presence().isEmpty)
        #expect(world.service.roster(of: "room") == ["bob", "alice"])
        world.run(for: .milliseconds(500))
        #expect(bob.presence() == ["-alice"])
        #expect(world.ends(of: "alice").map(\.code) == [.internalError])
        let ghosts = world.events.filter { if case .ghostDetected = $0.kind { true } else { false } }
        #expect(ghosts.map(\.peer) == ["alice"])
    }

    @Test("a client that answers pings is left alone for ever")
    func pings() throws {
        let world = World()
        let alice = try world.connect("alice")
        world.run(for: .seconds(125))
        #expect(alice.isConnected)
        #expect(alice.pings.map(\.uptimeNanoseconds) == [30, 60, 90, 120].map { $0 * 1_000_000_000 })
    }

    @Test("a pong with another payload does not count as an answer")
    func foreignPong() throws {
        let world = World()
        let alice = try world.connect("alice")
        alice.answersPings = false
        world.run(for: .seconds(31))
        alice.sendFrame(0xA, [9, 9])
        world.run(for: .seconds(10))
        #expect(alice.close?.code == 1011)
    }

    @Test("a publish reaches every other subscriber in order, and is not echoed")
    func publish() throws {
        let world = World()
        let clients = try ["alice", "bob", "carol"].map { try world.join($0) }
        let dave = try world.connect("dave")
        clients.forEach { $0.forgetFrames() }
        for number in 0..<5 { clients[0].publish(.integer(Int64(number))) }
        world.run()
        #expect(clients[0].frames("message").isEmpty)
        #expect(clients[0].acks.count == 5)
        for client in clients[1...] {
            #expect(client.frames("message").compactMap { $0["data"] } == [0, 1, 2, 3, 4])
            #expect(client.frames("message").allSatisfy { $0["from"] == "alice" && $0["channel"] == "room" })
        }
        #expect(dave.frames("message").isEmpty)
    }

    @Test("the sender's metadata comes only with a subscription that asked for it")
    func senderMetadata() throws {
        let world = World()
        let plain = try world.join("bob")
        let curious = try world.connect("carol")
        curious.subscribe(includeSenderMetadata: true)
        let alice = try world.join("alice", peerMetadata: ["name": "Alice"])
        alice.publish("hello")
        world.run()
        #expect(plain.frames("message").first?["fromMetadata"] == nil)
        #expect(curious.frames("message").first?["fromMetadata"] == ["name": "Alice"])
    }

    @Test("a send reaches the peer; to an unknown one it is rejected with peer_not_found")
    func send() throws {
        let world = World()
        let alice = try world.connect("alice")
        let bob = try world.connect("bob")
        let good = alice.request(["type": "send", "to": "bob", "data": ["x": 1]])
        let bad = alice.request(["type": "send", "to": "nobody", "data": 1])
        world.run()
        #expect(bob.frames("direct").first?["data"] == ["x": 1])
        #expect(bob.frames("direct").first?["from"] == "alice")
        #expect(alice.acks == [good])
        #expect(alice.errors == ["peer_not_found"])
        #expect(alice.frames("error").first?["requestId"] == .string(bad))
    }

    @Test("a request without requestId takes effect without an ack")
    func uncorrelated() throws {
        let world = World()
        let bob = try world.join("bob")
        let alice = try world.join("alice")
        alice.send(#"{"type":"publish","channel":"room","data":1}"#)
        world.run()
        #expect(alice.acks.isEmpty)
        #expect(bob.frames("message").count == 1)
    }

    @Test("a ping is answered by a pong; a service that knows no ping answers unknown_type without requestId")
    func pingFrame() throws {
        let world = World()
        let alice = try world.connect("alice")
        alice.send(#"{"type":"ping"}"#)
        world.run()
        #expect(alice.frames("pong").count == 1)
        world.service.configuration.knowsPing = false
        alice.request(["type": "ping"])
        world.run()
        #expect(alice.errors == ["unknown_type"])
        #expect(alice.frames("error").first?["requestId"] == nil)
    }

    @Test("a close frame of the client is echoed, and the service ends the connection first")
    func clientCloses() throws {
        let world = World()
        let alice = try world.connect("alice")
        alice.sendClose(1000, "bye")
        world.run()
        #expect(alice.close?.code == 1000)
        #expect(alice.close?.reason == "bye")
        #expect(!alice.isConnected)
        #expect(world.ends(of: "alice") == [ConnectionEnd(code: .normal, reason: "bye", by: .client)])
    }

    @Test("a close that the client never answers ends after 10 s")
    func unansweredClose() throws {
        let world = World()
        let alice = try world.connect("alice")
        alice.answersClose = false
        world.act { $0.close(.peers("alice"), .adminDisconnect) }
        world.run(for: .milliseconds(9_999))
        #expect(alice.isConnected)
        world.run(for: .milliseconds(1))
        #expect(!alice.isConnected)
    }
}
