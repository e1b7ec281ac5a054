import NIOCore
import Testing
import WebRTCModel

@testable import Captures

@Suite("Credentials in captures")
struct SecretTests {
    @Test(
        "a credential is replaced by as many letters",
        arguments: [
            ("GET /v1?token=eyJhbGci.x.y HTTP/1.1", "GET /v1?token=xxxxxxxxxxxx HTTP/1.1"),
            ("GET /v1?a=1&key=pk_live HTTP/1.1", "GET /v1?a=1&key=xxxxxxx HTTP/1.1"),
            (#"{"username":"u","credential":"s3cret"}"#, #"{"username":"u","credential":"xxxxxx"}"#),
            (#"a=ice-ufrag:abcd\r\na=ice-pwd:efgh+/ij\r\nm="#, #"a=ice-ufrag:abcd\r\na=ice-pwd:xxxxxxxx\r\nm="#),
            ("Authorization: Bearer abc\r\nHost: h", "Authorization: xxxxxxxxxx\r\nHost: h"),
            ("nothing to hide: keys, tokens", "nothing to hide: keys, tokens"),
        ])
    func texts(text: String, expected: String) {
        var bytes = Array(text.utf8)
        TextSecrets.redact(&bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test("a masked WebSocket frame is changed under its mask")
    func masked() {
        let mask: [UInt8] = [1, 2, 3, 4]
        let text = Array(#"{"credential":"secret"}"#.utf8)
        let head = Array("GET /v1 HTTP/1.1\r\nUpgrade: websocket\r\n\r\n".utf8)
        var stream = head + [0x81, 0x80 | UInt8(text.count)] + mask + text.enumerated().map { $0.element ^ mask[$0.offset % 4] }
        let count = stream.count
        MessageTexts.rewrite(&stream) { TextSecrets.redact(&$0) }
        let unmasked = stream.suffix(text.count).enumerated().map { $0.element ^ mask[$0.offset % 4] }
        #expect(stream.count == count)
        #expect(String(decoding: unmasked, as: UTF8.self) == #"{"credential":"xxxxxx"}"#)
    }

    @Test("a check is secured with the placeholder that the signalling shows")
    func check() throws {
        var secrets = MediaSecrets()
        secrets.learn(from: Array("a=ice-ufrag:bbbb\r\na=ice-pwd:0123456789\r\n".utf8))
        let request = STUNMessage(.request, .binding, STUNTransactionID(high: 1, low: 2), [.username("bbbb:aaaa"), .priority(7)])
        var bytes = request.encoded(integrity: .shortTerm(password: "0123456789"))
        var response = request.success().encoded(integrity: .shortTerm(password: "0123456789"))
        let count = bytes.readableBytes
        secrets.reseal(&bytes)
        secrets.reseal(&response)
        #expect(bytes.readableBytes == count)
        #expect(STUNMessage.verifyIntegrity(of: bytes, key: .shortTerm(password: "xxxxxxxxxx")))
        #expect(STUNMessage.verifyIntegrity(of: response, key: .shortTerm(password: "xxxxxxxxxx")))
    }

    @Test("a TURN request is secured with the placeholder of its user's credential")
    func turn() {
        var secrets = MediaSecrets()
        secrets.learn(from: Array(#"{"iceServers":[{"urls":"turn:t","username":"u","credential":"secret"}]}"#.utf8))
        let request = STUNMessage(.request, .allocate, STUNTransactionID(high: 1, low: 2), [.username("u"), .realm("r"), .nonce("n")])
        var bytes = request.encoded(integrity: .longTerm(username: "u", realm: "r", password: "secret"))
        secrets.reseal(&bytes)
        #expect(STUNMessage.verifyIntegrity(of: bytes, key: .longTerm(username: "u", realm: "r", password: "xxxxxx")))
    }

    @Test("no bytes whatever crash the search for secrets")
    func hostile() {
        var generator = SplitMix(state: 0x5EED)
        for _ in 0..<20_000 {
            var bytes = (0..<Int(generator.next() % 80)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            if generator.next().isMultiple(of: 2), bytes.count > 8 { bytes.replaceSubrange(4..<8, with: [0x21, 0x12, 0xA4, 0x42]) }
            let count = bytes.count
            var secrets = MediaSecrets()
            var buffer = ByteBuffer(bytes: bytes)
            secrets.reseal(&buffer)
            secrets.resealStream(&bytes)
            MessageTexts.rewrite(&bytes) { TextSecrets.redact(&$0) }
            #expect(bytes.count == count && buffer.readableBytes == count, "seed 0x5EED")
        }
    }
}

/// SplitMix64, for bytes that are the same in every run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
