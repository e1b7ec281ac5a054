import NIOCore
import NetworkModel
import SimulationKernel
import Testing
import WebRTCModel

@Suite struct STUNCodecTests {
    private static let id = STUNTransactionID(high: 1, low: 2)
    private static let v4 = TransportAddress(.v4(0xCB00_7101), 3478)
    private static let v6 = TransportAddress(.v6(high: 0x2001_0DB8_0000_0001, low: 0xFFFF_0000_0000_0001), 65_535)

    private static let everyAttribute: [STUNAttribute] = [
        .mappedAddress(v4), .mappedAddress(v6), .xorMappedAddress(v4), .xorMappedAddress(v6), .username("a:b"), .username(""),
        .errorCode(.staleNonce, "Stale Nonce"), .errorCode(STUNErrorCode(rawValue: 699), ""), .realm("example.org"), .nonce("n"),
        .unknownAttributes([0x7F, 0x24, 3]), .software("Faultline"), .alternateServer(v4), .priority(.max), .useCandidate,
        .iceControlled(.max), .iceControlling(0), .channelNumber(0x4000), .lifetime(.seconds(600)), .lifetime(.zero), .xorPeerAddress(v6),
        .xorRelayedAddress(v4), .data(ByteBuffer(string: "12345")), .data(ByteBuffer()), .requestedTransport(protocolNumber: 17),
        .requestedAddressFamily(.v6), .reservationToken(7), .dontFragment, .unknown(type: 0xC001, ByteBuffer(string: "x")),
    ]

    @Test("every attribute is read as it was written")
    func roundTrip() throws {
        let message = STUNMessage(.successResponse, .allocate, Self.id, Self.everyAttribute)
        let read = try STUNMessage(decoding: message.encoded())
        #expect(read == message)
    }

    @Test("EVEN-PORT has one byte and three of padding")
    func evenPort() throws {
        let message = STUNMessage(.request, .allocate, Self.id, [.evenPort(reservesNext: true)])
        let bytes = message.encoded(fingerprint: false)
        #expect(bytes.readableBytes == 28)
        #expect(try STUNMessage(decoding: bytes) == message)
    }

    @Test("class and method go through the interleaved bits", arguments: STUNMessageClass.allCases)
    func types(messageClass: STUNMessageClass) throws {
        for number: UInt16 in [0, 1, 0x00F, 0x010, 0x07F, 0x080, 0x0BC, 0x0FF] {
            let message = STUNMessage(messageClass, STUNMethod(rawValue: number), Self.id)
            let read = try STUNMessage(decoding: message.encoded())
            #expect(read.messageClass == messageClass)
            #expect(read.method.rawValue == number)
        }
    }

    @Test("a message in the middle of a buffer is read and verified")
    func slice() throws {
        let key = STUNIntegrityKey.shortTerm(password: "secret")
        let message = STUNMessage(.request, .binding, Self.id, [.username("a:b"), .xorMappedAddress(Self.v6)])
        var bytes = ByteBuffer(string: "before")
        bytes.writeImmutableBuffer(message.encoded(integrity: key))
        bytes.moveReaderIndex(forwardBy: 6)
        #expect(try STUNMessage(decoding: bytes).attributes == message.attributes)
        #expect(STUNMessage.verifyIntegrity(of: bytes, key: key))
    }

    @Test("a changed byte before MESSAGE-INTEGRITY is noticed, wherever it is")
    func tampering() {
        let key = STUNIntegrityKey.shortTerm(password: "secret")
        let bytes = STUNMessage(.request, .binding, Self.id, [.username("a:b"), .priority(5)]).encoded(integrity: key, fingerprint: false)
        for index in 0..<bytes.readableBytes where !(2..<4).contains(index) {
            var changed = bytes
            changed.setInteger(changed.getInteger(at: index, as: UInt8.self)! ^ 1, at: index)
            #expect(!STUNMessage.verifyIntegrity(of: changed, key: key), "byte \(index)")
        }
    }

    @Test("what comes after MESSAGE-INTEGRITY does not count")
    func afterIntegrity() throws {
        let key = STUNIntegrityKey.shortTerm(password: "secret")
        var bytes = STUNMessage(.request, .binding, Self.id, [.priority(5)]).encoded(integrity: key, fingerprint: false)
        bytes.writeMultipleIntegers(UInt16(0x0025), UInt16(0))
        bytes.setInteger(UInt16(bytes.readableBytes - 20), at: 2)
        #expect(try STUNMessage(decoding: bytes).attributes == [.priority(5)])
        #expect(STUNMessage.verifyIntegrity(of: bytes, key: key))
    }

    @Test("a message without MESSAGE-INTEGRITY is nobody's")
    func noIntegrity() throws {
        let bytes = STUNMessage(.request, .binding, Self.id).encoded()
        #expect(try !STUNMessage(decoding: bytes).hasIntegrity)
        #expect(!STUNMessage.verifyIntegrity(of: bytes, key: .shortTerm(password: "secret")))
    }

    @Test("a wrong fingerprint, or one that is not the last attribute, is an error")
    func fingerprint() {
        var wrong = STUNMessage(.request, .binding, Self.id).encoded()
        wrong.setInteger(UInt8(0x55), at: wrong.writerIndex - 1)
        #expect(throws: STUNDecodingError.wrongFingerprint) { try STUNMessage(decoding: wrong) }
        var early = STUNMessage(.request, .binding, Self.id).encoded()
        early.writeMultipleIntegers(UInt16(0x8022), UInt16(0))
        early.setInteger(UInt16(early.readableBytes - 20), at: 2)
        #expect(throws: STUNDecodingError.wrongFingerprint) { try STUNMessage(decoding: early) }
    }

    @Test("attributes that must be understood and are not are listed; others are not")
    func unknownRequired() {
        let message = STUNMessage(
            .request, .binding, Self.id,
            [.unknown(type: 0x7FFF, ByteBuffer()), .unknown(type: 0x8000, ByteBuffer()), .priority(1), .unknown(type: 2, ByteBuffer())])
        #expect(message.unknownRequiredAttributes == [0x7FFF, 2])
    }

    @Test("an address family that does not exist is an attribute that is not understood")
    func unknownFamily() throws {
        let bytes = ByteBuffer(hex: "00030008 2112a442 000000000000000000000000 00170004 07000000")
        #expect(try STUNMessage(decoding: bytes).unknownRequiredAttributes == [0x0017])
    }

    @Test("a text over the longest that the RFC permits is cut off")
    func longText() throws {
        let bytes = STUNMessage(.request, .binding, Self.id, [.username(String(repeating: "x", count: 70_000))]).encoded()
        #expect(try STUNMessage(decoding: bytes).username?.utf8.count == 763)
    }

    @Test("data, DTLS and RTP are told from STUN")
    func demultiplexing() {
        let message = STUNMessage(.request, .binding, Self.id).encoded()
        #expect(STUNMessage.isSTUN(message))
        #expect(!STUNMessage.isSTUN(ByteBuffer(repeating: 0, count: 40)))
        #expect(!STUNMessage.isSTUN(ByteBuffer(bytes: [22, 254, 253] + Array(message.readableBytesView.dropFirst(3)))))
        #expect(!STUNMessage.isSTUN(ByteBuffer(bytes: [0x80] + Array(message.readableBytesView.dropFirst()))))
        #expect(!STUNMessage.isSTUN(message.getSlice(at: 0, length: 19)!))
    }
}
