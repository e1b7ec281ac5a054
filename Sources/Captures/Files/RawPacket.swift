/// A packet of a capture file.
public struct RawPacket: Hashable, Sendable {
    /// When it was seen, in nanoseconds since 1970.
    public var unixNanoseconds: Int64
    /// From the first byte of the link layer's frame on; of the IP header, where the file is of raw IP.
    public var bytes: [UInt8]

    /// - Parameters:
    ///   - unixNanoseconds: When, in nanoseconds since 1970.
    ///   - bytes: The frame.
    public init(unixNanoseconds: Int64, bytes: [UInt8]) {
        self.unixNanoseconds = unixNanoseconds
        self.bytes = bytes
    }
}
