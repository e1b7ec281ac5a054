#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Files by the C library alone, so that this module needs no other.
enum PlainFile {
    /// Reads at most `limitBytes`; also stops at the limit for a file that has no size, such as a pipe.
    static func read(_ path: String, limitBytes: Int) throws(TraceReadingError) -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw TraceReadingError(file: path, line: nil, message: "cannot be read: \(lastError)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limitBytes else {
                throw TraceReadingError(file: path, line: nil, message: "larger than \(limitBytes) bytes")
            }
            if count < chunk.count {
                guard ferror(file) == 0 else { throw TraceReadingError(file: path, line: nil, message: "cannot be read: \(lastError)") }
                return bytes
            }
        }
    }

    static func write(_ bytes: [UInt8], beside path: String) throws(TraceWritingError) {
        let temporary = path + ".partial"
        guard let file = fopen(temporary, "wb") else {
            throw TraceWritingError(file: temporary, message: "cannot be written: \(lastError)")
        }
        let written = fwrite(bytes, 1, bytes.count, file)
        let closed = fclose(file)
        guard written == bytes.count, closed == 0 else {
            let reason = lastError
            remove(temporary)
            throw TraceWritingError(file: temporary, message: "cannot be written: \(reason)")
        }
        guard rename(temporary, path) == 0 else {
            let reason = lastError
            remove(temporary)
            throw TraceWritingError(file: path, message: "cannot be replaced: \(reason)")
        }
    }

    private static var lastError: String { String(cString: strerror(errno)) }
}
