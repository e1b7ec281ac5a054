import NIOCore

/// A DNS message (RFC 1035 section 4) with one question for addresses, as bytes that a packet capture can show.
struct DNSMessage: Hashable {
    enum ResponseCode: UInt8 {
        case noError = 0
        case formatError = 1
        case serverFailure = 2
        case nameNotFound = 3
        case notImplemented = 4
        case refused = 5
    }

    struct Answer: Hashable {
        var address: IPAddress
        var timeToLiveSeconds: UInt32
    }

    /// A datagram without EDNS holds 512 bytes (RFC 1035 section 2.3.4): that many answers fit with any name.
    static let maximumAnswers = 8

    var identifier: UInt16
    var isResponse: Bool
    var responseCode = ResponseCode.noError
    var name: String
    var family: IPFamily
    var answers: [Answer] = []
}

// MARK: Writing

extension DNSMessage {
    /// Whether the text can be a name on the wire: 1...253 bytes in labels of 1...63.
    static func isValidName(_ name: String) -> Bool {
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return (1...253).contains(name.utf8.count) && labels.allSatisfy { (1...63).contains($0.count) }
    }

    /// The message as bytes; the name must be valid.
    func encoded() -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(identifier)
        // QR, and RD and RA as every stub and resolver sets them.
        buffer.writeInteger((isResponse ? 0x8180 : 0x0100) | UInt16(responseCode.rawValue))
        buffer.writeMultipleIntegers(UInt16(1), UInt16(answers.count), UInt16(0), UInt16(0))
        for label in name.utf8.split(separator: UInt8(ascii: ".")) {
            buffer.writeInteger(UInt8(truncatingIfNeeded: label.count))
            buffer.writeBytes(label)
        }
        buffer.writeMultipleIntegers(UInt8(0), Self.type(of: family), UInt16(1))
        for answer in answers {
            buffer.writeMultipleIntegers(UInt16(0xC00C), Self.type(of: answer.address.family), UInt16(1), answer.timeToLiveSeconds)
            switch answer.address {
            case .v4(let bits): buffer.writeMultipleIntegers(UInt16(4), bits)
            case .v6(let high, let low): buffer.writeMultipleIntegers(UInt16(16), high, low)
            }
        }
        return buffer
    }

    private static func type(of family: IPFamily) -> UInt16 {
        switch family {
        case .v4: 1
        case .v6: 28
        }
    }
}

// MARK: Reading

extension DNSMessage {
    /// Reads a message; nil if the bytes are not one that this model writes.
    init?(_ bytes: ByteBuffer) {
        var buffer = bytes
        guard
            let (identifier, flags, questions, answerCount, _, _) =
                buffer.readMultipleIntegers(as: (UInt16, UInt16, UInt16, UInt16, UInt16, UInt16).self),
            questions == 1, answerCount <= Self.maximumAnswers, let responseCode = ResponseCode(rawValue: UInt8(flags & 0xF)),
            let name = Self.readName(&buffer), let (type, _) = buffer.readMultipleIntegers(as: (UInt16, UInt16).self),
            let family = IPFamily.allCases.first(where: { Self.type(of: $0) == type })
        else { return nil }
        self.init(identifier: identifier, isResponse: flags & 0x8000 != 0, responseCode: responseCode, name: name, family: family)
        for _ in 0..<answerCount {
            guard let answer = Self.readAnswer(&buffer) else { return nil }
            answers.append(answer)
        }
    }

    private static func readName(_ buffer: inout ByteBuffer) -> String? {
        var labels: [String] = []
        var length = 0
        while let count = buffer.readInteger(as: UInt8.self) {
            if count == 0 { return labels.isEmpty ? nil : labels.joined(separator: ".") }
            length += Int(count) + 1
            guard count <= 63, length <= 254, let label = buffer.readString(length: Int(count)) else { return nil }
            labels.append(label)
        }
        return nil
    }

    private static func readAnswer(_ buffer: inout ByteBuffer) -> Answer? {
        guard let (pointer, type, _, timeToLive, length) = buffer.readMultipleIntegers(as: (UInt16, UInt16, UInt16, UInt32, UInt16).self),
            pointer == 0xC00C
        else { return nil }
        switch (type, length) {
        case (1, 4):
            guard let bits = buffer.readInteger(as: UInt32.self) else { return nil }
            return Answer(address: .v4(bits), timeToLiveSeconds: timeToLive)
        case (28, 16):
            guard let (high, low) = buffer.readMultipleIntegers(as: (UInt64, UInt64).self) else { return nil }
            return Answer(address: .v6(high: high, low: low), timeToLiveSeconds: timeToLive)
        case (_, _): return nil
        }
    }
}
