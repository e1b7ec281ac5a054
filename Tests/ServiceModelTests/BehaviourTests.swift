import CompactJSON
import NIOCore
import Testing

@testable import ServiceModel

@Suite("Departures from the rules (SRV-07)")
struct BehaviourTests {
    private func world(_ behaviours: Behaviour...) -> World {
        let world = World()
        world.act { service in behaviours.forEach { service.add($0) } }
        return world
    }

    @Test("an upgrade can be late, answered with any status, or never answered")
    func upgrades() {
        let world = world(
            Behaviour(.delayUpgrade(.seconds(3)), clients: .connection(1)),
            Behaviour(.rejectUpgrade(status: 429, retryAfter: .seconds(7)), clients: .connection(2)),
            Behaviour(.ignoreUpgrade, clients: .connection(3)))
        let clients = (1...3).map { _ in world.dial("/v1?key=pk_test") }
        world.run(for: .milliseconds(2_999))
        #expect(clients.map(\.status) == [nil, 429, nil])
        clients[2].sendRaw(Array("anyone there?".utf8))
        world.run(for: .seconds(60))
        #expect(clients.map(\.status) == [101, 429, nil])
        #expect(clients[2].isConnected)
    }

    @Test("a behaviour counts down: the next two upgrades fail, the third does not")
    func times() {
        let world = world(Behaviour(.rejectUpgrade(status: 503), times: 2))
        let clients = (1...3).map { _ in world.dial("/v1?key=pk_test") }
        world.run()
        #expect(clients.map(\.status) == [503, 503, 101])
    }

    @Test("a behaviour touches only the clients it selects, and ends when removed")
    func selection() throws {
        let world = World()
        let id = world.act { $0.add(Behaviour(.withholdReplies(.all), clients: .peers("alice"))) }
        let alice = try world.connect("alice")
        let bob = try world.connect("bob")
        alice.subscribe()
        bob.subscribe()
        world.run()
        #expect([alice.acks.count, bob.acks.count] == [0, 1])
        world.act { $0.remove(id) }
        alice.subscribe()
        world.run()
        #expect(alice.acks == ["r2"])
    }

    @Test("the welcome can be late, withheld, amended, malformed, or replaced or followed by a close")
    func welcomes() {
        let world = world(
            Behaviour(.delayWelcome(.seconds(3)), clients: .connection(1)),
            Behaviour(.withholdWelcome, clients: .connection(2)),
            Behaviour(.amendWelcome(["peerId": "m", "maxMessageSize": 10, "metadata": .null]), clients: .connection(3)),
            Behaviour(.malformedWelcome(.badJSON), clients: .connection(4)),
            Behaviour(.closeBeforeWelcome(.accountSuspended, reason: "unpaid"), clients: .connection(5)),
            Behaviour(.closeAfterWelcome(.internalError, reason: "", after: .seconds(1)), clients: .connection(6)))
        let clients = (1...6).map { _ in world.dial("/v1?key=pk_test") }
        world.run(for: .milliseconds(2_999))
        #expect(clients.map { $0.frames("welcome").count } == [0, 0, 1, 0, 0, 1])
        #expect(clients[2].frames("welcome").first?["peerId"] == "m")
        #expect(clients[2].frames("welcome").first?["maxMessageSize"] == 10)
        #expect(clients[3].texts.count == 1)
        #expect(clients[4].close?.code == 4012)
        #expect(clients[4].close?.reason == "unpaid")
        #expect(clients[5].close?.code == 1011)
        world.run(for: .milliseconds(1))
        #expect(clients[0].frames("welcome").count == 1)
    }

    @Test("a slow service answers late and in order, and others hear of it late too")
    func slow() throws {
        let world = World()
        let bob = try world.join("bob")
        let alice = try world.connect("alice")
        world.act { _ = $0.add(Behaviour(.delayRequests(.kinds(.subscribe), .seconds(2)))) }
        alice.subscribe()
        alice.request(["type": "ping"])
        world.run(for: .milliseconds(1_999))
        #expect(alice.acks.isEmpty && alice.frames("pong").isEmpty && bob.presence().isEmpty)
        world.run(for: .milliseconds(1))
        #expect(alice.allFrames.map { $0["type"]?.stringValue } == ["welcome", "ack", "presence", "pong"])
        #expect(bob.presence() == ["+alice"])
    }

    @Test("late replies: the request takes effect at once")
    func lateReplies() throws {
        let world = World()
        let bob = try world.join("bob")
        let alice = try world.join("alice")
        world.act { _ = $0.add(Behaviour(.delayReplies(.kinds(.publish), .seconds(16)))) }
        alice.publish(1)
        world.run(for: .seconds(15))
        #expect(bob.frames("message").count == 1)
        #expect(alice.acks.isEmpty)
        world.run(for: .seconds(1))
        #expect(alice.acks == ["r2"])
    }

    @Test("requests can vanish, be rejected with any code, or be answered by a close")
    func requests() throws {
        let world = World()
        let alice = try world.connect("alice")
        world.act {
            $0.add(Behaviour(.ignoreRequests(RequestSelector(kinds: [.subscribe], channel: "a"))))
            $0.add(Behaviour(.reject(RequestSelector(channel: "b"), code: "internal_error", message: "try later")))
            $0.add(Behaviour(.closeOnRequest(RequestSelector(channel: "c"), .policyViolation, reason: "no")))
        }
        for channel in ["a", "b"] { alice.subscribe(channel) }
        world.run()
        #expect(alice.acks.isEmpty)
        #expect(alice.frames("error") == [["type": "error", "code": "internal_error", "requestId": "r2", "message": "try later"]])
        #expect(world.service.roster(of: "a").isEmpty && world.service.roster(of: "b").isEmpty)
        alice.subscribe("c")
        world.run()
        #expect(alice.close?.code == 1008)
    }

    @Test("the snapshot can be late or never come, while the ack does")
    func snapshots() throws {
        let world = World()
        let alice = try world.connect("alice")
        world.act {
            $0.add(Behaviour(.withholdSnapshot, times: 1))
            $0.add(Behaviour(.delaySnapshot(.seconds(2)), times: 2))
        }
        alice.subscribe()
        world.run(for: .seconds(5))
        #expect(alice.acks.count == 1 && alice.presence().isEmpty)
        alice.subscribe()
        world.run(for: .seconds(1))
        #expect(alice.acks.count == 2 && alice.presence().isEmpty)
        world.run(for: .seconds(1))
        #expect(alice.presence() == ["+alice"])
    }

    @Test("a stalled service neither reads nor writes nor pings, and goes on when the stall ends")
    func stall() throws {
        let world = World()
        let alice = try world.join("alice")
        let id = world.act { $0.add(Behaviour(.stall, clients: .peers("alice"))) }
        alice.request(["type": "ping"])
        alice.sendFrame(0x9, [1])
        world.run(for: .seconds(100))
        #expect(alice.texts.isEmpty && alice.pongs.isEmpty && alice.pings.isEmpty && alice.isConnected)
        world.act { $0.remove(id) }
        alice.request(["type": "ping"])
        world.run(for: .seconds(30))
        #expect(alice.frames("pong").count == 1)
        #expect(alice.pings.count == 1)
    }

    @Test("a client's close frame can go unanswered")
    func ignoredClose() throws {
        let world = World()
        let alice = try world.connect("alice")
        world.act { _ = $0.add(Behaviour(.ignoreClose)) }
        alice.sendClose(1000)
        world.run(for: .seconds(5))
        #expect(alice.close == nil && alice.isConnected)
    }

    @Test("any code and reason can close a connection at any time, 1005 without a code, 1006 without a frame")
    func closes() throws {
        let world = World()
        let clients = try ["a", "b", "c", "d"].map { try world.connect($0) }
        world.act {
            $0.close(.peers("a"), ServiceCloseCode(rawValue: 4999), reason: "because")
            $0.close(.peers("b"), .noStatus)
            $0.close(.peers("c"), .abnormal)
            $0.reset(.peers("d"))
        }
        world.run()
        #expect(clients[0].close?.code == 4999 && clients[0].close?.reason == "because")
        #expect(clients[1].close != nil && clients[1].close?.code == nil)
        #expect(clients[2].close == nil && !clients[2].isConnected && !clients[2].wasReset)
        #expect(clients[3].wasReset)
    }

    @Test("a reason that is too long for a close frame is cut at a character", arguments: ["ü", "x", "👩‍👩‍👧‍👦"])
    func longReason(character: String) throws {
        let world = World()
        let alice = try world.connect("alice")
        world.act { $0.close(.everyone, .normal, reason: String(repeating: character, count: 200)) }
        world.run()
        let reason = try #require(alice.close?.reason)
        #expect(reason.utf8.count <= 123 && reason.utf8.count > 123 - character.utf8.count)
        #expect(reason.allSatisfy { String($0) == character })
    }

    @Test("raw text and binary frames can be sent to anyone")
    func rawFrames() throws {
        let world = World()
        let alice = try world.connect("alice")
        world.act {
            $0.send(text: "hello", to: .peers("alice"))
            $0.send(binary: [1, 2], to: .everyone)
        }
        world.run()
        #expect(alice.texts.last == "hello")
        #expect(alice.binaries == 1)
    }

    @Test("every malformed frame of the catalogue reaches the wire as one frame", arguments: MalformedFrame.allCases)
    func malformed(frame: MalformedFrame) throws {
        let world = World()
        let alice = try world.connect("alice")
        alice.forgetFrames()
        world.act { $0.send(frame, to: .everyone) }
        world.run()
        #expect(alice.texts.count + alice.binaries + alice.otherOpcodes.count == 1)
        if frame == .oversized { #expect(alice.texts.first?.utf8.count == 1_048_577) }
    }

    @Test("a malformed reply takes the place of the ack, the request takes effect")
    func malformedReply() throws {
        let world = World()
        let alice = try world.connect("alice")
        alice.forgetFrames()
        world.act { _ = $0.add(Behaviour(.malformedReplies(.kinds(.subscribe), .mistypedRequestID), times: 1)) }
        alice.subscribe()
        world.run()
        #expect(alice.texts == [#"{"type":"ack","requestId":12}"#])
        #expect(world.service.roster(of: "room") == ["alice"])
    }

    @Test("a partition keeps messages, directs and presence apart, and tells what was missed when it heals")
    func partition() throws {
        let world = World()
        let alice = try world.join("alice")
        let bob = try world.join("bob")
        let carol = try world.join("carol")
        [alice, bob, carol].forEach { $0.forgetFrames() }
        let id = world.act { $0.partition(.peers("alice")) }
        bob.publish(1)
        bob.request(["type": "send", "to": "alice", "data": 2])
        carol.disconnect()
        let dave = try world.connect("dave")
        dave.subscribe()
        world.run()
        #expect(alice.texts.isEmpty)
        #expect(bob.errors == ["peer_not_found"])
        #expect(bob.presence() == ["-carol", "+dave"])
        #expect(dave.presence() == ["+bob", "+dave"])
        world.act { $0.heal(id) }
        world.run()
        #expect(alice.presence() == ["-carol", "+dave"])
        #expect(dave.presence() == ["+bob", "+dave", "+alice"])
        #expect(bob.presence() == ["-carol", "+dave"])
    }

    @Test("an interceptor deals with requests itself")
    func intercept() throws {
        let world = World()
        let alice = try world.connect("alice")
        world.service.intercept = { connection, request in
            connection.send(text: #"{"type":"ack","requestId":"\#(request.requestID ?? "")-seen"}"#)
            return true
        }
        alice.subscribe()
        world.run()
        #expect(alice.acks == ["r1-seen"])
        #expect(world.service.roster(of: "room").isEmpty)
    }
}
