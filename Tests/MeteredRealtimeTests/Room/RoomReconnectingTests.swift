import CompactJSON
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Reconcile after a reconnect (ROS-01...09)")
struct RoomReconnectingTests {
    /// Joined at 100 with these members, dropped at 2,000; redialled at 2,500, welcomed at 2,570, the replay acknowledged at 2,600.
    private func world(
        _ before: [JSONValue], after: [JSONValue]?, options: PeerOptions = PeerOptions(),
        signalling: SignallingOptions = SignallingOptions()
    ) throws -> PeerWorld {
        let world = try PeerWorld(options, signalling: signalling)
        world.snapshot = { connection, _ in connection == 1 ? before : after }
        world.join()
        world.drop(at: 2_000)
        return world
    }

    @Test("a drop makes everyone reconnecting, and nobody is removed (ROS-01)")
    func drop() throws {
        let world = try world([member("p2"), member("p3")], after: [])
        world.run(until: 2_400)
        #expect(
            world.log.lines(from: 2_000) == ["2000 p2#1 idle>reconnecting", "2000 p3#2 idle>reconnecting", "2000 joined>reconnecting"])
        #expect(world.remotes == ["p2", "p3"])
    }

    @Test("departures, survivors as the same objects with new metadata, joined, newcomers (ROS-03...05, ROS-07)")
    func reconcile() throws {
        let world = try world(
            [member("p2", version: 1), member("p3", version: 1)], after: [member("p4", version: 2), member("p3", version: 2)])
        world.run(until: 3_000)
        #expect(
            world.log.lines(from: 2_500) == [
                "2600 p2#1 reconnecting>closed", "2600 -p2#1", "2600 p3#2 metadata 2", "2600 p3#2 reconnecting>idle",
                "2600 reconnecting>joined", "2600 +p4#3",
            ])
        #expect(world.peer.remotePeers.map(\.id) == ["p3", "p4"])
        #expect(world.peer.remotePeers[0].metadata == ["v": 2])
    }

    @Test("an empty roster is joined at the acknowledgement of the replay (ROS-07, BEY-09)")
    func empty() throws {
        let world = try world([], after: nil)
        world.run(until: 30_000)
        #expect(world.log.lines(from: 2_000) == ["2000 joined>reconnecting", "2600 reconnecting>joined"])
        #expect(world.frames("subscribe").count == 2)
    }

    @Test("an empty roster whose replay is rejected stays reconnecting, with the server's code as an error (BEY-09, BEY-10)")
    func rejectedEmpty() throws {
        let world = try world([], after: nil)
        world.override = { connection, number, frame in
            guard number == 2, frame["type"] == "subscribe" else { return false }
            connection.reject(frame, code: "action_not_permitted")
            return true
        }
        world.run(until: 120_000)
        #expect(world.peer.state == .reconnecting)
        #expect(
            world.log.errors == [.resubscribeFailed(channel: "room", error: .rejectedByServer(code: "action_not_permitted", message: "no"))]
        )
        #expect(world.frames("subscribe").count == 5, "the first, and four replays; nothing forced after the final rejection")
    }

    @Test("a delta that beats the snapshot empties nothing: the objects stay (ROS-02, BEY-08)")
    func deltaFirst() throws {
        let world = try world([member("p2"), member("p3")], after: [member("p2"), member("p3"), member("p4")])
        world.presence(joined: ["p4"], at: 2_590)
        world.run(until: 3_000)
        #expect(
            world.log.lines(from: 2_590).filter { !$0.contains(">") } == ["2600 +p4#3"])
        #expect(world.remotes == ["p2", "p3", "p4"])
    }

    @Test("no snapshot: forced subscribes at 10 s and after the first call ended, then one error; a later snapshot still heals (ROS-09)")
    func snapshotNever() throws {
        let world = try world([member("p2")], after: nil)
        world.presence(joined: ["p2"], at: 60_000)
        world.run(until: 70_000)
        let subscribes = world.server.connections[1].received.filter { $0.json["type"] == "subscribe" }.map { Int64($0.at.milliseconds) }
        #expect(subscribes == [2_570, 12_570, 22_600])
        #expect(
            world.log.lines(from: 2_600) == [
                "32630 error no snapshot of room came, after 2 forced subscribes", "60000 p2#1 reconnecting>idle",
                "60000 reconnecting>joined",
            ])
    }

    @Test("with the deadline off nothing is forced and nothing reported (ROS-09)")
    func deadlineOff() throws {
        var options = PeerOptions()
        options.snapshotTimeout = .zero
        let world = try world([member("p2")], after: nil, options: options)
        world.run(until: 120_000)
        #expect(world.log.lines(from: 2_100).isEmpty)
        #expect(world.frames("subscribe").count == 2)
    }

    @Test("a forced subscribe that is rejected leaves the channel subscribed for the next connection (ROS-09)")
    func forcedRejected() throws {
        let world = try world([member("p2")], after: nil)
        world.override = { connection, number, frame in
            guard number == 2, frame["type"] == "subscribe", connection.frames("subscribe").count > 1 else { return false }
            connection.reject(frame, code: "busy")
            return true
        }
        world.snapshot = { connection, _ in connection == 2 ? nil : [member("p2")] }
        world.drop(at: 40_000)
        world.run(until: 50_000)
        #expect(world.peer.state == .joined)
        #expect(world.log.lines.last == "40600 reconnecting>joined")
    }

    @Test("a further drop before the snapshot starts over (ROS-08)")
    func dropAgain() throws {
        let world = try world([member("p2")], after: [member("p2")])
        world.snapshot = { connection, _ in connection == 2 ? nil : [member("p2")] }
        world.drop(at: 5_000)
        world.run(until: 60_000)
        #expect(world.log.lines(from: 2_600).filter { $0.contains("joined") } == ["6100 reconnecting>joined"])
        #expect(world.log.errors.isEmpty)
        #expect(world.log.ordinal(world.peer.remotePeers[0]) == 1)
        let records = world.log.diagnostics.compactMap { if case .reconcile(let record) = $0 { record } else { nil } }
        #expect(records == [.awaiting, .superseded, .awaiting])
    }

    @Test("a new id of our own makes no ghost of the old one, and turns the roles (BEY-21, ICE-08)")
    func ownIDChanges() throws {
        let world = try world([member("p2")], after: [member("p2"), member("m"), member("z")])
        world.welcome = { $0 == 1 ? [:] : ["peerId": "z"] }
        world.at(1_000) { core in #expect(core.remotePeers[0].isPolite) }
        world.run(until: 5_000)
        #expect(world.remotes == ["p2"])
        #expect(world.peer.peerID == "z")
        #expect(!world.peer.remotePeers[0].isPolite)
    }

    @Test("a survivor's connection is made anew with the newest ICE servers, and its object and its tracks are kept (ROS-04)")
    func swap() throws {
        let world = try world([member("p2")], after: [member("p2")])
        world.welcome = { ["metadata": ["iceServers": [["urls": .string("stun:s\($0).example")]]]] }
        world.at(500) { core in #expect(throws: Never.self) { try core.addTrack(TestTrack("camera"), to: MediaStream(id: "s")).get() } }
        world.run(until: 5_000)
        #expect(world.connections.made.count == 2)
        #expect(world.connections.made[0].isClosed)
        #expect(world.connections.made.map { $0.configuration.iceServers.flatMap(\.urls) } == [["stun:s1.example"], ["stun:s2.example"]])
        #expect(world.connections.made[1].trackIDs == ["camera"])
        #expect(world.log.lines(from: 2_500).contains { $0.hasPrefix("2600 +") || $0.hasPrefix("2600 -") } == false)
    }

    @Test("a link that is still connected is kept, if the option says so (BEY-22)", arguments: [true, false])
    func keepsConnected(keeps: Bool) throws {
        var options = PeerOptions()
        options.keepsConnectedLinks = keeps
        let world = try world([member("p2")], after: [member("p2")], options: options)
        world.at(500) { core in _ = core.addTrack(TestTrack("camera"), to: MediaStream(id: "s")) }
        world.at(1_000) { _ in world.connections.made[0].become(.connected) }
        world.run(until: 3_000)
        #expect(world.connections.made.count == (keeps ? 1 : 2))
        #expect(world.log.lines.contains("2600 p2#1 reconnecting>connected") == keeps)
    }

    @Test("a stranger's signals and direct data are dropped, a broadcast is shown (ROS-13)")
    func strangers() throws {
        let world = try world([member("p2")], after: [])
        world.direct("hello", from: "p9", at: 500)
        world.direct(["type": "rtc-ice", "candidate": nil], from: "p9", at: 500)
        world.direct("known", from: "p2", at: 600)
        world.serve(at: 700) { $0.send(["type": "message", "channel": "room", "from": "p9", "data": "all"]) }
        world.serve(at: 800) { $0.send(["type": "message", "channel": "room", "from": "m", "data": "echo"]) }
        world.serve(at: 900) { $0.send(["type": "message", "channel": "elsewhere", "from": "p9", "data": "else"]) }
        world.run(until: 1_000)
        #expect(world.log.lines(from: 500) == ["600 direct p2 known", "700 broadcast p9 all"])
        let dropped = world.log.diagnostics.compactMap { if case .droppedFromStranger(_, let what) = $0 { what } else { nil } }
        #expect(dropped == ["data", "ice-end"])
    }

    /// An offer that the connection of a test could have made.
    private let offer: JSONValue = [
        "type": "rtc-description",
        "description": [
            "type": "offer",
            "sdp": "v=0\r\na=fingerprint:sha-256 9\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=ice-ufrag:u9\r\n",
        ],
    ]

    @Test("a newcomer's offer that comes before the snapshot is answered once the newcomer is told of (BEY-19)", arguments: [true, false])
    func earlyOffer(isInSnapshot: Bool) throws {
        let world = try world([member("p2")], after: [member("p2")] + (isInSnapshot ? [member("p9")] : []))
        world.presence(joined: ["p9"], at: 2_580)
        world.direct(offer, from: "p9", at: 2_585)
        world.run(until: 3_000)
        let answers = world.frames("send").filter { $0["to"] == "p9" && $0["data"]?["description"]?["type"] == "answer" }
        #expect(answers.count == (isInSnapshot ? 1 : 0))
        let dropped = world.log.diagnostics.compactMap {
            if case .droppedFromStranger(let id, let what) = $0 { "\(id) \(what)" } else { nil }
        }
        #expect(dropped == (isInSnapshot ? [] : ["p9 offer"]))
    }

    @Test("the signals that wait for a newcomer are bounded")
    func earlyFlood() throws {
        let world = try world([member("p2")], after: nil)
        world.presence(joined: ["p9"], at: 2_580)
        for _ in 0..<300 { world.direct(offer, from: "p9", at: 2_585) }
        world.run(until: 2_650)
        #expect(world.peer.core.value.earlySignals.count == SignalLimits.heldCandidates)
    }

    @Test("what looks like a signal is never shown as data (WIRE-09)")
    func signalsAreNotData() throws {
        let world = try world([member("p2")], after: [])
        let signals: [JSONValue] = [
            ["type": "rtc-ice", "candidate": nil], ["type": "rtc-ice", "candidate": 7], ["type": "rtc-description"],
            ["__meteredTrackMeta": ["trackId": "t"]], ["__meteredTrackMeta": 3],
        ]
        for (place, signal) in signals.enumerated() { world.direct(signal, from: "p2", at: 500 + Int64(place)) }
        world.run(until: 1_000)
        #expect(world.log.lines(from: 500).isEmpty)
    }
}
