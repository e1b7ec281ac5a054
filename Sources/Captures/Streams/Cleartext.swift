/// A stream without its TLS: where each byte of the wire went, and the application's bytes.
///
/// The model's TLS has real record headers around bytes that are not encrypted, so that taking it off is a matter of places. A record's header, its
/// tag, and every record that is not application data have no bytes here.
struct Cleartext {
    /// The application's bytes.
    var bytes: [UInt8]
    private let runs: [Run]?

    /// Bytes that are the same on both sides, in order.
    private struct Run {
        var wireStart: Int
        var clearStart: Int
        var count: Int
    }

    /// Content types of TLS records (RFC 8446 section 5.1).
    private enum ContentType {
        static let handshake: UInt8 = 22
        static let applicationData: UInt8 = 23
    }

    private static let headerBytes = 5
    private static let clientKeyExchange: UInt8 = 16

    /// A stream that never was TLS.
    init(plain bytes: [UInt8]) {
        self.bytes = bytes
        runs = nil
    }

    /// - Parameters:
    ///   - records: A stream of TLS records.
    ///   - protectionBytes: What protection adds to the end of each record of application data.
    init(records: [UInt8], protectionBytes: Int) {
        var runs: [Run] = []
        var clear: [UInt8] = []
        Self.forEachRecord(in: records) { type, body, length in
            guard type == ContentType.applicationData else { return }
            let count = max(length - protectionBytes, 0)
            runs.append(Run(wireStart: body, clearStart: clear.count, count: count))
            clear.append(contentsOf: records[min(body, records.count)..<min(body + count, records.count)])
        }
        self.runs = runs
        bytes = clear
    }

    /// Where a place of the wire's stream is in the clear one: the number of clear bytes before it.
    func offset(of wireOffset: Int) -> Int {
        guard let runs else { return wireOffset }
        // The last run that begins at or before the place.
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].wireStart <= wireOffset { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return 0 }
        let run = runs[low - 1]
        return run.clearStart + min(wireOffset - run.wireStart, run.count)
    }

    /// Whether a stream begins as TLS does: a handshake record of version 3.x.
    static func isTLS(_ bytes: [UInt8]) -> Bool { bytes.count >= 2 && bytes[0] == ContentType.handshake && bytes[1] == 3 }

    /// What protection adds to a record: 24 bytes if the client answered with a ClientKeyExchange, which 1.3 has not, else 17 (RFC 5288, RFC 8446).
    static func protectionBytes(fromClient records: [UInt8]) -> Int {
        var isVersion12 = false
        forEachRecord(in: records) { type, body, _ in
            if type == ContentType.handshake, body < records.count, records[body] == clientKeyExchange { isVersion12 = true }
        }
        return isVersion12 ? 24 : 17
    }

    /// Each record whose header is there: its type, where its body begins, how long it says it is.
    private static func forEachRecord(in bytes: [UInt8], _ body: (UInt8, Int, Int) -> Void) {
        var index = 0
        while index + headerBytes <= bytes.count {
            let length = Int(bytes[index + 3]) << 8 | Int(bytes[index + 4])
            body(bytes[index], index + headerBytes, length)
            index += headerBytes + length
        }
    }
}
