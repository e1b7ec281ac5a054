import CompactJSON
import NIOCore
import Testing

@testable import ServiceModel

@Suite("Authentication and welcome (SRV-01, SRV-03)")
struct WelcomeTests {
    @Test("a good token is welcomed with its peer id, expiry, the message cap and its ICE servers")
    func goodToken() throws {
        let world = World()
        let servers: JSONValue = [["urls": "turn:turn.test"]]
        let client = world.dial("/v1?token=\(try world.token("alice", metadata: ["iceServers": servers]))")
        world.run()
        #expect(client.status == 101)
        let welcome = try #require(client.frames("welcome").first)
        #expect(welcome["peerId"] == "alice")
        #expect(welcome["expiresAt"] == 1_700_003_600_000)
        #expect(welcome["serverTime"] == 1_700_000_000_000)
        #expect(welcome["maxMessageSize"] == 65_536)
        #expect(welcome["metadata"]?["iceServers"] == servers)
    }

    @Test("a bare key is welcomed without expiry, with a new peer id each time")
    func bareKey() throws {
        let world = World()
        let first = world.dial("/v1?key=pk_test")
        let second = world.dial("/v1?key=pk_test")
        world.run()
        let ids = try [first, second].map { try #require($0.frames("welcome").first?["peerId"]?.stringValue) }
        #expect(first.frames("welcome").first?["expiresAt"] == .null)
        #expect(ids[0] != ids[1])
    }

    @Test(
        "a credential that cannot be read is answered by 401 before the upgrade",
        arguments: [
            "/v1", "/v1?", "/v1?key=", "/v1?key=a&token=b", "/v1?key=a&key=a", "/v1?token=abc", "/v1?token=a.b.c", "/v1?token=e30.e30.",
            "/v1?key=%zz", "/v1?key=%ff", "/v1?token=e30.e30.AA%3D%3D",
        ])
    func unreadable(target: String) {
        let world = World()
        let client = world.dial(target)
        world.run()
        #expect(client.status == 401)
        #expect(!client.isConnected)
    }

    @Test("a key that does not exist is closed with 4001 after the upgrade")
    func unknownKey() {
        let world = World()
        let client = world.dial("/v1?key=pk_other")
        world.run()
        #expect(client.status == 101)
        #expect(client.close?.code == 4001)
        #expect(client.texts.isEmpty)
    }

    @Test("a token with a wrong signature, an unknown key id or another algorithm is closed with 4001")
    func badTokens() throws {
        let world = World()
        let good = try world.token("alice").split(separator: ".").map(String.init)
        let flipped = (good[2].first == "A" ? "B" : "A") + good[2].dropFirst()
        let unsigned = Base64URL.encode(Array(#"{"alg":"none","kid":"pk_test"}"#.utf8))
        let foreign = try JSONWebToken.sign(
            TokenClaims(peerID: "alice", expiresAt: WallTime(unixSeconds: 1_800_000_000)), with: SigningKey(id: "pk_test", secret: [1]))
        let strange = try JSONWebToken.sign(
            TokenClaims(peerID: "alice", expiresAt: WallTime(unixSeconds: 1_800_000_000)), with: SigningKey(id: "nobody", secret: [1]))
        for token in ["\(good[0]).\(good[1]).\(flipped)", "\(unsigned).\(good[1]).\(good[2])", foreign, strange] {
            let client = world.dial("/v1?token=\(token)")
            world.run()
            #expect(client.close?.code == 4001)
        }
    }

    @Test("an expired token is closed with 4002")
    func expired() throws {
        let world = World()
        let client = world.dial("/v1?token=\(try world.token("alice", lifetime: .seconds(-5)))")
        world.run()
        #expect(client.close?.code == 4002)
    }

    @Test("a token that expires while its welcome is late is closed with 4002")
    func expiryBeforeWelcome() throws {
        let world = World()
        world.act { _ = $0.add(Behaviour(.delayWelcome(.seconds(5)))) }
        let client = world.dial("/v1?token=\(try world.token("alice", lifetime: .seconds(3)))")
        world.run(for: .seconds(6))
        #expect(client.frames("welcome").isEmpty)
        #expect(client.close?.code == 4002)
    }

    @Test("a live connection is closed with 4002 exactly 250 ms before its token's exp")
    func expiry() throws {
        let world = World()
        let client = try world.connect("alice", lifetime: .seconds(60))
        world.run(for: .seconds(70))
        #expect(client.close?.code == 4002)
        #expect(client.close?.at == .uptimeNanoseconds(59_750_000_000))
    }

    @Test("a jump of the service's wall clock moves the expiry of live tokens")
    func clockJump() throws {
        let world = World()
        let client = try world.connect("alice", lifetime: .seconds(60))
        world.act { $0.jumpWallClock(by: .seconds(30)) }
        world.run(for: .seconds(70))
        #expect(client.close?.at == .uptimeNanoseconds(29_750_000_000))
    }

    @Test("a forbidden origin is answered by 401, an allowed one and none at all are not")
    func origins() {
        let world = World { $0.allowedOrigins = ["https://app.test"] }
        let forbidden = world.dial("/v1?key=pk_test", headers: [("Origin", "https://evil.test")])
        let allowed = world.dial("/v1?key=pk_test", headers: [("Origin", "https://app.test")])
        let native = world.dial("/v1?key=pk_test")
        world.run()
        #expect([forbidden.status, allowed.status, native.status] == [401, 101, 101])
    }

    @Test("another path is not found")
    func path() {
        let world = World()
        let client = world.dial("/v2?key=pk_test")
        world.run()
        #expect(client.status == 404)
    }

    @Test("a second connection of a peer replaces the first, which is closed with 4020, and nobody sees the peer leave")
    func replacement() throws {
        let world = World()
        let bob = try world.join("bob")
        let old = try world.join("alice")
        bob.forgetFrames()
        let new = try world.connect("alice")
        new.subscribe()
        world.run()
        #expect(old.close?.code == 4020)
        #expect(bob.presence().isEmpty)
        #expect(new.presence() == ["+bob", "+alice"])
        #expect(world.service.roster(of: "room") == ["bob", "alice"])
    }

    @Test("others are told when a replacing connection brings other metadata")
    func replacementWithNewMetadata() throws {
        let world = World()
        let bob = try world.join("bob")
        _ = try world.join("alice", peerMetadata: ["name": "Alice"])
        bob.forgetFrames()
        _ = try world.join("alice", peerMetadata: ["name": "Alicia"])
        #expect(bob.frames("presence").map { $0["joined"] } == [[["peerId": "alice", "metadata": ["name": "Alicia"]]]])
        #expect(bob.presence() == ["+alice"])
    }

    @Test("a place that the new connection never takes is given up after the grace")
    func replacementWithoutSubscribe() throws {
        let world = World()
        let bob = try world.join("bob")
        _ = try world.join("alice")
        bob.forgetFrames()
        _ = try world.connect("alice")
        world.run(for: .seconds(39))
        #expect(bob.presence().isEmpty)
        world.run(for: .seconds(2))
        #expect(bob.presence() == ["-alice"])
    }

    @Test("the place of a replaced session goes when the new connection ends")
    func replacementThatEnds() throws {
        let world = World()
        let bob = try world.join("bob")
        _ = try world.join("alice")
        bob.forgetFrames()
        let new = try world.connect("alice")
        new.disconnect()
        world.run()
        #expect(bob.presence() == ["-alice"])
    }

    @Test("parallel sessions of a peer both live, and it leaves with the last")
    func parallel() throws {
        let world = World { $0.sessions = .parallel }
        let bob = try world.join("bob")
        let first = try world.join("alice")
        let second = try world.join("alice")
        #expect(bob.presence() == ["+alice"])
        first.disconnect()
        world.run()
        #expect(bob.presence() == ["+alice"])
        second.disconnect()
        world.run()
        #expect(bob.presence() == ["+alice", "-alice"])
    }

    @Test("the connection after the cap is closed with 4010, and a replacement does not count twice")
    func connectionCap() throws {
        let world = World { $0.limits.maximumConnections = 2 }
        _ = try world.connect("alice")
        _ = try world.connect("bob")
        let third = try world.connect("carol")
        let again = try world.connect("alice")
        #expect(third.close?.code == 4010)
        #expect(third.frames("welcome").isEmpty)
        #expect(again.frames("welcome").count == 1)
    }

    @Test("no event and no frame ever carries a credential")
    func secrecy() throws {
        let world = World()
        let token = try world.token("alice")
        let good = world.dial("/v1?token=\(token)")
        let bad = world.dial("/v1?token=\(token.dropLast(4))AAAA")
        let key = world.dial("/v1?key=pk_test")
        world.run()
        let everything = "\(world.events)" + [good, bad, key].flatMap(\.texts).joined()
        #expect(world.events.count > 6)
        #expect(!everything.contains("pk_test"))
        #expect(!everything.contains(token.split(separator: ".")[2]))
    }
}
