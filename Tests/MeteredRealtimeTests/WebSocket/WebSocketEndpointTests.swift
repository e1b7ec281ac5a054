import NIOCore
import NIOWebSocket
import Testing

@testable import MeteredRealtime

@Suite("The WebSocket protocol (RFC 6455)")
struct WebSocketEndpointTests {
    private var endpoint = WebSocketEndpoint(maximumMessageBytes: 10)

    private func frame(_ opcode: WebSocketOpcode, _ text: String, fin: Bool = true) -> WebSocketFrame {
        WebSocketFrame(fin: fin, opcode: opcode, data: ByteBuffer(string: text))
    }

    private func close(_ code: UInt16?, _ reason: String = "") -> WebSocketFrame {
        var payload = ByteBuffer()
        if let code { payload.writeInteger(code) }
        payload.writeString(reason)
        return WebSocketFrame(fin: true, opcode: .connectionClose, data: payload)
    }

    @Test("a message in one frame is delivered")
    mutating func whole() {
        #expect(endpoint.received(frame(.text, "hello")) == .text(ByteBuffer(string: "hello")))
        #expect(endpoint.received(frame(.binary, "abc")) == .binary(bytes: 3))
        #expect(endpoint.received(frame(.text, "")) == .text(ByteBuffer()))
    }

    @Test("fragments are joined, with control frames between them")
    mutating func fragments() {
        #expect(endpoint.received(frame(.text, "ab", fin: false)) == .none)
        #expect(endpoint.received(frame(.ping, "p")) == .pong(ByteBuffer(string: "p")))
        #expect(endpoint.received(frame(.continuation, "", fin: false)) == .none)
        #expect(endpoint.received(frame(.continuation, "cd")) == .text(ByteBuffer(string: "abcd")))
        #expect(endpoint.received(frame(.text, "next")) == .text(ByteBuffer(string: "next")))
    }

    @Test("a message of exactly the cap is taken, one byte more fails with 1009")
    mutating func cap() {
        #expect(endpoint.received(frame(.text, "0123456789")) == .text(ByteBuffer(string: "0123456789")))
        #expect(endpoint.received(frame(.text, "012345678", fin: false)) == .none)
        #expect(endpoint.received(frame(.continuation, "9")) == .text(ByteBuffer(string: "0123456789")))
        #expect(endpoint.received(frame(.text, "012345678", fin: false)) == .none)
        guard case .fail(.messageTooBig, _) = endpoint.received(frame(.continuation, "9a")) else {
            Issue.record("the cap does not hold over fragments")
            return
        }
    }

    @Test("after a failure nothing is delivered any more")
    mutating func afterFailure() {
        guard case .fail = endpoint.received(frame(.text, "0123456789a")) else {
            Issue.record("not failed")
            return
        }
        #expect(endpoint.received(frame(.text, "a")) == .none)
        #expect(endpoint.received(close(1_000)) == .none)
    }

    @Test("a server's close is answered and its code and reason are kept")
    mutating func serverCloses() {
        #expect(endpoint.received(close(4_010, "cap")) == .closed(code: .overConcurrentLimit, reason: "cap", reply: true))
        #expect(endpoint.received(frame(.text, "a")) == .none)
    }

    @Test("a close without a code has none")
    mutating func bareClose() { #expect(endpoint.received(close(nil)) == .closed(code: nil, reason: "", reply: true)) }

    @Test("the answer to our own close is not answered again, and data in between is dropped")
    mutating func weClose() {
        endpoint.closeSent()
        #expect(endpoint.received(frame(.text, "late")) == .none)
        #expect(endpoint.received(close(1_000)) == .closed(code: .normalClosure, reason: "", reply: false))
    }

    @Test("a fragmented message that spans our close is dropped without complaint")
    mutating func closeInsideFragments() {
        #expect(endpoint.received(frame(.text, "a", fin: false)) == .none)
        endpoint.closeSent()
        #expect(endpoint.received(frame(.continuation, "b")) == .none)
        #expect(endpoint.received(close(1_000)) == .closed(code: .normalClosure, reason: "", reply: false))
    }

    @Test("a close frame with an unlawful code is a protocol error", arguments: [0, 999, 1_004, 1_005, 1_006, 1_015] as [UInt16])
    mutating func unlawfulCode(code: UInt16) {
        #expect(endpoint.received(close(code)) == .fail(.protocolError, reason: "malformed close frame"))
    }

    @Test("a close frame with half a code is a protocol error")
    mutating func halfCode() {
        #expect(endpoint.received(frame(.connectionClose, "x")) == .fail(.protocolError, reason: "malformed close frame"))
    }

    @Test("a continuation without a beginning is a protocol error")
    mutating func strayContinuation() {
        #expect(endpoint.received(frame(.continuation, "x")) == .fail(.protocolError, reason: "continuation without a beginning"))
    }

    @Test("a new message inside a fragmented one is a protocol error")
    mutating func interleaved() {
        _ = endpoint.received(frame(.text, "a", fin: false))
        #expect(endpoint.received(frame(.text, "b")) == .fail(.protocolError, reason: "new message inside a fragmented one"))
    }

    @Test("a masked frame, reserved bits and reserved opcodes are protocol errors")
    func unlawfulFrames() {
        var masked = frame(.text, "a")
        masked.maskKey = [1, 2, 3, 4]
        var reserved = frame(.text, "a")
        reserved.rsv1 = true
        guard let opcode = WebSocketOpcode(encodedWebSocketOpcode: 3) else {
            Issue.record("no opcode 3")
            return
        }
        for unlawful in [masked, reserved, frame(opcode, "a")] {
            var endpoint = endpoint
            guard case .fail(.protocolError, _) = endpoint.received(unlawful) else {
                Issue.record("accepted")
                continue
            }
        }
    }

    @Test("the decoder's complaints become close codes")
    func decoderErrors() {
        for (error, code) in [
            (.invalidFrameLength, .messageTooBig), (.fragmentedControlFrame, .protocolError),
            (.multiByteControlFrameLength, .protocolError),
        ] as [(NIOWebSocketError, CloseCode)] {
            var endpoint = endpoint
            guard case .fail(code, _) = endpoint.decoderFailed(error) else {
                Issue.record("\(error)")
                continue
            }
        }
    }

    @Test("any sequence of frames keeps the promises: nothing over the cap, nothing after the end")
    func property() {
        let seed: UInt64 = 31
        var random = SplitMix64(seed: seed)
        for _ in 0..<3_000 {
            var endpoint = endpoint
            var hasEnded = false
            for _ in 0..<30 {
                let opcode = WebSocketOpcode.allCases.randomElement(using: &random) ?? .text
                let text = String(repeating: "x", count: .random(in: 0...12, using: &random))
                if Int.random(in: 0..<20, using: &random) == 0 { endpoint.closeSent() }
                let action = endpoint.received(frame(opcode, text, fin: .random(using: &random)))
                #expect(!hasEnded || action == .none, "seed \(seed)")
                switch action {
                case .text(let message): #expect(message.readableBytes <= 10, "seed \(seed)")
                case .binary(let bytes): #expect(bytes <= 10, "seed \(seed)")
                case .closed, .fail: hasEnded = true
                case .none, .pong: break
                }
            }
        }
    }
}
