import CompactJSON
import Foundation
import Trace

/// One measured figure beside what the project aims at.
struct BenchFigure {
    /// Which side of a figure is good.
    enum Aim {
        case atLeast(Double)
        case atMost(Double)
    }

    let name: String
    let value: Double
    let unit: String
    let aim: Aim?

    init(_ name: String, _ value: Double, _ unit: String, aim: Aim? = nil) {
        self.name = name
        self.value = value
        self.unit = unit
        self.aim = aim
    }

    /// How many times better than the aim; below 1 the aim is missed.
    private var ratio: Double? {
        switch aim {
        case .atLeast(let aim)?: return value / aim
        case .atMost(let aim)?: return aim / value
        case nil: return nil
        }
    }

    private var aimText: String {
        switch aim {
        case .atLeast(let aim)?: return "aim: at least \(Self.number(aim))"
        case .atMost(let aim)?: return "aim: at most \(Self.number(aim))"
        case nil: return ""
        }
    }

    static func table(_ figures: [BenchFigure]) -> [String] {
        var text = TextColumns([.left, .right, .left, .left, .left])
        for figure in figures {
            let ratio = figure.ratio.map { "(\(number($0)) x)" } ?? ""
            text.append([figure.name, number(figure.value), figure.unit, figure.aimText, ratio])
        }
        return text.lines.map { "  " + $0 }
    }

    static func json(_ figures: [BenchFigure]) -> JSONValue {
        let list: [JSONValue] = figures.map { figure in
            [
                "name": .string(figure.name), "value": .double(figure.value), "unit": .string(figure.unit),
                "timesBetterThanAim": figure.ratio.map(JSONValue.double) ?? .null,
            ]
        }
        return ["machine": .string(Machine.description), "figures": .array(list)]
    }

    private static func number(_ value: Double) -> String {
        if value >= 1_000 { return String(format: "%.0f", value) }
        return String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)
    }
}

/// The machine that figures were measured on.
enum Machine {
    static var description: String {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        #if DEBUG
            let build = "a DEBUG build: these figures mean nothing"
        #else
            let build = "a release build"
        #endif
        return "\(processor), \(cores) cores, \(ProcessInfo.processInfo.operatingSystemVersionString), \(build)"
    }

    private static var processor: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown processor"
    }

    /// The process's memory in RAM; 0 where the system does not tell.
    static var residentBytes: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let fields = text.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4_096 : 0
    }
}
