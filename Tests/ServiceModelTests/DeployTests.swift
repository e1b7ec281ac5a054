import CompactJSON
import NIOCore
import Testing

@testable import ServiceModel

@Suite("Deploys and crashes (SRV-05)")
struct DeployTests {
    @Test("a deploy says going_away, closes with 1001 after the grace, refuses for a time and is back with empty rosters")
    func deploy() throws {
        let world = World()
        let alice = try world.join("alice")
        let start = world.simulation.now
        world.act { $0.deploy(Deploy(retryAfter: .seconds(3), grace: .seconds(2), refusal: .seconds(5))) }
        world.run(for: .seconds(1))
        #expect(alice.frames("going_away").first?["retryAfterMs"] == 3_000)
        #expect(alice.close == nil)
        world.run(for: .seconds(1))
        #expect(alice.close?.code == 1001)
        #expect(alice.close?.at == start + .seconds(2))
        let refused = world.dial("/v1?key=pk_test")
        world.run(for: .milliseconds(4_999))
        #expect(refused.wasReset)
        #expect(world.service.state == .refusing(.reset))
        world.run(for: .milliseconds(1))
        #expect(world.service.state == .running)
        let again = try world.join("alice")
        #expect(again.isConnected)
        #expect(world.service.roster(of: "room") == ["alice"])
    }

    @Test("during the grace the service still serves, and tells newcomers to go too")
    func grace() throws {
        let world = World()
        world.act { $0.deploy(Deploy(retryAfter: .seconds(3), grace: .seconds(2), refusal: .zero)) }
        let alice = try world.connect("alice")
        #expect(alice.allFrames.map { $0["type"]?.stringValue } == ["welcome", "going_away"])
    }

    @Test("nobody is told that the others left when all are closed at once")
    func quietEnd() throws {
        let world = World()
        let bob = try world.join("bob")
        _ = try world.join("alice")
        bob.forgetFrames()
        world.act { $0.deploy(Deploy(retryAfter: nil, grace: .zero, refusal: .seconds(1))) }
        world.run()
        #expect(bob.presence().isEmpty)
        #expect(bob.close?.code == 1001)
    }

    @Test("a load balancer answers with its status while the service is down")
    func httpRefusal() {
        let world = World()
        world.act { $0.refuse(.http(status: 503)) }
        let client = world.dial("/v1?key=pk_test")
        world.run()
        #expect(client.status == 503)
    }

    @Test("a silent host answers nothing")
    func silentRefusal() {
        let world = World()
        world.act { $0.refuse(.silent) }
        let client = world.dial("/v1?key=pk_test")
        world.run(for: .seconds(60))
        #expect(client.status == nil)
        #expect(client.isConnected)
    }

    @Test("a crash resets every connection and forgets every roster")
    func crash() throws {
        let world = World()
        let alice = try world.join("alice")
        world.act { $0.crash(.reset, for: .seconds(5)) }
        world.run()
        #expect(alice.wasReset)
        #expect(alice.close == nil)
        #expect(world.service.roster(of: "room").isEmpty)
        world.run(for: .seconds(5))
        #expect(world.service.state == .running)
    }

    @Test("a silent crash leaves the socket open and dead; after the restart what the client sends is answered by a reset")
    func silentCrash() throws {
        let world = World()
        let alice = try world.join("alice")
        world.act { $0.crash(.silent) }
        alice.send(#"{"type":"ping"}"#)
        world.run(for: .seconds(120))
        #expect(alice.isConnected)
        #expect(alice.frames("pong").isEmpty)
        #expect(alice.pings.isEmpty)
        world.act { $0.restart() }
        world.run()
        #expect(alice.isConnected)
        alice.send(#"{"type":"ping"}"#)
        world.run()
        #expect(alice.wasReset)
    }

    @Test("a crash during an upgrade leaves no half-made session behind")
    func crashDuringUpgrade() throws {
        let world = World()
        world.act { _ = $0.add(Behaviour(.delayUpgrade(.seconds(2)))) }
        let alice = world.dial("/v1?key=pk_test")
        world.run(for: .seconds(1))
        world.act { $0.crash(.silent) }
        world.run(for: .seconds(5))
        #expect(alice.texts.isEmpty)
        #expect(world.act { $0.connections().isEmpty })
    }

    @Test("a restart ends a deploy before its time, and nothing of the deploy happens later")
    func restartDuringDeploy() throws {
        let world = World()
        world.act { $0.deploy(Deploy(retryAfter: nil, grace: .seconds(2), refusal: .seconds(5))) }
        world.act { $0.restart() }
        let alice = try world.connect("alice")
        world.run(for: .seconds(10))
        #expect(alice.isConnected)
        #expect(world.service.state == .running)
    }

    @Test("each change of state is told once to the host")
    func stateChanges() {
        let world = World()
        var seen: [ServiceState] = []
        world.service.onStateChange = { seen.append($0) }
        world.act { $0.deploy(Deploy(retryAfter: .seconds(1), grace: .seconds(1), refusal: .seconds(1), refusing: .silent)) }
        world.run(for: .seconds(5))
        #expect(seen == [.goingAway, .refusing(.silent), .running])
    }

    @Test("the herd after a deploy is counted by its busiest second")
    func herd() throws {
        let world = World()
        for _ in 0..<3 {
            _ = world.dial("/v1?key=pk_test")
            world.run(for: .milliseconds(600))
        }
        #expect(world.service.statistics.total == 3)
        #expect(world.service.statistics.peakPerSecond == 2)
        #expect(world.service.statistics.perSecond.map(\.count) == [2, 1])
    }
}
