import Testing

@testable import GoldenCases

@Suite("Transformations: requests and subscriptions")
struct RequestTransformationTests {
    private static let opening = #"""
        {"t":50,"who":"server","what":"accept","n":1}
        {"t":70,"who":"server","what":"frame","conn":1,"type":"welcome","peerId":"m"}
        {"t":70,"who":"client","what":"Connected","maxMessageSize":65536}
        """#

    @Test("an oversized payload is refused at the call, and the pings are those of a link without it")
    func oversize() throws {
        let world = try Transcript.world(app: #"{"at":0,"do":"connect"},{"at":100,"do":"publish","channel":"a","dataBytes":70000}"#)
        let text =
            Self.opening + "\n" + #"""
                {"t":100,"who":"app","what":"call","id":2,"do":"publish"}
                {"t":100,"who":"client","what":"send","conn":1,"type":"publish","channel":"a","dataBytes":70000}
                {"t":130,"who":"server","what":"frame","conn":1,"type":"ack"}
                {"t":130,"who":"app","what":"result","id":2,"do":"publish","ok":true}
                {"t":20130,"who":"client","what":"send","conn":1,"type":"ping"}
                {"t":20160,"who":"server","what":"frame","conn":1,"type":"pong"}
                {"t":40160,"who":"client","what":"send","conn":1,"type":"ping"}
                {"t":40190,"who":"server","what":"frame","conn":1,"type":"pong"}
                """#
        let changed = try #require(try Transcript.apply(.oversizeIsRefusedLocally, text, in: world))
        #expect(
            changed.filter { !$0.contains(#""who":"server""#) }.suffix(4)
                == [
                    #"{"t":100,"who":"app","what":"call","id":2,"do":"publish"}"#,
                    #"{"t":100,"who":"app","what":"result","id":2,"do":"publish","ok":false,"error":"MeteredPeerOversizedError","size":70000,"cap":65536}"#,
                    #"{"t":20070,"who":"client","what":"send","conn":1,"type":"ping"}"#,
                    #"{"t":40100,"who":"client","what":"send","conn":1,"type":"ping"}"#,
                ])
    }

    @Test("the cap is that of the connection's own welcome")
    func cap() throws {
        let world = try Transcript.world(
            #""server":{"then":{"welcome":{"maxMessageSize":3}}}"#, app: #"{"at":100,"do":"publish","channel":"a","data":"ab"}"#)
        let text =
            Self.opening + "\n" + #"""
                {"t":100,"who":"app","what":"call","id":1,"do":"publish"}
                {"t":100,"who":"client","what":"send","conn":1,"type":"publish","channel":"a","data":"ab"}
                {"t":130,"who":"server","what":"frame","conn":1,"type":"ack"}
                {"t":130,"who":"app","what":"result","id":1,"do":"publish","ok":true}
                """#
        let changed = try #require(try Transcript.apply(.oversizeIsRefusedLocally, text, in: world))
        #expect(changed.contains { $0.contains(#""size":4,"cap":3"#) })
    }

    @Test("a reserved channel is refused without a connection too; other channels are not")
    func reserved() throws {
        let world = try Transcript.world(app: #"{"at":0,"do":"subscribe","channel":"_Metered/x"},{"at":0,"do":"subscribe","channel":"x"}"#)
        let text = #"""
            {"t":0,"who":"app","what":"call","id":1,"do":"subscribe"}
            {"t":0,"who":"app","what":"result","id":1,"do":"subscribe","ok":false,"error":"NotConnectedError"}
            {"t":0,"who":"app","what":"call","id":2,"do":"subscribe"}
            {"t":0,"who":"app","what":"result","id":2,"do":"subscribe","ok":false,"error":"NotConnectedError"}
            """#
        #expect(
            try Transcript.apply(.reservedChannelIsRefusedLocally, text, in: world)?.filter { $0.contains("result") }
                == [
                    #"{"t":0,"who":"app","what":"result","id":1,"do":"subscribe","ok":false,"error":"ValueError"}"#,
                    #"{"t":0,"who":"app","what":"result","id":2,"do":"subscribe","ok":false,"error":"NotConnectedError"}"#,
                ])
    }

    private static let rejection = #"""
        {"t":100,"who":"app","what":"call","id":1,"do":"subscribe"}
        {"t":100,"who":"client","what":"send","conn":1,"type":"subscribe","channel":"a","includeSenderMetadata":false}
        {"t":130,"who":"server","what":"frame","conn":1,"type":"error","code":"no","correlated":true}
        {"t":130,"who":"app","what":"result","id":1,"do":"subscribe","ok":false,"error":"ServerRequestError","code":"no"}
        """#

    @Test("a rejected subscribe is not replayed, and its answers do not come")
    func rejectedSubscribe() throws {
        let world = try Transcript.world(
            #""server":{"conns":[{"ack":{"overrides":[{"match":{},"result":"error","code":"no"}]}}]}"#,
            app: #"{"at":100,"do":"subscribe","channel":"a"}"#)
        let replay = #"""
            {"t":900,"who":"client","what":"Connected","isReconnect":true}
            {"t":900,"who":"client","what":"send","conn":2,"type":"subscribe","channel":"a","includeSenderMetadata":false}
            {"t":930,"who":"server","what":"frame","conn":2,"type":"ack"}
            {"t":930,"who":"server","what":"frame","conn":2,"type":"presence","channel":"a","joined":[],"left":[]}
            {"t":930,"who":"client","what":"Presence","channel":"a","joined":[],"left":[]}
            """#
        let changed = try #require(try Transcript.apply(.rejectedSubscribeIsUntracked, Self.rejection + "\n" + replay, in: world))
        #expect(changed == (try Transcript.text(Self.rejection)) + [#"{"t":900,"who":"client","what":"Connected","isReconnect":true}"#])
    }

    @Test("a subscribe that was accepted after a rejection is replayed")
    func acceptedLater() throws {
        let world = try Transcript.world(
            app: #"{"at":100,"do":"subscribe","channel":"a"},{"at":200,"do":"subscribe","channel":"a"}"#)
        let later = #"""
            {"t":200,"who":"app","what":"call","id":2,"do":"subscribe"}
            {"t":200,"who":"client","what":"send","conn":1,"type":"subscribe","channel":"a","includeSenderMetadata":false}
            {"t":230,"who":"app","what":"result","id":2,"do":"subscribe","ok":true}
            {"t":900,"who":"client","what":"send","conn":2,"type":"subscribe","channel":"a","includeSenderMetadata":false}
            """#
        #expect(try Transcript.apply(.rejectedSubscribeIsUntracked, Self.rejection + "\n" + later, in: world) == nil)
    }

    @Test("a rejected channel loses its place among the replays, and the answers change places with them")
    func place() throws {
        let world = try Transcript.world(
            app:
                #"{"at":1,"do":"subscribe","channel":"a"},{"at":2,"do":"subscribe","channel":"b"},{"at":50,"do":"subscribe","channel":"a"}"#
        )
        func subscribe(_ id: Int, _ time: Int, _ channel: String, ok: Bool) -> String {
            #"""
            {"t":\#(time),"who":"app","what":"call","id":\#(id),"do":"subscribe"}
            {"t":\#(time),"who":"client","what":"send","conn":1,"type":"subscribe","channel":"\#(channel)"}
            {"t":\#(time + 30),"who":"app","what":"result","id":\#(id),"do":"subscribe","ok":\#(ok)\#(ok ? "" : #","error":"ServerRequestError""#)}
            """#
        }
        let session = [subscribe(1, 1, "a", ok: false), subscribe(2, 2, "b", ok: true), subscribe(3, 50, "a", ok: true)].joined(
            separator: "\n")
        func replays(_ first: String, _ second: String) -> String {
            #"""
            {"t":900,"who":"client","what":"send","conn":2,"type":"subscribe","channel":"\#(first)"}
            {"t":900,"who":"client","what":"send","conn":2,"type":"subscribe","channel":"\#(second)"}
            {"t":930,"who":"client","what":"Presence","channel":"\#(first)","joined":[],"left":[]}
            {"t":930,"who":"client","what":"Presence","channel":"\#(second)","joined":[],"left":[]}
            """#
        }
        #expect(
            try Transcript.apply(.rejectedSubscribeIsUntracked, session + "\n" + replays("a", "b"), in: world)
                == Transcript.text(session + "\n" + replays("b", "a")))
    }

    @Test("the fourth failure of a replay is reported with the server's code, a third is not")
    func failedReplay() throws {
        let world = try Transcript.world(#""server":{"then":{"ack":{"overrides":[{"match":{},"result":"error","code":"no"}]}}}"#)
        func replays(_ count: Int64) -> String {
            (0..<count).map { #"{"t":\#(900 + 2030 * $0),"who":"client","what":"send","conn":2,"type":"subscribe","channel":"a"}"# }
                .joined(separator: "\n")
        }
        #expect(try Transcript.apply(.failedReplayIsReported, replays(3), in: world) == nil)
        #expect(
            try Transcript.apply(.failedReplayIsReported, replays(4), in: world)?.last
                == #"{"t":7020,"who":"client","what":"ReplayFailed","channel":"a","error":"rejected","code":"no"}"#)
    }

    @Test("a replay that is never acknowledged fails after 15 s")
    func lostReplay() throws {
        let world = try Transcript.world(#""server":{"then":{"ack":{"overrides":[{"match":{},"result":"none"}]}}}"#)
        let text = (0..<4).map { #"{"t":\#(17_000 * Int64($0)),"who":"client","what":"send","conn":1,"type":"subscribe","channel":"a"}"# }
        // The fourth would fail at 66 s, behind the end of the run.
        #expect(try Transcript.apply(.failedReplayIsReported, text.joined(separator: "\n"), in: world) == nil)
        let longer = try Transcript.room(#""server":{"then":{"ack":{"overrides":[{"match":{},"result":"none"}]}}}"#, until: 70_000)
        #expect(
            try Transcript.apply(.failedReplayIsReported, text.joined(separator: "\n"), in: longer)?.last
                == #"{"t":66000,"who":"client","what":"ReplayFailed","channel":"a","error":"timeout"}"#)
    }

    @Test("a going_away below a millisecond reads as one")
    func goingAway() throws {
        let line = #"{"t":1,"who":"client","what":"GoingAway","retryAfterMs":0}"#
        let world = try Transcript.world()
        #expect(try Transcript.apply(.goingAwayIsAtLeastOne, line, in: world) == [line.replacing(":0}", with: ":1}")])
        #expect(try Transcript.apply(.goingAwayIsAtLeastOne, line.replacing(":0}", with: ":5}"), in: world) == nil)
    }

    @Test("an ICE server with a user name that is no string voids the list")
    func mistypedCredentials() throws {
        func world(_ server: String) throws -> GoldenCase {
            try Transcript.world(#""server":{"then":{"welcome":{"metadata":{"iceServers":[\#(server)]}}}}"#)
        }
        let text = #"""
            {"t":70,"who":"server","what":"frame","conn":1,"type":"welcome"}
            {"t":70,"who":"client","what":"Connected","iceServers":1}
            """#
        let mistyped = try world(#"{"urls":"stun:a","username":5}"#)
        #expect(
            try Transcript.apply(.mistypedIceCredentialsDiscardTheList, text, in: mistyped)?.last
                == #"{"t":70,"who":"client","what":"Connected","iceServers":null}"#)
        #expect(try Transcript.apply(.mistypedIceCredentialsDiscardTheList, text, in: world(#"{"urls":"stun:a","username":"u"}"#)) == nil)
    }
}

@Suite("Heartbeats worked out anew")
struct HeartbeatTests {
    private func pings(_ frames: [Int64], until end: Int64, watchdog: Int64 = 60_000, answered: Bool = true) -> [Int64]? {
        Heartbeats.pingTimes(frames: frames, until: end, interval: 20_000, watchdog: watchdog) { answered ? $0 + 30 : nil }?.map(\.sent)
    }

    @Test("a ping follows a silence of one interval, and its answer counts as a sign of life")
    func idle() {
        #expect(pings([70], until: 70_000) == [20_070, 40_100, 60_130])
    }

    @Test("other frames put the next ping off, and the end of the socket ends the pings")
    func traffic() {
        #expect(pings([0, 15_000, 20_010], until: 40_010) == [])
        #expect(pings([0, 15_000, 20_010], until: 40_011) == [40_010])
        #expect(pings([], until: 40_010) == [])
    }

    @Test("without answers the pings go on until the watchdog fires, which is beyond this arithmetic")
    func unanswered() {
        #expect(pings([0], until: 59_000, answered: false) == [20_000, 40_000])
        #expect(pings([0, 50_000], until: 100_000, answered: false) == [20_000, 40_000, 70_000, 90_000])
        #expect(pings([0], until: 61_000, answered: false) == nil)
        #expect(pings([0], until: 61_000, watchdog: 0, answered: false) == [20_000, 40_000, 60_000])
    }
}
