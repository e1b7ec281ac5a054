import NIOCore

/// A TCP segment (RFC 9293 section 3.1) with the options that the model knows.
public struct TCPSegment: Sendable {
    /// The control bits.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits in the order of the header.
        public let rawValue: UInt8

        /// Flags of the given header bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// No more data from the sender.
        public static let fin = Flags(rawValue: 0x01)
        /// Synchronise sequence numbers.
        public static let syn = Flags(rawValue: 0x02)
        /// Reset the connection.
        public static let rst = Flags(rawValue: 0x04)
        /// Push.
        public static let psh = Flags(rawValue: 0x08)
        /// The acknowledgement number is valid.
        public static let ack = Flags(rawValue: 0x10)
    }

    /// The timestamps option (RFC 7323 section 3.2).
    public struct Timestamps: Hashable, Sendable {
        /// TSval, the sender's clock.
        public var value: UInt32
        /// TSecr, the echo of the receiver's clock.
        public var echoReply: UInt32

        /// Makes the option from its two numbers.
        public init(value: UInt32, echoReply: UInt32) {
            self.value = value
            self.echoReply = echoReply
        }
    }

    /// One block of the selective acknowledgement option (RFC 2018 section 3): `start` up to, not including, `end`.
    public struct SACKBlock: Hashable, Sendable {
        /// The first sequence number of the block.
        public var start: UInt32
        /// The sequence number after the last of the block.
        public var end: UInt32

        /// Makes a block of received sequence numbers.
        public init(start: UInt32, end: UInt32) {
            self.start = start
            self.end = end
        }
    }

    /// The port of the sender.
    public var sourcePort: UInt16
    /// The port at the receiver.
    public var destinationPort: UInt16
    /// The sequence number of the first byte (or of SYN).
    public var sequenceNumber: UInt32
    /// The next sequence number expected; valid with `ack`.
    public var acknowledgementNumber: UInt32
    /// The control bits.
    public var flags: Flags
    /// The receive window in bytes, already scaled: the model carries the meaning, not the 16 header bits.
    public var window: UInt32
    /// The MSS option, only on SYN segments.
    public var maximumSegmentSize: UInt16?
    /// The window scale option (RFC 7323 section 2.2), only on SYN segments. It costs bytes; `window` is scaled already.
    public var windowScale: UInt8?
    /// The SACK-permitted option, only on SYN segments.
    public var isSACKPermitted: Bool
    /// The timestamps option.
    public var timestamps: Timestamps?
    /// The blocks of the SACK option, at most 4 (3 with timestamps).
    public var sackBlocks: [SACKBlock]
    /// The bytes of the stream.
    public var payload: ByteBuffer

    /// Makes a segment; options are absent unless given.
    public init(
        sourcePort: UInt16, destinationPort: UInt16, sequenceNumber: UInt32, acknowledgementNumber: UInt32 = 0, flags: Flags,
        window: UInt32 = 65_535, maximumSegmentSize: UInt16? = nil, windowScale: UInt8? = nil, isSACKPermitted: Bool = false,
        timestamps: Timestamps? = nil, sackBlocks: [SACKBlock] = [], payload: ByteBuffer = ByteBuffer()
    ) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.sequenceNumber = sequenceNumber
        self.acknowledgementNumber = acknowledgementNumber
        self.flags = flags
        self.window = window
        self.maximumSegmentSize = maximumSegmentSize
        self.windowScale = windowScale
        self.isSACKPermitted = isSACKPermitted
        self.timestamps = timestamps
        self.sackBlocks = sackBlocks
        self.payload = payload
    }

    /// The size of the header with its options, padded to a multiple of 4 bytes.
    public var headerBytes: Int {
        var options = 0
        if maximumSegmentSize != nil { options += 4 }
        if windowScale != nil { options += 3 }
        if isSACKPermitted { options += 2 }
        if timestamps != nil { options += 10 }
        if !sackBlocks.isEmpty { options += 2 + 8 * sackBlocks.count }
        return 20 + (options + 3) / 4 * 4
    }

    /// Header and payload.
    public var wireBytes: Int { headerBytes + payload.readableBytes }

    /// How much of the sequence space the segment takes: its payload, and one each for SYN and FIN.
    public var sequenceLength: UInt32 {
        UInt32(payload.readableBytes) + (flags.contains(.syn) ? 1 : 0) + (flags.contains(.fin) ? 1 : 0)
    }
}

extension IPPacket {
    /// The reset that a closed port answers a segment with (RFC 9293 section 3.10.7.1); not to be sent about a reset.
    public init(refusing segment: TCPSegment, of packet: IPPacket) {
        let isAcknowledging = segment.flags.contains(.ack)
        let answer = TCPSegment(
            sourcePort: segment.destinationPort, destinationPort: segment.sourcePort,
            sequenceNumber: isAcknowledging ? segment.acknowledgementNumber : 0,
            acknowledgementNumber: isAcknowledging ? 0 : segment.sequenceNumber &+ segment.sequenceLength,
            flags: isAcknowledging ? [.rst] : [.rst, .ack], window: 0)
        self.init(source: packet.destination, destination: packet.source, payload: .tcp(answer))
    }
}
