import Foundation

/// Reading the text of a scenario file without trusting it.
enum SourceFile {
    /// The largest file that is read: a scenario is a story, not a data set.
    static let largestSize = 1 << 20

    /// The text of the file, or the one reason why there is none.
    static func read(_ path: String) -> Result<String, Diagnostic> {
        let whole = SourcePosition(file: path)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return .failure(Diagnostic(whole, "there is no such file."))
        }
        if isDirectory.boolValue { return .failure(Diagnostic(whole, "this is a folder, not a scenario file.")) }
        guard let handle = FileHandle(forReadingAtPath: path) else { return .failure(Diagnostic(whole, "the file cannot be read.")) }
        defer { try? handle.close() }
        // Reads one byte more than allowed instead of asking for the size, so that a pipe or a growing file is bounded as well.
        var data = Data()
        do {
            while data.count <= largestSize, let chunk = try handle.read(upToCount: largestSize + 1 - data.count), !chunk.isEmpty { data += chunk }
        } catch {
            return .failure(Diagnostic(whole, "the file cannot be read."))
        }
        if data.count > largestSize { return .failure(Diagnostic(whole, "the file is larger than 1 MiB, the most that is read.")) }
        return text(of: Array(data), file: path)
    }

    /// The bytes as text, or where they stop being text.
    static func text(of bytes: [UInt8], file: String) -> Result<String, Diagnostic> {
        var content = bytes[...]
        if content.starts(with: [0xEF, 0xBB, 0xBF]) { content = content.dropFirst(3) }
        guard let text = String(validating: content, as: UTF8.self) else {
            return .failure(Diagnostic(firstInvalidByte(content, file: file), "this is not UTF-8 text."))
        }
        return .success(text)
    }

    private static func firstInvalidByte(_ bytes: ArraySlice<UInt8>, file: String) -> SourcePosition {
        var line = 1
        for part in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { break }
            line += 1
        }
        return SourcePosition(file: file, line: line)
    }
}
