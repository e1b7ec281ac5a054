import NIOCore
import WebRTCModel

/// What was learnt of the ICE passwords and TURN credentials that STUN messages are secured with, and the placeholders in their place.
///
/// A capture whose signalling shows placeholders for passwords must have messages that a reader can verify with them: their integrity is made anew. A
/// message whose password did not pass this host in clear keeps the code that it had, which does not tell the password.
struct MediaSecrets {
    /// ICE passwords by user-name fragment, TURN credentials by user name: the placeholders.
    private var passwords: [String: String] = [:]
    private var credentials: [String: String] = [:]
    /// The key of each request, for its response.
    private var keys: [STUNTransactionID: STUNIntegrityKey] = [:]

    /// Learns from a text of the signalling.
    mutating func learn(from text: [UInt8]) {
        pair("a=ice-ufrag:", "a=ice-pwd:", in: text, &passwords)
        pair("\"username\":\"", "\"credential\":\"", in: text, &credentials)
    }

    /// Each name's secret is the next one after it, before the next name.
    private func pair(_ name: String, _ secret: String, in text: [UInt8], _ found: inout [String: String]) {
        let names = TextSecrets.values(after: name, in: text)
        let secrets = TextSecrets.values(after: secret, in: text)
        for (index, name) in names.enumerated() {
            let end = index + 1 < names.count ? names[index + 1].place : text.count
            guard let secret = secrets.first(where: { $0.place > name.place && $0.place < end }) else { continue }
            found[String(decoding: name.value, as: UTF8.self)] = String(decoding: TextSecrets.placeholder(for: secret.value), as: UTF8.self)
        }
    }

    /// Makes the integrity and the fingerprint of a datagram anew, if it is STUN or carries STUN.
    mutating func reseal(_ bytes: inout ByteBuffer) {
        guard let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return }
        if (0x40...0x4F).contains(first) {
            resealChannelData(&bytes)
        } else if STUNMessage.isSTUN(bytes), let message = try? STUNMessage(decoding: bytes) {
            bytes = sealed(message, insteadOf: bytes)
        }
    }

    /// Does the same to a stream of messages (RFC 8489 section 6.2.2, RFC 8656 section 12.5).
    mutating func resealStream(_ stream: inout [UInt8]) {
        var index = 0
        while index + 4 <= stream.count {
            let length = Int(stream[index + 2]) << 8 | Int(stream[index + 3])
            let isChannel = stream[index] & 0xC0 == 0x40
            let count = isChannel ? 4 + length : STUNMessage.headerBytes + length
            guard index + count <= stream.count else { return }
            var message = ByteBuffer(bytes: stream[index..<index + count])
            reseal(&message)
            if message.readableBytes == count { stream.replaceSubrange(index..<index + count, with: message.readableBytesView) }
            index += isChannel ? (count + 3) / 4 * 4 : count
        }
    }

    private mutating func resealChannelData(_ bytes: inout ByteBuffer) {
        let header = 4
        guard let length = bytes.getInteger(at: bytes.readerIndex + 2, as: UInt16.self), bytes.readableBytes >= header + Int(length),
            var inner = bytes.getSlice(at: bytes.readerIndex + header, length: Int(length))
        else { return }
        reseal(&inner)
        if inner.readableBytes == Int(length) { bytes.setBuffer(inner, at: bytes.readerIndex + header) }
    }

    private mutating func sealed(_ original: STUNMessage, insteadOf bytes: ByteBuffer) -> ByteBuffer {
        var message = original
        var isChanged = false
        for (index, attribute) in message.attributes.enumerated() {
            guard case .data(var inner) = attribute else { continue }
            reseal(&inner)
            message.attributes[index] = .data(inner)
            isChanged = true
        }
        let key = original.hasIntegrity ? key(of: original) : nil
        guard isChanged && !original.hasIntegrity || key != nil else { return bytes }
        // Whether there was a fingerprint shows in the size.
        return [true, false].map { message.encoded(integrity: key, fingerprint: $0) }.first { $0.readableBytes == bytes.readableBytes }
            ?? bytes
    }

    private mutating func key(of message: STUNMessage) -> STUNIntegrityKey? {
        guard let username = message.username else { return keys[message.transactionID] }
        let key: STUNIntegrityKey?
        if let realm = message.realm {
            key = credentials[username].map { .longTerm(username: username, realm: realm, password: $0) }
        } else {
            // A check is secured with the password of the one who gets it, whose fragment comes first (RFC 8445 section 7.2.2).
            let fragment = username.prefix { $0 != ":" }
            key = passwords[String(fragment)].map { .shortTerm(password: $0) }
        }
        keys[message.transactionID] = key
        return key
    }
}
