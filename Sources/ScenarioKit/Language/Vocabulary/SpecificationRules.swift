/// The ids of the specification's rules, and the checkers that group them.
enum SpecificationRules {
    private static let families: [(name: String, count: Int)] = [
        ("WIRE", 11), ("SIG", 21), ("ICE", 11), ("ROS", 13), ("APP", 7), ("BEY", 27), ("SRV", 7),
    ]

    /// Every id, in the order of the specification.
    static let ids: [String] = families.flatMap { family in
        (1...family.count).map { "\(family.name)-\($0 < 10 ? "0" : "")\($0)" }
    }

    private static let known = Set(ids)

    static func contains(_ id: String) -> Bool { known.contains(id) }

    /// Names for the rules that one checker judges together.
    static let checkers: [(name: String, rules: [String])] = [
        ("backoff", ["SIG-01", "SIG-02", "SIG-03", "SIG-04", "SIG-06"]),
        ("terminal", ["SIG-05"]),
        ("tokens", ["SIG-07", "SIG-08"]),
        ("timeouts", ["SIG-09"]),
        ("requests", ["SIG-10"]),
        ("watchdog", ["SIG-11"]),
        ("resubscribe", ["SIG-12", "SIG-13"]),
        ("first-connect", ["SIG-14"]),
        ("states", ["SIG-15"]),
        ("close", ["SIG-16"]),
        ("credentials", ["SIG-17"]),
        ("going-away", ["SIG-18"]),
        ("path-change", ["SIG-19"]),
        ("pacing", ["SIG-20"]),
    ]
}
