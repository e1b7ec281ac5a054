import CompactJSON
import NIOCore

/// Reads the `app` member of a case.
enum AppScriptReader {
    private enum ClientCall: String, CaseIterable {
        case connect, close, subscribe, unsubscribe, publish, clientSend, reattach, dump
    }

    static func read(_ node: CaseNode, target: GoldenCase.Target) throws(MisplacedValue) -> [AppEntry] {
        try node.array().map { (entry) throws(MisplacedValue) in
            AppEntry(trigger: try trigger(entry), call: try call(entry, target: target))
        }
    }

    private static let triggerKeys: Set<String> = ["at", "on", "delayMs", "inline", "do"]

    private static func any(_ node: CaseNode) throws(MisplacedValue) -> CaseObject {
        try node.object(allowing: Set(try node.object().map(\.key)))
    }

    private static func trigger(_ node: CaseNode) throws(MisplacedValue) -> AppEntry.Trigger {
        let object = try any(node)
        switch (object["at"], object["on"]) {
        case (let at?, nil):
            if object["delayMs"] != nil || object["inline"] != nil { throw node.fail("\"delayMs\" and \"inline\" go with \"on\"") }
            return .at(try at.milliseconds())
        case (nil, let on?):
            var match = try on.object()
            let ordinal = try any(on)["nth"]?.count(from: 1) ?? 1
            match["nth"] = nil
            return .line(
                match: match, ordinal: ordinal, delay: try object.milliseconds("delayMs", default: .zero),
                inline: try object.bool("inline", default: false))
        case (nil, nil): throw node.fail("\"at\" or \"on\" is missing")
        case (_?, _?): throw node.fail("\"at\" and \"on\" exclude each other")
        }
    }

    private static func call(_ node: CaseNode, target: GoldenCase.Target) throws(MisplacedValue) -> AppCall {
        let name = try any(node).required("do")
        switch target {
        case .client: return try clientCall(try name.choice(ClientCall.self), node)
        case .peer:
            if let shared = ClientCall(rawValue: try name.string()), shared == .close || shared == .dump {
                return try clientCall(shared, node)
            }
            return try peerCall(try name.choice(PeerCall.Name.self), node)
        }
    }

    private static func clientCall(_ call: ClientCall, _ node: CaseNode) throws(MisplacedValue) -> AppCall {
        func members(_ keys: Set<String>) throws(MisplacedValue) -> CaseObject { try node.object(allowing: keys.union(triggerKeys)) }
        switch call {
        case .connect: _ = try members([]); return .connect
        case .reattach: _ = try members([]); return .reattach
        case .dump: _ = try members([]); return .dump
        case .close:
            let object = try members(["code", "reason"])
            return .close(
                code: try object["code"].map { (code) throws(MisplacedValue) in UInt16(try code.integer(in: 0...65535)) },
                reason: try object["reason"].map { (reason) throws(MisplacedValue) in try reason.string() })
        case .subscribe:
            let object = try members(["channel", "includeSenderMetadata"])
            return .subscribe(
                channel: try object.required("channel").string(),
                includeSenderMetadata: try object.bool("includeSenderMetadata", default: false))
        case .unsubscribe: return .unsubscribe(channel: try members(["channel"]).required("channel").string())
        case .publish:
            let object = try members(["channel", "data", "dataBytes"])
            return .publish(channel: try object.required("channel").string(), data: try data(object))
        case .clientSend:
            let object = try members(["to", "data", "dataBytes"])
            return .clientSend(to: try object.required("to").string(), data: try data(object))
        }
    }

    private static func peerCall(_ name: PeerCall.Name, _ node: CaseNode) throws(MisplacedValue) -> AppCall {
        func members(_ keys: Set<String>) throws(MisplacedValue) -> CaseObject { try node.object(allowing: keys.union(triggerKeys)) }
        switch name {
        case .join:
            let object = try members(["channel", "includeSenderMetadata"])
            return .peer(
                .join(
                    channel: try object.string("channel", default: "room"),
                    includeSenderMetadata: try object.bool("includeSenderMetadata", default: false)))
        case .send: return .peer(.send(data: try data(try members(["data", "dataBytes"]))))
        case .sendTo:
            let object = try members(["to", "data", "dataBytes"])
            return .peer(.sendTo(peer: try object.required("to").string(), data: try data(object)))
        case .createDataChannel:
            let object = try members(["peer", "label"])
            return .peer(
                .createDataChannel(peer: try object.required("peer").string(), label: try object.string("label", default: "dc")))
        case .addTrack: return .peer(.addTrack(try track(try members(["id", "kind", "stream", "metadata"]))))
        case .removeTrack: return .peer(.removeTrack(id: try members(["id"]).required("id").string()))
        case .rebuild: return .peer(.rebuild(peer: try members(["peer"]).required("peer").string()))
        }
    }

    private static func track(_ object: CaseObject) throws(MisplacedValue) -> AppTrack {
        func present(_ key: String) -> CaseNode? { object[key].flatMap { $0.value == .null ? nil : $0 } }
        return AppTrack(
            id: try object.required("id").string(), kind: try present("kind")?.choice() ?? .audio,
            stream: try present("stream")?.string(), metadata: try present("metadata")?.object())
    }

    /// `data`, or for `dataBytes` a string whose JSON has that many bytes.
    private static func data(_ object: CaseObject) throws(MisplacedValue) -> JSONValue {
        if let size = object["dataBytes"] {
            guard object["data"] == nil else { throw object.node.fail("\"data\" and \"dataBytes\" exclude each other") }
            return .string(String(repeating: "x", count: try size.count(from: 2) - 2))
        }
        return object["data"]?.value ?? .null
    }
}
