import NIOCore
import NIOWebSocket

/// Frames that no service should send, by name; what a client must survive (WIRE-04, WIRE-05, RFC 6455).
public enum MalformedFrame: String, Hashable, Sendable, CaseIterable {
    /// Text that ends in the middle of an object.
    case badJSON = "bad-json"
    /// No text at all.
    case emptyText = "empty-text"
    /// JSON, but a list.
    case notAnObject = "not-an-object"
    /// An object without `type`.
    case missingType = "missing-type"
    /// `type` is a number.
    case mistypedType = "mistyped-type"
    /// A `type` that does not exist.
    case unknownType = "unknown-type"
    /// A `message` without `from`.
    case missingField = "missing-field"
    /// A `presence` whose `joined` is a string.
    case mistypedField = "mistyped-field"
    /// An `ack` whose `requestId` is a number.
    case mistypedRequestID = "mistyped-request-id"
    /// A `presence` whose only peer has a string for metadata: reads as absent.
    case metadataNotAnObject = "metadata-not-an-object"
    /// 20,000 nested lists.
    case deepNesting = "deep-nesting"
    /// Two members of the same name.
    case duplicateMember = "duplicate-member"
    /// A `welcome` after the welcome.
    case secondWelcome = "second-welcome"
    /// A binary frame.
    case binary
    /// A text frame of 1 MiB and one byte: the client closes with 1009.
    case oversized
    /// A text frame that is not UTF-8.
    case invalidUTF8 = "invalid-utf8"
    /// A frame with a reserved bit set, without an extension that gave it a meaning.
    case reservedBit = "reserved-bit"
    /// A continuation of nothing.
    case strayContinuation = "stray-continuation"
    /// A frame with a reserved opcode.
    case reservedOpcode = "reserved-opcode"

    /// Whether the connection should survive it (SPEC WIRE-04); the rest are breaches of RFC 6455 or of the size cap.
    public var isSurvivable: Bool {
        switch self {
        case .badJSON, .emptyText, .notAnObject, .missingType, .mistypedType, .unknownType, .missingField, .mistypedField,
            .mistypedRequestID, .metadataNotAnObject, .deepNesting, .duplicateMember, .secondWelcome, .binary:
            true
        case .oversized, .invalidUTF8, .reservedBit, .strayContinuation, .reservedOpcode: false
        }
    }

    var frame: WebSocketFrame {
        switch self {
        case .binary: WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer(bytes: [0, 1, 2, 255]))
        case .invalidUTF8: WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(bytes: [0x22, 0xC3, 0x28, 0x22]))
        case .reservedBit: WebSocketFrame(fin: true, rsv1: true, opcode: .text, data: ByteBuffer(string: #"{"type":"pong"}"#))
        case .strayContinuation: WebSocketFrame(fin: true, opcode: .continuation, data: ByteBuffer(string: #"{"type":"pong"}"#))
        case .reservedOpcode: WebSocketFrame(fin: true, opcode: WebSocketOpcode(encodedWebSocketOpcode: 0x3) ?? .text, data: ByteBuffer())
        case .badJSON, .emptyText, .notAnObject, .missingType, .mistypedType, .unknownType, .missingField, .mistypedField,
            .mistypedRequestID, .metadataNotAnObject, .deepNesting, .duplicateMember, .secondWelcome, .oversized:
            WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: text))
        }
    }

    private var text: String {
        switch self {
        case .badJSON: #"{"type":"message","channel":"#
        case .emptyText: ""
        case .notAnObject: #"["type","pong"]"#
        case .missingType: #"{"channel":"room"}"#
        case .mistypedType: #"{"type":7}"#
        case .unknownType: #"{"type":"telemetry","level":9}"#
        case .missingField: #"{"type":"message","channel":"room","data":1}"#
        case .mistypedField: #"{"type":"presence","channel":"room","joined":"everyone","left":[]}"#
        case .mistypedRequestID: #"{"type":"ack","requestId":12}"#
        case .metadataNotAnObject: #"{"type":"presence","channel":"room","joined":[{"peerId":"zoe","metadata":"none"}],"left":[]}"#
        case .deepNesting: String(repeating: "[", count: 20_000) + String(repeating: "]", count: 20_000)
        case .duplicateMember: #"{"type":"pong","type":"message"}"#
        case .secondWelcome: #"{"type":"welcome","peerId":"impostor","expiresAt":null,"serverTime":0,"maxMessageSize":1}"#
        case .oversized: String(repeating: " ", count: 1_048_577 - 15) + #"{"type":"pong"}"#
        case .binary, .invalidUTF8, .reservedBit, .strayContinuation, .reservedOpcode: ""
        }
    }
}
