import CompactJSON

extension GoldenReport {
    private static let verdicts = ["matched", "explained", "not comparable", "differing", "broken"]

    /// The report for people.
    public var text: String {
        let counts = Self.verdicts.map { "\(results($0).count) \($0)" }.joined(separator: ", ")
        var sections = ["\(results.count) cases: \(counts)"]
        sections.append(
            section(
                "Explained by a transformation (cases)",
                uses.map { "\(padded($0.cases))  \($0.name) (\($0.rule))\($0.cases == 0 ? ": not used" : "")" }))
        var obstacleLines = obstacles.map { "\(padded($0.cases))  \($0.reason)" }
        obstacleLines += missingCalls.map {
            "\(padded($0.calls))  \($0.calls == 1 ? "call" : "calls") that our API does not have: \($0.name)"
        }
        sections.append(section("Not comparable (cases)", obstacleLines))
        sections.append(section("Differing", results("differing").flatMap(Self.difference)))
        sections.append(
            section(
                "Broken",
                results("broken").compactMap { result in
                    if case .broken(let message) = result.verdict { return message }
                    return nil
                }))
        return sections.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private func section(_ title: String, _ lines: [String]) -> String {
        lines.isEmpty ? "" : ([title] + lines.map { "  \($0)" }).joined(separator: "\n")
    }

    private func padded(_ number: Int) -> String {
        let digits = "\(number)"
        return String(repeating: " ", count: max(0, 4 - digits.count)) + digits
    }

    /// The first difference of a case with the lines before it.
    private static func difference(_ result: CaseResult) -> [String] {
        guard case .differing(let difference, let transformations) = result.verdict else { return [] }
        let applied = transformations.isEmpty ? "" : " (after: \(transformations.joined(separator: ", ")))"
        return ["\(result.name): \(difference.sequence.name) lines\(applied)"]
            + difference.context.map { "    as expected  \($0.text)" }
            + [
                "    expected     \(difference.expected?.text ?? "no further line")",
                "    got          \(difference.actual?.text ?? "no further line")",
            ]
    }

    /// The report for programs.
    public var json: JSONValue {
        var counts: JSONObject = [:]
        for verdict in Self.verdicts { counts[verdict] = .integer(Int64(results(verdict).count)) }
        return [
            "cases": .integer(Int64(results.count)),
            "counts": .object(counts),
            "transformations": .array(
                uses.map { ["name": .string($0.name), "rule": .string($0.rule), "cases": .integer(Int64($0.cases))] }),
            "notComparable": .array(obstacles.map { ["reason": .string($0.reason), "cases": .integer(Int64($0.cases))] }),
            "missingCalls": .array(missingCalls.map { ["name": .string($0.name), "calls": .integer(Int64($0.calls))] }),
            "results": .array(results.map { .object(Self.json(of: $0)) }),
        ]
    }

    private static func json(of result: CaseResult) -> JSONObject {
        var object: JSONObject = ["name": .string(result.name), "verdict": .string(result.verdict.name)]
        switch result.verdict {
        case .matched: break
        case .explained(let names): object["transformations"] = .array(names.map(JSONValue.string))
        case .notComparable(let reason): object["reason"] = .string(reason)
        case .broken(let message): object["message"] = .string(message)
        case .differing(let difference, let names):
            object["transformations"] = .array(names.map(JSONValue.string))
            object["sequence"] = .string(difference.sequence.name)
            object["expected"] = difference.expected.map { .object($0.json) } ?? .null
            object["got"] = difference.actual.map { .object($0.json) } ?? .null
        }
        return object
    }
}
