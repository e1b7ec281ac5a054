import NIOCore
import NetworkModel
import Testing

@testable import WebRTCModel

@Suite struct ICEGathererTests {
    private static let stun = "stun:turn0.example"
    private static let turnUDP = "turn:turn0.example"

    // MARK: Host and server-reflexive candidates

    @Test("nothing is told before the call that gathers has returned; then every interface has a host candidate at once")
    func hostCandidates() throws {
        let world = try GatheringWorld(on: [("wifi", .homeWiFi), ("lte", .ideal)])
        world.gather([])
        #expect(world.candidates.isEmpty)
        world.run(for: .milliseconds(1))
        let addresses = world.client.interfaces.flatMap(\.addresses)
        #expect(Set(world.candidates(.host).map(\.address.address)) == Set(addresses))
        #expect(world.candidates(.host).map(\.networkIndex) == Array(0..<addresses.count))
        #expect(world.candidates(.host).allSatisfy { $0.base == $0.address && $0.relatedAddress == nil })
    }

    @Test("without servers gathering is complete after the last phase: 100 ms in libwebrtc")
    func phases() throws {
        let world = try GatheringWorld()
        world.gather([])
        world.run(for: .seconds(1))
        #expect(world.completed == .milliseconds(100))
    }

    @Test("behind a NAT a STUN server shows another address; its base is the socket's")
    func serverReflexive() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.gather([Self.stun])
        world.run(for: .seconds(2))
        let host = try #require(world.candidates(.host).first)
        let reflexive = try #require(world.candidates(.serverReflexive).first)
        #expect(reflexive.address != host.address && !reflexive.address.address.isPrivate)
        #expect(reflexive.base == host.address && reflexive.relatedAddress == host.address)
        #expect(world.transport(.serverReflexive) === world.transport(.host))
        #expect(world.errors.isEmpty)
    }

    @Test("without a NAT the STUN server has nothing to add")
    func redundant() throws {
        let world = try GatheringWorld(on: [("eth0", .ideal)])
        world.gather([Self.stun])
        world.run(for: .seconds(2))
        #expect(world.candidates(.serverReflexive).isEmpty)
        #expect(world.completed != nil)
    }

    @Test("libwebrtc asks TURN servers over UDP as STUN servers too; pion does not", arguments: ["libwebrtc", "pion"])
    func turnAsSTUN(profile: String) throws {
        let world = try GatheringWorld(
            profile: try #require(WebRTCProfile.named(profile)), on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.gather([Self.turnUDP])
        world.run(for: .seconds(2))
        #expect(world.candidates(.serverReflexive).count == (profile == "libwebrtc" ? 1 : 0))
        #expect(world.candidates(.relayed).count == 1)
    }

    @Test(
        "libnice and Firefox learn a server-reflexive candidate of the host candidate's socket from the answer of a TURN server",
        arguments: ["libnice", "firefox"])
    func reflexiveFromAllocate(profile: String) throws {
        let world = try GatheringWorld(
            profile: try #require(WebRTCProfile.named(profile)), on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.gather([Self.turnUDP])
        world.run(for: .seconds(2))
        let reflexive = try #require(world.candidates(.serverReflexive).first)
        #expect(reflexive.relatedAddress == world.candidates(.host).first?.address)
        #expect(reflexive.address == world.candidates(.relayed).first?.relatedAddress)
        #expect(world.transport(.serverReflexive) === world.transport(.host))
    }

    @Test("with relayed candidates only there is nothing to learn from a TURN server but the relay", arguments: ["libnice", "firefox"])
    func noReflexiveWithRelaysOnly(profile: String) throws {
        let world = try GatheringWorld(
            profile: try #require(WebRTCProfile.named(profile)), on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.gather([Self.turnUDP], policy: .relay)
        world.run(for: .seconds(2))
        #expect(world.candidates.map(\.candidate.kind) == [.relayed])
    }

    @Test("a dead STUN server is reported as 701 when the schedule is over, and holds up completion until then: 39.75 s in libwebrtc")
    func deadServer() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.turn[0].host.crash()
        world.gather([Self.stun])
        world.run(for: .seconds(39))
        #expect(world.completed == nil && world.errors.isEmpty)
        world.run(for: .seconds(2))
        #expect(world.errors.map(\.error.errorCode) == [701])
        #expect(world.errors.map(\.error.url) == [Self.stun])
        #expect(try #require(world.completed) >= .milliseconds(39_750))
        #expect(world.candidates.count == 1)
    }

    @Test("aioice does not wait longer than 5 s")
    func timeout() throws {
        let world = try GatheringWorld(profile: .aioice, on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.turn[0].host.crash()
        world.gather([Self.stun, Self.turnUDP])
        world.run(for: .seconds(6))
        #expect(world.completed == .seconds(5))
        #expect(world.errors.map(\.error.errorCode) == [701, 701])
    }

    @Test("a name that is not known is reported as 701 at once")
    func unknownName() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.gather(["stun:nowhere.example", "turn:nowhere.example?transport=tcp"])
        world.run(for: .seconds(1))
        #expect(world.errors.map(\.error.errorCode) == [701, 701])
        #expect(world.completed != nil)
    }

    @Test("the mapping is kept alive, and a new mapping is a new candidate")
    func keepalive() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.gather([Self.stun])
        world.run(for: .seconds(5))
        world.client.interface("wifi")?.accessNetwork?.rebindNAT(newAddress: false)
        world.run(for: .seconds(11))
        #expect(world.candidates(.serverReflexive).count == 2)
        #expect(Set(world.candidates(.serverReflexive).map(\.address)).count == 2)
    }

    // MARK: Relayed candidates

    @Test("a relayed candidate comes after the relay phase has begun and two round trips", arguments: ["udp", "tcp", "tls"])
    func relayed(transport: String) throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        let url = transport == "tls" ? "turns:turn0.example" : "turn:turn0.example?transport=\(transport)"
        world.gather([url], policy: .relay)
        world.run(for: .seconds(3))
        #expect(world.candidates.count == 1)
        let relayed = try #require(world.candidates(.relayed).first)
        #expect(relayed.address.address == world.turn[0].host.interfaces[0].addresses[0])
        #expect(relayed.relayTransport?.rawValue == transport)
        #expect(relayed.serverURL == url)
        #expect(try #require(world.candidates.first).time > .milliseconds(50))
        #expect(world.turn[0].server.allocationCount == 1)
        #expect(world.errors.isEmpty)
    }

    @Test(
        "two relayed transports carry data to each other",
        arguments: ["turn:turn0.example", "turn:turn0.example?transport=tcp", "turns:turn0.example"])
    func relaying(url: String) throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)], servers: 2)
        world.gather([url, "turn:turn1.example"], policy: .relay)
        world.run(for: .seconds(3))
        let first = try #require(world.transport(.relayed, 0))
        let second = try #require(world.transport(.relayed, 1))
        for round in 0..<4 {
            first.send(ByteBuffer(string: "a\(round)"), to: second.candidate.address)
            second.send(ByteBuffer(string: "b\(round)"), to: first.candidate.address)
            world.run(for: .seconds(1))
        }
        let last = world.received.suffix(2).map { String(buffer: $0.payload) }.sorted()
        #expect(last == ["a3", "b3"])
        #expect(world.received.allSatisfy { [first.candidate.address, second.candidate.address].contains($0.from) })
    }

    @Test("a network without IPv4 reaches a TURN server by name through its NAT64")
    func nat64() throws {
        let world = try GatheringWorld(on: [("lte", .lteIPv6Only)])
        world.network.names.set("turn0.example", to: world.turn[0].host.interfaces[0].addresses.filter { $0.family == .v4 })
        world.gather([Self.turnUDP, "turns:turn0.example"], policy: .relay)
        world.run(for: .seconds(5))
        #expect(world.candidates(.relayed).count == 2)
        #expect(world.candidates(.relayed).allSatisfy { $0.address.address.family == .v4 && $0.relatedAddress?.address.family == .v4 })
    }

    @Test("wrong credentials are reported with the server's code")
    func wrongCredentials() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.gather([Self.turnUDP], credentials: TURNCredentials(username: "ann", password: "wrong"), policy: .relay)
        world.run(for: .seconds(3))
        #expect(world.errors.map(\.error.errorCode) == [401])
        #expect(world.turnPhases == ["refused"])
        #expect(world.candidates.isEmpty)
        #expect(world.completed != nil)
    }

    @Test("expired time-limited credentials are refused")
    func expired() throws {
        let world = try GatheringWorld(
            on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)], options: TURNServerOptions(sharedSecret: "north"))
        let credentials = TURNCredentials(expiringAt: GatheringWorld.epoch + 60, user: "ann", secret: "north")
        world.gather([Self.turnUDP], credentials: credentials, policy: .relay)
        world.run(for: .seconds(61))
        #expect(world.candidates(.relayed).count == 1)
        world.gather([Self.turnUDP], credentials: credentials, policy: .relay)
        world.run(for: .seconds(3))
        #expect(world.errors.map(\.error.errorCode) == [401])
    }

    @Test("a server that is drained sends the client to another", arguments: ["turn:turn0.example", "turn:turn0.example?transport=tcp"])
    func redirected(url: String) throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)], servers: 2)
        let other = world.turn[1].host.interfaces[0].addresses[0]
        world.turn[0].server.admission = .redirecting(to: TransportAddress(other, 3478))
        world.gather([url], policy: .relay)
        world.run(for: .seconds(3))
        #expect(world.candidates(.relayed).map(\.address.address) == [other])
        #expect(world.turnPhases == ["redirected", "allocated"])
    }

    @Test("after 437 the client comes from another port")
    func mismatch() throws {
        let world = try GatheringWorld(on: [("eth0", AccessProfile.ideal.withoutIPv6)])
        world.gather([Self.turnUDP], policy: .relay)
        world.run(for: .milliseconds(50))
        let local = try #require(world.client.interfaces.first?.addresses.first)
        // Somebody else's allocation on the 5-tuple that the client will use.
        let host = world.turn[0]
        let usedPort = try #require(
            (32_768...60_999).first { port in
                guard let probe = try? world.client.bindUDP(local, port: UInt16(port)) else { return true }
                probe.close()
                return false
            })
        let fiveTuple = TURNFiveTuple(
            transport: .udp, client: TransportAddress(local, UInt16(usedPort)),
            server: TransportAddress(host.host.interfaces[0].addresses[0], 3478))
        host.server.allocations[fiveTuple] = TURNAllocation(
            fiveTuple: fiveTuple, relayed: TransportAddress(local, 1), username: "ann", transactionID: STUNTransactionID(high: 0, low: 0),
            expiry: .distantFuture)
        world.run(for: .seconds(2))
        #expect(world.turnPhases == ["mismatch", "allocated"])
        #expect(world.candidates(.relayed).map(\.relatedAddress?.port) != [UInt16(usedPort)])
    }

    // MARK: Faults of a TURN server in use

    @Test("a dead process over UDP is noticed by the refresh only; over TCP and TLS at once")
    func processDies() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.gather([Self.turnUDP, "turn:turn0.example?transport=tcp", "turns:turn0.example"], policy: .relay)
        world.run(for: .seconds(3))
        #expect(world.candidates(.relayed).count == 3)
        world.turn[0].stopProcess()
        world.run(for: .seconds(1))
        #expect(world.failures.map(\.failure) == [.closed("the connection ended"), .closed("the connection ended")])
        world.run(for: .minutes(10))
        #expect(world.failures.last?.failure == .allocationLost(code: nil))
        #expect(world.turnPhases == ["allocated", "allocated", "allocated", "lost", "lost", "lost"])
    }

    @Test("a silent server relays nothing and says nothing")
    func silent() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)], servers: 2)
        world.gather([Self.turnUDP, "turn:turn1.example"], policy: .relay)
        world.run(for: .seconds(3))
        world.turn[0].isSilent = true
        let (first, second) = (try #require(world.transport(.relayed, 0)), try #require(world.transport(.relayed, 1)))
        first.send(ByteBuffer(string: "x"), to: second.candidate.address)
        second.send(ByteBuffer(string: "y"), to: first.candidate.address)
        world.run(for: .seconds(5))
        #expect(world.received.isEmpty && world.failures.isEmpty)
    }

    @Test("after a restart of the server a refresh loses the allocation")
    func serverRestarts() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.gather([Self.turnUDP], policy: .relay)
        world.run(for: .seconds(3))
        try world.turn[0].restart()
        world.run(for: .minutes(10))
        #expect(world.failures.map(\.failure) == [.allocationLost(code: .allocationMismatch)])
    }

    @Test("a server whose machine boots listens again, without allocations")
    func boot() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.gather([Self.turnUDP], policy: .relay)
        world.run(for: .seconds(3))
        world.turn[0].host.crash()
        world.turn[0].host.boot()
        #expect(world.turn[0].server.allocationCount == 0)
        world.gather([Self.turnUDP], policy: .relay)
        world.run(for: .seconds(3))
        #expect(world.candidates(.relayed).count == 2)
    }

    @Test("an allocation is refreshed for as long as it is held")
    func held() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.gather([Self.turnUDP], policy: .relay)
        world.run(for: .minutes(30))
        #expect(world.turn[0].server.allocationCount == 1)
        #expect(world.turnPhases == ["allocated", "refreshed", "refreshed", "refreshed"])
    }

    // MARK: Generations

    @Test("a new generation has transports of its own; closing the old one gives its allocations back")
    func generations() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.gather([Self.turnUDP])
        world.run(for: .seconds(3))
        world.gather([Self.turnUDP])
        world.run(for: .seconds(3))
        #expect(world.gatherer.generation == 2)
        #expect(Set(world.candidates(.host).map(\.address.port)).count == 2)
        #expect(world.turn[0].server.allocationCount == 2)
        world.gatherer.close(generation: 1)
        world.run(for: .seconds(1))
        #expect(world.turn[0].server.allocationCount == 1)
        let ids = Set(world.candidates.map(\.transport.id))
        #expect(ids == [1, 2, 3, 4])
    }

    @Test("closing a generation leaves the one before it, and closing all of them leaves none")
    func earlierGeneration() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        for _ in 0..<3 {
            world.gather([Self.turnUDP])
            world.run(for: .seconds(3))
        }
        world.gatherer.close(generation: 2)
        world.run(for: .seconds(1))
        #expect(world.turn[0].server.allocationCount == 2)
        world.gatherer.close()
        world.run(for: .seconds(1))
        #expect(world.turn[0].server.allocationCount == 0)
    }

    @Test("a relayed transport outlives the host transport whose socket it uses")
    func sharedSocket() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.gather([Self.turnUDP])
        world.run(for: .seconds(3))
        world.transport(.host)?.close()
        world.run(for: .minutes(10))
        #expect(world.turnPhases == ["allocated", "refreshed"])
        world.transport(.relayed)?.close()
        world.run(for: .seconds(1))
        #expect(world.turn[0].server.allocationCount == 0)
    }

    @Test("a closed gatherer gives everything back and says nothing more")
    func close() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.gather([Self.turnUDP, "turns:turn0.example"])
        world.run(for: .seconds(3))
        world.gatherer.close()
        let told = world.events.count
        world.run(for: .minutes(1))
        #expect(world.turn[0].server.allocationCount == 0)
        #expect(world.events.count == told)
    }

    // MARK: Interfaces

    @Test(
        "gathering once, a new interface yields nothing; gathering continually, its candidates follow the path event or the poll",
        arguments: [false, true])
    func newInterface(continually: Bool) throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6), ("lte", AccessProfile.lte.withoutIPv6)])
        world.client.interface("lte")?.setUp(false)
        world.gather([Self.turnUDP], continually ? .continually : .once)
        world.run(for: .seconds(5))
        world.client.interface("lte")?.setUp(true)
        world.run(for: .seconds(5))
        let cellular = world.candidates.map(\.candidate).filter { $0.interfaceKind == .cellular }
        #expect(Set(cellular.map(\.kind)) == (continually ? [.host, .serverReflexive, .relayed] : []))
        #expect((world.completed == nil) == continually)
    }

    @Test("gathering continually, the candidates of an interface that went are taken back")
    func interfaceGone() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6), ("lte", AccessProfile.lte.withoutIPv6)])
        world.gather([Self.turnUDP], .continually)
        world.run(for: .seconds(5))
        world.client.interface("wifi")?.setUp(false)
        world.run(for: .seconds(5))
        #expect(Set(world.removed.map(\.kind)) == [.host, .serverReflexive, .relayed])
        #expect(world.removed.allSatisfy { $0.interface == "wifi" })
        #expect(world.transport(.host)?.send(ByteBuffer(string: "x"), to: TransportAddress(.v4(1), 1)) == .noAddress)
    }

    @Test("one socket on the any address shows the preferred interface's and goes on over another")
    func anyAddress() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6), ("lte", AccessProfile.lte.withoutIPv6)])
        let shown = try #require(world.client.interface("wifi")?.addresses.first)
        world.gather([Self.stun], bindsAnyAddress: true)
        world.run(for: .seconds(2))
        #expect(world.candidates(.host).map(\.address.address) == [shown])
        #expect(world.candidates(.host).allSatisfy { $0.base.address.isUnspecified })
        world.client.interface("wifi")?.setUp(false)
        let server = TransportAddress(world.turn[0].host.interfaces[0].addresses[0], 3478)
        #expect(world.transport(.host)?.send(ByteBuffer(string: "x"), to: server) == .sent)
    }

    @Test("a socket that the operating system reclaims is told as closed")
    func reclaimed() throws {
        let world = try GatheringWorld(on: [("wifi", AccessProfile.homeWiFi.withoutIPv6)])
        world.gather([])
        world.run(for: .seconds(1))
        world.client.suspendApp()
        world.run(for: .seconds(1))
        world.client.resumeApp(socketsReclaimed: true)
        world.run(for: .seconds(1))
        #expect(world.failures.map(\.failure) == [.closed("the operating system closed the socket")])
    }

    @Test("the same seed gives the same candidates at the same times")
    func deterministic() throws {
        func play() throws -> [String] {
            let world = try GatheringWorld(on: [("wifi", .homeWiFi), ("lte", .lte)])
            world.gather([Self.turnUDP, "turns:turn0.example"])
            world.run(for: .seconds(50))
            return world.candidates.map { "\($0.time) \($0.candidate)" } + world.errors.map { "\($0.time) \($0.error)" }
        }
        let first = try play()
        #expect(try first == play())
        #expect(first.count > 4)
    }
}

extension AccessProfile {
    /// The same without IPv6, so that a test has one family to count.
    var withoutIPv6: AccessProfile {
        var profile = self
        profile.ipv6 = .none
        return profile
    }
}
