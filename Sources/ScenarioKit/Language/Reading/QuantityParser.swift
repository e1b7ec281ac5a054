import NIOCore

/// A decimal number as written, without rounding.
struct DecimalNumber: Hashable {
    /// The digits without the point.
    var digits: Int64
    /// How many of them stand behind the point, 0 to 15.
    var fractionDigits: Int

    /// Reads `12`, `7.8`, `.5`; nil for anything else, also for more than 15 digits.
    init?(_ text: some StringProtocol) {
        var digits: Int64 = 0
        var fractionDigits = 0
        var hasPoint = false
        var count = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                count += 1
                guard count <= 15 else { return nil }
                digits = digits * 10 + Int64(byte - UInt8(ascii: "0"))
                if hasPoint { fractionDigits += 1 }
            case UInt8(ascii: "."):
                guard !hasPoint else { return nil }
                hasPoint = true
            default: return nil
            }
        }
        guard count > 0 else { return nil }
        self.digits = digits
        self.fractionDigits = fractionDigits
    }

    /// This number times `factor`, if that is a whole number that fits.
    func times(_ factor: Int64) -> Int64? {
        let (product, overflow) = digits.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        var result = product
        for _ in 0..<fractionDigits {
            guard result % 10 == 0 else { return nil }
            result /= 10
        }
        return result
    }

    /// The nearest binary number.
    var doubleValue: Double {
        var divisor = 1.0
        for _ in 0..<fractionDigits { divisor *= 10 }
        return Double(digits) / divisor
    }

    /// As text, multiplied by a power of ten: `7.8` times 1,000 is `7800`.
    func text(timesTenTo exponent: Int) -> String {
        var text = String(digits)
        var places = fractionDigits - exponent
        if places <= 0 { return digits == 0 ? "0" : text + String(repeating: "0", count: -places) }
        if text.count <= places { text = String(repeating: "0", count: places - text.count + 1) + text }
        var whole = text.dropLast(places)
        var fraction = text.suffix(places)
        while let last = fraction.last, last == "0" { fraction.removeLast() }
        places = fraction.count
        if whole.isEmpty { whole = "0" }
        return places == 0 ? String(whole) : "\(whole).\(fraction)"
    }
}

/// A kind of quantity: its units and how to speak of it.
struct UnitTable: Sendable {
    /// "duration"
    var noun: String
    /// What is right, for someone who wrote something else.
    var example: String
    /// Symbols and their size in the base unit, as suggestions list them.
    var units: [(symbol: String, factor: Int64)]
    /// What people write instead of a symbol.
    var misnomers: [(wrong: String, right: String)]
    /// Two ways to complete a number without a unit: symbol and power of ten.
    var completions: [(symbol: String, exponent: Int)]
    /// The largest value in the base unit.
    var largest: Int64
    var largestText: String

    static let duration = UnitTable(
        noun: "duration", example: "7.8 s",
        units: [("ms", 1_000_000), ("s", 1_000_000_000), ("min", 60_000_000_000), ("h", 3_600_000_000_000)],
        misnomers: [
            ("m", "min"), ("sec", "s"), ("secs", "s"), ("second", "s"), ("seconds", "s"), ("mins", "min"), ("minute", "min"), ("minutes", "min"),
            ("hour", "h"), ("hours", "h"), ("hr", "h"), ("msec", "ms"), ("millis", "ms"), ("milliseconds", "ms"), ("S", "s"), ("MS", "ms"), ("H", "h"),
        ],
        completions: [("s", 0), ("ms", 3)], largest: 36_000_000_000_000_000, largestText: "10000 h")

    static let rate = UnitTable(
        noun: "rate", example: "2 Mbit/s",
        units: [("bit/s", 1), ("kbit/s", 1_000), ("Mbit/s", 1_000_000), ("Gbit/s", 1_000_000_000)],
        misnomers: [
            ("bps", "bit/s"), ("kbps", "kbit/s"), ("Kbps", "kbit/s"), ("mbps", "Mbit/s"), ("Mbps", "Mbit/s"), ("gbps", "Gbit/s"), ("Gbps", "Gbit/s"),
            ("Kbit/s", "kbit/s"), ("mbit/s", "Mbit/s"), ("gbit/s", "Gbit/s"), ("Mbit", "Mbit/s"), ("kbit", "kbit/s"), ("Gbit", "Gbit/s"),
        ],
        completions: [("kbit/s", 0), ("Mbit/s", 0)], largest: 1_000_000_000_000, largestText: "1000 Gbit/s")

    static let size = UnitTable(
        noun: "size", example: "200 B",
        units: [("B", 1), ("kB", 1_000), ("MB", 1_000_000), ("KiB", 1_024), ("MiB", 1_048_576)],
        misnomers: [
            ("b", "B"), ("byte", "B"), ("bytes", "B"), ("K", "kB"), ("k", "kB"), ("KB", "kB"), ("kb", "kB"), ("M", "MB"), ("mb", "MB"), ("Mb", "MB"),
            ("kiB", "KiB"), ("kib", "KiB"), ("mib", "MiB"),
        ],
        completions: [("B", 0), ("kB", -3)], largest: 1_000_000_000, largestText: "1000 MB")

    /// Shares in millionths of a percent.
    static let share = UnitTable(
        noun: "share", example: "1.5 %", units: [("%", 1_000_000)], misnomers: [("percent", "%"), ("pct", "%"), ("‰", "%")],
        completions: [("%", 0)], largest: 100_000_000, largestText: "100 %")
}

/// Text to quantities. Every failure is a sentence that says what to write.
enum QuantityParser {
    struct Problem: Error, Hashable { var message: String }

    /// A quantity in the table's base unit; durations may be sums such as `1 min 30 s`.
    static func parse(_ text: String, _ table: UnitTable) -> Result<Int64, Problem> {
        let text = text.trimmed
        guard !text.isEmpty else { return fail("a \(table.noun) is missing, for example \"\(table.example)\".") }
        guard text.utf8.count <= 60 else { return fail("\"\(text.prefix(30))...\" is not a \(table.noun). Write for example \"\(table.example)\".") }
        if text.first == "-" || text.first == "−" { return fail("\"\(text)\" is negative. A \(table.noun) is 0 or more.") }
        if let number = DecimalNumber(text) { return unitMissing(number, text, table) }

        var sum: Int64 = 0
        var rest = text[...]
        var parts = 0
        while !rest.isEmpty {
            let numberEnd = rest.firstIndex { !($0.isASCII && ($0.isNumber || $0 == ".")) } ?? rest.endIndex
            let unitStart = rest[numberEnd...].firstIndex { $0 != " " } ?? rest.endIndex
            let unitEnd = rest[unitStart...].firstIndex { $0 == " " || ($0.isASCII && $0.isNumber) } ?? rest.endIndex
            guard let number = DecimalNumber(rest[..<numberEnd]) else {
                return fail("\"\(text)\" is not a \(table.noun). Write for example \"\(table.example)\".")
            }
            let symbol = String(rest[unitStart..<unitEnd])
            if symbol.isEmpty { return unitMissing(number, String(rest[..<numberEnd]), table) }
            guard let unit = table.units.first(where: { $0.symbol == symbol }) else { return wrongUnit(symbol, number, text, table) }
            guard let value = number.times(unit.factor) else {
                return fail("\"\(text)\" cannot be kept exactly: it is too large or has too many decimals.")
            }
            let (total, overflow) = sum.addingReportingOverflow(value)
            guard !overflow, total <= table.largest else { return fail("\"\(text)\" is more than \(table.largestText), the most that is allowed.") }
            sum = total
            parts += 1
            rest = rest[unitEnd...].drop { $0 == " " }
        }
        guard parts == 1 || table.noun == UnitTable.duration.noun else {
            return fail("\"\(text)\" is not a \(table.noun). Write for example \"\(table.example)\".")
        }
        return .success(sum)
    }

    private static func fail(_ message: String) -> Result<Int64, Problem> { .failure(Problem(message: message)) }

    private static func unitMissing(_ number: DecimalNumber, _ text: String, _ table: UnitTable) -> Result<Int64, Problem> {
        let choices = table.completions.map { "\"\(number.text(timesTenTo: $0.exponent)) \($0.symbol)\"" }
        return fail("\"\(text)\" has no unit. Write \(choices.joined(separator: " or ")).")
    }

    private static func wrongUnit(_ symbol: String, _ number: DecimalNumber, _ text: String, _ table: UnitTable) -> Result<Int64, Problem> {
        let units = table.units.map(\.symbol).joined(separator: ", ")
        if symbol.hasPrefix(",") { return fail("\"\(text)\" has a comma. Decimals are written with a point: \"\(text.map { $0 == "," ? "." : String($0) }.joined())\".") }
        if let better = table.misnomers.first(where: { $0.wrong == symbol })?.right {
            return fail("\"\(symbol)\" is not a unit of a \(table.noun). Write \"\(number.text(timesTenTo: 0)) \(better)\".")
        }
        let isNumberLike = DecimalNumber(text.prefix { $0 != " " }) != nil || text.first?.isNumber == true
        guard isNumberLike else { return fail("\"\(text)\" is not a \(table.noun). Write for example \"\(table.example)\".") }
        return fail("\"\(symbol)\" is not a unit of a \(table.noun). The units are \(units).")
    }
}

/// Quantities back to text, in the largest unit that keeps them exact.
enum QuantityText {
    static func duration(_ amount: TimeAmount) -> String {
        let nanoseconds = amount.nanoseconds
        if nanoseconds < 0 { return "-" + duration(.nanoseconds(-nanoseconds)) }
        if nanoseconds == 0 { return "0 s" }
        for (symbol, factor) in [("h", Int64(3_600_000_000_000)), ("min", 60_000_000_000)] where nanoseconds % factor == 0 {
            return "\(nanoseconds / factor) \(symbol)"
        }
        if nanoseconds < 1_000_000_000 { return decimal(nanoseconds, unit: 1_000_000) + " ms" }
        return decimal(nanoseconds, unit: 1_000_000_000) + " s"
    }

    /// `value / unit` in decimals without trailing zeros; `unit` is a power of ten.
    static func decimal(_ value: Int64, unit: Int64) -> String {
        var fraction = String(unit + value % unit).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return fraction.isEmpty ? "\(value / unit)" : "\(value / unit).\(fraction)"
    }
}
