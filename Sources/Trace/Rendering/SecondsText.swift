/// Times as people read them: seconds with three decimals.
public enum SecondsText {
    /// `4900000000` as `4.900`; halves are rounded away from zero.
    public static func text(ns: Int64) -> String {
        let magnitude = ns.magnitude
        let milliseconds = magnitude / 1_000_000 + (magnitude % 1_000_000 >= 500_000 ? 1 : 0)
        let fraction = String(milliseconds % 1_000)
        let sign = ns < 0 && milliseconds > 0 ? "-" : ""
        return sign + String(milliseconds / 1_000) + "." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }

    /// A ratio with three decimals and a sign: `+0.225`.
    public static func signedRatio(_ ratio: Double) -> String {
        guard ratio.isFinite, ratio.magnitude < 1_000_000 else { return "?" }
        let text = text(ns: Int64((ratio * 1_000_000_000).rounded()))
        return text.hasPrefix("-") ? text : "+" + text
    }
}
