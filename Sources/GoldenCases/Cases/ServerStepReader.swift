import CompactJSON
import NIOCore

/// Reads the timed actions of the service.
enum ServerStepReader {
    private enum Name: String, CaseIterable {
        case frame, presence, presenceMany, raw, binary, close, drop, oversized, remoteOffer, remoteAnswer, remoteIce
    }

    static func steps(_ node: CaseNode?) throws(MisplacedValue) -> [ServerStep] {
        guard let node else { return [] }
        return try node.array().map(read)
    }

    private static func read(_ node: CaseNode) throws(MisplacedValue) -> ServerStep {
        let name = try node.object(allowing: Set(try node.object().map(\.key))).required("do").choice(Name.self)
        let at: TimeAmount
        let action: ServerAction
        switch name {
        case .frame, .raw, .binary, .close, .drop, .oversized: (at, action) = try socketAction(name, node)
        case .presence, .presenceMany: (at, action) = try presence(name, node)
        case .remoteOffer, .remoteAnswer, .remoteIce: (at, action) = try remoteAction(name, node)
        }
        return ServerStep(at: at, action: action)
    }

    /// The step's members, its time among them, with no others than these.
    private static func members(_ node: CaseNode, _ keys: Set<String>) throws(MisplacedValue) -> (object: CaseObject, at: TimeAmount) {
        let object = try node.object(allowing: keys.union(["at", "do"]))
        return (object, try object.required("at").milliseconds())
    }

    private static func socketAction(_ name: Name, _ node: CaseNode) throws(MisplacedValue) -> (TimeAmount, ServerAction) {
        switch name {
        case .frame:
            let (object, at) = try members(node, ["frame"])
            return (at, .frame(try object.required("frame").value))
        case .raw:
            let (object, at) = try members(node, ["text"])
            return (at, .raw(try object.required("text").string()))
        case .binary:
            let (object, at) = try members(node, ["hex"])
            return (at, .binary(try hex(try object.required("hex"))))
        case .close:
            let (object, at) = try members(node, ["code", "reason"])
            let code = object["code"]
            let status = code?.value == .null ? nil : try code?.integer(in: 0...65535)
            return (at, .close(code: status.map { UInt16($0) }, reason: try object.string("reason", default: "")))
        case .oversized:
            let (object, at) = try members(node, ["bytes"])
            return (at, .oversized(bytes: try object.required("bytes").count()))
        case .drop, .presence, .presenceMany, .remoteOffer, .remoteAnswer, .remoteIce:
            return (try members(node, []).at, .drop)
        }
    }

    private static func presence(_ name: Name, _ node: CaseNode) throws(MisplacedValue) -> (TimeAmount, ServerAction) {
        if name == .presenceMany {
            let (object, at) = try members(node, ["channel", "prefix", "count"])
            let prefix = try object.required("prefix").string()
            let count = try object.required("count").integer(in: 0...100_000)
            let joined = (0..<count).map { JSONValue.object(["peerId": .string(prefix + padded($0 + 1))]) }
            return (at, .presence(channel: try object.string("channel", default: "room"), joined: joined, left: []))
        }
        let (object, at) = try members(node, ["channel", "joined", "left"])
        return (
            at,
            .presence(
                channel: try object.string("channel", default: "room"),
                joined: try object["joined"]?.array().map(\.value) ?? [],
                left: try object["left"]?.array().map(\.value) ?? [])
        )
    }

    private static func padded(_ number: Int64) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }

    private static func remoteAction(_ name: Name, _ node: CaseNode) throws(MisplacedValue) -> (TimeAmount, ServerAction) {
        if name == .remoteIce {
            let (object, at) = try members(node, ["from", "candidate", "count"])
            let candidate = object["candidate"]
            return (
                at,
                .remoteCandidates(
                    from: try object.required("from").string(),
                    candidate: candidate?.value == .null ? nil : try candidate?.object(),
                    count: Int(try object["count"]?.integer(in: 0...100_000) ?? 1))
            )
        }
        let (object, at) = try members(node, ["from", "ufrag", "media"])
        let media = try object["media"]?.array().map { (kind) throws(MisplacedValue) in try kind.string() }
        return (
            at,
            .remoteDescription(
                kind: name == .remoteOffer ? .offer : .answer,
                from: try object.required("from").string(),
                ufrag: try object.required("ufrag").string(),
                media: media ?? ["application"])
        )
    }

    private static func hex(_ node: CaseNode) throws(MisplacedValue) -> [UInt8] {
        let digits = Array(try node.string().utf8)
        guard digits.count.isMultiple(of: 2) else { throw node.fail("an odd number of hexadecimal digits") }
        return try stride(from: 0, to: digits.count, by: 2).map { (place) throws(MisplacedValue) in
            guard let byte = UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16) else {
                throw node.fail("not hexadecimal at digit \(place + 1)")
            }
            return byte
        }
    }
}
