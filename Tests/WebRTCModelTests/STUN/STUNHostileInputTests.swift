import NIOCore
import NetworkModel
import SimulationKernel
import Testing
import WebRTCModel

/// What arrives from the network can be anything.
@Suite struct STUNHostileInputTests {
    private static let message = STUNMessage(
        .request, .allocate, STUNTransactionID(high: 1, low: 2),
        [
            .username("a:b"), .xorPeerAddress(TransportAddress(.v6(high: 1, low: 2), 3)), .errorCode(.badRequest, "no"),
            .data(ByteBuffer(string: "abc")),
        ]
    ).encoded(integrity: .shortTerm(password: "secret"))

    @Test("every prefix of a message is an error")
    func truncated() {
        for length in 0..<Self.message.readableBytes {
            let prefix = Self.message.getSlice(at: 0, length: length)!
            #expect(throws: STUNDecodingError.self) { try STUNMessage(decoding: prefix) }
        }
    }

    @Test("bytes after the message are an error")
    func trailing() {
        var bytes = Self.message
        bytes.writeInteger(UInt32(0))
        #expect(throws: STUNDecodingError.wrongLength) { try STUNMessage(decoding: bytes) }
    }

    @Test("an attribute that reaches over the end is an error that names it")
    func overlong() {
        var bytes = STUNMessage(.request, .binding, STUNTransactionID(high: 1, low: 2), [.software("abcd")]).encoded(fingerprint: false)
        bytes.setInteger(UInt16(5), at: 22)
        #expect(throws: STUNDecodingError.truncatedAttribute(type: 0x8022)) { try STUNMessage(decoding: bytes) }
    }

    @Test(
        "a value of the wrong size is an error that names its attribute",
        arguments: [
            ("0024000300000000", 0x0024), ("000c000200000000", 0x000C), ("00250004 00000000", 0x0025), ("80290004 00000000", 0x8029),
            ("00010004 00010000", 0x0001), ("00200008 0002000000000000", 0x0020), ("00200008 0003000000000000", 0x0020),
            ("00090002 00000000", 0x0009), ("00090004 00000264", 0x0009), ("00090004 00000700", 0x0009), ("000a0003 00000000", 0x000A),
            ("00080004 00000000", 0x0008), ("00180000", 0x0018), ("00220004 00000000", 0x0022), ("001a0004 00000000", 0x001A),
        ])
    func malformed(attribute: String, type: UInt16) {
        var bytes = ByteBuffer(hex: "00010000 2112a442 000000000000000000000000 \(attribute)")
        bytes.setInteger(UInt16(bytes.readableBytes - 20), at: 2)
        #expect(throws: STUNDecodingError.malformedAttribute(type: type)) { try STUNMessage(decoding: bytes) }
    }

    @Test("a million random or damaged messages end in a message or an error")
    func random() {
        let seed: UInt64 = 0x57_55_4E
        var random = RandomStream(seed: seed, name: "fuzz")
        let key = STUNIntegrityKey.shortTerm(password: "secret")
        var decoded = 0
        for round in 0..<1_000_000 {
            let bytes = round & 1 == 0 ? Self.damaged(&random) : Self.arbitrary(&random)
            guard let message = try? STUNMessage(decoding: bytes) else { continue }
            decoded += 1
            if round & 0xFF == 0 { _ = STUNMessage.verifyIntegrity(of: bytes, key: key) }
            #expect(message.attributes.count <= bytes.readableBytes / 4)
        }
        #expect(decoded > 1_000, "seed \(seed)")
    }

    /// The message with up to two bytes changed and its fingerprint's type, so that it is not all that is tested.
    private static func damaged(_ random: inout RandomStream) -> ByteBuffer {
        var bytes = message
        bytes.setInteger(UInt16(0x8029 ^ 1), at: bytes.writerIndex - 8)
        for _ in 0...(random.next() & 1) {
            bytes.setInteger(UInt8(truncatingIfNeeded: random.next()), at: Int(random.uniform(0...Int64(bytes.readableBytes - 1))))
        }
        return bytes
    }

    /// A right header and length before random attributes.
    private static func arbitrary(_ random: inout RandomStream) -> ByteBuffer {
        let words = Int(random.uniform(0...8))
        var bytes = ByteBuffer()
        bytes.writeMultipleIntegers(
            UInt16(truncatingIfNeeded: random.next()) & 0x3FFF, UInt16(words * 4), UInt32(0x2112_A442), UInt32(1), UInt64(2))
        for _ in 0..<words { bytes.writeInteger(UInt32(truncatingIfNeeded: random.next()) & 0x803F_001F) }
        return bytes
    }
}
