import CompactJSON
import NIOCore
import Testing

@testable import ServiceModel

@Suite("Limits and permissions (SRV-04)")
struct LimitTests {
    private func frame(bytes: Int) -> String {
        let shell = #"{"type":"publish","channel":"room","data":""}"#
        return #"{"type":"publish","channel":"room","data":""# + String(repeating: "x", count: bytes - shell.utf8.count) + #""}"#
    }

    @Test("a message of 65,536 bytes passes, one more byte closes with 1009")
    func messageSize() throws {
        let world = World()
        let bob = try world.join("bob")
        let alice = try world.join("alice")
        alice.send(frame(bytes: 65_536))
        world.run()
        #expect(bob.frames("message").count == 1)
        alice.send(frame(bytes: 65_537))
        world.run()
        #expect(alice.close?.code == 1009)
        #expect(bob.frames("message").count == 1)
    }

    @Test("fragments that add up to more than the limit close with 1009")
    func fragmentsTooBig() throws {
        let world = World()
        let alice = try world.connect("alice")
        let part = [UInt8](repeating: UInt8(ascii: "x"), count: 40_000)
        alice.sendFrame(0x1, part, isFinal: false)
        alice.sendFrame(0x0, part, isFinal: true)
        world.run()
        #expect(alice.close?.code == 1009)
    }

    @Test("a burst of 200 messages passes, the 201st closes with 4011")
    func burst() throws {
        let world = World()
        let alice = try world.connect("alice")
        for _ in 0..<200 { alice.send(#"{"type":"ping"}"#) }
        world.run(for: .zero)
        #expect(alice.frames("pong").count == 200)
        #expect(alice.close == nil)
        alice.send(#"{"type":"ping"}"#)
        world.run(for: .zero)
        #expect(alice.close?.code == 4011)
    }

    @Test("100 messages a second pass for ever, 110 a second are closed after 20 s")
    func sustained() throws {
        func closedAfter(perSecond: Int, seconds: Int) throws -> Int? {
            let world = World()
            let alice = try world.connect("alice")
            for second in 0..<seconds {
                for _ in 0..<perSecond {
                    alice.send(#"{"type":"ping"}"#)
                    world.run(for: .nanoseconds(1_000_000_000 / Int64(perSecond)))
                }
                if alice.close != nil { return second }
            }
            return nil
        }
        #expect(try closedAfter(perSecond: 100, seconds: 30) == nil)
        #expect(try closedAfter(perSecond: 110, seconds: 30) == 19)
    }

    @Test("the message over the quota is rejected with over_message_quota and not delivered")
    func quota() throws {
        let world = World { $0.limits.messagesLeft = 1 }
        let bob = try world.join("bob")
        let alice = try world.join("alice")
        alice.publish(1)
        alice.publish(2)
        world.run()
        #expect(bob.frames("message").count == 1)
        #expect(alice.errors == ["over_message_quota"])
    }

    @Test("a channel outside the token's patterns is an error, or a close with 4003 where the scenario says so")
    func patterns() throws {
        let world = World()
        let alice = world.dial("/v1?token=\(try world.token("alice", channels: ["room:*"]))")
        world.run()
        alice.subscribe("room:1")
        alice.subscribe("hall")
        world.run()
        #expect(alice.acks == ["r1"])
        #expect(alice.errors == ["channel_not_authorized"])
        world.service.configuration.unauthorizedChannel = .close
        alice.subscribe("hall")
        world.run()
        #expect(alice.close?.code == 4003)
    }

    @Test("an action that the key or the token does not allow is rejected with action_not_permitted")
    func permissions() throws {
        let world = World { $0.keys[0].actions = [.subscribe, .publish] }
        let alice = world.dial("/v1?token=\(try world.token("alice", permissions: [.subscribe, .send]))")
        world.run()
        alice.subscribe()
        alice.publish(1)
        alice.request(["type": "send", "to": "alice", "data": 1])
        world.run()
        #expect(alice.acks == ["r1"])
        #expect(alice.errors == ["action_not_permitted", "action_not_permitted"])
    }

    @Test("reserved channels are rejected in any case", arguments: ["_metered/x", "_INTERNAL/x", "_System/x"])
    func reserved(channel: String) throws {
        let world = World()
        let alice = try world.connect("alice")
        alice.subscribe(channel)
        world.run()
        #expect(alice.errors == ["channel_reserved"])
    }

    @Test("the channel after the cap of one connection is rejected with channel_limit_exceeded")
    func channelCap() throws {
        let world = World { $0.limits.maximumChannelsPerConnection = 2 }
        let alice = try world.connect("alice")
        for channel in ["a", "b", "c"] { alice.subscribe(channel) }
        world.run()
        #expect(alice.errors == ["channel_limit_exceeded"])
    }

    @Test("a client that does not read is reset before more than the backlog piles up for it")
    func slowConsumer() throws {
        let world = World { $0.limits.maximumBacklogBytes = 100_000 }
        let bob = try world.join("bob")
        bob.pipe.sendBufferBytes = 10_000
        bob.pipe.cut(from: .server)
        let alice = try world.join("alice")
        for _ in 0..<12 { alice.publish(.string(String(repeating: "x", count: 30_000))) }
        world.run()
        #expect(world.ends(of: "bob").map(\.by) == [.service])
        #expect(alice.isConnected)
    }

    @Test("a client that reads late again and again is not reset")
    func lateReader() throws {
        let world = World { $0.limits.maximumBacklogBytes = 200_000 }
        let bob = try world.join("bob")
        bob.pipe.sendBufferBytes = 10_000
        let alice = try world.join("alice")
        for _ in 0..<4 {
            bob.pipe.hold(from: .server)
            for _ in 0..<6 { alice.publish(.string(String(repeating: "x", count: 30_000))) }
            world.run()
            bob.pipe.release(from: .server)
            world.run()
        }
        #expect(bob.isConnected)
        #expect(bob.frames("message").count == 24)
    }

    @Test("patterns match whole names, and a star stands for any run")
    func patternLanguage() {
        let cases: [(ChannelPattern, String, Bool)] = [
            ("*", "", true), ("*", "anything", true), ("room", "room", true), ("room", "rooms", false), ("room:*", "room:1", true),
            ("room:*", "room", false), ("*:x", "a:b:x", true), ("a*b*c", "a1b2b3c", true), ("a*b*c", "a1c2b", false), ("", "", true),
        ]
        for (pattern, name, expected) in cases { #expect(pattern.matches(name) == expected, "\(pattern.text) \(name)") }
    }
}
