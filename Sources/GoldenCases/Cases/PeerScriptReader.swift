import CompactJSON
import MeteredRealtime
import NIOCore

/// Reads the `remotes` and `pc` members of a case.
enum PeerScriptReader {
    static func remotes(_ node: CaseNode) throws(MisplacedValue) -> [RemoteScript] {
        let members = try node.object()
        let object = try node.object(allowing: Set(members.map(\.key)))
        return try members.map(\.key).map { (id) throws(MisplacedValue) in try remote(id, try object.required(id)) }
    }

    private static func remote(_ id: String, _ node: CaseNode) throws(MisplacedValue) -> RemoteScript {
        let object = try node.object(allowing: ["answer", "gens", "then"])
        let answer = try object["answer"].map { (answer) throws(MisplacedValue) in
            try answer.value == .null ? nil : answer.object(allowing: ["afterMs"]).required("afterMs").milliseconds()
        }
        return RemoteScript(
            id: id,
            answerDelay: answer ?? nil,
            generations: try object["gens"]?.array().map(generation) ?? [],
            then: try object["then"].map(generation) ?? RemoteScript.Generation())
    }

    private static func generation(_ node: CaseNode) throws(MisplacedValue) -> RemoteScript.Generation {
        let object = try node.object(allowing: ["trigger", "states"])
        return RemoteScript.Generation(
            trigger: try object["trigger"]?.choice() ?? .negotiated,
            states: try object["states"]?.array().map(stateChange) ?? [])
    }

    private static func stateChange(_ node: CaseNode) throws(MisplacedValue) -> RemoteScript.StateChange {
        let pair = try node.array()
        guard pair.count == 2 else { throw node.fail("expected [milliseconds, state]") }
        return RemoteScript.StateChange(after: try pair[0].milliseconds(), state: try pair[1].choice())
    }

    static func peerConnections(_ node: CaseNode) throws(MisplacedValue) -> PeerConnectionScript {
        let object = try node.object(allowing: ["gatherMs", "closeMs", "setRemoteFails"])
        var refused: [String: String] = [:]
        if let member = object["setRemoteFails"] {
            let entries = try member.object()
            let checked = try member.object(allowing: Set(entries.map(\.key)))
            for (id, _) in entries { refused[id] = try checked.required(id).string() }
        }
        return PeerConnectionScript(
            gathering: try object.milliseconds("gatherMs", default: .zero),
            closing: try object.milliseconds("closeMs", default: .zero),
            refusedDescriptions: refused)
    }
}
