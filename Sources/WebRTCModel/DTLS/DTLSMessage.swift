import NIOCore

/// The handshake messages of DTLS 1.2 (RFC 6347 section 4.2.2, RFC 5246, RFC 8422): well formed, with random bits where cryptography would be.
enum DTLSMessage {
    enum Kind: UInt8, Sendable {
        case clientHello = 1
        case serverHello = 2
        case helloVerifyRequest = 3
        case certificate = 11
        case serverKeyExchange = 12
        case certificateRequest = 13
        case serverHelloDone = 14
        case certificateVerify = 15
        case clientKeyExchange = 16
        case finished = 20
    }

    /// A complete message of a record.
    struct Received: Sendable {
        var kind: Kind
        var body: ByteBuffer
    }

    /// A message with its header, in one fragment.
    static func write(_ kind: Kind, number: UInt16, _ body: ByteBuffer, to record: inout ByteBuffer) {
        let length = UInt32(truncatingIfNeeded: body.readableBytes)
        record.writeInteger(UInt32(kind.rawValue) << 24 | length)
        record.writeMultipleIntegers(
            number, UInt8(0), UInt16(0), UInt8(truncatingIfNeeded: length >> 16), UInt16(truncatingIfNeeded: length))
        record.writeImmutableBuffer(body)
    }

    /// The next message of a record; nil at its end, and for what is fragmented or malformed: the model's own ends never fragment.
    static func next(in record: inout ByteBuffer) -> Received? {
        guard let (kindAndLength, _, offset, fragment) = record.readMultipleIntegers(as: (UInt32, UInt16, UInt16, UInt32).self),
            let kind = Kind(rawValue: UInt8(truncatingIfNeeded: kindAndLength >> 24))
        else { return nil }
        // The last 8 bits of the 24-bit offset share a word with the 24-bit fragment length.
        let length = kindAndLength & 0xFF_FFFF
        guard offset == 0, fragment == length, let body = record.readSlice(length: Int(length)) else { return nil }
        return Received(kind: kind, body: body)
    }

    private static func random(_ count: Int, _ random: inout some RandomNumberGenerator) -> ByteBuffer {
        ByteBuffer(bytes: (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    }

    /// ECDHE-ECDSA-AES128-GCM-SHA256.
    private static let cipherSuite: UInt16 = 0xC02B
    /// renegotiation_info, extended_master_secret, ec_point_formats.
    private static let commonExtensions: [UInt8] = [0xFF, 0x01, 0, 1, 0, 0, 0x17, 0, 0, 0, 0x0B, 0, 2, 1, 0]
    /// supported_groups: x25519, P-256, P-384.
    private static let groups: [UInt8] = [0, 10, 0, 8, 0, 6, 0, 0x1D, 0, 0x17, 0, 0x18]
    /// signature_algorithms of Chrome.
    private static let signatureAlgorithms: [UInt8] = [
        0x04, 0x03, 0x08, 0x04, 0x04, 0x01, 0x05, 0x03, 0x08, 0x05, 0x05, 0x01, 0x08, 0x06, 0x06, 0x01,
    ]
    /// use_srtp (RFC 5764): three profiles offered, one chosen.
    private static let offeredSRTP: [UInt8] = [0, 14, 0, 9, 0, 6, 0, 7, 0, 8, 0, 1, 0]
    private static let chosenSRTP: [UInt8] = [0, 14, 0, 5, 0, 2, 0, 7, 0]

    static func clientHello(random bits: ByteBuffer, cookie: ByteBuffer) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeInteger(DTLSRecord.version)
        body.writeImmutableBuffer(bits)
        body.writeMultipleIntegers(UInt8(0), UInt8(truncatingIfNeeded: cookie.readableBytes))
        body.writeImmutableBuffer(cookie)
        body.writeMultipleIntegers(UInt16(2), cipherSuite, UInt8(1), UInt8(0))
        let algorithms: [UInt8] =
            [0, 13, 0, UInt8(signatureAlgorithms.count + 2), 0, UInt8(signatureAlgorithms.count)] + signatureAlgorithms
        let extensions = commonExtensions + groups + algorithms + offeredSRTP
        body.writeInteger(UInt16(truncatingIfNeeded: extensions.count))
        body.writeBytes(extensions)
        return body
    }

    static func random32(_ generator: inout some RandomNumberGenerator) -> ByteBuffer { random(32, &generator) }

    static func cookie(_ generator: inout some RandomNumberGenerator) -> ByteBuffer { random(20, &generator) }

    static func helloVerifyRequest(cookie: ByteBuffer) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeMultipleIntegers(DTLSRecord.version, UInt8(truncatingIfNeeded: cookie.readableBytes))
        body.writeImmutableBuffer(cookie)
        return body
    }

    static func serverHello(_ generator: inout some RandomNumberGenerator) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeInteger(DTLSRecord.version)
        body.writeImmutableBuffer(random32(&generator))
        body.writeMultipleIntegers(UInt8(0), cipherSuite, UInt8(0))
        let extensions = commonExtensions + chosenSRTP
        body.writeInteger(UInt16(truncatingIfNeeded: extensions.count))
        body.writeBytes(extensions)
        return body
    }

    static func certificate(_ certificate: DTLSCertificate) -> ByteBuffer {
        var body = ByteBuffer()
        func length24(_ length: Int) {
            body.writeMultipleIntegers(UInt8(truncatingIfNeeded: length >> 16), UInt16(truncatingIfNeeded: length))
        }
        length24(certificate.encoded.readableBytes + 3)
        length24(certificate.encoded.readableBytes)
        body.writeImmutableBuffer(certificate.encoded)
        return body
    }

    /// The first certificate of the message.
    static func certificate(in body: ByteBuffer) -> DTLSCertificate? {
        var body = body
        guard body.readSlice(length: 3) != nil, let (high, low) = body.readMultipleIntegers(as: (UInt8, UInt16).self),
            let encoded = body.readSlice(length: Int(high) << 16 | Int(low))
        else { return nil }
        return DTLSCertificate(encoded: encoded)
    }

    /// The cookie of a ClientHello or a HelloVerifyRequest; empty if there is none.
    static func cookie(in message: Received) -> ByteBuffer? {
        var body = message.body
        if message.kind == .clientHello {
            guard body.readSlice(length: 34) != nil, let session = body.readInteger(as: UInt8.self),
                body.readSlice(length: Int(session)) != nil
            else { return nil }
        } else if body.readInteger(as: UInt16.self) == nil {
            return nil
        }
        guard let length = body.readInteger(as: UInt8.self) else { return nil }
        return body.readSlice(length: Int(length))
    }

    private static func signature(_ generator: inout some RandomNumberGenerator) -> ByteBuffer {
        var signature = ByteBuffer()
        let bits = DER.ecdsaSignature(Array(random(62, &generator).readableBytesView))
        signature.writeMultipleIntegers(UInt16(0x0403), UInt16(truncatingIfNeeded: bits.count))
        signature.writeBytes(bits)
        return signature
    }

    static func serverKeyExchange(_ generator: inout some RandomNumberGenerator) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeMultipleIntegers(UInt8(3), UInt16(0x001D), UInt8(32))
        body.writeImmutableBuffer(random32(&generator))
        body.writeImmutableBuffer(signature(&generator))
        return body
    }

    static func certificateRequest() -> ByteBuffer {
        var body = ByteBuffer()
        body.writeMultipleIntegers(UInt8(1), UInt8(64), UInt16(signatureAlgorithms.count))
        body.writeBytes(signatureAlgorithms)
        body.writeInteger(UInt16(0))
        return body
    }

    static func clientKeyExchange(_ generator: inout some RandomNumberGenerator) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeInteger(UInt8(32))
        body.writeImmutableBuffer(random32(&generator))
        return body
    }

    static func certificateVerify(_ generator: inout some RandomNumberGenerator) -> ByteBuffer { signature(&generator) }

    static func finished(_ generator: inout some RandomNumberGenerator) -> ByteBuffer { random(12, &generator) }
}
