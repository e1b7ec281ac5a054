import NIOCore
import NetworkModel
import Testing
import WebRTCModel

/// The test vectors of RFC 5769.
@Suite struct RFC5769Tests {
    private static let password = "VOkJxbRl1RmTxUk/WvJxBt"
    private static let id = STUNTransactionID(high: 0xB7E7_A701, low: 0xBC34_D686_FA87_DFAE)
    private static let header = "2112a442 b7e7a701bc34d686fa87dfae"
    private static let software = "8022000b 7465737420766563746f7220"

    private static let request =
        "00010058\(header) 80220010 5354554e207465737420636c69656e74 00240004 6e0001ff 80290008 932ff9b151263b36"
        + "00060009 6576746a3a68367659202020 00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004 e57a3bcf"
    private static let responseV4 =
        "0101003c\(header)\(software) 00200008 0001a147e112a643 00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004 c07d4c96"
    private static let responseV6 =
        "01010048\(header)\(software) 00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
        + "00080014 a382954e4be67bf11784c97c8292c275bfe3ed41 80280004 c8fb0b4c"
    private static let longTermRequest =
        "00010060 2112a442 78ad3433c6ad72c029da412e 00060012 e3839ee38388e383aae38383e382afe382b90000"
        + "0015001c 662f2f3439396b39353464364f4c33346f4c39465354767936347341 0014000b 6578616d706c652e6f726700"
        + "00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666"

    @Test("2.1: the sample request is read, its fingerprint is right and its integrity is that of the password")
    func sampleRequest() throws {
        let bytes = ByteBuffer(hex: Self.request)
        let message = try STUNMessage(decoding: bytes)
        #expect(message.messageClass == .request)
        #expect(message.method == .binding)
        #expect(message.transactionID == Self.id)
        #expect(
            message.attributes == [
                .software("STUN test client"), .priority(0x6E00_01FF), .iceControlled(0x932F_F9B1_5126_3B36), .username("evtj:h6vY"),
            ])
        #expect(message.hasIntegrity)
        #expect(STUNMessage.verifyIntegrity(of: bytes, key: .shortTerm(password: Self.password)))
        #expect(!STUNMessage.verifyIntegrity(of: bytes, key: .shortTerm(password: "VOkJxbRl1RmTxUk/WvJxBT")))
    }

    @Test("2.2: the IPv4 response gives the mapped address")
    func responseV4() throws {
        try expectMapped("192.0.2.1", in: Self.responseV4)
    }

    @Test("2.3: the IPv6 response gives the mapped address")
    func responseV6() throws {
        try expectMapped("2001:db8:1234:5678:11:2233:4455:6677", in: Self.responseV6)
    }

    private func expectMapped(_ address: String, in hex: String) throws {
        let bytes = ByteBuffer(hex: hex)
        let message = try STUNMessage(decoding: bytes)
        #expect(message.messageClass == .successResponse)
        #expect(message.attributes.first == .software("test vector"))
        #expect(message.mappedAddress == TransportAddress(try #require(IPAddress(address)), 32_853))
        #expect(STUNMessage.verifyIntegrity(of: bytes, key: .shortTerm(password: Self.password)))
    }

    @Test("2.4: the request with long-term credentials is written to the bit")
    func longTermRequest() throws {
        let key = STUNIntegrityKey.longTerm(username: "マトリックス", realm: "example.org", password: "TheMatrIX")
        let message = STUNMessage(
            .request, .binding, STUNTransactionID(high: 0x78AD_3433, low: 0xC6AD_72C0_29DA_412E),
            [.username("マトリックス"), .nonce("f//499k954d6OL34oL9FSTvy64sA"), .realm("example.org")])
        let bytes = ByteBuffer(hex: Self.longTermRequest)
        #expect(message.encoded(integrity: key, fingerprint: false) == bytes)
        #expect(try STUNMessage(decoding: bytes).attributes == message.attributes)
        #expect(STUNMessage.verifyIntegrity(of: bytes, key: key))
    }

    @Test("the sample request written here differs from 2.1 only where padding enters: in the padding, the code and the fingerprint")
    func samePlaces() throws {
        let read = try STUNMessage(decoding: ByteBuffer(hex: Self.request))
        let written = read.encoded(integrity: .shortTerm(password: Self.password))
        let (theirs, ours) = (Array(ByteBuffer(hex: Self.request).readableBytesView), Array(written.readableBytesView))
        #expect(theirs.count == ours.count)
        let different = zip(theirs, ours).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
        #expect(different.prefix(3) == [73, 74, 75])
        #expect(different.dropFirst(3).allSatisfy { (80..<100).contains($0) || (104..<108).contains($0) })
    }
}
