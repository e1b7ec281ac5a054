import Crypto
import Testing

@testable import WebRTCModel

@Suite("SHA-1 and HMAC-SHA1")
struct SHA1Tests {
    private func hexadecimal(_ words: SHA1.Words) -> String {
        [words.a, words.b, words.c, words.d, words.e].map { word in
            let text = String(UInt32(bigEndian: word), radix: 16)
            return String(repeating: "0", count: 8 - text.count) + text
        }.joined()
    }

    private func code(_ key: [UInt8], _ text: [UInt8]) -> SHA1.Words {
        let half = text.count / 2
        return text.withUnsafeBytes { bytes in
            HMACSHA1(key: key).code(of: UnsafeRawBufferPointer(rebasing: bytes[..<half]), UnsafeRawBufferPointer(rebasing: bytes[half...]))
        }
    }

    @Test("the code is that of RFC 2202, test case 2")
    func vector() {
        #expect(
            hexadecimal(code(Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
    }

    @Test("the code is that of RFC 2202, test case 6: a key longer than a block")
    func longKey() {
        let text = Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)
        #expect(hexadecimal(code([UInt8](repeating: 0xAA, count: 80), text)) == "aa4ae5e15272d00e95705637ce8a3b55ed402112")
    }

    @Test("the code is that of swift-crypto for every length up to three blocks")
    func lengths() {
        let key = Array("VOkJxbRl1RmTxUk/WvJxBt".utf8)
        for count in 0...192 {
            let text = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ count) }
            let expected = HMAC<Insecure.SHA1>.authenticationCode(for: text, using: SymmetricKey(data: key))
            #expect(withUnsafeBytes(of: code(key, text)) { Array($0) } == Array(expected), "of \(count) bytes")
        }
    }
}
