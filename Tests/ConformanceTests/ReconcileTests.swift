import Conformance
import Testing
import Trace

@Suite("The reconcile checker")
struct ReconcileTests {
    /// Bob and zoe are there before the drop; zoe leaves and carol comes meanwhile.
    static func drop(_ values: FakePeerValues) -> TraceLog {
        let peer = FakePeer(values)
        peer.join(["bob", "zoe"])
        peer.links["bob"]?.connect()
        peer.links["zoe"]?.connect()
        peer.wait(10)
        peer.serverList = 2
        peer.drop()
        peer.reconnect(acknowledged: !values.takesDeltas)
        peer.add(.iceServers(at: peer.now, who: peer.who, phase: .taken, urls: ["turn:t.example"], list: 2))
        peer.wait(0.05)
        peer.reconcile(
            ["bob", "carol", "carol", "peer-1"], metadata: ["bob": ["name": "Bob"], "carol": ["name": "Carol"]])
        return peer.finish(after: 5)
    }

    /// A delta comes before the ack, the snapshot after it.
    static func early(_ values: FakePeerValues) -> TraceLog {
        let peer = FakePeer(values)
        peer.join(["bob", "zoe"])
        peer.drop()
        peer.reconnect(acknowledged: false)
        peer.wait(0.05)
        if values.takesDeltas {
            peer.reconcile(["carol"])
            return peer.finish(after: 5)
        }
        peer.presence(joined: ["carol"])
        peer.wait(0.05)
        peer.acknowledge(peer.subscribe(.replay), .replay)
        peer.reconcile(["bob", "zoe", "carol"])
        return peer.finish(after: 5)
    }

    /// No snapshot ever.
    static func timeout(_ values: FakePeerValues) -> TraceLog {
        let peer = FakePeer(values)
        peer.join(["bob"])
        peer.drop()
        peer.reconnect()
        // The ack took 30 ms of the first wait.
        peer.wait(-0.03)
        for n in 1...max(1, values.forcedSubscribes) where values.forcedSubscribes > 0 {
            peer.wait(values.snapshotTimeout)
            peer.add(.reconcile(at: peer.now, who: peer.who, phase: .forcedSubscribe, n: n))
            let id = peer.subscribe(.subscribe)
            peer.wait(0.03)
            peer.acknowledge(id, .subscribe)
        }
        peer.wait(values.snapshotTimeout)
        peer.add(.reconcile(at: peer.now, who: peer.who, phase: .timedOut))
        if values.reportsTimeout { peer.add(.peerError(at: peer.now, who: peer.who, error: .reconcileTimeout)) }
        return peer.finish(after: 30)
    }

    static func terminal(_ values: FakePeerValues) -> TraceLog {
        let peer = FakePeer(values)
        peer.join(["bob", "zoe"])
        peer.wait(10)
        peer.terminate()
        return peer.finish(after: 5)
    }

    /// A drop with an empty roster.
    static func alone(_ values: FakePeerValues) -> TraceLog {
        let peer = FakePeer(values)
        peer.join([])
        peer.wait(10)
        peer.drop()
        peer.reconnect()
        if values.waitsForSnapshot { peer.to("joined") }
        peer.wait(0.1)
        peer.presence(joined: ["bob", "peer-1"])
        peer.add(.snapshot(at: peer.now, who: peer.who, channel: "room", members: ["bob", "peer-1"]))
        peer.joined("bob")
        return peer.finish(after: 5)
    }

    static let mutations = [
        PeerMutation("a peer is removed during the drop", "ROS-01", { drop($0) }, { $0.keepsPeersDuringDrop = false }),
        PeerMutation("a presence before the ack is the snapshot", "ROS-02", { early($0) }, { $0.takesDeltas = true }),
        PeerMutation("a presence before the ack is the snapshot", "BEY-08", { early($0) }, { $0.takesDeltas = true }),
        PeerMutation("absent peers stay", "ROS-03", { drop($0) }, { $0.removesAbsent = false }),
        PeerMutation("a new object for a survivor", "ROS-04", { drop($0) }, { $0.sameObject = false }),
        PeerMutation("survivors are not refreshed", "ROS-04", { drop($0) }, { $0.refreshes = false }),
        PeerMutation("survivors keep old metadata", "ROS-04", { drop($0) }, { $0.refreshesMetadata = false }),
        PeerMutation("survivors keep their connection", "ROS-04", { drop($0) }, { $0.swaps = false }),
        PeerMutation("survivors leave and join", "ROS-04", { drop($0) }, { $0.rejoinsSurvivors = true }),
        PeerMutation("new connections with old servers", "ROS-04", { drop($0) }, { $0.newestServers = false }),
        PeerMutation("new connections with old servers", "WIRE-07", { drop($0) }, { $0.newestServers = false }),
        PeerMutation("newcomers join twice", "ROS-05", { drop($0) }, { $0.joinedOnce = false }),
        PeerMutation("self joins", "ROS-06", { drop($0) }, { $0.ignoresSelf = false }),
        PeerMutation("the left come last", "ROS-07", { drop($0) }, { $0.leftFirst = false }),
        PeerMutation("the left come last", "ROS-03", { drop($0) }, { $0.leftFirst = false }),
        PeerMutation("newcomers before joined", "ROS-07", { drop($0) }, { $0.joinedBeforeNewcomers = false }),
        PeerMutation("joined at the welcome", "BEY-09", { alone($0) }, { $0.waitsForSnapshot = false }),
        PeerMutation("joined at the welcome", "ROS-07", { drop($0) }, { $0.waitsForSnapshot = false }),
        PeerMutation("a forced subscribe after 5 s", "ROS-09", { timeout($0) }, { $0.snapshotTimeout = 5 }),
        PeerMutation("a forced subscribe after 20 s", "ROS-09", { timeout($0) }, { $0.snapshotTimeout = 20 }),
        PeerMutation("one forced subscribe", "ROS-09", { timeout($0) }, { $0.forcedSubscribes = 1 }),
        PeerMutation("three forced subscribes", "ROS-09", { timeout($0) }, { $0.forcedSubscribes = 3 }),
        PeerMutation("no timeout error", "ROS-09", { timeout($0) }, { $0.reportsTimeout = false }),
        PeerMutation("the error comes last", "ROS-12", { terminal($0) }, { $0.errorFirst = false }),
        PeerMutation("the error names another code", "ROS-12", { terminal($0) }, { $0.errorName = "kicked" }),
        PeerMutation("remote peers stay at the end", "ROS-12", { terminal($0) }, { $0.removesAtEnd = false }),
        PeerMutation("remote peers stay at the end", "INV-06", { terminal($0) }, { $0.removesAtEnd = false }),
        PeerMutation("no left event", "ROS-12", { terminal($0) }, { $0.reportsLeft = false }),
    ]

    @Test("names the rule that a wrong reconcile breaks", arguments: mutations)
    func mutation(_ mutation: PeerMutation) throws { try mutation.check() }

    private func findings(_ peer: FakePeer) -> [String] {
        ConformanceSuite.peer.check(peer.finish(after: 5)).findings.map { "\($0.rule)" }
    }

    private func joined(_ members: [String] = ["bob"], options: TracedPeerOptions = TracedPeerOptions()) -> FakePeer {
        let peer = FakePeer(options: options)
        peer.join(members)
        return peer
    }

    @Test("the first presence after the ack must be taken")
    func missed() {
        let peer = joined()
        peer.drop()
        peer.reconnect()
        peer.presence(joined: ["bob", "peer-1"])
        #expect(findings(peer) == ["ROS-02"])
    }

    @Test("a second snapshot on one connection breaks ROS-08")
    func twice() {
        let peer = joined()
        peer.drop()
        peer.reconnect()
        peer.reconcile(["bob", "peer-1"])
        peer.wait(1)
        peer.add(.snapshot(at: peer.now, who: peer.who, channel: "room", members: ["bob", "peer-1"]))
        #expect(findings(peer).contains("ROS-08"))
    }

    @Test("a drop before the snapshot starts over")
    func superseded() {
        let peer = joined()
        peer.drop()
        peer.reconnect()
        peer.client.live(2_000)
        peer.reconnect()
        peer.reconcile(["bob", "peer-1"])
        let report = ConformanceSuite.peer.check(peer.finish(after: 5))
        #expect(report.findings.map(\.description) == [])
        #expect(report[RuleID("ROS-08")!].held == 1)
    }

    @Test("another channel's presence has no effect")
    func otherChannel() {
        let peer = joined()
        peer.presence(joined: ["dave"], channel: "hall")
        peer.joined("dave")
        #expect(findings(peer) == ["ROS-06"])
    }

    @Test("a delta must be followed, in and out")
    func deltas() {
        let peer = joined()
        peer.presence(joined: ["dave"])
        peer.joined("dave")
        peer.wait(1)
        peer.presence(left: ["dave"])
        peer.left("dave")
        #expect(findings(peer) == [])
        peer.presence(joined: ["erin"])
        peer.wait(1)
        peer.presence(left: ["bob"])
        #expect(findings(peer) == ["ROS-02", "ROS-02"])
    }

    @Test("newcomers over the cap are admitted when a place is free", arguments: [true, false])
    func cap(admits: Bool) {
        var options = TracedPeerOptions()
        options.maximumRemotePeers = 2
        let peer = joined(["bob", "zoe"], options: options)
        peer.presence(joined: ["dave"])
        peer.wait(5)
        peer.presence(left: ["bob"])
        peer.left("bob")
        if admits { peer.joined("dave") }
        #expect(findings(peer) == (admits ? [] : ["BEY-12"]))
    }

    @Test("a roster over the cap breaks ROS-06")
    func overCap() {
        var options = TracedPeerOptions()
        options.maximumRemotePeers = 1
        #expect(findings(joined(["bob", "zoe"], options: options)).contains("ROS-06"))
    }

    @Test("a kept connection needs the option")
    func kept() {
        for isAllowed in [true, false] {
            var options = TracedPeerOptions()
            options.keepsConnectedLinks = isAllowed
            let peer = joined(["bob"], options: options)
            let link = peer.links["bob"]!
            link.connect()
            peer.drop()
            peer.reconnect()
            peer.presence(joined: ["bob", "peer-1"])
            peer.add(.snapshot(at: peer.now, who: peer.who, channel: "room", members: ["bob", "peer-1"]))
            peer.add(.peerRefreshed(at: peer.now, who: peer.who, remote: "bob", object: link.object, kept: true))
            peer.to("joined")
            link.to("connected")
            #expect(findings(peer) == (isAllowed ? [] : ["BEY-22"]))
        }
    }

    @Test("an earlier own id is self", arguments: [true, false])
    func ghost(isTaken: Bool) {
        let peer = joined([])
        peer.drop()
        peer.reconnect()
        peer.add(.welcome(at: peer.now, who: peer.who, peerID: "peer-2"))
        peer.add(.joined(at: peer.now, who: peer.who, peerID: "peer-2", channel: "room"))
        peer.to("joined")
        peer.presence(joined: ["peer-1"])
        peer.add(.snapshot(at: peer.now, who: peer.who, channel: "room", members: ["peer-1"]))
        if isTaken { peer.joined("peer-1") }
        let result = ConformanceSuite.peer.check(peer.finish(after: 6))[RuleID("BEY-21")!]
        #expect((result.held, result.violated) == (isTaken ? (0, 1) : (1, 0)))
    }

    @Test("a newcomer before the first joined breaks BEY-19")
    func beforeJoined() {
        let peer = FakePeer()
        peer.add(.join(at: peer.now, who: peer.who, phase: .called, channel: "room"))
        peer.to("joining")
        peer.client.connect()
        peer.client.openAndWelcome()
        peer.presence(joined: ["bob"])
        peer.joined("bob")
        #expect(findings(peer) == ["BEY-19"])
    }

    @Test("a replay that fails for good is an error that says so", arguments: [true, false])
    func rejected(tells: Bool) {
        let peer = joined()
        peer.drop()
        let id = peer.reconnect(acknowledged: false)
        peer.wait(3)
        peer.add(.requestDone(at: peer.now, who: peer.who, id: id, kind: .replay, outcome: .rejected, code: "channel_not_authorized"))
        peer.add(.replayFailed(at: peer.now, who: peer.who, channel: "room", error: "rejected"))
        if tells { peer.add(.peerError(at: peer.now, who: peer.who, error: .resubscribeFailed, name: "channel_not_authorized")) }
        peer.wait(60)
        #expect(findings(peer) == (tells ? [] : ["BEY-10"]))
    }

    @Test("a join that fails leaves the peer idle", arguments: [true, false])
    func failedJoin(isIdle: Bool) {
        let peer = FakePeer()
        peer.add(.join(at: peer.now, who: peer.who, phase: .called, channel: "room"))
        peer.to("joining")
        peer.add(.join(at: peer.now, who: peer.who, phase: .failed, channel: "room", error: "refused"))
        if isIdle { peer.to("idle") }
        #expect(findings(peer) == (isIdle ? [] : ["BEY-02"]))
    }

    @Test("a spent budget ends the peer", arguments: [true, false])
    func spent(ends: Bool) {
        let peer = joined()
        peer.drop()
        peer.client.n = 99
        peer.client.backoff()
        peer.client.refuse()
        peer.add(.disconnected(at: peer.now, who: peer.who, code: 1006, reason: "", willReconnect: false))
        peer.client.to("closed")
        if ends {
            peer.add(.peerError(at: peer.now, who: peer.who, error: .disconnected, code: 1006, name: "abnormal_closure"))
            peer.left("bob")
            peer.to("closed")
            peer.add(.left(at: peer.now, who: peer.who))
        }
        #expect(findings(peer) == (ends ? [] : ["ROS-12", "BEY-01"]))
    }

    @Test("what strangers send has no effect", arguments: [TraceKind.signalReceived, .peerData])
    func strangers(kind: TraceKind) {
        let peer = joined()
        let signal = TracedSignal(.ice, ufrag: "u")
        peer.add(.signalDropped(at: peer.now, who: peer.who, remote: "eve", signal, reason: "not-in-roster"))
        peer.add(.peerData(at: peer.now, who: peer.who, kind: .broadcast, from: "eve"))
        #expect(findings(peer) == [])
        if kind == .peerData {
            peer.add(.peerData(at: peer.now, who: peer.who, kind: .direct, from: "eve"))
        } else {
            peer.add(.signalReceived(at: peer.now, who: peer.who, remote: "eve", signal))
        }
        #expect(findings(peer) == ["ROS-13"])
    }
}
