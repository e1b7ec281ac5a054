import CLibpcap

/// Reads capture files through libpcap: pcap, and pcapng as far as libpcap does.
public enum CaptureFileReader {
    /// What a file's frames begin with.
    public enum LinkLayer: Hashable, Sendable {
        /// An IP header.
        case rawIP
        /// An Ethernet header.
        case ethernet
        /// Something else, by libpcap's name of it.
        case other(String)
    }

    /// What a file has.
    public struct Contents: Sendable {
        /// What the frames begin with.
        public var linkLayer: LinkLayer
        /// The frames in the order of the file.
        public var packets: [RawPacket]
    }

    /// Reads a file.
    /// - Parameters:
    ///   - path: Where it is.
    ///   - maximumPackets: More than that is an error: a file can be of any size.
    /// - Throws: ``CaptureError`` if it is no capture, cut short, or too large.
    public static func read(_ path: String, maximumPackets: Int = 1_000_000) throws(CaptureError) -> Contents {
        var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let handle = pcap_open_offline_with_tstamp_precision(path, UInt32(PCAP_TSTAMP_PRECISION_NANO), &message) else {
            throw CaptureError(path, "not a capture file that libpcap can read (\(Self.text(message)))")
        }
        defer { pcap_close(handle) }
        var packets: [RawPacket] = []
        while true {
            var header: UnsafeMutablePointer<pcap_pkthdr>?
            var data: UnsafePointer<u_char>?
            switch pcap_next_ex(handle, &header, &data) {
            case 1:
                guard let header, let data else { throw CaptureError(path, "libpcap gave an empty packet") }
                guard packets.count < maximumPackets else { throw CaptureError(path, "has more than \(maximumPackets) packets") }
                packets.append(
                    RawPacket(
                        unixNanoseconds: Int64(header.pointee.ts.tv_sec) &* 1_000_000_000 &+ Int64(header.pointee.ts.tv_usec),
                        bytes: Array(UnsafeBufferPointer(start: data, count: Int(header.pointee.caplen)))))
            case PCAP_ERROR_BREAK:
                return Contents(linkLayer: linkLayer(of: handle), packets: packets)
            default:
                throw CaptureError(path, String(cString: pcap_geterr(handle)))
            }
        }
    }

    private static func linkLayer(of handle: OpaquePointer) -> LinkLayer {
        switch pcap_datalink(handle) {
        case DLT_RAW, DLT_IPV4, DLT_IPV6: return .rawIP
        case DLT_EN10MB: return .ethernet
        case let other: return .other(pcap_datalink_val_to_name(other).map { String(cString: $0) } ?? "\(other)")
        }
    }

    private static func text(_ message: [CChar]) -> String {
        String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
