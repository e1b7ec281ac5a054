/// A rule's name, such as SIG-07. Ordered as in the spec.
public struct RuleID: Hashable, Comparable, Sendable {
    /// The spec's chapters, in its order; ``invariant`` holds what must be true of every run without being a rule of the spec.
    public enum Family: String, CaseIterable, Hashable, Sendable, Comparable {
        case wire = "WIRE", signalling = "SIG", iceRestart = "ICE", roster = "ROS", application = "APP", better = "BEY", service = "SRV"
        case invariant = "INV"

        /// By place in the spec.
        public static func < (left: Family, right: Family) -> Bool { left.place < right.place }

        private var place: Int {
            switch self {
            case .wire: return 0
            case .signalling: return 1
            case .iceRestart: return 2
            case .roster: return 3
            case .application: return 4
            case .better: return 5
            case .service: return 6
            case .invariant: return 7
            }
        }
    }

    /// The chapter.
    public let family: Family
    /// The number in it, from 1.
    public let number: Int

    init(_ family: Family, _ number: Int) {
        self.family = family
        self.number = number
    }

    /// The rule of this name; nil if the catalogue has none.
    public init?(_ name: String) {
        guard let rule = SpecRule.all.first(where: { $0.id.description == name }) else { return nil }
        self = rule.id
    }

    static func wire(_ number: Int) -> RuleID { RuleID(.wire, number) }
    static func sig(_ number: Int) -> RuleID { RuleID(.signalling, number) }
    static func ice(_ number: Int) -> RuleID { RuleID(.iceRestart, number) }
    static func ros(_ number: Int) -> RuleID { RuleID(.roster, number) }
    static func app(_ number: Int) -> RuleID { RuleID(.application, number) }
    static func bey(_ number: Int) -> RuleID { RuleID(.better, number) }
    static func inv(_ number: Int) -> RuleID { RuleID(.invariant, number) }

    /// By family, then number.
    public static func < (left: RuleID, right: RuleID) -> Bool {
        (left.family, left.number) < (right.family, right.number)
    }
}

extension RuleID: CustomStringConvertible {
    /// The name as scenarios cite it.
    public var description: String { "\(family.rawValue)-\(number < 10 ? "0" : "")\(number)" }
}
