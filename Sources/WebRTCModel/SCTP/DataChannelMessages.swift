import MeteredRealtime
import NIOCore

/// What the payload protocol identifier says about a message of a data channel (RFC 8831 section 8).
enum DataChannelPayload {
    static let establishment: UInt32 = 50
    static let text: UInt32 = 51
    static let binary: UInt32 = 53
    static let emptyText: UInt32 = 56
    static let emptyBinary: UInt32 = 57

    /// A message's bytes and identifier; SCTP has no empty messages, so an empty one is one byte (section 6.6).
    static func encode(_ message: DataChannelMessage) -> (payload: ByteBuffer, identifier: UInt32) {
        switch message {
        case .text(""): (ByteBuffer(bytes: [0]), emptyText)
        case .text(let string): (ByteBuffer(string: string), text)
        case .binary(let bytes): bytes.readableBytes == 0 ? (ByteBuffer(bytes: [0]), emptyBinary) : (bytes, binary)
        }
    }

    /// Nil for an identifier that is not a data channel's.
    static func decode(_ payload: ByteBuffer, identifier: UInt32) -> DataChannelMessage? {
        switch identifier {
        case text: .text(String(buffer: payload))
        case emptyText: .text("")
        case binary: .binary(payload)
        case emptyBinary: .binary(ByteBuffer())
        default: nil
        }
    }
}

/// The data channel establishment protocol (RFC 8832).
enum DataChannelEstablishment: Hashable, Sendable {
    case open(label: String, configuration: DataChannelConfiguration)
    case acknowledgement

    private static let openType: UInt8 = 3
    private static let acknowledgementType: UInt8 = 2

    var encoded: ByteBuffer {
        var bytes = ByteBuffer()
        switch self {
        case .acknowledgement: bytes.writeInteger(Self.acknowledgementType)
        case .open(let label, let configuration):
            let (type, parameter) = Self.reliability(configuration)
            bytes.writeMultipleIntegers(
                Self.openType, type | (configuration.isOrdered ? 0 : 0x80), UInt16(0), parameter, UInt16(clamping: label.utf8.count),
                UInt16(clamping: configuration.negotiatedProtocol.utf8.count))
            bytes.writeBytes(label.utf8.prefix(Int(UInt16.max)))
            bytes.writeBytes(configuration.negotiatedProtocol.utf8.prefix(Int(UInt16.max)))
        }
        return bytes
    }

    /// Channel type and reliability parameter (section 5.1).
    private static func reliability(_ configuration: DataChannelConfiguration) -> (UInt8, UInt32) {
        if let limit = configuration.maximumRetransmits { return (1, UInt32(clamping: limit)) }
        if let lifetime = configuration.maximumPacketLifetime { return (2, UInt32(clamping: lifetime.nanoseconds / 1_000_000)) }
        return (0, 0)
    }

    /// Nil for anything malformed.
    init?(_ bytes: ByteBuffer) {
        var bytes = bytes
        switch bytes.readInteger(as: UInt8.self) {
        case Self.acknowledgementType?: self = .acknowledgement
        case Self.openType?:
            guard
                let (type, _, parameter, labelBytes, protocolBytes) = bytes.readMultipleIntegers(
                    as: (UInt8, UInt16, UInt32, UInt16, UInt16).self),
                let label = bytes.readString(length: Int(labelBytes)), let subprotocol = bytes.readString(length: Int(protocolBytes)),
                type & 0x7F <= 2
            else { return nil }
            var configuration = DataChannelConfiguration(isOrdered: type & 0x80 == 0, negotiatedProtocol: subprotocol)
            if type & 0x7F == 1 { configuration.maximumRetransmits = Int(parameter) }
            if type & 0x7F == 2 { configuration.maximumPacketLifetime = .milliseconds(Int64(parameter)) }
            self = .open(label: label, configuration: configuration)
        default: return nil
        }
    }
}
