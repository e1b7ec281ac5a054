import CompactJSON
import Testing

@testable import MeteredRealtime

@Suite("Frames to the server (WIRE-01, 05, 06)")
struct ClientFrameTests {
    private func text(_ frame: ClientFrame) -> String { String(decoding: frame.encoded(requestID: "r"), as: UTF8.self) }

    @Test("every frame is compact JSON in UTF-8 with its request identifier")
    func encoding() throws {
        #expect(text(try .subscribe(channel: "a\"b", includeSenderMetadata: false)) == #"{"type":"subscribe","channel":"a\"b","requestId":"r"}"#)
        #expect(
            text(try .subscribe(channel: "a", includeSenderMetadata: true))
                == #"{"type":"subscribe","channel":"a","requestId":"r","includeSenderMetadata":true}"#)
        #expect(text(try .unsubscribe(channel: "a")) == #"{"type":"unsubscribe","channel":"a","requestId":"r"}"#)
        #expect(
            text(try .publish(channel: "é", data: ["x": [1, nil]], maximumBytes: 100))
                == #"{"type":"publish","channel":"é","data":{"x":[1,null]},"requestId":"r"}"#)
        #expect(text(try .send(to: "p", data: nil, maximumBytes: 100)) == #"{"type":"send","to":"p","data":null,"requestId":"r"}"#)
        #expect(ClientFrame.ping.encoded(requestID: nil) == Array(#"{"type":"ping"}"#.utf8))
    }

    @Test("a channel of 256 scalars is allowed, however many bytes they take")
    func longChannel() throws { #expect(throws: Never.self) { try ClientFrame.unsubscribe(channel: String(repeating: "😀", count: 256)) } }

    @Test("empty, long and unprintable channels are refused", arguments: ["", String(repeating: "x", count: 257), "a\u{1}b", "\u{7F}", "\u{9F}", "\n"])
    func badChannel(channel: String) {
        expectInvalidChannel { _ = try ClientFrame.subscribe(channel: channel, includeSenderMetadata: false) }
        expectInvalidChannel { _ = try ClientFrame.unsubscribe(channel: channel) }
        expectInvalidChannel { _ = try ClientFrame.publish(channel: channel, data: 1, maximumBytes: 100) }
    }

    private func expectInvalidChannel(_ build: () throws -> Void) {
        do {
            try build()
            Issue.record("accepted")
        } catch { if case SignallingError.invalidChannel = error {} else { Issue.record("\(error)") } }
    }

    @Test("empty, long and unprintable peer identifiers are refused", arguments: ["", String(repeating: "x", count: 129), "a\u{0}"])
    func badPeer(peer: String) {
        do {
            _ = try ClientFrame.send(to: peer, data: 1, maximumBytes: 100)
            Issue.record("accepted")
        } catch { if case .invalidPeerID = error {} else { Issue.record("\(error)") } }
    }

    @Test("reserved channels cannot be joined, in any case", arguments: ["_metered/x", "_INTERNAL/", "_System/a"])
    func reserved(channel: String) {
        #expect(throws: SignallingError.reservedChannel(channel)) { try ClientFrame.subscribe(channel: channel, includeSenderMetadata: false) }
    }

    @Test("a name that only resembles a reserved one can be joined", arguments: ["_metered", "metered/x", "x_system/a"])
    func notReserved(channel: String) { #expect(throws: Never.self) { try ClientFrame.subscribe(channel: channel, includeSenderMetadata: false) } }

    @Test("the size of the data is counted in UTF-8 bytes as sent, without escapes")
    func size() throws {
        let data = JSONValue.string(String(repeating: "é", count: 10))
        #expect(throws: Never.self) { try ClientFrame.publish(channel: "c", data: data, maximumBytes: 22) }
        #expect(throws: SignallingError.payloadTooLarge(sizeBytes: 22, capBytes: 21)) {
            try ClientFrame.send(to: "p", data: data, maximumBytes: 21)
        }
    }

    @Test("NaN and infinities are refused at any depth", arguments: [Double.nan, .infinity, -.infinity])
    func notANumber(value: Double) {
        #expect(throws: SignallingError.invalidPayload) { try ClientFrame.publish(channel: "c", data: ["x": [.double(value)]], maximumBytes: 100) }
    }

    @Test("what is encoded can be parsed back, for any text")
    func roundTrip() throws {
        let seed: UInt64 = 5
        var random = SplitMix64(seed: seed)
        for _ in 0..<2_000 {
            let scalars = (0..<Int.random(in: 1...40, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random))
            }
            let text = String(String.UnicodeScalarView(scalars))
            let frame = try ClientFrame.publish(channel: "c", data: ["text": .string(text)], maximumBytes: 10_000)
            let parsed = try JSONValue(parsing: frame.encoded(requestID: text.isEmpty ? nil : text))
            #expect(parsed["data"]?["text"] == .string(text), "seed \(seed)")
        }
    }
}

@Suite("Close codes (SPEC section 1)")
struct CloseCodeTests {
    @Test("exactly four codes are terminal")
    func terminal() {
        #expect((UInt16(0)...5_000).filter { CloseCode(rawValue: $0).isTerminal } == [4_001, 4_003, 4_012, 4_020])
    }

    @Test("codes print with their name if they have one")
    func names() {
        #expect("\(CloseCode.adminDisconnect)" == "4020 (admin_disconnect)")
        #expect("\(CloseCode(rawValue: 4_999))" == "4999")
    }
}
