import NIOCore
import NetworkModel

extension STUNMessage {
    /// The longest text attribute, in bytes: 127 characters of 6 bytes and one more (RFC 8489 section 14). Longer texts are cut off.
    static let longestTextBytes = 763
    /// The longest DATA that a message can have beside everything else.
    public static let longestDataBytes = 64_000

    /// The message as bytes. Attributes of variable size are padded with zeros.
    ///
    /// - Parameters:
    ///   - key: adds MESSAGE-INTEGRITY (RFC 8489 section 14.5).
    ///   - fingerprint: adds FINGERPRINT (section 14.7), as every message of ICE has.
    public func encoded(integrity key: STUNIntegrityKey? = nil, fingerprint: Bool = true) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(estimatedBytes)
        bytes.writeMultipleIntegers(encodedType, UInt16(0), Self.magicCookie, transactionID.high, transactionID.low)
        for attribute in attributes { write(attribute, to: &bytes) }
        if let key { Self.appendIntegrity(key, to: &bytes) }
        if fingerprint { Self.appendFingerprint(to: &bytes) }
        Self.setLength(of: &bytes, adding: 0)
        return bytes
    }

    /// Class and method share 14 bits (section 5, figure 3).
    private var encodedType: UInt16 {
        let (method, messageClass) = (method.rawValue, UInt16(messageClass.rawValue))
        return (method & 0xF80) << 2 | (method & 0x70) << 1 | method & 0xF | (messageClass & 2) << 7 | (messageClass & 1) << 4
    }

    private var estimatedBytes: Int {
        var data = 0
        for case .data(let bytes) in attributes { data += bytes.readableBytes }
        return 56 + 24 * attributes.count + data
    }

    private func write(_ attribute: STUNAttribute, to bytes: inout ByteBuffer) {
        typealias Kind = STUNAttributeType
        switch attribute {
        case .mappedAddress(let address): write(address, masked: false, as: Kind.mappedAddress, to: &bytes)
        case .alternateServer(let address): write(address, masked: false, as: Kind.alternateServer, to: &bytes)
        case .xorMappedAddress(let address): write(address, masked: true, as: Kind.xorMappedAddress, to: &bytes)
        case .xorPeerAddress(let address): write(address, masked: true, as: Kind.xorPeerAddress, to: &bytes)
        case .xorRelayedAddress(let address): write(address, masked: true, as: Kind.xorRelayedAddress, to: &bytes)
        case .username(let text): Self.write(text, as: Kind.username, to: &bytes)
        case .realm(let text): Self.write(text, as: Kind.realm, to: &bytes)
        case .nonce(let text): Self.write(text, as: Kind.nonce, to: &bytes)
        case .software(let text): Self.write(text, as: Kind.software, to: &bytes)
        case .errorCode(let code, let reason):
            let number = UInt32(code.rawValue / 100) << 8 | UInt32(code.rawValue % 100)
            Self.write(reason, after: number, as: Kind.errorCode, to: &bytes)
        case .unknownAttributes(let types):
            bytes.writeMultipleIntegers(Kind.unknownAttributes, UInt16(clamping: types.prefix(32).count * 2))
            for type in types.prefix(32) { bytes.writeInteger(type) }
            Self.pad(&bytes, after: types.prefix(32).count * 2)
        case .priority(let value): bytes.writeMultipleIntegers(Kind.priority, UInt16(4), value)
        case .useCandidate: bytes.writeMultipleIntegers(Kind.useCandidate, UInt16(0))
        case .iceControlled(let value): bytes.writeMultipleIntegers(Kind.iceControlled, UInt16(8), value)
        case .iceControlling(let value): bytes.writeMultipleIntegers(Kind.iceControlling, UInt16(8), value)
        case .channelNumber(let number): bytes.writeMultipleIntegers(Kind.channelNumber, UInt16(4), number, UInt16(0))
        case .lifetime(let amount):
            bytes.writeMultipleIntegers(Kind.lifetime, UInt16(4), UInt32(clamping: amount.nanoseconds / 1_000_000_000))
        case .data(let value): Self.write(value, as: Kind.data, to: &bytes)
        case .requestedTransport(let number): bytes.writeMultipleIntegers(Kind.requestedTransport, UInt16(4), UInt32(number) << 24)
        case .requestedAddressFamily(let family):
            bytes.writeMultipleIntegers(Kind.requestedAddressFamily, UInt16(4), UInt32(Self.familyNumber(family)) << 24)
        case .evenPort(let reservesNext): bytes.writeMultipleIntegers(Kind.evenPort, UInt16(1), UInt32(reservesNext ? 0x80 : 0) << 24)
        case .reservationToken(let token): bytes.writeMultipleIntegers(Kind.reservationToken, UInt16(8), token)
        case .dontFragment: bytes.writeMultipleIntegers(Kind.dontFragment, UInt16(0))
        case .unknown(let type, let value): Self.write(value, as: type, to: &bytes)
        }
    }

    /// Section 14.1 and, masked with the magic cookie and the transaction identifier, section 14.2.
    private func write(_ address: TransportAddress, masked: Bool, as type: UInt16, to bytes: inout ByteBuffer) {
        let shown = masked ? transactionID.masking(address) : address
        let family = UInt16(Self.familyNumber(shown.address.family))
        switch shown.address {
        case .v4(let bits): bytes.writeMultipleIntegers(type, UInt16(8), family, shown.port, bits)
        case .v6(let high, let low): bytes.writeMultipleIntegers(type, UInt16(20), family, shown.port, high, low)
        }
    }

    static func familyNumber(_ family: IPFamily) -> UInt8 {
        switch family {
        case .v4: 1
        case .v6: 2
        }
    }

    private static func write(_ text: String, after number: UInt32? = nil, as type: UInt16, to bytes: inout ByteBuffer) {
        let count = min(text.utf8.count, longestTextBytes)
        bytes.writeMultipleIntegers(type, UInt16(count + (number == nil ? 0 : 4)))
        if let number { bytes.writeInteger(number) }
        if count == text.utf8.count { bytes.writeString(text) } else { bytes.writeBytes(text.utf8.prefix(count)) }
        pad(&bytes, after: count)
    }

    private static func write(_ value: ByteBuffer, as type: UInt16, to bytes: inout ByteBuffer) {
        precondition(value.readableBytes <= longestDataBytes, "no attribute is longer than \(longestDataBytes) bytes")
        bytes.writeMultipleIntegers(type, UInt16(value.readableBytes))
        bytes.writeImmutableBuffer(value)
        pad(&bytes, after: value.readableBytes)
    }

    private static func pad(_ bytes: inout ByteBuffer, after count: Int) {
        if count & 3 != 0 { bytes.writeRepeatingByte(0, count: 4 - count & 3) }
    }

    /// Writes the header's length field: what follows the header, and `extra` bytes that are about to be written.
    static func setLength(of bytes: inout ByteBuffer, adding extra: Int) {
        bytes.setInteger(UInt16(clamping: bytes.readableBytes - headerBytes + extra), at: bytes.readerIndex + 2)
    }
}

extension STUNTransactionID {
    /// Masks an address or takes the mask off: it is the same (RFC 8489 section 14.2).
    func masking(_ address: TransportAddress) -> TransportAddress {
        let port = address.port ^ UInt16(truncatingIfNeeded: STUNMessage.magicCookie >> 16)
        switch address.address {
        case .v4(let bits): return TransportAddress(.v4(bits ^ STUNMessage.magicCookie), port)
        case .v6(let high, let low):
            return TransportAddress(
                .v6(high: high ^ (UInt64(STUNMessage.magicCookie) << 32 | UInt64(self.high)), low: low ^ self.low), port)
        }
    }
}
