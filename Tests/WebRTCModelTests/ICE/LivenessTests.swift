import MeteredRealtime
import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@testable import WebRTCModel

@Suite("ICE: liveness") struct ICELivenessTests {
    private func connected(_ profile: WebRTCProfile, seed: UInt64 = 1) -> TwoAgents {
        let agents = TwoAgents(profile, seed: seed)
        agents.connect()
        agents.run(for: .seconds(10))
        return agents
    }

    private func blackout(_ agents: TwoAgents, for time: TimeAmount) -> NIODeadline {
        let start = agents.simulation.now
        agents.isLost = { _, _, _, _ in true }
        agents.run(for: time)
        agents.isLost = { _, _, _, _ in false }
        return start
    }

    @Test(
        "libwebrtc: disconnected 5 s and failed 15 s after the first unanswered check, and then no more checks",
        arguments: 1...10 as ClosedRange<UInt64>)
    func libwebrtc(seed: UInt64) throws {
        let agents = connected(.libwebrtc, seed: seed)
        let start = blackout(agents, for: .seconds(25))
        for end in [agents.left, agents.right] {
            let first = try #require(end.checks.first { $0 >= start })
            let disconnected = try #require(end.time(of: .disconnected, after: first))
            let failed = try #require(end.time(of: .failed, after: first))
            #expect((.seconds(5) ... .milliseconds(5_070)).contains(disconnected))
            #expect((.seconds(15) ... .milliseconds(15_070)).contains(failed))
            #expect(end.checks.allSatisfy { $0 <= first + failed })
            #expect(end.agent.numberOfPairs == 0 && end.agent.nextDeadline == nil)
        }
    }

    @Test("libwebrtc: answers, not data, keep a pair alive: one-way loss ends both sides")
    func oneWay() {
        let agents = connected(.libwebrtc)
        let start = agents.simulation.now
        agents.isLost = { [unowned agents] from, _, _, _ in from === agents.right }
        for _ in 0..<100 {
            agents.left.send("still here")
            agents.run(for: .milliseconds(200))
        }
        #expect(agents.left.time(of: .failed, after: start) != nil)
        #expect(agents.right.time(of: .disconnected, after: start) != nil)
    }

    @Test("libwebrtc: comes back from disconnected by itself within one tick and a round trip")
    func recovery() throws {
        let agents = connected(.libwebrtc)
        let start = blackout(agents, for: .seconds(9))
        #expect(agents.left.agent.state == .disconnected && agents.right.agent.state == .disconnected)
        let back = try #require(agents.runUntil(.seconds(1)) { agents.isConnected })
        #expect(back <= .milliseconds(63 + 20 + 1))
        #expect(agents.left.time(of: .failed, after: start) == nil)
    }

    @Test("libwebrtc: a check of the peer revives a failed transport, and both connect again")
    func revived() {
        let agents = connected(.libwebrtc)
        // Only what the left sends is lost: the left fails while the right's checks still arrive and stay unanswered.
        _ = blackout(agents, for: .seconds(22))
        #expect(agents.left.agent.state == .failed && agents.right.agent.state == .failed)
        // The right begins again, as after a check of its own that came late.
        let address = TransportAddress(.v4(0x0A00_0201), 50_001)
        let key = STUNIntegrityKey.shortTerm(password: agents.left.parameters[0].password)
        let username = "\(agents.left.parameters[0].usernameFragment):\(agents.right.parameters[0].usernameFragment)"
        let check = STUNMessage(
            .request, .binding, STUNTransactionID(high: 1, low: 1), [.username(username), .priority(1), .iceControlled(1)])
        agents.left.arrive(check.encoded(integrity: key), from: address, to: TransportAddress(.v4(0x0A00_0101), 50_001))
        #expect(agents.left.agent.state == .disconnected)
        #expect(agents.runUntil(.seconds(1)) { agents.isConnected && agents.agrees } != nil)
    }

    @Test("pion: disconnected after 5 to 7 s of silence, failed after 30 to 32 s, and for good")
    func pion() throws {
        let agents = connected(.pion)
        let start = blackout(agents, for: .seconds(40))
        for end in [agents.left, agents.right] {
            let disconnected = try #require(end.time(of: .disconnected, after: start - .seconds(2)))
            let failed = try #require(end.time(of: .failed, after: start - .seconds(2)))
            #expect((.seconds(5) ... .seconds(9)).contains(disconnected))
            #expect((.seconds(30) ... .seconds(34)).contains(failed))
        }
        agents.run(for: .seconds(20))
        #expect(!agents.isConnected)
    }

    @Test("pion: a path that never answers is given up after 30 s, however soon every pair has failed")
    func pionNeverConnects() throws {
        let agents = TwoAgents(.pion)
        agents.isLost = { _, _, _, _ in true }
        let start = agents.simulation.now
        agents.connect()
        agents.run(for: .seconds(40))
        for end in [agents.left, agents.right] {
            let failed = try #require(end.time(of: .failed, after: start))
            #expect((.seconds(30) ... .seconds(31)).contains(failed))
        }
    }

    @Test("pion: any packet is a sign of life")
    func pionData() {
        let agents = connected(.pion)
        let start = agents.simulation.now
        agents.isLost = { _, bytes, _, _ in STUNMessage.isSTUN(bytes) }
        for _ in 0..<100 {
            agents.left.send("a")
            agents.right.send("b")
            agents.run(for: .milliseconds(500))
        }
        #expect(agents.left.time(of: .disconnected, after: start) == nil && agents.isConnected)
    }

    @Test("aioice: no change in 20 s, failed after six unanswered consent checks, and for good")
    func aioice() throws {
        let agents = connected(.aioice)
        let short = blackout(agents, for: .seconds(20))
        #expect(agents.left.states.allSatisfy { $0.time < short })
        agents.run(for: .seconds(10))
        let start = blackout(agents, for: .seconds(40))
        let failed = try #require(agents.left.time(of: .failed, after: start))
        #expect((.milliseconds(22_500) ... .seconds(39)).contains(failed))
        agents.run(for: .seconds(60))
        #expect(agents.left.agent.state == .failed)
    }

    @Test("libnice: consent ends 30 s after the last answer, without disconnected")
    func libnice() throws {
        let agents = connected(.libnice)
        let start = blackout(agents, for: .seconds(35))
        for end in [agents.left, agents.right] {
            let failed = try #require(end.time(of: .failed, after: start))
            #expect((.seconds(24) ... .seconds(30)).contains(failed))
            #expect(end.time(of: .disconnected, after: start) == nil)
        }
    }

    @Test("Firefox: one unanswered consent check is disconnected, an answer is connected again")
    func firefox() throws {
        let agents = connected(.firefox)
        let start = blackout(agents, for: .seconds(13))
        let disconnected = try #require(agents.left.time(of: .disconnected, after: start))
        #expect((.seconds(4) ... .seconds(12)).contains(disconnected))
        #expect(agents.runUntil(.seconds(7)) { agents.isConnected } != nil)
    }

    @Test("an idle connected libwebrtc agent wakes once per check, not per tick")
    func fewEvents() {
        let agents = connected(.libwebrtc)
        let (events, checks) = (agents.simulation.executedEvents, agents.left.checks.count + agents.right.checks.count)
        agents.run(for: .seconds(100))
        // A check is one timer and two datagrams.
        let sent = agents.left.checks.count + agents.right.checks.count - checks
        #expect((70...80).contains(sent))
        #expect(agents.simulation.executedEvents - events <= UInt64(3 * sent + 4))
    }
}
