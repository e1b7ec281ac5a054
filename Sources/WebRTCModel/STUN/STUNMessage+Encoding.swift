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
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: mostBytes) { memory in
            var writer = STUNWriter(memory)
            writer.write(encodedType)
            writer.write(UInt16(0))
            writer.write(Self.magicCookie)
            writer.write(transactionID.high)
            writer.write(transactionID.low)
            for attribute in attributes { write(attribute, to: &writer) }
            if let key { Self.writeIntegrity(key, to: &writer) }
            if fingerprint { Self.writeFingerprint(to: &writer) }
            writer.setLength(adding: 0)
            return writer.count
        }
        return bytes
    }

    /// Class and method share 14 bits (section 5, figure 3).
    private var encodedType: UInt16 {
        let (method, messageClass) = (method.rawValue, UInt16(messageClass.rawValue))
        return (method & 0xF80) << 2 | (method & 0x70) << 1 | method & 0xF | (messageClass & 2) << 7 | (messageClass & 1) << 4
    }

    /// No message of these attributes is longer: header, MESSAGE-INTEGRITY, FINGERPRINT, and what each takes at most.
    private var mostBytes: Int {
        attributes.reduce(Self.headerBytes + 4 + STUNIntegrityKey.codeBytes + 8) { $0 + Self.mostBytes(of: $1) }
    }

    /// Header, value and padding.
    private static func mostBytes(of attribute: STUNAttribute) -> Int {
        switch attribute {
        case .username(let text), .realm(let text), .nonce(let text), .software(let text), .errorCode(_, let text):
            return 12 + min(text.utf8.count, longestTextBytes)
        case .data(let value), .unknown(_, let value): return 8 + value.readableBytes
        case .unknownAttributes: return 8 + 2 * mostUnknownAttributes
        case .mappedAddress, .xorMappedAddress, .alternateServer, .xorPeerAddress, .xorRelayedAddress: return 24
        case .priority, .useCandidate, .iceControlled, .iceControlling, .channelNumber, .lifetime, .requestedTransport,
            .requestedAddressFamily, .evenPort, .reservationToken, .dontFragment:
            return 12
        }
    }

    private static let mostUnknownAttributes = 32

    private func write(_ attribute: STUNAttribute, to writer: inout STUNWriter) {
        typealias Kind = STUNAttributeType
        switch attribute {
        case .mappedAddress(let address): write(address, masked: false, as: Kind.mappedAddress, to: &writer)
        case .alternateServer(let address): write(address, masked: false, as: Kind.alternateServer, to: &writer)
        case .xorMappedAddress(let address): write(address, masked: true, as: Kind.xorMappedAddress, to: &writer)
        case .xorPeerAddress(let address): write(address, masked: true, as: Kind.xorPeerAddress, to: &writer)
        case .xorRelayedAddress(let address): write(address, masked: true, as: Kind.xorRelayedAddress, to: &writer)
        case .username(let text): Self.write(text, as: Kind.username, to: &writer)
        case .realm(let text): Self.write(text, as: Kind.realm, to: &writer)
        case .nonce(let text): Self.write(text, as: Kind.nonce, to: &writer)
        case .software(let text): Self.write(text, as: Kind.software, to: &writer)
        case .errorCode(let code, let reason):
            let number = UInt32(code.rawValue / 100) << 8 | UInt32(code.rawValue % 100)
            Self.write(reason, after: number, as: Kind.errorCode, to: &writer)
        case .unknownAttributes(let types):
            let named = types.prefix(Self.mostUnknownAttributes)
            writer.begin(Kind.unknownAttributes, length: named.count * 2)
            for type in named { writer.write(type) }
            writer.pad()
        case .priority(let value): Self.write(value, as: Kind.priority, to: &writer)
        case .useCandidate: writer.begin(Kind.useCandidate, length: 0)
        case .iceControlled(let value): Self.write(value, as: Kind.iceControlled, to: &writer)
        case .iceControlling(let value): Self.write(value, as: Kind.iceControlling, to: &writer)
        case .channelNumber(let number): Self.write(UInt32(number) << 16, as: Kind.channelNumber, to: &writer)
        case .lifetime(let amount):
            Self.write(UInt32(clamping: amount.nanoseconds / 1_000_000_000), as: Kind.lifetime, to: &writer)
        case .data(let value): Self.write(value, as: Kind.data, to: &writer)
        case .requestedTransport(let number): Self.write(UInt32(number) << 24, as: Kind.requestedTransport, to: &writer)
        case .requestedAddressFamily(let family):
            Self.write(UInt32(Self.familyNumber(family)) << 24, as: Kind.requestedAddressFamily, to: &writer)
        case .evenPort(let reservesNext):
            writer.begin(Kind.evenPort, length: 1)
            writer.write(UInt32(reservesNext ? 0x80 : 0) << 24)
        case .reservationToken(let token): Self.write(token, as: Kind.reservationToken, to: &writer)
        case .dontFragment: writer.begin(Kind.dontFragment, length: 0)
        case .unknown(let type, let value): Self.write(value, as: type, to: &writer)
        }
    }

    /// Section 14.1 and, masked with the magic cookie and the transaction identifier, section 14.2.
    private func write(_ address: TransportAddress, masked: Bool, as type: UInt16, to writer: inout STUNWriter) {
        let shown = masked ? transactionID.masking(address) : address
        let start = UInt32(Self.familyNumber(shown.address.family)) << 16 | UInt32(shown.port)
        switch shown.address {
        case .v4(let bits):
            writer.begin(type, length: 8)
            writer.write(start)
            writer.write(bits)
        case .v6(let high, let low):
            writer.begin(type, length: 20)
            writer.write(start)
            writer.write(high)
            writer.write(low)
        }
    }

    static func familyNumber(_ family: IPFamily) -> UInt8 {
        switch family {
        case .v4: 1
        case .v6: 2
        }
    }

    private static func write<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, as type: UInt16, to writer: inout STUNWriter) {
        writer.begin(type, length: MemoryLayout<T>.size)
        writer.write(value)
    }

    private static func write(_ text: String, after number: UInt32? = nil, as type: UInt16, to writer: inout STUNWriter) {
        var text = text
        text.withUTF8 { utf8 in
            let kept = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: utf8.prefix(longestTextBytes)))
            writer.begin(type, length: kept.count + (number == nil ? 0 : 4))
            if let number { writer.write(number) }
            writer.writePadded(kept)
        }
    }

    private static func write(_ value: ByteBuffer, as type: UInt16, to writer: inout STUNWriter) {
        precondition(value.readableBytes <= longestDataBytes, "no attribute is longer than \(longestDataBytes) bytes")
        writer.begin(type, length: value.readableBytes)
        value.withUnsafeReadableBytes { writer.writePadded($0) }
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
