import CompactJSON
import NIOCore

/// The frames of the service as bytes (WIRE-02), the WebSocket header included: a broadcast is encoded once and shared by all receivers.
enum ServerFrame {
    /// One unmasked, unfragmented text frame (RFC 6455 section 5.2).
    static func text(_ payload: some Collection<UInt8>) -> ByteBuffer {
        var frame = ByteBufferAllocator().buffer(capacity: payload.count + 10)
        frame.writeInteger(UInt8(0x81))
        switch payload.count {
        case ...125: frame.writeInteger(UInt8(payload.count))
        case ...65_535:
            frame.writeInteger(UInt8(126))
            frame.writeInteger(UInt16(payload.count))
        default:
            frame.writeInteger(UInt8(127))
            frame.writeInteger(UInt64(payload.count))
        }
        frame.writeBytes(payload)
        return frame
    }

    static func welcome(peerID: String, expiresAt: WallTime?, serverTime: WallTime, maximumMessageBytes: Int, metadata: JSONObject?)
        -> JSONObject
    {
        var frame: JSONObject = [
            "type": "welcome", "peerId": .string(peerID),
            "expiresAt": expiresAt.map { .integer($0.unixMilliseconds) } ?? .null,
            "serverTime": .integer(serverTime.unixMilliseconds), "maxMessageSize": .integer(Int64(maximumMessageBytes)),
        ]
        frame["metadata"] = metadata.map { .object($0) }
        return frame
    }

    static func ack(_ requestID: String) -> ByteBuffer {
        var frame = FrameWriter(type: "ack")
        frame.member("requestId", requestID)
        return frame.finish()
    }

    static func error(_ rejection: RequestRejection) -> ByteBuffer {
        var frame = FrameWriter(type: "error")
        frame.member("code", rejection.code)
        if let requestID = rejection.requestID { frame.member("requestId", requestID) }
        if !rejection.message.isEmpty { frame.member("message", rejection.message) }
        return frame.finish()
    }

    static func pong(_ requestID: String?) -> ByteBuffer {
        var frame = FrameWriter(type: "pong")
        if let requestID { frame.member("requestId", requestID) }
        return frame.finish()
    }

    static func goingAway(retryAfter: TimeAmount) -> ByteBuffer {
        var frame = FrameWriter(type: "going_away")
        frame.member("retryAfterMs", retryAfter.nanoseconds / 1_000_000)
        return frame.finish()
    }

    static func message(channel: String, from peer: String, data: EncodedJSON, metadata: EncodedJSON?) -> ByteBuffer {
        var frame = FrameWriter(type: "message")
        frame.member("channel", channel)
        frame.payload(from: peer, data: data, metadata: metadata)
        return frame.finish()
    }

    static func direct(from peer: String, data: EncodedJSON, metadata: EncodedJSON?) -> ByteBuffer {
        var frame = FrameWriter(type: "direct")
        frame.payload(from: peer, data: data, metadata: metadata)
        return frame.finish()
    }

    static func presence(channel: String, joined: some Sequence<EncodedJSON>, left: some Sequence<EncodedJSON>) -> ByteBuffer {
        var frame = FrameWriter(type: "presence")
        frame.member("channel", channel)
        frame.list("joined", joined)
        frame.list("left", left)
        return frame.finish()
    }

    /// How a peer stands in the lists of a `presence`.
    static func listedPeer(_ peerID: String, metadata: EncodedJSON?) -> EncodedJSON {
        var entry: [UInt8] = Array("{\"peerId\":".utf8)
        JSONWriter.write(peerID, to: &entry)
        if let metadata {
            entry.append(contentsOf: ",\"metadata\":".utf8)
            entry.append(contentsOf: metadata.bytes)
        }
        entry.append(UInt8(ascii: "}"))
        return EncodedJSON(bytes: entry)
    }
}

/// A JSON value that has been written already.
struct EncodedJSON: Hashable {
    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Nil for a value that JSON cannot express: a client can write `1e999`, which reads as infinity.
    init?(_ value: JSONValue) {
        guard let bytes = try? value.encoded() else { return nil }
        self.bytes = bytes
    }

    init?(_ object: JSONObject?) {
        guard let object else { return nil }
        self.init(.object(object))
    }
}

private struct FrameWriter {
    private var bytes: [UInt8]

    init(type: String) {
        bytes = Array("{\"type\":\"".utf8)
        bytes.append(contentsOf: type.utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func member(_ key: String, _ value: String) {
        name(key)
        JSONWriter.write(value, to: &bytes)
    }

    mutating func member(_ key: String, _ integer: Int64) {
        name(key)
        JSONWriter.write(integer, to: &bytes)
    }

    mutating func member(_ key: String, _ value: EncodedJSON) {
        name(key)
        bytes.append(contentsOf: value.bytes)
    }

    mutating func payload(from peer: String, data: EncodedJSON, metadata: EncodedJSON?) {
        member("from", peer)
        member("data", data)
        if let metadata { member("fromMetadata", metadata) }
    }

    mutating func list(_ key: String, _ elements: some Sequence<EncodedJSON>) {
        name(key)
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            bytes.append(contentsOf: element.bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    consuming func finish() -> ByteBuffer {
        bytes.append(UInt8(ascii: "}"))
        return ServerFrame.text(bytes)
    }

    private mutating func name(_ key: String) {
        bytes.append(UInt8(ascii: ","))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: key.utf8)
        bytes.append(contentsOf: "\":".utf8)
    }
}
