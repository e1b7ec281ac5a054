import CompactJSON
import NIOCore

/// The frames that a client may send (WIRE-01).
public enum RequestKind: String, Hashable, Sendable, CaseIterable {
    case subscribe, unsubscribe, publish, send, ping
}

/// One frame of a client, checked.
public struct ClientRequest: Hashable, Sendable {
    /// Its `type` and what belongs to it.
    public enum Body: Hashable, Sendable {
        case subscribe(channel: String, includeSenderMetadata: Bool)
        case unsubscribe(channel: String)
        case publish(channel: String, data: JSONValue)
        case send(to: String, data: JSONValue)
        case ping
    }

    /// What is asked.
    public var body: Body
    /// Correlates the reply; nil: the client wants none.
    public var requestID: String?

    /// The `type` of the frame.
    public var kind: RequestKind {
        switch body {
        case .subscribe: .subscribe
        case .unsubscribe: .unsubscribe
        case .publish: .publish
        case .send: .send
        case .ping: .ping
        }
    }

    /// The channel that it is about, if any.
    public var channel: String? {
        switch body {
        case .subscribe(let channel, _), .unsubscribe(let channel), .publish(let channel, _): channel
        case .send, .ping: nil
        }
    }

    /// The peer that it is addressed to, if any.
    public var recipient: String? {
        switch body {
        case .send(let peer, _): peer
        case .subscribe, .unsubscribe, .publish, .ping: nil
        }
    }
}

/// A frame or request that the service turns down; becomes an `error` frame.
public struct RequestRejection: Error, Hashable, Sendable {
    /// The machine-readable code.
    public var code: String
    /// For people.
    public var message: String
    /// Of the request, if it could be read.
    public var requestID: String?
}

extension ClientRequest {
    /// Reads one text frame.
    ///
    /// - Throws: ``RequestRejection`` `malformed_message`, `unknown_type`, `invalid_channel`, `invalid_peer_id` or `missing_data`.
    init(parsing text: ByteBuffer) throws(RequestRejection) {
        let json = Self.object(text)
        guard let json else { throw RequestRejection(code: "malformed_message", message: "not a JSON object") }
        let requestID = json["requestId"]?.stringValue
        if json["requestId"] != nil, requestID.map(RequestName.isValid) != true {
            throw RequestRejection(code: "malformed_message", message: "requestId must be a string of 1 to 128 characters")
        }
        guard let type = json["type"]?.stringValue else {
            throw RequestRejection(code: "malformed_message", message: "type is missing", requestID: requestID)
        }
        guard let kind = RequestKind(rawValue: type) else {
            throw RequestRejection(code: "unknown_type", message: "unknown type", requestID: requestID)
        }
        do {
            body = try Self.body(kind, json)
        } catch {
            throw RequestRejection(code: error.code, message: error.message, requestID: requestID)
        }
        self.requestID = requestID
    }

    private static func object(_ text: ByteBuffer) -> JSONValue? {
        let value = text.withUnsafeReadableBytes { try? JSONValue(parsing: $0) }
        guard case .object? = value else { return nil }
        return value
    }

    private static func body(_ kind: RequestKind, _ json: JSONValue) throws(RequestRejection) -> Body {
        switch kind {
        case .subscribe:
            return .subscribe(channel: try channel(json), includeSenderMetadata: json["includeSenderMetadata"]?.boolValue ?? false)
        case .unsubscribe: return .unsubscribe(channel: try channel(json))
        case .publish: return .publish(channel: try channel(json), data: try data(json))
        case .send:
            guard let peer = json["to"]?.stringValue, PeerName.isValid(peer) else {
                throw RequestRejection(code: "invalid_peer_id", message: "to must be a peer id")
            }
            return .send(to: peer, data: try data(json))
        case .ping: return .ping
        }
    }

    private static func channel(_ json: JSONValue) throws(RequestRejection) -> String {
        guard let name = json["channel"]?.stringValue, ChannelName.isValid(name) else {
            throw RequestRejection(code: "invalid_channel", message: "channel must be a name of 1 to 256 characters")
        }
        return name
    }

    private static func data(_ json: JSONValue) throws(RequestRejection) -> JSONValue {
        guard let data = json["data"] else { throw RequestRejection(code: "missing_data", message: "data is missing") }
        return data
    }
}
