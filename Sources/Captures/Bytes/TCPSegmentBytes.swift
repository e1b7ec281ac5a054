import NIOCore
import NetworkModel

/// A TCP segment as bytes (RFC 9293 section 3.1); the checksum field is zero.
enum TCPSegmentBytes {
    static func bytes(of segment: TCPSegment, windowScale: UInt8) -> [UInt8] {
        let options = options(of: segment)
        var bytes: [UInt8] = []
        bytes.append(bigEndian: segment.sourcePort)
        bytes.append(bigEndian: segment.destinationPort)
        bytes.append(bigEndian: segment.sequenceNumber)
        bytes.append(bigEndian: segment.acknowledgementNumber)
        bytes.append(UInt8(((20 + options.count) / 4) << 4))
        bytes.append(segment.flags.rawValue)
        // The window of a SYN is never scaled (RFC 7323 section 2.2).
        let shift = segment.flags.contains(.syn) ? 0 : windowScale
        bytes.append(bigEndian: UInt16(clamping: segment.window >> UInt32(min(shift, 14))))
        bytes.append(contentsOf: [0, 0, 0, 0])
        return bytes + options + segment.payload.readableBytesView
    }

    private static func options(of segment: TCPSegment) -> [UInt8] {
        var options: [UInt8] = []
        if let size = segment.maximumSegmentSize {
            options.append(contentsOf: [2, 4])
            options.append(bigEndian: size)
        }
        if segment.isSACKPermitted { options.append(contentsOf: [4, 2]) }
        if let timestamps = segment.timestamps {
            options.append(contentsOf: [8, 10])
            options.append(bigEndian: timestamps.value)
            options.append(bigEndian: timestamps.echoReply)
        }
        if let shift = segment.windowScale { options.append(contentsOf: [3, 3, shift]) }
        // 40 bytes of options are the most a header holds (RFC 9293 section 3.1).
        let blocks = segment.sackBlocks.prefix((38 - options.count) / 8)
        if !blocks.isEmpty {
            options.append(contentsOf: [5, UInt8(2 + 8 * blocks.count)])
            for block in blocks {
                options.append(bigEndian: block.start)
                options.append(bigEndian: block.end)
            }
        }
        while !options.count.isMultiple(of: 4) { options.append(1) }
        return options
    }
}
