import SimulationKernel
import Testing

@testable import WebRTCModel

@Suite("Session descriptions") struct SDPTests {
    /// From Chrome's own log of a call, shortened.
    static let chrome = """
        v=0\r
        o=- 4877596978941865686 2 IN IP4 127.0.0.1\r
        s=-\r
        t=0 0\r
        a=group:BUNDLE 0 1\r
        a=extmap-allow-mixed\r
        a=msid-semantic: WMS c25adc31\r
        m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9\r
        c=IN IP4 0.0.0.0\r
        a=rtcp:9 IN IP4 0.0.0.0\r
        a=candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host generation 0 ufrag ONk4\r
        a=ice-ufrag:ONk4\r
        a=ice-pwd:U55EDAzfztqGLSx+oDZhmEe7\r
        a=ice-options:trickle\r
        a=fingerprint:sha-256 D6:0C:10:EC:36:41:BD:CA:F4:27:FD:45:F8:08:78:B2:C0:C0:63:A2:C9:2C:25:1C:48:15:4A:D4:C4:13:D7:6A\r
        a=setup:actpass\r
        a=mid:0\r
        a=sendrecv\r
        a=msid:c25adc31 45433ac4\r
        a=rtcp-mux\r
        a=rtpmap:111 opus/48000/2\r
        a=ssrc:284174935 cname:NLRKBSu+Lx6WoiBc\r
        a=ssrc:284174935 msid:c25adc31 45433ac4\r
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r
        c=IN IP4 0.0.0.0\r
        a=ice-ufrag:ONk4\r
        a=ice-pwd:U55EDAzfztqGLSx+oDZhmEe7\r
        a=fingerprint:sha-256 D6:0C:10:EC:36:41:BD:CA:F4:27:FD:45:F8:08:78:B2:C0:C0:63:A2:C9:2C:25:1C:48:15:4A:D4:C4:13:D7:6A\r
        a=setup:actpass\r
        a=mid:1\r
        a=sctp-port:5000\r
        a=max-message-size:262144\r

        """

    @Test("a description of Chrome is read")
    func readsChrome() throws {
        let session = try SDPSession(parsing: Self.chrome)
        #expect(session.identifier == 4_877_596_978_941_865_686 && session.version == 2)
        #expect(session.bundle == ["0", "1"])
        #expect(session.sections.map(\.kind) == [.audio, .application])
        let audio = session.sections[0]
        #expect(audio.streams == [SDPStream(stream: "c25adc31", track: "45433ac4")])
        #expect(audio.synchronizationSources == [284_174_935])
        #expect(audio.formats.first == SDPFormat(payloadType: 111, map: "opus/48000/2"))
        #expect(audio.candidates.count == 1)
        #expect(audio.transport.usernameFragment == "ONk4" && audio.transport.setup == .actpass)
        #expect(session.sections[1].sctpPort == 5_000 && session.sections[1].maximumMessageBytes == 262_144)
    }

    @Test("what is written reads as it was")
    func roundTrip() throws {
        var session = try SDPSession(parsing: Self.chrome)
        session.isICELite = true
        session.sections[0].isEndOfCandidates = true
        session.sections[0].direction = .recvonly
        for index in session.sections.indices { session.sections[index].transport.trickles = true }
        #expect(try SDPSession(parsing: session.text) == session)
    }

    @Test("lines may end with LF alone, and session-level transport attributes hold for all sections")
    func sessionLevel() throws {
        let transport = Self.chrome.split(separator: "\r\n").filter { line in
            ["a=ice-", "a=fingerprint", "a=setup"].contains { line.hasPrefix($0) }
        }
        let rest = Self.chrome.split(separator: "\r\n").filter { !transport.contains($0) }
        let text = (rest.prefix(7) + transport.prefix(5) + rest.dropFirst(7)).joined(separator: "\n")
        #expect(try SDPSession(parsing: text).sections.map(\.transport.usernameFragment) == ["ONk4", "ONk4"])
    }

    @Test("a rejected section needs no transport of its own")
    func rejectedSection() throws {
        let text = Self.chrome + "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\na=inactive\r\n"
        let session = try SDPSession(parsing: text)
        #expect(session.sections.map(\.isRejected) == [false, false, true])
        #expect(session.sections[2].direction == .inactive)
    }

    @Test("what is wrong is told by kind and line, without the text")
    func errors() {
        func error(_ change: (String) -> String) -> SDPError? {
            do {
                _ = try SDPSession(parsing: change(Self.chrome))
                return nil
            } catch { return error }
        }
        #expect(error { _ in "" } == .missing(name: "o", section: nil))
        #expect(error { _ in "hello" } == .malformedLine(1))
        #expect(error { $0.replacing("v=0", with: "v=1") } == .malformedLine(1))
        #expect(error { $0.replacing("m=audio 9", with: "m=audio 99999") } == .malformedValue(name: "m", line: 8))
        #expect(error { $0.replacing("a=mid:1\r\n", with: "") } == .missing(name: "mid", section: 1))
        #expect(error { $0.replacing("a=mid:1", with: "a=mid:0") } == .inconsistentIdentifiers)
        #expect(error { $0.replacing("BUNDLE 0 1", with: "BUNDLE 0") } == .notBundled)
        #expect(
            error { $0.replacing("a=ice-pwd:U55EDAzfztqGLSx+oDZhmEe7", with: "a=ice-pwd:short") }
                == .malformedValue(name: "ice-pwd", line: 13))
        #expect(error { $0.replacing("sha-256 D6:", with: "sha-256 G6:") } == .malformedValue(name: "fingerprint", line: 15))
        #expect(error { $0 + String(repeating: "a", count: 5_000) } == .malformedLine(33))
    }

    @Test("a description over a cap is refused")
    func caps() {
        let candidates = String(repeating: "a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n", count: SDPLimits.candidates + 1)
        let sections = (0...SDPLimits.sections).map { "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\na=mid:x\($0)\r\n" }.joined()
        let streams = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" + String(repeating: "a=msid:a b\r\n", count: SDPLimits.entries + 1)
        #expect(throws: SDPError.tooMany("candidates")) { try SDPSession(parsing: Self.chrome + candidates) }
        #expect(throws: SDPError.tooMany("media sections")) { try SDPSession(parsing: Self.chrome + sections) }
        #expect(throws: SDPError.tooMany("streams")) { try SDPSession(parsing: Self.chrome + streams) }
        #expect(throws: SDPError.tooLong) { try SDPSession(parsing: Self.chrome + String(repeating: "a=x\r\n", count: 60_000)) }
    }

    @Test("100,000 mutations of a description never crash, and what is accepted can be written and read again")
    func mutations() throws {
        let random = RandomStream(seed: 8_866, name: "sdp")
        // One section: a short text has more of its mutations in places that matter.
        let lines = Self.chrome.replacing("BUNDLE 0 1", with: "BUNDLE 0").split(separator: "\r\n").prefix { !$0.hasPrefix("m=application") }
        let original = Array(lines.joined(separator: "\r\n").utf8)
        for round in 0..<100_000 {
            var bytes = original
            for _ in 0...random.uniform(Int64(0)...3) {
                let position = Int(random.uniform(Int64(0)...Int64(bytes.count - 1)))
                switch random.uniform(Int64(0)...3) {
                case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.removeSubrange(position..<min(bytes.count, position + Int(random.uniform(Int64(1)...60))))
                case 2: bytes.insert(contentsOf: bytes[position..<min(bytes.count, position + 40)], at: position)
                default: bytes.insert(UInt8(ascii: "9"), at: position)
                }
                if bytes.isEmpty { bytes = original }
            }
            guard let session = try? SDPSession(parsing: String(decoding: bytes, as: UTF8.self)) else { continue }
            if round % 50 == 0 {
                let again = try? SDPSession(parsing: session.text)
                #expect(again?.text == session.text, "seed 8866 round \(round)")
            }
        }
    }

    @Test("the password is in no description of a transport")
    func redaction() throws {
        let transport = try #require(try SDPSession(parsing: Self.chrome).transport)
        #expect(!"\(transport)".contains("U55E"))
    }
}
