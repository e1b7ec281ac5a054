import CLibpcap

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Writes capture files through libpcap: classic pcap with nanoseconds, raw IP.
public enum CaptureFileWriter {
    /// Room for the largest IP packet.
    private static let snapshotBytes: Int32 = 65_535

    /// Writes packets to a file: beside it first, then renamed, so that nothing half-written is left.
    /// - Parameters:
    ///   - packets: IPv4 and IPv6 packets in the order of the file.
    ///   - path: Where.
    /// - Throws: ``CaptureError``.
    public static func write(_ packets: [RawPacket], to path: String) throws(CaptureError) {
        let temporary = path + ".partial"
        do {
            try dump(packets, to: temporary)
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw CaptureError(path, reason)
        }
    }

    private static func dump(_ packets: [RawPacket], to path: String) throws(CaptureError) {
        // The handle needs the link type by libpcap's own number, which differs between systems for raw IP.
        guard
            let handle = pcap_open_dead_with_tstamp_precision(DLT_RAW, snapshotBytes, UInt32(PCAP_TSTAMP_PRECISION_NANO))
        else { throw CaptureError(path, "libpcap could not be set up") }
        defer { pcap_close(handle) }
        guard let dumper = pcap_dump_open(handle, path) else { throw CaptureError(path, String(cString: pcap_geterr(handle))) }
        for packet in packets {
            var header = pcap_pkthdr()
            let (seconds, nanoseconds) = packet.unixNanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
            // With nanosecond precision the second member counts nanoseconds (pcap_open_dead(3PCAP)).
            header.ts = timeval(tv_sec: Int(seconds), tv_usec: .init(nanoseconds))
            header.len = UInt32(packet.bytes.count)
            header.caplen = min(header.len, UInt32(snapshotBytes))
            packet.bytes.withUnsafeBufferPointer {
                pcap_dump(UnsafeMutableRawPointer(dumper).assumingMemoryBound(to: u_char.self), &header, $0.baseAddress)
            }
        }
        let isWritten = pcap_dump_flush(dumper) == 0
        let reason = String(cString: strerror(errno))
        pcap_dump_close(dumper)
        guard isWritten else { throw CaptureError(path, reason) }
    }
}
