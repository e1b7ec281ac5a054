/// Times and numbers as a person reads them.
enum Quantity {
    /// A length of simulated time: `3 m 00 s`, `12.5 s`, `9 h 12 m`.
    static func simulated(nanoseconds: Int64) -> String {
        let seconds = nanoseconds / 1_000_000_000
        if seconds < 60 { return decimal(nanoseconds, unit: 1_000_000_000, digits: 1) + " s" }
        if seconds < 3_600 { return "\(seconds / 60) m \(twoDigits(seconds % 60)) s" }
        return "\(grouped(seconds / 3_600)) h \(twoDigits(seconds / 60 % 60)) m"
    }

    /// A length of real time: `11 ms`, `0.4 ms`, `2.1 s`.
    static func wall(nanoseconds: Int64) -> String {
        switch nanoseconds {
        case ..<10_000_000: return decimal(nanoseconds, unit: 1_000_000, digits: 1) + " ms"
        case ..<1_000_000_000: return "\(nanoseconds / 1_000_000) ms"
        default: return decimal(nanoseconds, unit: 1_000_000_000, digits: 1) + " s"
        }
    }

    /// `12,345`.
    static func grouped(_ number: Int64) -> String {
        let digits = String(number.magnitude)
        var result = ""
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place).isMultiple(of: 3) { result.append(",") }
            result.append(digit)
        }
        return number < 0 ? "-" + result : result
    }

    /// `1 scenario`, `24 scenarios`.
    static func count(_ number: Int, _ noun: String) -> String { "\(grouped(Int64(number))) \(noun)\(number == 1 ? "" : "s")" }

    private static func decimal(_ value: Int64, unit: Int64, digits: Int) -> String {
        let scale = (0..<digits).reduce(Int64(1)) { product, _ in product * 10 }
        let step = unit / scale
        let rounded = (value.magnitude + UInt64(step / 2)) / UInt64(step)
        let fraction = String(rounded % UInt64(scale))
        let sign = value < 0 && rounded > 0 ? "-" : ""
        return "\(sign)\(rounded / UInt64(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
