import CompactJSON
import Conformance
import Testing
import Trace

@Suite("Media, applications and what holds in every call")
struct CallTests {
    private func connected(_ values: FakePeerValues = FakePeerValues()) -> (FakePeer, FakeLink) {
        let peer = FakePeer(values)
        peer.join(["bob"])
        let link = peer.links["bob"]!
        link.connect()
        peer.wait(10)
        return (peer, link)
    }

    private func findings(_ peer: FakePeer, after seconds: Double = 6) -> [String] {
        ConformanceSuite.peer.check(peer.finish(after: seconds)).findings.map { "\($0.rule)" }
    }

    private func stream(_ peer: FakePeer, _ phase: TraceEvent.RemoteMediaPhase, object: Int) {
        peer.add(.stream(at: peer.now, who: peer.who, remote: "bob", phase: phase, stream: "s", object: object))
    }

    private func channel(_ peer: FakePeer, _ state: String, object: Int? = nil) {
        peer.add(.dataChannel(at: peer.now, who: peer.who, remote: "bob", label: "chat", state: state, origin: .local, object: object))
    }

    @Test("a stream that comes again after a swap is a fresh object, without a removal", arguments: [1, 2], [true, false])
    func streams(object: Int, isRemoved: Bool) {
        let (peer, link) = connected()
        stream(peer, .added, object: 1)
        link.closeConnection()
        link.to("reconnecting")
        link.connection(.replaced)
        if isRemoved { stream(peer, .removed, object: 1) }
        link.connected()
        stream(peer, .added, object: object)
        #expect(findings(peer) == (isRemoved ? ["ROS-10"] : []) + (object == 1 ? ["ROS-10"] : []))
    }

    @Test("a data channel dies with its connection", arguments: [true, false])
    func channels(dies: Bool) {
        let (peer, link) = connected()
        channel(peer, "connecting", object: 1)
        channel(peer, "open", object: 1)
        if dies { channel(peer, "closed", object: 1) }
        link.to("reconnecting")
        link.connection(.replaced)
        link.connected()
        channel(peer, "open", object: 2)
        let report = ConformanceSuite.peer.check(peer.finish(after: 5))
        #expect(report.findings.map { "\($0.rule)" } == (dies ? [] : ["ROS-11"]))
        #expect(report[RuleID("APP-03")!].held == 1)
    }

    @Test("local tracks are attached again after a swap", arguments: [true, false])
    func localTracks(isAttached: Bool) {
        let (peer, link) = connected()
        func attach(_ ordinal: Int) {
            peer.add(
                .localTrack(at: peer.now, who: peer.who, phase: .attached, track: "cam", kind: "video", remote: "bob", ordinal: ordinal))
        }
        attach(1)
        link.to("reconnecting")
        link.connection(.replaced)
        if isAttached { attach(2) }
        link.connected()
        #expect(findings(peer) == (isAttached ? [] : ["ROS-04"]))
    }

    @Test("a recovered link shows moving frames", arguments: [true, false])
    func frames(moves: Bool) {
        let (peer, link) = connected()
        func media(_ phase: TraceEvent.MediaPhase) {
            peer.add(.media(at: peer.now, who: peer.who, remote: "bob", track: "cam", kind: "video", phase: phase))
        }
        media(.flowing)
        link.disconnect()
        media(.stalled)
        peer.wait(4)
        link.connected()
        peer.wait(1)
        if moves { media(.flowing) }
        #expect(findings(peer, after: 15) == (moves ? [] : ["APP-06"]))
    }

    @Test("a track that stood still is not asked for once its sender has joined anew, or has it no more", arguments: [true, false])
    func framesOfTheOld(leaves: Bool) {
        let (peer, link) = connected()
        func media(_ phase: TraceEvent.MediaPhase) {
            peer.add(.media(at: peer.now, who: peer.who, remote: "bob", track: "cam", kind: "video", phase: phase))
        }
        media(.flowing)
        media(.stalled)
        if leaves {
            peer.presence(left: ["bob"])
            peer.left("bob")
            peer.presence(joined: ["bob"])
            peer.joined("bob")
            peer.links["bob"]!.connect()
        } else {
            link.to("reconnecting")
            link.connection(.replaced)
            link.connected()
        }
        #expect(!findings(peer, after: 15).contains("APP-06"))
    }

    @Test("a series of token failures asks for a login once", arguments: [1, 0])
    func login(prompts: Int) {
        let (peer, _) = connected()
        peer.add(.app(at: peer.now, who: peer.who, .prompts("kicked")))
        for count in 0..<2 {
            peer.add(.peerError(at: peer.now, who: peer.who, error: .tokenProvider))
            if count < prompts { peer.add(.app(at: peer.now, who: peer.who, .prompts("login"))) }
            peer.wait(10)
        }
        #expect(findings(peer) == (prompts == 1 ? [] : ["APP-05"]))
    }

    @Test("a banner waits for 1 s, appears, and goes with joined", arguments: [0.5, 1.0, 3.0], [true, false])
    func banner(after seconds: Double, hides: Bool) {
        let (peer, _) = connected()
        peer.drop()
        peer.wait(seconds)
        peer.add(.app(at: peer.now, who: peer.who, .shows("banner")))
        peer.reconnect()
        peer.reconcile(["bob", "peer-1"])
        if hides { peer.client.log = Self.hiding(peer.client.log) }
        let expected = (seconds == 1 ? [] : ["APP-01"]) + (hides ? [] : ["APP-01"])
        #expect(findings(peer) == expected)
    }

    @Test("an application on a signalling client alone follows that client's state", arguments: [0.3, 1.0])
    func signallingApp(after seconds: Double) {
        let client = FakeRuns.connected(FakeValues())
        client.live(10_000)
        client.wait(seconds * 1_000)
        client.add(.app(at: client.now, who: client.who, .shows("banner")))
        client.n = 1
        client.begin()
        client.openAndWelcome()
        client.add(.app(at: client.now, who: client.who, .hides("banner")))
        let report = ConformanceSuite(named: ["app"])!.check(client.finish())
        #expect(report[RuleID("APP-01")!].violated == (seconds < 1 ? 1 : 0))
        #expect(report[RuleID("APP-01")!].isExercised)
    }

    /// Adds the hiding at the instant of `joined`.
    private static func hiding(_ log: TraceLog) -> TraceLog {
        let place = log.events.lastIndex { $0.kind == .peerState }!
        let at = log.events[place].timeNs
        let event = TraceEvent.app(at: at, who: log.events[place].who, .hides("banner"))
        return TraceLog(header: log.header, events: log.events[...place] + [event] + log.events[(place + 1)...])
    }

    @Test("a kick leads to the page that says so", arguments: ["kicked", "login"])
    func prompts(prompt: String) {
        let (peer, _) = connected()
        peer.terminate(4020)
        peer.add(.app(at: peer.now, who: peer.who, .prompts(prompt)))
        #expect(findings(peer) == (prompt == "kicked" ? [] : ["APP-04"]))
    }

    @Test("an app back from the background is in its room again", arguments: [true, false])
    func background(heals: Bool) {
        let (peer, _) = connected()
        peer.add(.appSuspended(at: peer.now, who: "phone", clock: .continues))
        peer.wait(60)
        peer.add(.appResumed(at: peer.now, who: "phone"))
        peer.drop()
        if heals {
            peer.reconnect()
            peer.reconcile(["bob", "peer-1"])
        }
        let report = ConformanceSuite(named: ["app"])!.check(peer.finish(after: 300))
        #expect(report[RuleID("APP-07")!].violated == (heals ? 0 : 1))
        #expect(report[RuleID("APP-07")!].isExercised)
    }

    @Test("two live connections to one remote peer break INV-05")
    func twoConnections() {
        let (peer, link) = connected()
        link.isOpen = false
        link.connection(.first)
        #expect(findings(peer) == ["INV-05"])
    }

    @Test("nothing may be reported after a peer was closed", arguments: [true, false])
    func silence(isSilent: Bool) {
        let (peer, _) = connected()
        peer.close()
        peer.wait(1)
        if !isSilent { peer.add(.peerData(at: peer.now, who: peer.who, kind: .broadcast, from: "bob")) }
        #expect(findings(peer) == (isSilent ? [] : ["SIG-16"]))
    }

    @Test("who begins anew with its options is another peer, and may report after the first was closed", arguments: [true, false])
    func anew(hasOptions: Bool) {
        let (peer, _) = connected()
        peer.close()
        peer.wait(1)
        if hasOptions { peer.add(.peerOptions(at: peer.now, who: peer.who, TracedPeerOptions())) }
        peer.add(.peerState(at: peer.now, who: peer.who, from: "idle", to: "joining"))
        #expect(findings(peer).contains("SIG-16") == !hasOptions)
    }

    @Test("nothing may be reported of a remote peer that left")
    func silenceOfRemote() {
        let (peer, _) = connected()
        peer.presence(left: ["bob"])
        peer.left("bob")
        peer.wait(1)
        channel(peer, "open")
        #expect(findings(peer) == ["SIG-16"])
    }

    @Test("the roster is true once the world is quiet", arguments: ["bob", "ghost"])
    func truth(id: String) {
        let peer = FakePeer()
        peer.add(.accept(at: peer.now, connection: 1, peer: "peer-1"))
        peer.add(.accept(at: peer.now, connection: 2, peer: "bob"))
        peer.add(.accept(at: peer.now, connection: 3, peer: "ghost"))
        peer.add(.serviceClose(at: peer.now, connection: 3, peer: "ghost", code: 1006, reason: ""))
        peer.join([id])
        let report = ConformanceSuite.peer.check(peer.finish(after: 200))
        #expect(report[RuleID("INV-07")!].violated == (id == "ghost" ? 1 : 0))
    }

    @Test("ICE servers are taken whole or not at all", arguments: ["turns:t.example:443?transport=tcp", "http://t.example"])
    func servers(url: String) {
        let (peer, _) = connected()
        peer.add(.iceServers(at: peer.now, who: peer.who, phase: .taken, urls: [url], list: 2))
        #expect(findings(peer) == (url.hasPrefix("turns:") ? [] : ["WIRE-07"]))
    }

    @Test("a TURN credential in any field is found, wherever it stands")
    func secrets() {
        let (peer, _) = connected()
        peer.add(
            .peerRefreshed(at: peer.now, who: peer.who, remote: "bob", object: 1, metadata: ["iceServers": [["credential": "hunter2"]]]))
        #expect(findings(peer).contains("SIG-17"))
    }
}
