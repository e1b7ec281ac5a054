/// A rule of the spec: what `faultline spec` prints, and what a scenario may cite.
public struct SpecRule: Hashable, Sendable {
    /// Which part of the world the rule binds.
    public enum Layer: String, CaseIterable, Hashable, Sendable {
        case signalling, peer, application, service, run
    }

    /// The name.
    public let id: RuleID
    /// The spec's section.
    public let section: Int
    /// The rule in one line.
    public let text: String
    /// Which part of the world it binds.
    public let layer: Layer

    /// Every rule, in the spec's order.
    public static let all: [SpecRule] =
        rules(.wire, section: 1, .signalling, wire) + rules(.signalling, section: 2, .signalling, signalling)
        + rules(.iceRestart, section: 3, .peer, iceRestart) + rules(.roster, section: 4, .peer, roster)
        + rules(.application, section: 5, .application, application) + rules(.better, section: 6, .peer, better)
        + rules(.service, section: 7, .service, service) + rules(.invariant, section: 0, .run, invariants)

    /// The rule of an id.
    public static func rule(_ id: RuleID) -> SpecRule? { all.first { $0.id == id } }

    private static func rules(_ family: RuleID.Family, section: Int, _ layer: Layer, _ texts: [String]) -> [SpecRule] {
        texts.enumerated().map { offset, text in
            let id = RuleID(family, offset + 1)
            let bound: Layer = signallingRules.contains(id) ? .signalling : peerRules.contains(id) ? .peer : layer
            return SpecRule(id: id, section: section, text: text, layer: bound)
        }
    }

    /// Rules of the wire whose effect is the peer layer's: ICE servers, WebRTC signals and their order.
    private static let peerRules: Set<RuleID> = [.wire(7), .wire(9), .wire(11)]
    /// Rules of section 6 that bind the signalling client alone.
    private static let signallingRules: Set<RuleID> = [.bey(1), .bey(3), .bey(4), .bey(5), .bey(6), .bey(7), .bey(20), .bey(26)]
}
