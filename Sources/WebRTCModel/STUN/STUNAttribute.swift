import NIOCore
import NetworkModel

/// An attribute of a STUN message: those of RFC 8489, RFC 8656 (TURN) and RFC 8445 (ICE) with their values, others as bytes.
///
/// MESSAGE-INTEGRITY and FINGERPRINT are not here: encoding makes them, decoding and verifying check them.
public enum STUNAttribute: Hashable, Sendable {
    /// The address that the server sees, in clear.
    case mappedAddress(TransportAddress)
    /// The address that the server sees.
    case xorMappedAddress(TransportAddress)
    /// Whose credentials are used; at most 508 bytes.
    case username(String)
    /// Why a request was not carried out.
    case errorCode(STUNErrorCode, String)
    /// Which users the server knows; under 128 characters.
    case realm(String)
    /// What the server wants back in the next request; under 128 characters.
    case nonce(String)
    /// The types of the attributes that a server did not understand.
    case unknownAttributes([UInt16])
    /// The implementation's name; under 128 characters.
    case software(String)
    /// Ask this server instead.
    case alternateServer(TransportAddress)
    /// ICE: the priority that a peer-reflexive candidate found by this check would have.
    case priority(UInt32)
    /// ICE: the pair is nominated.
    case useCandidate
    /// ICE: the sender is controlled; its tie-breaker.
    case iceControlled(UInt64)
    /// ICE: the sender controls; its tie-breaker.
    case iceControlling(UInt64)
    /// TURN: the channel, 0x4000 to 0x4FFF.
    case channelNumber(UInt16)
    /// TURN: how long an allocation lives, in whole seconds.
    case lifetime(TimeAmount)
    /// TURN: a peer. Its port does not matter to permissions.
    case xorPeerAddress(TransportAddress)
    /// TURN: the relayed address.
    case xorRelayedAddress(TransportAddress)
    /// TURN: what is relayed.
    case data(ByteBuffer)
    /// TURN: the IP protocol number between server and peers; 17 is UDP.
    case requestedTransport(protocolNumber: UInt8)
    /// TURN: the family of the relayed address.
    case requestedAddressFamily(IPFamily)
    /// TURN: an even port, and whether to keep the next higher one.
    case evenPort(reservesNext: Bool)
    /// TURN: the port kept by an earlier request.
    case reservationToken(UInt64)
    /// TURN: relay with the DF bit.
    case dontFragment
    /// Any other, or one whose value is of a kind that is not known here: its type and value.
    case unknown(type: UInt16, ByteBuffer)
}

/// The attribute types (RFC 8489 section 18.3, RFC 8656 section 18, RFC 8445 section 16.1). Those under 0x8000 must be understood.
enum STUNAttributeType {
    static let mappedAddress: UInt16 = 0x0001
    static let username: UInt16 = 0x0006
    static let messageIntegrity: UInt16 = 0x0008
    static let errorCode: UInt16 = 0x0009
    static let unknownAttributes: UInt16 = 0x000A
    static let channelNumber: UInt16 = 0x000C
    static let lifetime: UInt16 = 0x000D
    static let xorPeerAddress: UInt16 = 0x0012
    static let data: UInt16 = 0x0013
    static let realm: UInt16 = 0x0014
    static let nonce: UInt16 = 0x0015
    static let xorRelayedAddress: UInt16 = 0x0016
    static let requestedAddressFamily: UInt16 = 0x0017
    static let evenPort: UInt16 = 0x0018
    static let requestedTransport: UInt16 = 0x0019
    static let dontFragment: UInt16 = 0x001A
    static let messageIntegritySHA256: UInt16 = 0x001C
    static let xorMappedAddress: UInt16 = 0x0020
    static let reservationToken: UInt16 = 0x0022
    static let priority: UInt16 = 0x0024
    static let useCandidate: UInt16 = 0x0025
    static let software: UInt16 = 0x8022
    static let alternateServer: UInt16 = 0x8023
    static let fingerprint: UInt16 = 0x8028
    static let iceControlled: UInt16 = 0x8029
    static let iceControlling: UInt16 = 0x802A
}
