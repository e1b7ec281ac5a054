import NIOCore
import NetworkModel

extension STUNMessage {
    /// Whether a datagram is meant as STUN (RFC 7983 section 7): the first byte is 0 to 3 and the magic cookie is in its place.
    public static func isSTUN(_ bytes: ByteBuffer) -> Bool {
        guard bytes.readableBytes >= headerBytes, let start = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self), start <= 3 else {
            return false
        }
        return bytes.getInteger(at: bytes.readerIndex + 4, as: UInt32.self) == magicCookie
    }

    /// Decodes the one message that the bytes are. Whoever needs to know who sent it verifies its integrity after that.
    ///
    /// Attributes after MESSAGE-INTEGRITY other than FINGERPRINT are left out (RFC 8489 section 14.5). FINGERPRINT is checked if it is there.
    public init(decoding bytes: ByteBuffer) throws(STUNDecodingError) {
        guard Self.isSTUN(bytes),
            let (type, length, _, high, low) = bytes.getMultipleIntegers(
                at: bytes.readerIndex, as: (UInt16, UInt16, UInt32, UInt32, UInt64).self)
        else { throw .notSTUN }
        guard Int(length) == bytes.readableBytes - Self.headerBytes, length & 3 == 0 else { throw .wrongLength }
        let number = (type & 0x3E00) >> 2 | (type & 0xE0) >> 1 | type & 0xF
        guard let messageClass = STUNMessageClass(rawValue: UInt8((type & 0x100) >> 7 | (type & 0x10) >> 4)) else { throw .notSTUN }
        self.init(messageClass, STUNMethod(rawValue: number), STUNTransactionID(high: high, low: low))
        try readAttributes(of: bytes)
    }

    private mutating func readAttributes(of bytes: ByteBuffer) throws(STUNDecodingError) {
        var cursor = STUNAttributeCursor(bytes)
        attributes.reserveCapacity(8)
        while let (type, value) = try cursor.next() {
            switch type {
            case STUNAttributeType.fingerprint:
                guard cursor.isAtEnd, Self.isFingerprintRight(of: bytes, valueAt: value.lowerBound, byteCount: value.count) else {
                    throw .wrongFingerprint
                }
            case STUNAttributeType.messageIntegrity where !hasIntegrity:
                guard value.count == STUNIntegrityKey.codeBytes else { throw .malformedAttribute(type: type) }
                hasIntegrity = true
            case STUNAttributeType.messageIntegrity, STUNAttributeType.messageIntegritySHA256:
                break
            default:
                if !hasIntegrity { attributes.append(try STUNAttribute(type, bytes, value, transactionID)) }
            }
        }
    }
}

/// Walks over the attributes of a message whose header has been checked.
struct STUNAttributeCursor {
    private let bytes: ByteBuffer
    private var index: Int

    init(_ bytes: ByteBuffer) {
        self.bytes = bytes
        index = bytes.readerIndex + STUNMessage.headerBytes
    }

    var isAtEnd: Bool { index >= bytes.writerIndex }

    /// The type of the next attribute, and where its value is.
    mutating func next() throws(STUNDecodingError) -> (type: UInt16, value: Range<Int>)? {
        guard !isAtEnd else { return nil }
        guard let (type, length) = bytes.getMultipleIntegers(at: index, as: (UInt16, UInt16).self) else {
            throw .truncatedAttribute(type: 0)
        }
        let start = index + 4
        let end = start + (Int(length) + 3) & ~3
        guard end <= bytes.writerIndex else { throw .truncatedAttribute(type: type) }
        index = end
        return (type, start..<start + Int(length))
    }
}

extension STUNAttribute {
    /// Reads the value of an attribute at `range` of a message.
    init(_ type: UInt16, _ bytes: ByteBuffer, _ range: Range<Int>, _ transactionID: STUNTransactionID) throws(STUNDecodingError) {
        guard let attribute = Self.read(type, bytes, range, transactionID) else { throw .malformedAttribute(type: type) }
        self = attribute
    }

    private static func read(_ type: UInt16, _ bytes: ByteBuffer, _ range: Range<Int>, _ transactionID: STUNTransactionID) -> STUNAttribute?
    {
        typealias Kind = STUNAttributeType
        func text() -> String { bytes.getString(at: range.lowerBound, length: range.count) ?? "" }
        func integer<T: FixedWidthInteger>(_: T.Type) -> T? {
            range.count == MemoryLayout<T>.size ? bytes.getInteger(at: range.lowerBound) : nil
        }
        func unmasked() -> TransportAddress? { address(bytes, range).map(transactionID.masking) }
        switch type {
        case Kind.mappedAddress: return address(bytes, range).map(STUNAttribute.mappedAddress)
        case Kind.alternateServer: return address(bytes, range).map(STUNAttribute.alternateServer)
        case Kind.xorMappedAddress: return unmasked().map(STUNAttribute.xorMappedAddress)
        case Kind.xorPeerAddress: return unmasked().map(STUNAttribute.xorPeerAddress)
        case Kind.xorRelayedAddress: return unmasked().map(STUNAttribute.xorRelayedAddress)
        case Kind.username: return .username(text())
        case Kind.realm: return .realm(text())
        case Kind.nonce: return .nonce(text())
        case Kind.software: return .software(text())
        case Kind.errorCode: return errorCode(bytes, range)
        case Kind.unknownAttributes: return unknownAttributes(bytes, range)
        case Kind.priority: return integer(UInt32.self).map(STUNAttribute.priority)
        case Kind.useCandidate: return range.isEmpty ? .useCandidate : nil
        case Kind.iceControlled: return integer(UInt64.self).map(STUNAttribute.iceControlled)
        case Kind.iceControlling: return integer(UInt64.self).map(STUNAttribute.iceControlling)
        case Kind.channelNumber: return integer(UInt32.self).map { .channelNumber(UInt16($0 >> 16)) }
        case Kind.lifetime: return integer(UInt32.self).map { .lifetime(.seconds(Int64($0))) }
        case Kind.data: return bytes.getSlice(at: range.lowerBound, length: range.count).map(STUNAttribute.data)
        case Kind.requestedTransport: return integer(UInt32.self).map { .requestedTransport(protocolNumber: UInt8($0 >> 24)) }
        case Kind.requestedAddressFamily:
            guard let number = integer(UInt32.self) else { return nil }
            return family(UInt8(number >> 24)).map(STUNAttribute.requestedAddressFamily) ?? raw(type, bytes, range)
        case Kind.evenPort: return integer(UInt8.self).map { .evenPort(reservesNext: $0 & 0x80 != 0) }
        case Kind.reservationToken: return integer(UInt64.self).map(STUNAttribute.reservationToken)
        case Kind.dontFragment: return range.isEmpty ? .dontFragment : nil
        default: return raw(type, bytes, range)
        }
    }

    private static func raw(_ type: UInt16, _ bytes: ByteBuffer, _ range: Range<Int>) -> STUNAttribute? {
        bytes.getSlice(at: range.lowerBound, length: range.count).map { .unknown(type: type, $0) }
    }

    private static func family(_ number: UInt8) -> IPFamily? {
        switch number {
        case 1: .v4
        case 2: .v6
        default: nil
        }
    }

    private static func address(_ bytes: ByteBuffer, _ range: Range<Int>) -> TransportAddress? {
        guard let (kind, port) = bytes.getMultipleIntegers(at: range.lowerBound, as: (UInt16, UInt16).self) else { return nil }
        switch (family(UInt8(truncatingIfNeeded: kind)), range.count) {
        case (.v4, 8):
            return bytes.getInteger(at: range.lowerBound + 4, as: UInt32.self).map { TransportAddress(.v4($0), port) }
        case (.v6, 20):
            return bytes.getMultipleIntegers(at: range.lowerBound + 4, as: (UInt64, UInt64).self)
                .map { TransportAddress(.v6(high: $0.0, low: $0.1), port) }
        case (.v4, _), (.v6, _), (nil, _):
            return nil
        }
    }

    private static func errorCode(_ bytes: ByteBuffer, _ range: Range<Int>) -> STUNAttribute? {
        guard range.count >= 4, let number = bytes.getInteger(at: range.lowerBound, as: UInt32.self) else { return nil }
        let (hundreds, rest) = (Int(number >> 8 & 7), Int(number & 0xFF))
        guard (3...6).contains(hundreds), rest < 100 else { return nil }
        let reason = bytes.getString(at: range.lowerBound + 4, length: range.count - 4) ?? ""
        return .errorCode(STUNErrorCode(rawValue: hundreds * 100 + rest), reason)
    }

    private static func unknownAttributes(_ bytes: ByteBuffer, _ range: Range<Int>) -> STUNAttribute? {
        guard range.count & 1 == 0 else { return nil }
        return .unknownAttributes(stride(from: range.lowerBound, to: range.upperBound, by: 2).compactMap { bytes.getInteger(at: $0) })
    }
}
