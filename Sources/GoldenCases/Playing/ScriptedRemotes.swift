import CompactJSON
import NIOCore

/// The remote peers of a case: they answer the offers that reach them, and what else they send comes from the service's script. Confined to the
/// simulation's thread.
final class ScriptedRemotes {
    private let scripted: GoldenCase
    private unowned let server: ScriptedServer
    /// The user-name fragments of the offers each remote peer has seen, in order.
    private var offers: [String: [String]] = [:]

    init(_ scripted: GoldenCase, server: ScriptedServer) {
        self.scripted = scripted
        self.server = server
    }

    /// Something that the service did not reject was sent to a remote peer.
    func receive(_ data: JSONValue, at id: String) {
        guard data["type"] == "rtc-description", data["description"]?["type"] == "offer", let delay = scripted.remote(id).answerDelay else {
            return
        }
        let offer = data["description"]?["sdp"]?.stringValue ?? ""
        let fragment = ScriptedDescription.userFragment(of: offer) ?? ""
        if !offers[id, default: []].contains(fragment) { offers[id, default: []].append(fragment) }
        let ordinal = (offers[id]?.firstIndex(of: fragment) ?? 0) + 1
        let answer = description(.answer, "r-\(id)-\(ordinal)", ScriptedDescription.media(of: offer), from: id)
        server.after(delay) { [server] in
            server.deliverDirect(answer, from: id)
            server.deliverDirect(Self.candidate(nil), from: id)
        }
    }

    /// A description of a remote peer as it travels (WIRE-09).
    func description(_ kind: RemoteDescriptionKind, _ userFragment: String, _ media: [String], from id: String) -> JSONValue {
        server.recorder.show(userFragment: userFragment)
        let sdp = ScriptedDescription.sdp(userFragment: userFragment, media: media, owner: id)
        return ["type": "rtc-description", "description": ["type": .string(kind.rawValue), "sdp": .string(sdp)]]
    }

    /// A candidate of a remote peer as it travels (WIRE-09); nil is the end of them.
    static func candidate(_ candidate: JSONObject?) -> JSONValue {
        ["type": "rtc-ice", "candidate": candidate.map(JSONValue.object) ?? .null]
    }
}
