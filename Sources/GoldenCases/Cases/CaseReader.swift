import CompactJSON
import NIOCore

/// Reads a case file strictly: unknown keys, wrong types and values out of range are errors with the path of the place.
public struct CaseReader {
    let file: String

    /// Reads the bytes of a case file.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - file: how messages name it; without `.json` it must equal the case's `name`.
    public static func read(_ bytes: [UInt8], file: String) throws(CaseError) -> GoldenCase {
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch { throw CaseError(file: file, message: error.description) }
        do { return try CaseReader(file: file).read(CaseNode(value: value, path: "")) } catch {
            throw CaseError(file: file, message: error.path.isEmpty ? error.problem : "\(error.path): \(error.problem)")
        }
    }

    private func read(_ root: CaseNode) throws(MisplacedValue) -> GoldenCase {
        let object = try root.object(allowing: [
            "name", "doc", "target", "untilMs", "random", "options", "token", "server", "remotes", "pc", "app",
        ])
        let target = try object.required("target").choice(GoldenCase.Target.self)
        return GoldenCase(
            name: try name(try object.required("name")),
            documentation: try object.string("doc", default: ""),
            target: target,
            end: try object.required("untilMs").milliseconds(),
            random: try object["random"].map(random) ?? .constant(0.5),
            options: try object["options"].map(options) ?? CaseOptions(),
            token: try object["token"].map(token) ?? TokenScript(),
            server: try ServerScriptReader.read(object["server"]),
            remotes: try object["remotes"].map(PeerScriptReader.remotes) ?? [],
            peerConnections: try object["pc"].map(PeerScriptReader.peerConnections)
                ?? PeerConnectionScript(),
            app: try AppScriptReader.read(try object.required("app"), target: target)
        )
    }

    private func name(_ node: CaseNode) throws(MisplacedValue) -> String {
        let name = try node.string()
        let stem = file.split(separator: "/").last.map { $0.hasSuffix(".json") ? String($0.dropLast(5)) : String($0) }
        guard name == stem else { throw node.fail("\"\(name)\" is not the file's name without .json") }
        return name
    }

    private func random(_ node: CaseNode) throws(MisplacedValue) -> RandomScript {
        enum Mode: String, CaseIterable { case const, list, splitmix64 }
        let object = try node.object(allowing: ["mode", "value", "values", "then", "seed"])
        switch try object.required("mode").choice(Mode.self) {
        case .const:
            return .constant(try object["value"]?.number(in: 0...1) ?? 0.5)
        case .list:
            let values = try object.required("values").array().map { (value) throws(MisplacedValue) in try value.number(in: 0...1) }
            return .list(values, then: try object["then"]?.number(in: 0...1) ?? 0.5)
        case .splitmix64:
            return .splitMix64(seed: UInt64(bitPattern: try object.required("seed").integer(in: .min ... .max)))
        }
    }

    private func options(_ node: CaseNode) throws(MisplacedValue) -> CaseOptions {
        let object = try node.object(allowing: [
            "auth", "reconnect", "inactivityTimeoutMs", "tokenProviderTimeoutMs", "autoResubscribe",
        ])
        var options = CaseOptions()
        if let member = object["auth"] { options.authentication = try member.choice() }
        if let member = object["reconnect"] { options.reconnect = try reconnect(member) }
        if let member = object["inactivityTimeoutMs"] { options.inactivityTimeout = try member.milliseconds() }
        if let member = object["tokenProviderTimeoutMs"] { options.tokenProviderTimeout = try member.milliseconds() }
        if let member = object["autoResubscribe"] { options.autoResubscribe = try member.bool() }
        return options
    }

    private func reconnect(_ node: CaseNode) throws(MisplacedValue) -> CaseOptions.Reconnect? {
        if let enabled = node.value.boolValue { return enabled ? CaseOptions.Reconnect() : nil }
        let object = try node.object(allowing: ["initialDelayMs", "multiplier", "maxDelayMs", "jitterRatio", "maxAttempts"])
        var reconnect = CaseOptions.Reconnect()
        if let member = object["initialDelayMs"] { reconnect.initialDelay = try member.milliseconds() }
        if let member = object["multiplier"] { reconnect.multiplier = try member.number(in: 0...1000) }
        if let member = object["maxDelayMs"] { reconnect.maximumDelay = try member.milliseconds() }
        if let member = object["jitterRatio"] { reconnect.jitterRatio = try member.number(in: 0...1) }
        if let member = object["maxAttempts"] { reconnect.maximumAttempts = try member.count() }
        return reconnect
    }

    private func token(_ node: CaseNode) throws(MisplacedValue) -> TokenScript {
        let object = try node.object(allowing: ["calls", "then"])
        var script = TokenScript()
        if let calls = object["calls"] {
            script.calls = try calls.array().map(tokenCall)
        }
        if let then = object["then"] { script.then = try tokenCall(then) }
        return script
    }

    private func tokenCall(_ node: CaseNode) throws(MisplacedValue) -> TokenScript.Call {
        enum Result: String, CaseIterable { case ok, raise, empty, hang }
        let object = try node.object(allowing: ["result", "afterMs", "token", "message"])
        switch try object["result"]?.choice(Result.self) ?? .ok {
        case .ok:
            return .ok(
                token: try object["token"].map { (token) throws(MisplacedValue) in try token.string() },
                after: try object.milliseconds("afterMs", default: .zero))
        case .raise: return .raise(message: try object.string("message", default: "token endpoint failed"))
        case .empty: return .empty
        case .hang: return .hang
        }
    }
}
