import Testing

@testable import GoldenCases

@Suite("Transformations: links")
struct LinkTransformationTests {
    private static let microphone = #"{"at":0,"do":"join"},{"at":0,"do":"addTrack","id":"mic"}"#
    private static let trackAdded = #"{"t":0,"who":"app","what":"result","id":2,"do":"addTrack","ok":true}"#
    private static let channel = #"{"at":0,"do":"join"},{"at":100,"do":"createDataChannel","peer":"a1"}"#
    private static let channelMade = #"{"t":100,"who":"app","what":"result","id":2,"do":"createDataChannel","ok":true}"#

    /// The remote peer answers after 40 ms; the first connection does this, and every later one that.
    private static func remote(_ first: String, then: String) -> String {
        #""remotes":{"a1":{"answer":{"afterMs":40},"gens":[{"states":\#(first)}],"then":{"states":\#(then)}}}"#
    }

    private static let failsAtFive = #"[[10,"connecting"],[100,"connected"],[5000,"failed"]]"#
    private static let connects = #"[[10,"connecting"],[300,"connected"]]"#
    private static let fails = #"[[10,"connecting"],[5000,"failed"]]"#

    /// The world's lines with what the link tells before this decision, and with it.
    private func apply(
        _ transformation: Transformation, _ decision: LinkDecision, _ text: String, in world: GoldenCase
    ) throws -> (before: [GoldenLine], after: [GoldenLine]?) {
        let world0 = try Transcript.lines(text)
        let scene = LinkScene("a1", in: world0, scripted: world)
        let earlier = Set(LinkDecision.allCases.filter { $0.rawValue < decision.rawValue })
        let lines = world0.adding(try #require(LinkModel.lines(scene, decisions: earlier)))
        return (lines, transformation.apply(lines, world))
    }

    private func offers(_ lines: [GoldenLine]?) -> [Int64] { (lines ?? []).filter { $0.string("sig") == "offer" }.map(\.milliseconds) }

    private func states(_ lines: [GoldenLine]?) -> [String] {
        (lines ?? []).filter { $0.isAbout("remote:a1", "state") }.map { "\($0.milliseconds) \($0.string("to") ?? "")" }
    }

    private func errors(_ lines: [GoldenLine]?) -> [Int64] { (lines ?? []).filter { $0.what == "NegotiationError" }.map(\.milliseconds) }

    @Test("rungs come 0, 1, 3, 7, 15, 31, 61, 91 and 121 s after the failure, and the end 15 s later")
    func rungTimes() throws {
        let world = try Transcript.room(Self.remote(Self.failsAtFive, then: Self.fails), app: Self.microphone)
        let (before, after) = try apply(
            .rungsFollowTheSchedule, .rungTimes, Self.trackAdded + "\n" + Transcript.joining("a1"), in: world)
        #expect(offers(before) == [100] + [0, 16, 33, 52, 75, 106, 151, 196, 241].map { 5140 + 1000 * $0 })
        #expect(errors(before) == [5140 + 256_000])
        #expect(offers(after) == [100] + [0, 1, 3, 7, 15, 31, 61, 91, 121].map { 5140 + 1000 * $0 })
        #expect(errors(after) == [5140 + 136_000])
    }

    @Test("lines that the model does not reproduce stay as they are")
    func notUnderstood() throws {
        let world = try Transcript.room(Self.remote(Self.failsAtFive, then: Self.fails), app: Self.microphone)
        var (lines, _) = try apply(
            .rungsFollowTheSchedule, .rungTimes, Self.trackAdded + "\n" + Transcript.joining("a1"), in: world)
        let place = try #require(lines.firstIndex { $0.milliseconds == 21_140 })
        lines[place] = lines[place].at(21_141)
        #expect(Transformation.rungsFollowTheSchedule.apply(lines, world) == nil)
    }

    @Test("a rung while signalling is away is skipped, without an error")
    func skippedRungs() throws {
        let world = try Transcript.room(Self.remote(Self.failsAtFive, then: Self.fails), app: Self.microphone, until: 40_000)
        let text = [Self.trackAdded, Transcript.joining("a1"), Transcript.losing(at: 5500, until: 30_000, remote: "a1")]
        let (before, after) = try apply(.rungsAreSkippedWhileAway, .skippedRungs, text.joined(separator: "\n"), in: world)
        #expect(errors(before) == [6140, 8140, 12_140, 20_140])
        #expect(errors(after) == [])
        // The swap's offer, and the ladder that its failure starts.
        #expect(offers(after) == [100, 5140, 30_000, 35_040, 36_040, 38_040])
    }

    @Test("a restart keeps the data channel, and nobody waits for the other's offer")
    func inPlace() throws {
        let world = try Transcript.room(Self.remote(Self.failsAtFive, then: Self.connects), app: Self.channel, until: 40_000)
        let (before, after) = try apply(.restartsHappenInPlace, .inPlace, Transcript.joining("a1") + "\n" + Self.channelMade, in: world)
        #expect(states(before).last == "5140 reconnecting")
        #expect(states(after).suffix(2) == ["5140 reconnecting", "5480 connected"])
        let restart = try #require(after?.first { $0.milliseconds == 5140 && $0.string("sig") == "offer" })
        #expect(restart.fields["media"] == ["application"] && restart.string("ufrag") == "l-a1-2")
    }

    @Test("a channel that is opened when the link is back is opened when ours is back")
    func reaction() throws {
        let heard =
            #"{"at":0,"do":"join"},{"at":0,"do":"addTrack","id":"mic"},"#
            + #"{"on":{"who":"remote:a1","what":"state","to":"connected","nth":2},"do":"createDataChannel","peer":"a1"}"#
        let world = try Transcript.room(Self.remote(Self.failsAtFive, then: Self.connects), app: heard, until: 40_000)
        let second =
            #"{"answer":{"afterMs":40},"gens":[{"states":\#(Self.failsAtFive)},{"states":\#(Self.fails)}],"then":{"states":\#(Self.connects)}}"#
        let slow = try Transcript.room(#""remotes":{"a1":\#(second)}"#, app: heard, until: 40_000)
        func opened(_ lines: [GoldenLine]?) -> [Int64] {
            (lines ?? []).filter { $0.isAbout("app", "result") && $0.integer("id") == 3 }.map(\.milliseconds)
        }
        let text = Self.trackAdded + "\n" + Transcript.joining("a1")
        let (atOnce, _) = try apply(.rungsFollowTheSchedule, .rungTimes, text, in: world)
        #expect(opened(atOnce) == [5480])
        let (before, after) = try apply(.rungsFollowTheSchedule, .rungTimes, text, in: slow)
        #expect(opened(before) == [21_480] && opened(after) == [6480])
    }

    @Test("an override counts what else went out on the socket")
    func countedOverride() throws {
        let third = #""server":{"then":{"ack":{"overrides":[{"match":{"type":"send"},"nth":[3],"result":"error","code":"gone"}]}}}"#
        let world = try Transcript.room(Self.remote(Self.connects, then: "[]") + "," + third, app: Self.microphone, until: 40_000)
        let other = #"{"t":110,"who":"client","what":"send","conn":1,"type":"send","to":"p9","data":1}"#
        let scene = LinkScene(
            "a1", in: try Transcript.lines([Self.trackAdded, Transcript.joining("a1"), other].joined(separator: "\n")), scripted: world)
        // The offer is the first, the other message the second, the end of candidates the third.
        #expect(errors(LinkModel.lines(scene)) == [160])
        let alone = LinkScene("a1", in: try Transcript.lines(Self.trackAdded + "\n" + Transcript.joining("a1")), scripted: world)
        #expect(errors(LinkModel.lines(alone)) == [])
    }

    @Test("a black hole that delays holds up offer, acknowledgement and answer")
    func delay() throws {
        let hole = #""server":{"then":{"blackholes":[{"from":40,"to":2000,"mode":"delay"}]}}"#
        let world = try Transcript.room(Self.remote(Self.connects, then: "[]") + "," + hole, app: Self.microphone, until: 40_000)
        let scene = LinkScene("a1", in: try Transcript.lines(Self.trackAdded + "\n" + Transcript.joining("a1")), scripted: world)
        let lines = LinkModel.lines(scene) ?? []
        #expect(lines.filter { $0.isAbout("client", "send") }.map(\.milliseconds) == [100, 2080])
        #expect(lines.first { $0.isAbout("client", "Direct") }?.milliseconds == 2090)
    }

    @Test("an answer that none waits for restarts ICE while nothing is connected, and an offer of an earlier generation is dropped")
    func generations() throws {
        let world = try Transcript.room(Self.remote("[]", then: Self.connects), app: Self.microphone, until: 40_000)
        func direct(_ time: Int, _ kind: String, _ fragment: String) -> String {
            #"{"t":\#(time),"who":"client","what":"Direct","from":"a1","sig":"\#(kind)","ufrag":"\#(fragment)","media":["audio"]}"#
        }
        let text = [
            Self.trackAdded, Transcript.joining("a1"), direct(3000, "answer", "y"), direct(8000, "offer", "x1"),
            direct(12_000, "offer", "x2"),
            direct(16_000, "offer", "x1"),
        ]
        let (before, after) = try apply(.generationsDoNotMix, .generations, text.joined(separator: "\n"), in: world)
        func sent(_ kind: String, _ lines: [GoldenLine]?) -> [Int64] {
            (lines ?? []).filter { $0.what == "send" && $0.string("sig") == kind }.map(\.milliseconds)
        }
        #expect(sent("offer", before) == [100])
        #expect(sent("offer", after) == [100, 3000])
        #expect(sent("answer", before) == [8000, 12_000, 16_000])
        #expect(sent("answer", after) == [8000, 12_000])
    }

    @Test("signals to survivors go out before those to newcomers")
    func survivorsFirst() throws {
        let world = try Transcript.room(app: Self.microphone)
        let loss = Transcript.losing(at: 900, until: 1000, remote: "p3").replacing(#"["p3"]"#, with: #"["p2","p3"]"#).replacing(
            #"{"t":1000,"who":"peer","what":"state""#,
            with: #"{"t":1000,"who":"peer","what":"PeerJoined","id":"p2","obj":2,"state":"idle","metadata":null}"# + "\n"
                + #"{"t":1000,"who":"peer","what":"state""#)
        func offer(_ id: String, _ time: Int) -> String {
            #"{"t":\#(time),"who":"client","what":"send","conn":2,"type":"send","to":"\#(id)","sig":"offer","ufrag":"l","media":["audio"]}"#
        }
        func targets(_ text: String) throws -> [String]? {
            Transformation.survivorsComeFirst.apply(try Transcript.lines(text), world)?.filter { $0.string("sig") == "offer" }.compactMap {
                $0.string("to")
            }
        }
        let begin = Transcript.joining("p3") + "\n" + loss + "\n"
        #expect(try targets(begin + offer("p2", 3000) + "\n" + offer("p3", 3000)) == ["p3", "p2"])
        #expect(try targets(begin + offer("p3", 3000) + "\n" + offer("p2", 3000)) == nil)
        #expect(try targets(begin + offer("p2", 3000) + "\n" + offer("p3", 3010)) == nil)
    }

    @Test("the end of candidates follows an offer whose acknowledgement is lost")
    func lateCandidates() throws {
        let silent = #""server":{"then":{"ack":{"overrides":[{"match":{"type":"send"},"result":"none"}]}}}"#
        let world = try Transcript.room(Self.remote(Self.connects, then: "[]") + "," + silent, app: Self.microphone, until: 40_000)
        let (before, after) = try apply(
            .candidatesFollowALostAck, .lateCandidates, Self.trackAdded + "\n" + Transcript.joining("a1"), in: world)
        func ends(_ lines: [GoldenLine]?) -> [Int64] {
            (lines ?? []).filter { $0.what == "send" && $0.string("sig") == "ice-end" }.map(\.milliseconds)
        }
        #expect(ends(before) == [] && ends(after) == [15_100])
        #expect(errors(after) == [15_100])
    }

    @Test("a swap offers a section for data again, and a link without anything is idle")
    func swaps() throws {
        let remote = Self.remote(Self.connects, then: Self.connects)
        let loss = Transcript.losing(at: 5050, until: 5650, remote: "a1")
        let data = try Transcript.room(remote, app: Self.channel, until: 40_000)
        let text = [Transcript.joining("a1"), Self.channelMade, loss].joined(separator: "\n")
        let (before, after) = try apply(.swapsOfferData, .swappedData, text, in: data)
        #expect(offers(before) == [100] && offers(after) == [100, 5650])
        #expect(states(after).last == "5990 connected")

        let nothing = try Transcript.room(remote, app: #"{"at":0,"do":"join"}"#, until: 40_000)
        let (_, idle) = try apply(.emptySwapsAreIdle, .idleSwaps, Transcript.joining("a1") + "\n" + loss, in: nothing)
        #expect(states(idle) == ["5050 reconnecting", "5650 idle"])
    }

    @Test("a survivor whose connection was closed gets a new one")
    func closedSurvivor() throws {
        let closes = #"[[10,"connecting"],[100,"connected"],[2000,"closed"]]"#
        let world = try Transcript.room(Self.remote(closes, then: Self.connects), app: Self.microphone, until: 40_000)
        let text = [Self.trackAdded, Transcript.joining("a1"), Transcript.losing(at: 5050, until: 5650, remote: "a1")]
        let (before, after) = try apply(.closedSurvivorsAreSwapped, .closedSwaps, text.joined(separator: "\n"), in: world)
        #expect(states(before).last == "2140 closed")
        #expect(states(after).suffix(3) == ["2140 closed", "5050 reconnecting", "5990 connected"])
    }

    @Test("what becomes of a link while signalling is away does not show")
    func hiddenWhileAway() throws {
        let heals = #"[[10,"connecting"],[100,"connected"],[4000,"disconnected"],[8000,"connected"]]"#
        let world = try Transcript.room(Self.remote(heals, then: Self.connects), app: Self.microphone, until: 40_000)
        let text = [Self.trackAdded, Transcript.joining("a1"), Transcript.losing(at: 6050, until: 10_000, remote: "a1")]
        let (before, after) = try apply(.linksAreReconnectingWhileAway, .hiddenWhileAway, text.joined(separator: "\n"), in: world)
        #expect(states(before).suffix(3) == ["8140 connected", "10000 reconnecting", "10340 connected"])
        #expect(states(after).suffix(2) == ["4140 reconnecting", "10340 connected"])
    }
}
