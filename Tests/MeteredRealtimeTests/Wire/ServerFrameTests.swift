import CompactJSON
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Frames from the server (WIRE-02, 04, 07, 08)")
struct ServerFrameTests {
    private func parse(_ text: String) throws(MalformedFrame) -> ServerFrame { try ServerFrame(parsing: ByteBuffer(string: text)) }

    @Test("a welcome is read with everything in it")
    func welcome() throws {
        let text =
            #"{"type":"welcome","peerId":"m","expiresAt":1700000003600000,"serverTime":1.7e12,"maxMessageSize":4096,"metadata":{"a":1}}"#
        let expected = Welcome(
            peerID: "m", expiresAt: 1_700_000_003_600_000, serverTime: 1_700_000_000_000, maximumMessageBytes: 4_096, metadata: ["a": 1])
        #expect(try parse(text) == .welcome(expected))
    }

    @Test("a welcome may lack an end and metadata", arguments: [#""expiresAt":null,"#, "", #""metadata":7,"#])
    func bareWelcome(extra: String) throws {
        let expected = Welcome(peerID: "m", expiresAt: nil, serverTime: 1, maximumMessageBytes: 1, metadata: nil)
        #expect(try parse(#"{"type":"welcome",\#(extra)"peerId":"m","serverTime":1,"maxMessageSize":1}"#) == .welcome(expected))
    }

    @Test(
        "well-formed frames of every type are read",
        arguments: [
            (#"{"type":"ack","requestId":"r"}"#, ServerFrame.ack(requestID: "r")),
            (#"{"type":"error","code":"x"}"#, .error(code: "x", requestID: nil, message: nil)),
            (#"{"type":"error","code":"x","requestId":"r","message":"m"}"#, .error(code: "x", requestID: "r", message: "m")),
            (#"{"type":"error","code":"x","requestId":1,"message":[]}"#, .error(code: "x", requestID: nil, message: nil)),
            (#"{"type":"message","channel":"c","from":"f","data":null}"#, .message(channel: "c", from: "f", data: nil, fromMetadata: nil)),
            (#"{"type":"direct","from":"f","data":1,"fromMetadata":{"n":1}}"#, .direct(from: "f", data: 1, fromMetadata: ["n": 1])),
            (#"{"type":"direct","from":"f","data":1,"fromMetadata":"x"}"#, .direct(from: "f", data: 1, fromMetadata: nil)),
            (
                #"{"type":"presence","channel":"c","joined":[{"peerId":"a","metadata":{"n":1}},{"peerId":"b","metadata":3}],"left":[]}"#,
                .presence(channel: "c", joined: [PresencePeer(peerID: "a", metadata: ["n": 1]), PresencePeer(peerID: "b")], left: [])
            ),
            (#"{"type":"pong","unknown":"member"}"#, .pong),
        ])
    func wellFormed(text: String, frame: ServerFrame) throws { #expect(try parse(text) == frame) }

    @Test(
        "malformed frames are refused",
        arguments: [
            "", "null", "[]", "{", "7", #"{"type":7}"#, #"{"tipe":"pong"}"#, #"{"type":"new_type"}"#, #"{"type":"ack"}"#,
            #"{"type":"ack","requestId":1}"#, #"{"type":"error","code":""}"#, #"{"type":"error"}"#,
            #"{"type":"message","channel":"c","from":"f"}"#,
            #"{"type":"message","from":"f","data":1}"#, #"{"type":"direct","data":1}"#, #"{"type":"presence","channel":"c","joined":[]}"#,
            #"{"type":"presence","channel":"c","joined":[{}],"left":[]}"#, #"{"type":"presence","channel":"c","joined":[],"left":["a"]}"#,
            #"{"type":"welcome","serverTime":1,"maxMessageSize":1}"#, #"{"type":"welcome","peerId":"m","maxMessageSize":1}"#,
            #"{"type":"welcome","peerId":"m","serverTime":1,"maxMessageSize":0}"#,
            #"{"type":"welcome","peerId":"m","serverTime":"1","maxMessageSize":1}"#,
            #"{"type":"welcome","peerId":"m","serverTime":1,"maxMessageSize":1,"expiresAt":"soon"}"#,
            #"{"type":"welcome","peerId":"m","serverTime":1e300,"maxMessageSize":1}"#,
        ])
    func malformed(text: String) { #expect(throws: MalformedFrame.self) { try parse(text) } }

    @Test(
        "retryAfterMs is clamped to 1...300,000 and reads as 1,000 when it makes no sense",
        arguments: [
            ("8000", 8_000), ("0.5", 1), ("300001", 300_000), ("1e300", 300_000), ("0", 1_000), ("-5", 1_000), ("\"8000\"", 1_000),
            ("null", 1_000),
            ("true", 1_000),
        ] as [(String, Int64)])
    func retryAfter(value: String, milliseconds: Int64) throws {
        guard case .goingAway(let retryAfter, _) = try parse(#"{"type":"going_away","retryAfterMs":\#(value)}"#) else {
            Issue.record("no going_away")
            return
        }
        #expect(retryAfter == .milliseconds(milliseconds))
    }

    @Test("a missing retryAfterMs reads as 1,000")
    func noRetryAfter() throws { #expect(try parse(#"{"type":"going_away"}"#) == .goingAway(retryAfter: .seconds(1))) }

    @Test("a long unknown type is not repeated at length")
    func longType() {
        do {
            _ = try parse(#"{"type":"\#(String(repeating: "x", count: 100_000))"}"#)
            Issue.record("accepted")
        } catch { #expect("\(error)".count < 100) }
    }

    @Test("random mutations of frames never trap: they parse or are refused")
    func fuzz() {
        let seed: UInt64 = 20_261_122
        var random = SplitMix64(seed: seed)
        let corpus = [
            #"{"type":"welcome","peerId":"m","expiresAt":1,"serverTime":1,"maxMessageSize":1,"metadata":{"iceServers":[{"urls":["stun:a"]}]}}"#,
            #"{"type":"presence","channel":"c","joined":[{"peerId":"a","metadata":{}}],"left":[{"peerId":"b"}]}"#,
            #"{"type":"going_away","retryAfterMs":-1.5e+308}"#,
            #"{"type":"error","code":"x","requestId":"\ud83d\ude00","message":"\u0000"}"#,
            #"{"type":"message","channel":"c","from":"f","data":[[[[[[{}]]]]]],"fromMetadata":{}}"#,
        ].map { Array($0.utf8) }
        var accepted = 0
        for _ in 0..<10_000 {
            var bytes = corpus.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                guard !bytes.isEmpty else { break }
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes[index] = .random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: index)
                case 3: bytes.removeSubrange(index...)
                default: bytes.insert(contentsOf: bytes[index...].prefix(20), at: index)
                }
            }
            if (try? ServerFrame(parsing: ByteBuffer(bytes: bytes))) != nil { accepted += 1 }
        }
        #expect((1..<10_000).contains(accepted), "seed \(seed)")
    }
}

@Suite("ICE servers of a welcome (WIRE-07)")
struct ICEServerTests {
    private func servers(_ list: JSONValue) -> [ICEServer]? { ICEServer.list(in: ["iceServers": list]) }

    @Test("URLs may be a string or a list, credentials are optional")
    func shapes() {
        #expect(
            servers([
                ["urls": "STUN:a"], ["urls": ["turn:b", "turns:c"], "username": "u", "credential": "p"],
                ["urls": "stuns:d", "username": nil],
            ]) == [
                ICEServer(urls: ["STUN:a"]), ICEServer(urls: ["turn:b", "turns:c"], username: "u", credential: "p"),
                ICEServer(urls: ["stuns:d"]),
            ])
    }

    private static let malformedEntries: [JSONValue] = [
        7, [], [:], ["urls": []], ["urls": ""], ["urls": "http://a"], ["urls": "stun"], ["urls": [1]], ["urls": ["stun:a", ""]],
        ["urls": "stun:a", "username": 1], ["urls": "stun:a", "credential": []],
        ["urls": .string("stun:" + String(repeating: "x", count: 508))],
        ["urls": "stun:a", "username": .string(String(repeating: "x", count: 1_025))],
    ]

    @Test("one malformed entry discards the whole list", arguments: malformedEntries.indices)
    func malformed(place: Int) { #expect(servers([["urls": "stun:ok"], Self.malformedEntries[place]]) == nil) }

    @Test("the caps themselves are allowed")
    func caps() {
        let server: JSONValue = [
            "urls": .string("stun:" + String(repeating: "x", count: 507)), "credential": .string(String(repeating: "é", count: 1_024)),
        ]
        #expect(servers(.array(Array(repeating: server, count: 16)))?.count == 16)
        #expect(servers(.array(Array(repeating: server, count: 17))) == nil)
    }

    @Test("metadata without a list has no servers")
    func absent() {
        #expect(ICEServer.list(in: nil) == nil)
        #expect(ICEServer.list(in: [:]) == nil)
        #expect(servers("x") == nil)
        #expect(servers([]) == [])
    }
}
