import CompactJSON
import Testing

@testable import MeteredRealtime

private let applicationData: [CompactJSON.JSONValue] = [.null, 1, "rtc-ice", [], [:], ["type": "chat"], ["type": 1], ["description": [:]]]
private let brokenSignals: [CompactJSON.JSONValue] = [
    ["type": "rtc-description"], ["type": "rtc-description", "description": ["type": "rollback", "sdp": ""]],
    ["type": "rtc-description", "description": ["type": "offer", "sdp": 1]], ["type": "rtc-ice", "candidate": "candidate:1"],
    ["type": "rtc-ice", "candidate": [:]], ["type": "rtc-ice", "candidate": ["candidate": "candidate:1", "sdpMLineIndex": -1]],
    ["type": "rtc-ice", "candidate": ["candidate": "candidate:1", "sdpMLineIndex": 9_223_372_036_854_775_807]],
    ["__meteredTrackMeta": 1], ["__meteredTrackMeta": ["trackId": ""]], ["__meteredTrackMeta": ["trackId": "t", "metadata": 1]],
]

@Suite("Signals between peers (WIRE-09)")
struct PeerSignalTests {

    private func encoded(_ signal: PeerSignal) throws -> String { String(decoding: try signal.json.encoded(), as: UTF8.self) }

    @Test("a description has the wire's form")
    func description() throws {
        let signal = PeerSignal.description(SessionDescription(kind: .offer, sdp: "v=0\r\n"))
        #expect(try encoded(signal) == #"{"type":"rtc-description","description":{"type":"offer","sdp":"v=0\r\n"}}"#)
    }

    @Test("a candidate and the end of candidates have the wire's form")
    func candidate() throws {
        let candidate = ICECandidate(candidate: "candidate:1", sdpMid: "0", sdpMLineIndex: 0, usernameFragment: "a")
        #expect(
            try encoded(.candidate(candidate))
                == #"{"type":"rtc-ice","candidate":{"candidate":"candidate:1","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"a"}}"#)
        #expect(try encoded(.endOfCandidates) == #"{"type":"rtc-ice","candidate":null}"#)
    }

    @Test("track metadata have the wire's form; taken back, they are the track's id alone")
    func metadata() throws {
        var metadata = TrackMetadata(trackID: "t", metadata: ["a": 1], streamID: "s", kind: "audio")
        #expect(
            try encoded(.trackMetadata(metadata))
                == #"{"__meteredTrackMeta":{"trackId":"t","metadata":{"a":1},"kind":"audio","streamId":"s"}}"#)
        metadata.metadata = nil
        #expect(try encoded(.trackMetadata(metadata)) == #"{"__meteredTrackMeta":{"trackId":"t"}}"#)
    }

    @Test(
        "what is written can be read",
        arguments: [
            PeerSignal.description(SessionDescription(kind: .answer, sdp: "x")), .endOfCandidates,
            .candidate(ICECandidate(candidate: "candidate:1", sdpMid: nil, sdpMLineIndex: 3)),
            .trackMetadata(TrackMetadata(trackID: "t", metadata: [:], streamID: nil, kind: "video")),
        ])
    func roundTrip(signal: PeerSignal) { #expect(PeerSignal.read(signal.json) == .signal(signal)) }

    @Test(
        "the application's data are no signals",
        arguments: applicationData)
    func data(value: CompactJSON.JSONValue) { #expect(PeerSignal.read(value) == .data) }

    @Test(
        "a broken signal is not shown as data",
        arguments: brokenSignals)
    func malformed(value: CompactJSON.JSONValue) {
        if case .malformed = PeerSignal.read(value) { return }
        Issue.record("\(value) is taken for something else")
    }

    @Test("a description over the cap is malformed")
    func tooLarge() {
        let sdp = String(repeating: "a", count: SignalLimits.sdpBytes + 1)
        #expect(
            PeerSignal.read(["type": "rtc-description", "description": ["type": "offer", "sdp": .string(sdp)]])
                == .malformed("malformed description"))
    }

    @Test("identifiers over 256 characters are malformed")
    func longIdentifier() {
        let long = JSONValue.string(String(repeating: "a", count: 257))
        #expect(PeerSignal.read(["__meteredTrackMeta": ["trackId": long]]) == .malformed("malformed track metadata"))
        #expect(
            PeerSignal.read(["type": "rtc-ice", "candidate": ["candidate": "candidate:1", "sdpMid": long]])
                == .malformed("malformed candidate"))
    }
}

@Suite("Reading an SDP")
struct DescriptionSummaryTests {
    @Test("fragments, fingerprints and sections are found once each, in order")
    func reading() {
        let sdp = """
            v=0\r
            a=fingerprint:sha-256 AB:CD\r
            m=audio 9 UDP/TLS/RTP/SAVPF 111\r
            a=ice-ufrag:one\r
            a=ice-pwd:secret\r
            m=video 9 UDP/TLS/RTP/SAVPF 96\r
            a=ice-ufrag:one\r
            m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r
            a=ice-ufrag:two \r
            """
        let summary = DescriptionSummary(sdp)
        #expect(summary.usernameFragments == ["one", "two"])
        #expect(summary.fingerprints == ["sha-256 ab:cd"])
        #expect(summary.sections == ["audio", "video", "application"])
    }

    @Test("line feeds alone are line ends, and a prefix inside a line is no attribute")
    func lines() {
        #expect(DescriptionSummary("a=ice-ufrag:a\nm=audio 9\n").usernameFragment == "a")
        #expect(DescriptionSummary("s=a=ice-ufrag:a\r\n").usernameFragment == nil)
    }

    @Test("hostile texts are read without growing")
    func hostile() {
        let many = (0..<10_000).map { "m=audio\na=ice-ufrag:\($0)\na=fingerprint:\($0)\n" }.joined()
        let summary = DescriptionSummary(many)
        #expect(summary.sections.count == SignalLimits.sections)
        #expect(summary.usernameFragments.count == SignalLimits.distinctAttributes)
        #expect(summary.fingerprints.count == SignalLimits.distinctAttributes)
        #expect(DescriptionSummary("a=ice-ufrag:" + String(repeating: "x", count: 257)).usernameFragment == nil)
        #expect(DescriptionSummary("m=\nm= \na=ice-ufrag:\n\u{0}\u{FFFD}") == DescriptionSummary())
    }

    @Test("two descriptions are of two connections only if both have fingerprints and share none")
    func connections() {
        func summary(_ fingerprint: String?) -> DescriptionSummary {
            DescriptionSummary(FakePeerConnection.sdp("a", fingerprint: fingerprint, sections: ["audio"]))
        }
        #expect(summary("a").isOfAnotherConnection(than: summary("b")))
        #expect(!summary("a").isOfAnotherConnection(than: summary("A")))
        #expect(!summary(nil).isOfAnotherConnection(than: summary("b")))
        #expect(!summary("a").isOfAnotherConnection(than: summary(nil)))
    }
}

@Suite("What diagnostics show of signals (SIG-17)")
struct SignalRecordTests {
    @Test("fragments are pseudonyms and passwords do not appear")
    func redacted() {
        let sdp = FakePeerConnection.sdp("fragment", fingerprint: "AB", sections: ["audio", "application"])
        let record = SignalRecord(.description(SessionDescription(kind: .offer, sdp: sdp)))
        #expect(record.kind == .offer)
        #expect(record.usernameFragment == Redaction.pseudonym(forUsernameFragment: "fragment"))
        #expect(record.fingerprint == "sha-256 ab")
        #expect(record.sections == ["audio", "application"])
        #expect(!"\(record)".contains("secret"))
    }

    @Test("ICE servers show their URLs; other user names show as another digest, other credentials do not")
    func servers() {
        func record(_ username: String, _ credential: String) -> ICEServersRecord {
            ICEServersRecord([ICEServer(urls: ["turn:a", "turn:b"], username: username, credential: credential)])
        }
        #expect(record("u", "c").urls == ["turn:a", "turn:b"])
        #expect(record("u", "c") != record("v", "c"))
        #expect(record("u", "c") == record("u", "d"))
    }
}

@Suite("Our signals on their way (WIRE-11)")
struct SignalQueueTests {
    private let offer = SessionDescription(kind: .offer, sdp: "x")

    private func candidate(_ fragment: String?) -> ICECandidate { ICECandidate(candidate: "candidate:1", usernameFragment: fragment) }

    private func drain(_ queue: inout SignalQueue) -> [SignalRecord.Kind] {
        var kinds: [SignalRecord.Kind] = []
        while let item = queue.next() { kinds.append(SignalRecord(item.signal).kind) }
        return kinds
    }

    @Test("pipelined signals leave at once and in order")
    func pipelined() {
        var queue = SignalQueue(isSerial: false)
        queue.append(TrackMetadata(trackID: "t", metadata: [:]))
        queue.append(offer, generation: "a", isRepeat: false)
        #expect(queue.append(candidate("a"), isDescriptionPending: false) == true)
        #expect(queue.append(nil, isDescriptionPending: false) == true)
        #expect(drain(&queue) == [.trackMetadata, .offer, .candidate, .endOfCandidates])
    }

    @Test("serial signals wait for the acknowledgement of the one before")
    func serial() {
        var queue = SignalQueue(isSerial: true)
        queue.append(offer, generation: "a", isRepeat: false)
        _ = queue.append(candidate("a"), isDescriptionPending: false)
        let first = queue.next()
        #expect(first.map { SignalRecord($0.signal).kind } == .offer)
        #expect(drain(&queue).isEmpty)
        if let first { queue.finished(first) }
        #expect(drain(&queue) == [.candidate])
    }

    @Test("a serial restart does not wait for the acknowledgement of an earlier generation, nor does a late one hold anything up")
    func serialRestart() {
        var queue = SignalQueue(isSerial: true)
        queue.append(offer, generation: "a", isRepeat: false)
        _ = queue.append(candidate("a"), isDescriptionPending: false)
        let first = queue.next()
        queue.append(offer, generation: "b", isRepeat: false)
        _ = queue.append(candidate("b"), isDescriptionPending: false)
        #expect(drain(&queue) == [.offer])
        if let first { queue.finished(first) }
        #expect(drain(&queue).isEmpty)
    }

    @Test("nothing waits for the acknowledgement of track metadata, and they wait for none")
    func serialMetadata() {
        var queue = SignalQueue(isSerial: true)
        queue.append(TrackMetadata(trackID: "t", metadata: [:]))
        queue.append(offer, generation: "a", isRepeat: false)
        #expect(drain(&queue) == [.trackMetadata, .offer])
        _ = queue.append(candidate("a"), isDescriptionPending: false)
        queue.append(TrackMetadata(trackID: "u", metadata: [:]))
        #expect(drain(&queue) == [.trackMetadata])
    }

    @Test("candidates that come before their description follow it")
    func early() {
        var queue = SignalQueue(isSerial: false)
        #expect(queue.append(candidate("a"), isDescriptionPending: true) == true)
        #expect(drain(&queue).isEmpty)
        queue.append(offer, generation: "a", isRepeat: false)
        #expect(drain(&queue) == [.offer, .candidate])
    }

    @Test("candidates of an earlier generation are of no use")
    func late() {
        var queue = SignalQueue(isSerial: false)
        queue.append(offer, generation: "a", isRepeat: false)
        queue.append(offer, generation: "b", isRepeat: false)
        #expect(queue.append(candidate("a"), isDescriptionPending: false) == false)
        #expect(queue.append(candidate("b"), isDescriptionPending: false) == true)
    }

    @Test("a rejected description ends its generation's candidates, until it is sent again")
    func rejected() {
        var queue = SignalQueue(isSerial: true)
        queue.append(offer, generation: "a", isRepeat: false)
        _ = queue.append(candidate("a"), isDescriptionPending: false)
        if let first = queue.next() { queue.finished(first) }
        #expect(queue.rejected("a").count == 1)
        #expect(queue.append(candidate("a"), isDescriptionPending: false) == false)
        #expect(drain(&queue).isEmpty)
        queue.append(offer, generation: "a", isRepeat: true)
        #expect(queue.append(candidate("a"), isDescriptionPending: false) == true)
    }

    @Test("nothing leaves while signalling is not ready")
    func paused() {
        var queue = SignalQueue(isSerial: false)
        queue.isPaused = true
        queue.append(offer, generation: "a", isRepeat: false)
        #expect(drain(&queue).isEmpty)
        queue.isPaused = false
        #expect(drain(&queue) == [.offer])
    }
}
