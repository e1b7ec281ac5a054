/// Why bytes are not a STUN message that can be used.
public enum STUNDecodingError: Error, Hashable, Sendable {
    /// The first bits or the magic cookie are another protocol's.
    case notSTUN
    /// There are fewer or more bytes than the header says.
    case wrongLength
    /// An attribute reaches over the end of the message.
    case truncatedAttribute(type: UInt16)
    /// An attribute's value is not one that its type can have.
    case malformedAttribute(type: UInt16)
    /// FINGERPRINT does not fit the message, or is not its last attribute.
    case wrongFingerprint
}
