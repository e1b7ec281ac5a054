import CompactJSON

/// Golden files: a JSON array, one line of the golden per line of the file.
public enum GoldenFile {
    /// Reads the bytes of a golden file.
    ///
    /// - Throws: ``CaseError`` naming the element that is wrong.
    public static func read(_ bytes: [UInt8], file: String) throws(CaseError) -> [GoldenLine] {
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch { throw CaseError(file: file, message: error.description) }
        guard let elements = value.arrayValue else { throw CaseError(file: file, message: "expected a list of lines") }
        var lines: [GoldenLine] = []
        lines.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let object = element.objectValue else { throw CaseError(file: file, message: "line \(index + 1): expected an object") }
            lines.append(try line(object, number: index + 1, file: file))
        }
        return lines
    }

    private static func line(_ object: JSONObject, number: Int, file: String) throws(CaseError) -> GoldenLine {
        guard let milliseconds = object["t"]?.int64Value, (0...CaseNode.longestTimeMilliseconds).contains(milliseconds) else {
            throw CaseError(file: file, message: "line \(number): \"t\" is not a time in milliseconds")
        }
        guard let who = object["who"]?.stringValue, let what = object["what"]?.stringValue else {
            throw CaseError(file: file, message: "line \(number): \"who\" and \"what\" must be strings")
        }
        let fields = object.members.filter { !["t", "who", "what"].contains($0.key) }
        return GoldenLine(milliseconds, who, what, JSONObject(fields.map { ($0.key, $0.value) }))
    }

    /// The text of a golden file.
    public static func text(_ lines: [GoldenLine]) -> String {
        lines.isEmpty ? "[\n]\n" : "[\n" + lines.map(\.text).joined(separator: ",\n") + "\n]\n"
    }
}
