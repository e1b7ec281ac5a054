import CompactJSON

/// A frame to the server (WIRE-01), checked.
struct ClientFrame: Hashable, Sendable {
    private enum Content: Hashable, Sendable {
        case subscribe(channel: String, includeSenderMetadata: Bool)
        case unsubscribe(channel: String)
        case publish(channel: String)
        case send(to: String)
        case ping
    }

    private let content: Content
    /// The value of `data` and its encoding, which is made once: for the size check and for the wire.
    private let data: (value: JSONValue, encoded: [UInt8])?

    static func subscribe(channel: String, includeSenderMetadata: Bool) throws(SignallingError) -> ClientFrame {
        try check(channel: channel)
        let lowercased = channel.lowercased()
        for prefix in ["_metered/", "_internal/", "_system/"] where lowercased.hasPrefix(prefix) { throw .reservedChannel(channel) }
        return ClientFrame(content: .subscribe(channel: channel, includeSenderMetadata: includeSenderMetadata), data: nil)
    }

    static func unsubscribe(channel: String) throws(SignallingError) -> ClientFrame {
        try check(channel: channel)
        return ClientFrame(content: .unsubscribe(channel: channel), data: nil)
    }

    static func publish(channel: String, data: JSONValue, maximumBytes: Int) throws(SignallingError) -> ClientFrame {
        try check(channel: channel)
        return ClientFrame(content: .publish(channel: channel), data: (data, try encode(data, maximumBytes: maximumBytes)))
    }

    static func send(to peerID: String, data: JSONValue, maximumBytes: Int) throws(SignallingError) -> ClientFrame {
        if let why = complaint(peerID, limit: WireLimits.peerIDScalars) { throw .invalidPeerID(why) }
        return ClientFrame(content: .send(to: peerID), data: (data, try encode(data, maximumBytes: maximumBytes)))
    }

    static let ping = ClientFrame(content: .ping, data: nil)

    /// The kind of request, or nil for a ping, which the server does not acknowledge.
    var kind: RequestKind? {
        switch content {
        case .subscribe: .subscribe
        case .unsubscribe: .unsubscribe
        case .publish: .publish
        case .send: .send
        case .ping: nil
        }
    }

    var channel: String? {
        switch content {
        case .subscribe(let channel, _), .unsubscribe(let channel), .publish(let channel): channel
        case .send, .ping: nil
        }
    }

    var recipient: String? {
        switch content {
        case .send(let to): to
        case .subscribe, .unsubscribe, .publish, .ping: nil
        }
    }

    /// The text of the frame, compact JSON in UTF-8.
    func encoded(requestID: String?) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(160 + (data?.encoded.count ?? 0))
        bytes += Array(#"{"type":"#.utf8)
        JSONWriter.write(kind?.rawValue ?? "ping", to: &bytes)
        if let channel { Self.append(member: "channel", channel, to: &bytes) }
        if let recipient { Self.append(member: "to", recipient, to: &bytes) }
        if let data { bytes += Array(#","data":"#.utf8) + data.encoded }
        if let requestID { Self.append(member: "requestId", requestID, to: &bytes) }
        if case .subscribe(_, includeSenderMetadata: true) = content { bytes += Array(#","includeSenderMetadata":true"#.utf8) }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// The frame as a diagnostic shows it.
    func record(requestID: String?, bytes: Int) -> SentFrameRecord {
        var metadata: Bool?
        if case .subscribe(_, let includeSenderMetadata) = content { metadata = includeSenderMetadata }
        return SentFrameRecord(
            type: kind?.rawValue ?? "ping", requestID: requestID, channel: channel, to: recipient, includeSenderMetadata: metadata,
            payload: data.map { Redaction.scrub($0.value) }, bytes: bytes)
    }

    static func == (left: ClientFrame, right: ClientFrame) -> Bool {
        left.content == right.content && left.data?.encoded == right.data?.encoded
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(content)
        hasher.combine(data?.encoded)
    }

    private static func append(member name: StaticString, _ value: String, to bytes: inout [UInt8]) {
        bytes += Array(",\"\(name)\":".utf8)
        JSONWriter.write(value, to: &bytes)
    }

    private static func encode(_ data: JSONValue, maximumBytes: Int) throws(SignallingError) -> [UInt8] {
        let bytes: [UInt8]
        do { bytes = try data.encoded() } catch { throw .invalidPayload }
        guard bytes.count <= maximumBytes else { throw .payloadTooLarge(sizeBytes: bytes.count, capBytes: maximumBytes) }
        return bytes
    }

    private static func check(channel: String) throws(SignallingError) {
        if let why = complaint(channel, limit: WireLimits.channelScalars) { throw .invalidChannel(why) }
    }

    /// WIRE-05: the length in Unicode scalars and the control characters C0, DEL and C1.
    private static func complaint(_ text: String, limit: Int) -> String? {
        guard !text.isEmpty else { return "it is empty" }
        let count = text.unicodeScalars.count
        guard count <= limit else { return "it has \(count) characters, the limit is \(limit)" }
        guard !text.unicodeScalars.contains(where: { $0.value <= 0x1F || (0x7F...0x9F).contains($0.value) }) else {
            return "it has control characters"
        }
        return nil
    }
}
