import Crypto
import NIOCore

/// The self-signed certificate of a connection: well-formed DER of the usual size (ECDSA P-256), with random bits for key and signature.
struct DTLSCertificate: Hashable, Sendable {
    let encoded: ByteBuffer

    /// The SHA-256 of the certificate, as `a=fingerprint` has it.
    let fingerprint: SDPFingerprint

    /// Wraps what a peer sent.
    init(encoded: ByteBuffer) {
        self.encoded = encoded
        fingerprint = SDPFingerprint(sha256: SHA256.hash(data: Array(buffer: encoded)))
    }

    /// A new one.
    init(random: inout some RandomNumberGenerator) {
        func bits(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) } }
        let ecdsaWithSHA256 = DER.sequence(DER.objectIdentifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]))
        let commonName = DER.sequence(DER.objectIdentifier([0x55, 0x04, 0x03]), DER.wrap(0x0C, Array("WebRTC".utf8)))
        let name = DER.sequence(DER.wrap(0x31, commonName))
        let validity = DER.sequence(DER.wrap(0x17, Array("231113221320Z".utf8)), DER.wrap(0x17, Array("231214221320Z".utf8)))
        let curve = DER.sequence(
            DER.objectIdentifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]),
            DER.objectIdentifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]))
        let key = DER.sequence(curve, DER.wrap(0x03, [0, 4] + bits(64)))
        let serial = DER.wrap(0x02, [0x01] + bits(8))
        let body = DER.sequence(serial, ecdsaWithSHA256, name, validity, name, key)
        let signature = DER.wrap(0x03, [0] + DER.ecdsaSignature(bits(62)))
        self.init(encoded: ByteBuffer(bytes: DER.sequence(body, ecdsaWithSHA256, signature)))
    }
}

/// The little of X.690 that a certificate needs.
enum DER {
    static func wrap(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let length: [UInt8]
        switch content.count {
        case ..<128: length = [UInt8(content.count)]
        case ..<256: length = [0x81, UInt8(content.count)]
        default: length = [0x82, UInt8(truncatingIfNeeded: content.count >> 8), UInt8(truncatingIfNeeded: content.count)]
        }
        return [tag] + length + content
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { wrap(0x30, parts.flatMap { $0 }) }

    static func objectIdentifier(_ content: [UInt8]) -> [UInt8] { wrap(0x06, content) }

    /// Two positive integers of 32 bytes, made from 62 bytes.
    static func ecdsaSignature(_ bytes: [UInt8]) -> [UInt8] {
        sequence(wrap(0x02, [0x01] + bytes.prefix(31)), wrap(0x02, [0x01] + bytes.suffix(31)))
    }
}
