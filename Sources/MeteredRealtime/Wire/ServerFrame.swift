import CompactJSON
import NIOCore

/// A frame from the server, parsed (WIRE-02).
enum ServerFrame: Hashable, Sendable {
    case welcome(Welcome)
    case ack(requestID: String)
    case error(code: String, requestID: String?, message: String?)
    case message(channel: String, from: String, data: JSONValue, fromMetadata: JSONObject?)
    case direct(from: String, data: JSONValue, fromMetadata: JSONObject?)
    case presence(channel: String, joined: [PresencePeer], left: [PresencePeer])
    case goingAway(retryAfter: TimeAmount, asSent: JSONValue? = nil)
    case pong
}

/// Why a text frame was dropped (WIRE-04).
struct MalformedFrame: Error, Hashable, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension ServerFrame {
    /// Parses the text of a frame. Never traps, whatever the bytes.
    init(parsing text: ByteBuffer) throws(MalformedFrame) {
        let envelope: JSONValue
        do {
            envelope = try text.withUnsafeReadableBytes { try JSONValue(parsing: $0) }
        } catch {
            throw MalformedFrame("invalid JSON: \(error)")
        }
        guard case .object(let object) = envelope else { throw MalformedFrame("not an object") }
        guard case .string(let type)? = object["type"] else { throw MalformedFrame("no type") }
        let reader = FrameReader(type: type, object: object)
        switch type {
        case "welcome": self = .welcome(try reader.welcome())
        case "ack": self = .ack(requestID: try reader.string("requestId"))
        case "error": self = try reader.error()
        case "message":
            self = .message(
                channel: try reader.string("channel"), from: try reader.string("from"), data: try reader.any("data"),
                fromMetadata: object["fromMetadata"]?.objectValue)
        case "direct":
            self = .direct(from: try reader.string("from"), data: try reader.any("data"), fromMetadata: object["fromMetadata"]?.objectValue)
        case "presence":
            self = .presence(channel: try reader.string("channel"), joined: try reader.peers("joined"), left: try reader.peers("left"))
        case "going_away": self = .goingAway(retryAfter: reader.retryAfter(), asSent: object["retryAfterMs"])
        case "pong": self = .pong
        default: throw MalformedFrame("unknown type \(Redaction.scrub(String(String.UnicodeScalarView(type.unicodeScalars.prefix(64)))))")
        }
    }

    /// The frame as a diagnostic shows it.
    func record(bytes: Int) -> ReceivedFrameRecord {
        var record = ReceivedFrameRecord(type: "", requestID: nil, channel: nil, from: nil, code: nil, bytes: bytes)
        switch self {
        case .welcome: record.type = "welcome"
        case .ack(let requestID):
            record.type = "ack"
            record.requestID = requestID
        case .error(let code, let requestID, _):
            record.type = "error"
            record.code = code
            record.requestID = requestID
        case .message(let channel, let from, _, _):
            record.type = "message"
            record.channel = channel
            record.from = from
        case .direct(let from, _, _):
            record.type = "direct"
            record.from = from
        case .presence(let channel, _, _):
            record.type = "presence"
            record.channel = channel
        case .goingAway(_, let asSent):
            record.type = "going_away"
            record.retryAfter = asSent
        case .pong: record.type = "pong"
        }
        return record
    }
}

/// Reads the members of one frame.
private struct FrameReader {
    let type: String
    let object: JSONObject

    func string(_ name: String) throws(MalformedFrame) -> String {
        guard case .string(let text)? = object[name] else { throw missing(name) }
        return text
    }

    func any(_ name: String) throws(MalformedFrame) -> JSONValue {
        guard let value = object[name] else { throw missing(name) }
        return value
    }

    func welcome() throws(MalformedFrame) -> Welcome {
        let peerID = try string("peerId")
        var expiresAt: Int64?
        switch object["expiresAt"] {
        case nil, .null?: break
        case .bool?, .integer?, .double?, .string?, .array?, .object?:
            guard let time = integer("expiresAt") else { throw missing("expiresAt") }
            expiresAt = time
        }
        guard let serverTime = integer("serverTime") else { throw missing("serverTime") }
        guard let cap = integer("maxMessageSize"), cap > 0 else { throw missing("maxMessageSize") }
        return Welcome(
            peerID: peerID, expiresAt: expiresAt, serverTime: serverTime, maximumMessageBytes: Int(clamping: cap),
            metadata: object["metadata"]?.objectValue)
    }

    func error() throws(MalformedFrame) -> ServerFrame {
        guard case .string(let code)? = object["code"], !code.isEmpty else { throw missing("code") }
        return .error(code: code, requestID: object["requestId"]?.stringValue, message: object["message"]?.stringValue)
    }

    func peers(_ name: String) throws(MalformedFrame) -> [PresencePeer] {
        guard case .array(let entries)? = object[name] else { throw missing(name) }
        var peers: [PresencePeer] = []
        for entry in entries {
            guard case .object(let member) = entry, case .string(let peerID)? = member["peerId"] else { throw missing(name) }
            peers.append(PresencePeer(peerID: peerID, metadata: member["metadata"]?.objectValue))
        }
        return peers
    }

    /// WIRE-08: clamped; missing, mistyped or not positive reads as 1 s.
    func retryAfter() -> TimeAmount {
        guard let value = object["retryAfterMs"]?.doubleValue, value.isFinite, value > 0 else {
            return .milliseconds(WireLimits.defaultRetryAfterMilliseconds)
        }
        let range = WireLimits.retryAfterMilliseconds
        return .milliseconds(Int64(min(max(value, Double(range.lowerBound)), Double(range.upperBound))))
    }

    /// A number, towards zero; nil for anything else and for what an `Int64` cannot hold.
    private func integer(_ name: String) -> Int64? {
        if let exact = object[name]?.int64Value { return exact }
        guard let value = object[name]?.doubleValue, value.isFinite else { return nil }
        return Int64(exactly: value.rounded(.towardZero))
    }

    private func missing(_ name: String) -> MalformedFrame { MalformedFrame("\(type): \(name) is missing or malformed") }
}
