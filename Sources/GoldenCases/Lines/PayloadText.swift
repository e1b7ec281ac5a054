import CompactJSON

/// How a line shows a payload (FORMAT.md, "Payload").
enum PayloadText {
    /// Strings longer than this are shown by their size.
    private static let longestText = 200

    /// The members that stand for a payload.
    static func members(of data: JSONValue) -> JSONObject {
        if let text = data.stringValue, text.unicodeScalars.count > longestText {
            return ["dataBytes": .integer(Int64((try? data.encoded().count) ?? 0))]
        }
        guard let object = data.objectValue else { return ["data": data] }
        switch object["type"]?.stringValue {
        case "rtc-description":
            let description = object["description"]
            let sdp = description?["sdp"]?.stringValue ?? ""
            return [
                "sig": description?["type"] ?? .null, "ufrag": userFragment(in: sdp).map(JSONValue.string) ?? .null,
                "media": .array(mediaKinds(in: sdp).map(JSONValue.string)),
            ]
        case "rtc-ice":
            return ["sig": .string(object["candidate"] == .null || object["candidate"] == nil ? "ice-end" : "ice")]
        case .some, nil:
            return ["data": data]
        }
    }

    private static func lines(of sdp: String) -> [Substring] { sdp.split { $0 == "\n" || $0 == "\r\n" || $0 == "\r" } }

    /// The first user-name fragment of a description.
    static func userFragment(in sdp: String) -> String? {
        lines(of: sdp).first { $0.hasPrefix("a=ice-ufrag:") }.map { String($0.dropFirst("a=ice-ufrag:".count)) }
    }

    /// The kinds of a description's sections, in order.
    static func mediaKinds(in sdp: String) -> [String] {
        lines(of: sdp).filter { $0.hasPrefix("m=") }.map { String($0.dropFirst(2).prefix { $0 != " " }) }
    }
}
