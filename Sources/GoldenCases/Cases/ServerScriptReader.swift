import CompactJSON
import NIOCore

/// Reads the `server` member of a case.
enum ServerScriptReader {
    /// The built-in defaults of a connection (FORMAT.md, "server").
    static let builtInDefaults: JSONObject = [
        "connect": ["result": "accept", "latencyMs": 50],
        "welcome": [
            "afterMs": 20, "peerId": "m", "serverTime": 1_700_000_000_000, "expiresAt": nil, "maxMessageSize": 65536, "metadata": nil,
        ],
        "ack": ["latencyMs": 30, "overrides": []],
        "snapshot": ["afterAckMs": 0, "joined": []],
        "ping": "pong",
        "pongLatencyMs": 30,
        "closeEcho": true,
        "closeEchoMs": 30,
        "blackholes": [],
        "steps": [],
    ]

    static func read(_ node: CaseNode?) throws(MisplacedValue) -> ServerScript {
        guard let node else { return try read(CaseNode(value: [:], path: "server")) }
        let object = try node.object(allowing: ["defaults", "conns", "then", "steps"])
        // Each part is also read over the built-in defaults alone, so that a mistake is reported where it was made.
        let defaults = try merged(object["defaults"], over: builtInDefaults)
        let connections = try object["conns"]?.array() ?? []
        return ServerScript(
            connections: try connections.map { (entry) throws(MisplacedValue) in try connection(entry, defaults: defaults) },
            then: try connection(object["then"] ?? CaseNode(value: [:], path: "server.then"), defaults: defaults),
            steps: try ServerStepReader.steps(object["steps"])
        )
    }

    private static func connection(_ node: CaseNode, defaults: JSONObject) throws(MisplacedValue) -> ConnectionScript {
        let members = try merged(node, over: defaults)
        return try ConnectionReader.read(CaseNode(value: .object(members), path: node.path))
    }

    private static func merged(_ node: CaseNode?, over base: JSONObject) throws(MisplacedValue) -> JSONObject {
        guard let node else { return base }
        let entry = try node.object(allowing: Set(builtInDefaults.map(\.key))).members
        _ = try ConnectionReader.read(CaseNode(value: .object(merge(entry, over: builtInDefaults)), path: node.path))
        return merge(entry, over: base)
    }

    /// Members of the entry replace those of the base; `connect`, `welcome` and `ack` are merged key by key, a null replaces.
    static func merge(_ entry: JSONObject, over base: JSONObject) -> JSONObject {
        var result = base
        for (key, value) in entry {
            if ["connect", "welcome", "ack"].contains(key), case .object(let upper) = value {
                // A null below was a replacement too; what comes over it starts from the built-in values.
                var lower = base[key]?.objectValue ?? builtInDefaults[key]?.objectValue ?? [:]
                for (name, member) in upper { lower[name] = member }
                result[key] = .object(lower)
            } else {
                result[key] = value
            }
        }
        return result
    }
}

/// Reads one connection's script after merging: every member is there.
enum ConnectionReader {
    static func read(_ node: CaseNode) throws(MisplacedValue) -> ConnectionScript {
        let object = try node.object(allowing: Set(ServerScriptReader.builtInDefaults.map(\.key)))
        return ConnectionScript(
            connect: try connect(try object.required("connect")),
            welcome: try welcome(try object.required("welcome")),
            acknowledgement: try acknowledgement(try object.required("ack")),
            snapshots: try snapshots(try object.required("snapshot")),
            ping: try object.required("ping").choice(),
            pongLatency: try object.required("pongLatencyMs").milliseconds(),
            echoesClose: try object.required("closeEcho").bool(),
            closeEchoLatency: try object.required("closeEchoMs").milliseconds(),
            blackHoles: try object.required("blackholes").array().map(blackHole),
            steps: try ServerStepReader.steps(object["steps"])
        )
    }

    private static func connect(_ node: CaseNode) throws(MisplacedValue) -> ConnectionScript.Connect {
        enum Result: String, CaseIterable { case accept, refuse, hang, http }
        let object = try node.object(allowing: ["result", "latencyMs", "status"])
        let latency = try object.milliseconds("latencyMs", default: .milliseconds(50))
        switch try object.required("result").choice(Result.self) {
        case .accept: return .accept(after: latency)
        case .refuse: return .refuse(after: latency)
        case .hang: return .hang
        // 101 would be an upgrade without one; below 200 HTTP has no final answers.
        case .http: return .http(status: Int(try object.required("status").integer(in: 200...599)), after: latency)
        }
    }

    private static func welcome(_ node: CaseNode) throws(MisplacedValue) -> ConnectionScript.Welcome? {
        if node.value == .null { return nil }
        var members = try node.object()
        let after = try node.object(allowing: Set(members.map(\.key))).milliseconds("afterMs", default: .milliseconds(20))
        members["afterMs"] = nil
        return ConnectionScript.Welcome(after: after, members: members)
    }

    private static func acknowledgement(_ node: CaseNode) throws(MisplacedValue) -> AcknowledgementScript {
        let object = try node.object(allowing: ["latencyMs", "overrides"])
        let overrides = try object["overrides"]?.array() ?? []
        return AcknowledgementScript(
            latency: try object.milliseconds("latencyMs", default: .milliseconds(30)),
            overrides: try overrides.map(override))
    }

    private static func override(_ node: CaseNode) throws(MisplacedValue) -> AcknowledgementScript.Override {
        enum Result: String, CaseIterable { case ack, error, none }
        let object = try node.object(allowing: ["match", "nth", "result", "code", "message", "latencyMs"])
        let result: AcknowledgementScript.Result
        switch try object.required("result").choice(Result.self) {
        case .ack: result = .acknowledge
        case .error:
            result = .error(
                code: try object.required("code").string(),
                message: try object["message"].map { (message) throws(MisplacedValue) in try message.string() })
        case .none: result = .none
        }
        return AcknowledgementScript.Override(
            match: try object["match"]?.object() ?? [:],
            ordinals: try object["nth"].map { (list) throws(MisplacedValue) in
                try list.array().map { (ordinal) throws(MisplacedValue) in try ordinal.count(from: 1) }
            },
            result: result,
            latency: try object["latencyMs"].map { (latency) throws(MisplacedValue) in try latency.milliseconds() })
    }

    private static func snapshots(_ node: CaseNode) throws(MisplacedValue) -> ConnectionScript.Snapshots {
        if node.value == .null { return .never }
        guard node.value.arrayValue != nil else { return .always(try snapshot(node)) }
        return .list(
            try node.array().map { (entry) throws(MisplacedValue) in entry.value == .null ? nil : try snapshot(entry) })
    }

    private static func snapshot(_ node: CaseNode) throws(MisplacedValue) -> ConnectionScript.Snapshot {
        let object = try node.object(allowing: ["afterAckMs", "joined", "channel"])
        return ConnectionScript.Snapshot(
            afterAck: try object.milliseconds("afterAckMs", default: .zero),
            joined: try object["joined"]?.array().map(\.value) ?? [],
            channel: try object["channel"].map { (channel) throws(MisplacedValue) in try channel.string() })
    }

    private static func blackHole(_ node: CaseNode) throws(MisplacedValue) -> ConnectionScript.BlackHole {
        let object = try node.object(allowing: ["from", "to", "mode"])
        let to = object["to"]
        let end = to?.value == .null ? nil : try to?.milliseconds()
        let mode = try object["mode"]?.choice(ConnectionScript.BlackHole.Mode.self) ?? .lose
        if mode == .delay, end == nil { throw node.fail("a black hole that delays needs an end (\"to\")") }
        return ConnectionScript.BlackHole(from: try object.required("from").milliseconds(), to: end, mode: mode)
    }
}
