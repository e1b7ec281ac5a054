import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@testable import WebRTCModel

@Suite("ICE: hostile input") struct ICESecurityTests {
    private func connected() -> TwoAgents {
        let agents = TwoAgents()
        agents.connect()
        agents.run(for: .seconds(5))
        return agents
    }

    private let stranger = TransportAddress(.v4(0x0A00_0909), 999)
    private let left = TransportAddress(.v4(0x0A00_0101), 50_001)

    private func request(_ agents: TwoAgents, fragment: String? = nil, password: String? = nil) -> ByteBuffer {
        let parameters = agents.left.parameters[0]
        let username = "\(fragment ?? parameters.usernameFragment):\(agents.right.parameters[0].usernameFragment)"
        return STUNMessage(
            .request, .binding, STUNTransactionID(high: 9, low: 9), [.username(username), .priority(7), .iceControlled(3), .useCandidate]
        )
        .encoded(integrity: .shortTerm(password: password ?? parameters.password))
    }

    @Test("a check with a wrong password or an unknown fragment makes no pair and gets no answer")
    func forgedChecks() {
        let agents = connected()
        var answers = 0
        agents.isLost = { [stranger] _, _, _, destination in
            if destination == stranger { answers += 1 }
            return false
        }
        agents.left.arrive(request(agents, password: "not the password at all"), from: stranger, to: left)
        agents.left.arrive(request(agents, fragment: "zzzz"), from: stranger, to: left)
        #expect(agents.left.agent.numberOfPairs == 1 && answers == 0)
        agents.left.arrive(request(agents), from: stranger, to: left)
        #expect(agents.left.agent.numberOfPairs == 2 && answers >= 1)
    }

    @Test("an answer that is forged, or comes from elsewhere, keeps nothing alive")
    func forgedAnswers() throws {
        let agents = connected()
        let start = agents.simulation.now
        let right = try #require(agents.right.address(of: 1))
        agents.isLost = { [unowned agents] from, bytes, _, _ in
            guard from === agents.left, let check = try? STUNMessage(decoding: bytes), check.messageClass == .request else { return true }
            let forged = check.success([.xorMappedAddress(self.left)]).encoded(integrity: .shortTerm(password: "a guess of the password"))
            agents.simulation.schedule(in: .milliseconds(1)) { agents.left.arrive(forged, from: right, to: self.left) }
            let true_ = check.success([.xorMappedAddress(self.left)])
                .encoded(integrity: .shortTerm(password: agents.right.parameters[0].password))
            agents.simulation.schedule(in: .milliseconds(1)) { agents.left.arrive(true_, from: self.stranger, to: self.left) }
            return true
        }
        agents.run(for: .seconds(20))
        #expect(agents.left.time(of: .failed, after: start) != nil)
    }

    @Test("data of strangers is ignored")
    func strangers() {
        let agents = connected()
        agents.left.arrive(ByteBuffer(string: "hello"), from: stranger, to: left)
        #expect(agents.left.data.isEmpty)
    }

    @Test("remote candidates and pairs are bounded", arguments: WebRTCProfile.all.map(\.name))
    func bounded(name: String) throws {
        let agents = TwoAgents(try #require(WebRTCProfile.named(name)))
        agents.connect(candidates: 3)
        for number in 0..<400 as Range<UInt32> {
            let candidate = CandidateAttribute(
                foundation: "\(number)", priority: number, address: TransportAddress(.v4(0x0B00_0000 + number), 9), kind: .host)
            agents.left.perform { $0.addRemote(candidate, now: agents.simulation.now) }
        }
        #expect(agents.left.agent.numberOfPairs <= ICEAgent.maximumPairs)
        #expect(agents.left.agent.remoteCandidates.count <= ICEAgent.maximumPairs)
        #expect(agents.runUntil(.seconds(20)) { agents.isConnected } != nil)
    }

    @Test("a flood of garbage changes nothing")
    func flood() {
        let agents = connected()
        let random = RandomStream(seed: 5, name: "garbage")
        let good = request(agents)
        for _ in 0..<4_000 {
            var bytes = good
            // Not FINGERPRINT: a message whose other bytes are right is right without it.
            let index = Int(random.uniform(0...Int64(bytes.readableBytes - 9)))
            bytes.setInteger(UInt8(truncatingIfNeeded: random.next()), at: index)
            if bytes != good { agents.left.arrive(bytes, from: stranger, to: left) }
        }
        #expect(agents.left.agent.numberOfPairs == 1)
        #expect(agents.isConnected && agents.agrees)
    }

    @Test("nothing that describes parameters shows the password")
    func passwords() {
        var random = RandomStream(seed: 1, name: "parameters")
        let parameters = ICEParameters(random: &random)
        var text = ""
        dump(parameters, to: &text)
        #expect(!(text + "\(parameters)" + String(reflecting: parameters)).contains(parameters.password))
    }
}
