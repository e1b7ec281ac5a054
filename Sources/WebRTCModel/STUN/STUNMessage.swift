import NIOCore
import NetworkModel

/// The two bits of a message type that say what the message is for (RFC 8489 section 5).
public enum STUNMessageClass: UInt8, Hashable, Sendable, CaseIterable {
    /// Asks for a response.
    case request = 0
    /// Asks for none.
    case indication = 1
    /// The request was carried out.
    case successResponse = 2
    /// It was not; ERROR-CODE says why.
    case errorResponse = 3
}

/// What a message asks for. Those of RFC 8489 section 18.2 and RFC 8656 section 17 have names.
public struct STUNMethod: RawRepresentable, Hashable, Sendable {
    /// 0 to 0xFF; higher bits are cut off, as they would make the first byte another protocol's (section 18.2, RFC 7983 section 7).
    public let rawValue: UInt16

    /// A method by number.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue & 0xFF
    }

    /// Binding: which address do you see? Also ICE's connectivity check.
    public static let binding = STUNMethod(rawValue: 0x001)
    /// Make an allocation.
    public static let allocate = STUNMethod(rawValue: 0x003)
    /// Keep the allocation, or end it with a lifetime of 0.
    public static let refresh = STUNMethod(rawValue: 0x004)
    /// An indication to the server: relay this to a peer.
    public static let send = STUNMethod(rawValue: 0x006)
    /// An indication to the client: a peer has sent this.
    public static let data = STUNMethod(rawValue: 0x007)
    /// Let these peers send to the relayed address.
    public static let createPermission = STUNMethod(rawValue: 0x008)
    /// Give a peer a channel number.
    public static let channelBind = STUNMethod(rawValue: 0x009)
}

/// A STUN message (RFC 8489) without MESSAGE-INTEGRITY and FINGERPRINT, which belong to its encoded form.
public struct STUNMessage: Hashable, Sendable {
    /// The size of the header.
    public static let headerBytes = 20
    /// The fixed value by which STUN is told from other protocols (section 5).
    static let magicCookie: UInt32 = 0x2112_A442

    /// Request, indication or response.
    public var messageClass: STUNMessageClass
    /// What it asks for.
    public var method: STUNMethod
    /// Which request it is, or answers.
    public var transactionID: STUNTransactionID
    /// The attributes in their order on the wire; of several of one type the first counts (section 14).
    public var attributes: [STUNAttribute]
    /// Whether the bytes that were decoded had a MESSAGE-INTEGRITY, right or wrong; false in a message that was not decoded.
    public internal(set) var hasIntegrity = false

    /// Makes a message.
    public init(
        _ messageClass: STUNMessageClass, _ method: STUNMethod, _ transactionID: STUNTransactionID, _ attributes: [STUNAttribute] = []
    ) {
        self.messageClass = messageClass
        self.method = method
        self.transactionID = transactionID
        self.attributes = attributes
    }

    /// The success response to this request.
    public func success(_ attributes: [STUNAttribute] = []) -> STUNMessage {
        STUNMessage(.successResponse, method, transactionID, attributes)
    }

    /// The error response to this request.
    public func failure(_ code: STUNErrorCode, _ reason: String? = nil, _ attributes: [STUNAttribute] = []) -> STUNMessage {
        STUNMessage(.errorResponse, method, transactionID, [.errorCode(code, reason ?? code.usualReason)] + attributes)
    }
}

/// What is asked of a message most often.
extension STUNMessage {
    /// XOR-MAPPED-ADDRESS, or MAPPED-ADDRESS of a server that knows only that.
    public var mappedAddress: TransportAddress? {
        for case .xorMappedAddress(let address) in attributes { return address }
        for case .mappedAddress(let address) in attributes { return address }
        return nil
    }

    /// USERNAME.
    public var username: String? {
        for case .username(let text) in attributes { return text }
        return nil
    }

    /// REALM.
    public var realm: String? {
        for case .realm(let text) in attributes { return text }
        return nil
    }

    /// NONCE.
    public var nonce: String? {
        for case .nonce(let text) in attributes { return text }
        return nil
    }

    /// The number of ERROR-CODE.
    public var errorCode: STUNErrorCode? {
        for case .errorCode(let code, _) in attributes { return code }
        return nil
    }

    /// The text of ERROR-CODE.
    public var errorReason: String? {
        for case .errorCode(_, let reason) in attributes { return reason }
        return nil
    }

    /// PRIORITY.
    public var priority: UInt32? {
        for case .priority(let priority) in attributes { return priority }
        return nil
    }

    /// LIFETIME.
    public var lifetime: TimeAmount? {
        for case .lifetime(let lifetime) in attributes { return lifetime }
        return nil
    }

    /// The first XOR-PEER-ADDRESS.
    public var peerAddress: TransportAddress? {
        for case .xorPeerAddress(let address) in attributes { return address }
        return nil
    }

    /// XOR-RELAYED-ADDRESS.
    public var relayedAddress: TransportAddress? {
        for case .xorRelayedAddress(let address) in attributes { return address }
        return nil
    }

    /// DATA.
    public var data: ByteBuffer? {
        for case .data(let bytes) in attributes { return bytes }
        return nil
    }

    /// CHANNEL-NUMBER.
    public var channelNumber: UInt16? {
        for case .channelNumber(let number) in attributes { return number }
        return nil
    }

    /// ALTERNATE-SERVER.
    public var alternateServer: TransportAddress? {
        for case .alternateServer(let address) in attributes { return address }
        return nil
    }

    /// The types of attributes that a receiver must understand and this codec does not (section 5): a request with any is answered with 420.
    public var unknownRequiredAttributes: [UInt16] {
        attributes.compactMap {
            if case .unknown(let type, _) = $0, type < 0x8000 { return type }
            return nil
        }
    }
}
