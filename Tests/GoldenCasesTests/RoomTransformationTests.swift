import Testing

@testable import GoldenCases

@Suite("Transformations: the room")
struct RoomTransformationTests {
    func peer(_ lines: [GoldenLine]?) -> [String] {
        (lines ?? []).filter { $0.who == "peer" }.map { line in
            "\(line.milliseconds) \(line.what) \(line.string("id") ?? line.string("to") ?? line.string("error") ?? "")".trimmingSuffix()
        }
    }

    func apply(_ transformation: Transformation, _ text: String, in world: GoldenCase) throws -> [GoldenLine]? {
        transformation.apply(try Transcript.lines(text), world)
    }

    private let join = #"{"at":0,"do":"join"}"#

    @Test("peer-joined moves behind joined, at the first join and at a reconcile")
    func joinOrder() throws {
        let world = try Transcript.room(app: join)
        let text =
            Transcript.joining("p2") + "\n" + #"""
                {"t":900,"who":"peer","what":"state","from":"joined","to":"reconnecting"}
                {"t":1000,"who":"peer","what":"PeerLeft","id":"p2","obj":1}
                {"t":1000,"who":"peer","what":"PeerJoined","id":"p3","obj":2,"state":"idle","metadata":null}
                {"t":1000,"who":"peer","what":"state","from":"reconnecting","to":"joined"}
                {"t":2000,"who":"peer","what":"PeerJoined","id":"p4","obj":3,"state":"idle","metadata":null}
                """#
        #expect(
            peer(try apply(.peersJoinBehindJoined, text, in: world)) == [
                "0 state joining", "100 state joined", "100 Joined", "100 PeerJoined p2", "900 state reconnecting", "1000 PeerLeft p2",
                "1000 state joined",
                "1000 PeerJoined p3", "2000 PeerJoined p4",
            ])
    }

    @Test("a send from the handler of peer-joined goes out and is acknowledged")
    func handler() throws {
        let send = #"{"on":{"who":"peer","what":"PeerJoined"},"inline":true,"do":"sendTo","to":"p2","data":"hi"}"#
        let world = try Transcript.room(app: join + "," + send)
        let call = #"""
            {"t":100,"who":"app","what":"call","id":2,"do":"sendTo"}
            {"t":100,"who":"app","what":"result","id":2,"do":"sendTo","ok":false,"error":"MeteredPeerSendError","code":"not_joined"}
            {"t":100,"who":"peer","what":"state","from":"joining","to":"joined"}
            """#
        let text = Transcript.joining("p2").replacing(#"{"t":100,"who":"peer","what":"state","from":"joining","to":"joined"}"#, with: call)
        let lines = try apply(.handlersFindThePeerJoined, text, in: world)
        #expect(lines?.contains { $0.milliseconds == 100 && $0.what == "send" && $0.string("to") == "p2" } == true)
        #expect(lines?.contains { $0.milliseconds == 130 && $0.what == "result" && $0.fields["ok"] == true } == true)
    }

    @Test("a join that a loss ended, first or last, leaves the peer idle")
    func failedJoin() throws {
        let world = try Transcript.room(app: join)
        let text = #"""
            {"t":0,"who":"peer","what":"state","from":"idle","to":"joining"}
            {"t":550,"who":"client","what":"Disconnected","code":1006,"reason":"","willReconnect":true}
            {"t":550,"who":"peer","what":"state","from":"joining","to":"closed"}
            {"t":550,"who":"peer","what":"Left","peerId":"m","channel":"room","reason":"disconnected (code 1006)"}
            {"t":900,"who":"app","what":"end","client":"closed","peer":"closed","remotes":[]}
            """#
        let lines = try apply(.lostJoinLeavesThePeerIdle, text, in: world)
        #expect(peer(lines) == ["0 state joining", "550 state idle"])
        #expect(lines?.last?.string("peer") == "idle")
        let idle = text.replacing(#""from":"joining""#, with: #""from":"idle""#)
        #expect(peer(try apply(.lostJoinLeavesThePeerIdle, idle, in: world)) == ["0 state joining"])
    }

    @Test("a peer that a loss left idle takes media and can be closed")
    func idlePeer() throws {
        let world = try Transcript.room(app: join + #",{"at":700,"do":"addTrack","id":"mic"},{"at":800,"do":"close"}"#)
        let text = #"""
            {"t":0,"who":"peer","what":"state","from":"idle","to":"joining"}
            {"t":550,"who":"client","what":"Disconnected","code":1006,"reason":"","willReconnect":true}
            {"t":550,"who":"peer","what":"state","from":"joining","to":"closed"}
            {"t":550,"who":"peer","what":"Left","peerId":"m","channel":"room","reason":"disconnected (code 1006)"}
            {"t":700,"who":"app","what":"result","id":2,"do":"addTrack","ok":false,"error":"MeteredPeerStateError","code":"invalid_state"}
            {"t":800,"who":"app","what":"call","id":3,"do":"close"}
            {"t":900,"who":"app","what":"end","client":"closed","peer":"closed","remotes":[]}
            """#
        let lines = try apply(.lostJoinLeavesThePeerIdle, text, in: world)
        #expect(peer(lines) == ["0 state joining", "550 state idle", "800 state closed"])
        #expect(lines?.first { $0.isAbout("app", "result") }?.fields == ["id": 2, "do": "addTrack", "ok": true])
        #expect(lines?.last?.string("peer") == "closed")
    }

    @Test("a member that came and went before joined was never met, and the others are counted without it")
    func neverMet() throws {
        let world = try Transcript.room(app: join)
        let guest = #"""
            {"t":80,"who":"peer","what":"PeerJoined","id":"p9","obj":1,"state":"idle","metadata":null}
            {"t":90,"who":"remote:p9","what":"state","from":"idle","to":"closed"}
            {"t":90,"who":"peer","what":"PeerLeft","id":"p9","obj":1}
            """#
        var transcript = Transcript.joining("p2", at: 95).replacing(#""obj":1"#, with: #""obj":2"#).split(separator: "\n").map(String.init)
        let presence = try #require(transcript.firstIndex { $0.contains("Presence") })
        transcript.insert(guest, at: presence)
        let text = transcript.joined(separator: "\n")
        let lines = try apply(.peersJoinBehindJoined, text, in: world)
        #expect(peer(lines) == ["0 state joining", "100 state joined", "100 Joined", "100 PeerJoined p2"])
        #expect(lines?.first { $0.isAbout("peer", "PeerJoined") }?.integer("obj") == 1)
    }

    @Test("a join of a name that is no channel connects to nothing; the next one does")
    func invalidJoin() throws {
        let world = try Transcript.room(app: #"{"at":0,"do":"join","channel":""},{"at":1000,"do":"join"}"#, until: 5000)
        let text = #"""
            {"t":0,"who":"app","what":"call","id":1,"do":"join"}
            {"t":0,"who":"client","what":"connectAttempt","n":1,"cred":"key=pk_test"}
            {"t":70,"who":"client","what":"Connected","peerId":"m","isReconnect":false}
            {"t":70,"who":"app","what":"result","id":1,"do":"join","ok":false,"error":"ValueError"}
            {"t":1000,"who":"app","what":"call","id":2,"do":"join"}
            {"t":1030,"who":"app","what":"result","id":2,"do":"join","ok":true}
            {"t":5000,"who":"app","what":"end","client":"connected","peer":"joined","remotes":[],"openSockets":[1]}
            """#
        let lines = try apply(.invalidJoinNeverConnects, text, in: world)
        #expect(lines?.filter { $0.what == "connectAttempt" }.map(\.milliseconds) == [1000])
        #expect(lines?.filter { $0.what == "result" }.map(\.milliseconds) == [0, 1100])
        let known = text.replacing("ValueError", with: "AckTimeoutError")
        #expect(try apply(.invalidJoinNeverConnects, known, in: world) == nil)
    }

    @Test("a join after a refused one connects and joins")
    func retriedJoin() throws {
        let world = try Transcript.room(
            #""server":{"conns":[{"connect":{"result":"refuse","latencyMs":10}}]}"#, app: join + #",{"at":1000,"do":"join"}"#, until: 5000)
        let text = #"""
            {"t":0,"who":"client","what":"connectAttempt","n":1,"cred":"key=k"}
            {"t":1000,"who":"app","what":"call","id":2,"do":"join"}
            {"t":1000,"who":"peer","what":"state","from":"idle","to":"joining"}
            {"t":1000,"who":"peer","what":"state","from":"joining","to":"idle"}
            {"t":1000,"who":"app","what":"result","id":2,"do":"join","ok":false,"error":"NotConnectedError"}
            {"t":5000,"who":"app","what":"end","client":"closed","peer":"idle","remotes":[],"openSockets":[]}
            """#
        let lines = try apply(.joinCanBeRetried, text, in: world)
        #expect(peer(lines) == ["1000 state joining", "1100 state joined", "1100 Joined"])
        #expect(lines?.contains { $0.what == "connectAttempt" && $0.milliseconds == 1000 && $0.integer("n") == 2 } == true)
        #expect(lines?.last?.string("peer") == "joined")
    }

    @Test("a join without an answer unsubscribes; close() ends a join under way")
    func joinTakenBack() throws {
        let world = try Transcript.room(app: join + #",{"at":1000,"do":"close"}"#)
        let welcome = #"""
            {"t":0,"who":"app","what":"call","id":1,"do":"join"}
            {"t":0,"who":"peer","what":"state","from":"idle","to":"joining"}
            {"t":50,"who":"server","what":"accept","n":1}
            {"t":70,"who":"server","what":"frame","conn":1,"type":"welcome","peerId":"m"}
            """# + "\n"
        let timeout = welcome + #"{"t":15070,"who":"app","what":"result","id":1,"do":"join","ok":false,"error":"AckTimeoutError"}"#
        let lines = try apply(.failedJoinUnsubscribes, timeout, in: world)
        #expect(lines?.contains { $0.milliseconds == 15_070 && $0.string("type") == "unsubscribe" } == true)
        let closed =
            welcome + #"""
                {"t":1000,"who":"app","what":"call","id":2,"do":"close"}
                {"t":1030,"who":"app","what":"result","id":2,"do":"close","ok":true}
                {"t":1030,"who":"app","what":"result","id":1,"do":"join","ok":false,"error":"DisconnectedError"}
                """#
        let results = try apply(.closeEndsAJoin, closed, in: world)?.filter { $0.what == "result" }
        #expect(results?.map(\.milliseconds) == [1000, 1030] && results?.first?.string("error") == "SignallingError")
    }

    @Test("a peer whose client gave up says why, loses everyone and is closed; a later close() has nothing to do")
    func givenUp() throws {
        let world = try Transcript.room(app: join + #",{"at":9000,"do":"close"}"#)
        let text =
            Transcript.joining("p2") + "\n" + #"""
                {"t":900,"who":"peer","what":"state","from":"joined","to":"reconnecting"}
                {"t":4580,"who":"client","what":"Disconnected","code":1006,"reason":"ConnectionRefusedError","willReconnect":false}
                {"t":9000,"who":"app","what":"call","id":2,"do":"close"}
                {"t":9000,"who":"peer","what":"state","from":"reconnecting","to":"leaving"}
                {"t":9030,"who":"app","what":"result","id":2,"do":"close","ok":true}
                """#
        let lines = try apply(.givenUpPeerIsClosed, text, in: world)
        #expect(
            peer(lines).suffix(4) == ["4580 FatalError MeteredRealtimeError", "4580 PeerLeft p2", "4580 state closed", "4580 Left"])
        #expect(lines?.last?.milliseconds == 9000)
    }

    @Test("a failed resubscribe is an error; after a rejection nothing is forced and no timeout reported")
    func resubscribe() throws {
        let rejects = #"{"ack":{"overrides":[{"match":{"type":"subscribe"},"result":"error","code":"no"}]}}"#
        let world = try Transcript.room(#""server":{"conns":[{},\#(rejects)]}"#, app: join)
        let text =
            Transcript.joining("p2") + "\n" + #"""
                {"t":900,"who":"peer","what":"state","from":"joined","to":"reconnecting"}
                {"t":950,"who":"server","what":"accept","n":2}
                {"t":970,"who":"server","what":"frame","conn":2,"type":"welcome","peerId":"m"}
                {"t":970,"who":"client","what":"send","conn":2,"type":"subscribe","channel":"room","includeSenderMetadata":false}
                {"t":7000,"who":"client","what":"ReplayFailed","channel":"room","error":"rejected","code":"no"}
                {"t":10970,"who":"client","what":"send","conn":2,"type":"subscribe","channel":"room","includeSenderMetadata":false}
                {"t":31000,"who":"peer","what":"FatalError","error":"ReconcileTimeoutError","text":""}
                """#
        #expect(peer(try apply(.failedReplayIsAnError, text, in: world)).contains("7000 FatalError ResubscribeError"))
        let quiet = try apply(.finalRejectionEndsTheWait, text, in: world)
        #expect(quiet?.contains { $0.milliseconds == 10_970 || $0.milliseconds == 31_000 } == false)
        #expect(quiet?.contains { $0.milliseconds == 970 && $0.what == "send" } == true)
    }

    @Test("an empty room is joined at the ack of the subscribe, and never without one")
    func emptyRoom() throws {
        let text = #"""
            {"t":0,"who":"app","what":"call","id":1,"do":"join"}
            {"t":900,"who":"peer","what":"state","from":"joined","to":"reconnecting"}
            {"t":950,"who":"server","what":"accept","n":2}
            {"t":970,"who":"server","what":"frame","conn":2,"type":"welcome","peerId":"m"}
            {"t":970,"who":"client","what":"Connected","peerId":"m","isReconnect":true}
            {"t":970,"who":"peer","what":"state","from":"reconnecting","to":"joined"}
            {"t":970,"who":"client","what":"send","conn":2,"type":"subscribe","channel":"room","includeSenderMetadata":false}
            {"t":9000,"who":"app","what":"end","client":"connected","peer":"joined","remotes":[],"openSockets":[2]}
            """#
        let world = try Transcript.room(app: join, until: 9000)
        #expect(peer(try apply(.emptyRoomIsJoinedAtTheAck, text, in: world)) == ["900 state reconnecting", "1000 state joined"])
        let rejects = #"{"ack":{"overrides":[{"match":{"type":"subscribe"},"result":"error","code":"no"}]}}"#
        let deaf = try Transcript.room(#""server":{"conns":[{},\#(rejects)]}"#, app: join, until: 9000)
        let lines = try apply(.emptyRoomIsJoinedAtTheAck, text, in: deaf)
        #expect(peer(lines) == ["900 state reconnecting"] && lines?.last?.string("peer") == "reconnecting")
    }

    @Test("data in the shape of a signal is not shown; a broadcast of that shape is")
    func signalsAsData() throws {
        let text = #"""
            {"t":1,"who":"peer","what":"Data","kind":"direct","from":"p2","sig":"ice"}
            {"t":2,"who":"peer","what":"Data","kind":"direct","from":"p2","data":{"__meteredTrackMeta":5}}
            {"t":3,"who":"peer","what":"Data","kind":"broadcast","from":"p2","sig":"ice"}
            {"t":4,"who":"peer","what":"Data","kind":"direct","from":"p2","data":1}
            """#
        #expect(try apply(.signalsAreNeverData, text, in: Transcript.room())?.map(\.milliseconds) == [3, 4])
    }

    @Test("a payload within the cap as it is sent goes out; a larger one is reported with the bytes that it has")
    func payloadSizes() throws {
        func world(_ characters: Int) throws -> GoldenCase {
            let data = String(repeating: "é", count: characters)
            return try Transcript.room(app: join + #",{"at":1000,"do":"send","data":"\#(data)"}"#)
        }
        let text =
            Transcript.joining("p2") + "\n" + #"""
                {"t":1000,"who":"app","what":"call","id":2,"do":"send"}
                {"t":1000,"who":"app","what":"result","id":2,"do":"send","ok":false,"error":"MeteredPeerOversizedError","size":608,"cap":600}
                """#
        let sent = try apply(.payloadsCountAsSent, text, in: world(101))
        #expect(sent?.contains { $0.milliseconds == 1030 && $0.what == "result" && $0.fields["ok"] == true } == true)
        let refused = try apply(.payloadsCountAsSent, text, in: world(400))
        #expect(refused?.last?.integer("size") == 802)
    }

    @Test("an error keeps its type, and comes before the state that its cause leads to")
    func errors() throws {
        let text = #"""
            {"t":5,"who":"remote:a1","what":"state","from":"connected","to":"reconnecting"}
            {"t":5,"who":"remote:a1","what":"NegotiationError","error":"DisconnectedError","text":"closed"}
            {"t":9,"who":"remote:a1","what":"NegotiationError","error":"Exception","text":"request <requestId> timed out"}
            """#
        let world = try Transcript.room()
        #expect(try apply(.errorsKeepTheirTypes, text, in: world)?.last?.string("error") == "AckTimeoutError")
        #expect(try apply(.lossFailsRequestsFirst, text, in: world)?.map(\.what) == ["NegotiationError", "state", "NegotiationError"])
    }
}

@Suite("Transformations: the roster")
struct RosterTransformationTests {
    private func roster(_ lines: [GoldenLine]?) -> [String] {
        (lines ?? []).filter { $0.who == "peer" && $0.what.hasPrefix("Peer") }.map {
            "\($0.milliseconds) \($0.what) \($0.string("id") ?? "") \($0.integer("obj") ?? 0)"
        }
    }

    /// p2 and p3 are in the room; the second connection brings these presences, and what the official roster makes of them.
    private func reconcile(_ text: String) -> String {
        Transcript.joining("p2").replacing(#"["p2"]"#, with: #"["p2","p3"]"#).replacing(
            #"{"t":100,"who":"peer","what":"state""#,
            with: #"{"t":100,"who":"peer","what":"PeerJoined","id":"p3","obj":2,"state":"idle","metadata":null}"# + "\n"
                + #"{"t":100,"who":"peer","what":"state""#) + "\n" + #"""
                {"t":900,"who":"client","what":"socketClosed","conn":1,"code":1006}
                {"t":900,"who":"remote:p2","what":"state","from":"idle","to":"reconnecting"}
                {"t":900,"who":"remote:p3","what":"state","from":"idle","to":"reconnecting"}
                {"t":900,"who":"peer","what":"state","from":"joined","to":"reconnecting"}
                {"t":950,"who":"server","what":"accept","n":2}
                """# + "\n" + text
    }

    @Test("a delta before the ack is a delta")
    func deltaFirst() throws {
        let world = try Transcript.room(app: #"{"at":0,"do":"join"}"#)
        let text = reconcile(
            #"""
            {"t":970,"who":"server","what":"frame","conn":2,"type":"welcome","peerId":"m"}
            {"t":970,"who":"client","what":"Connected","peerId":"m","isReconnect":true}
            {"t":970,"who":"client","what":"send","conn":2,"type":"subscribe","channel":"room","includeSenderMetadata":false}
            {"t":980,"who":"client","what":"Presence","channel":"room","joined":["p4"],"left":[]}
            {"t":980,"who":"remote:p2","what":"state","from":"reconnecting","to":"closed"}
            {"t":980,"who":"peer","what":"PeerLeft","id":"p2","obj":1}
            {"t":980,"who":"remote:p3","what":"state","from":"reconnecting","to":"closed"}
            {"t":980,"who":"peer","what":"PeerLeft","id":"p3","obj":2}
            {"t":980,"who":"peer","what":"PeerJoined","id":"p4","obj":3,"state":"idle","metadata":null}
            {"t":980,"who":"peer","what":"state","from":"reconnecting","to":"joined"}
            {"t":1000,"who":"client","what":"Presence","channel":"room","joined":["p2","p4"],"left":[]}
            {"t":1000,"who":"peer","what":"PeerJoined","id":"p2","obj":4,"state":"idle","metadata":null}
            """#)
        let lines = Transformation.snapshotFollowsTheAck.apply(try Transcript.lines(text), world)
        #expect(roster(lines).suffix(2) == ["1000 PeerLeft p3 2", "1000 PeerJoined p4 3"])
        #expect(lines?.contains { $0.isAbout("remote:p2", "state") && $0.string("to") == "closed" } == false)
    }

    @Test("the snapshot of the first join corrects what presences told before it")
    func firstSnapshot() throws {
        let world = try Transcript.room(app: #"{"at":0,"do":"join"}"#)
        let text =
            Transcript.joining("p2", at: 90) + "\n" + #"""
                {"t":100,"who":"client","what":"Presence","channel":"room","joined":["p3"],"left":[]}
                {"t":100,"who":"peer","what":"PeerJoined","id":"p3","obj":2,"state":"idle","metadata":null}
                """#
        let lines = Transformation.snapshotFollowsTheAck.apply(try Transcript.lines(text), world)
        #expect(roster(lines) == ["90 PeerJoined p2 1", "100 PeerLeft p2 1", "100 PeerJoined p3 2"])
    }

    @Test("an id that was ours is not taken for another peer, and the others are counted without it")
    func ghost() throws {
        let world = try Transcript.room(app: #"{"at":0,"do":"join"}"#)
        let text = reconcile(
            #"""
            {"t":970,"who":"server","what":"frame","conn":2,"type":"welcome","peerId":"z9"}
            {"t":970,"who":"client","what":"Connected","peerId":"z9","isReconnect":true}
            {"t":1000,"who":"client","what":"Presence","channel":"room","joined":["m","p2","p3","p4"],"left":[]}
            {"t":1000,"who":"peer","what":"PeerJoined","id":"m","obj":3,"state":"idle","metadata":null}
            {"t":1000,"who":"peer","what":"PeerJoined","id":"p4","obj":4,"state":"idle","metadata":null}
            {"t":1000,"who":"peer","what":"state","from":"reconnecting","to":"joined"}
            """#)
        let lines = Transformation.ownGhostIsNobody.apply(try Transcript.lines(text), world)
        #expect(roster(lines).last == "1000 PeerJoined p4 3" && !roster(lines).contains { $0.contains(" m ") })
    }

    @Test("who found the room full is admitted when somebody leaves")
    func fullRoom() throws {
        let world = try Transcript.room(app: #"{"at":0,"do":"join"}"#)
        let ids = (1...256).map { "q\($0)" }
        let listed = ids.map { "\"\($0)\"" }.joined(separator: ",")
        var text = Transcript.joining("p2") + "\n"
        text += #"{"t":500,"who":"client","what":"Presence","channel":"room","joined":[\#(listed)],"left":[]}"# + "\n"
        for (index, id) in ids.dropLast().enumerated() {
            text += #"{"t":500,"who":"peer","what":"PeerJoined","id":"\#(id)","obj":\#(index + 2),"state":"idle","metadata":null}"# + "\n"
        }
        text += #"""
            {"t":900,"who":"client","what":"Presence","channel":"room","joined":[],"left":["p2"]}
            {"t":900,"who":"remote:p2","what":"state","from":"idle","to":"closed"}
            {"t":900,"who":"peer","what":"PeerLeft","id":"p2","obj":1}
            """#
        let lines = Transformation.fullRoomAdmitsLater.apply(try Transcript.lines(text), world)
        #expect(roster(lines).suffix(2) == ["900 PeerLeft p2 1", "900 PeerJoined q256 257"])
    }
}

extension String {
    fileprivate func trimmingSuffix() -> String { hasSuffix(" ") ? String(dropLast()) : self }
}
