import Foundation
import ArgumentParser
import ScenarioKit

/// Which scenarios a command works on.
struct ScenarioSelection: ParsableArguments {
    @Argument(help: "Scenario files, or folders that are searched for *.yaml.")
    var paths: [String] = ["Scenarios"]

    @Option(help: "Only scenarios whose name or path contains this text (any case).")
    var filter: String?

    /// The selected scenarios, complete and checked.
    ///
    /// - Throws: ``InputError`` with a message for every mistake in the files, or if nothing is selected.
    func load() throws -> [ResolvedScenario] {
        let scenarios = try Self.load(paths: paths)
        guard let filter else { return scenarios }
        let wanted = filter.lowercased()
        let selected = scenarios.filter { resolved in
            [resolved.scenario.name, resolved.scenario.file].contains { $0.lowercased().contains(wanted) }
        }
        guard !selected.isEmpty else {
            let places = paths.joined(separator: ", ")
            throw InputError("--filter: no scenario's name or path contains \"\(filter)\"; there are \(scenarios.count) in \(places)")
        }
        return selected
    }

    static func load(paths: [String]) throws -> [ResolvedScenario] {
        let files: [String]
        switch ScenarioFiles.discover(paths) {
        case .success(let found): files = found
        case .failure(let errors): throw InputError(errors.diagnostics.map(\.description))
        }
        var scenarios: [ResolvedScenario] = []
        var messages: [String] = []
        for file in files {
            switch ScenarioLoader.load(file) {
            case .success(let loaded): scenarios += loaded
            case .failure(let errors): messages += errors.diagnostics.map(\.description)
            }
        }
        guard messages.isEmpty else { throw InputError(messages) }
        return scenarios
    }
}

/// Which member of a matrix a command runs.
struct VariantSelection: ParsableArguments {
    @Option(help: ArgumentHelp("Only this member of a matrix, as a failure's replay line gives it.", valueName: "name=value ..."))
    var variant: String?

    /// A message names so many members at most.
    private static let mostNamed = 20

    /// The scenarios that are the member; all of them where none is asked for.
    ///
    /// - Throws: ``InputError`` with the known members if there is no such one.
    func choose(from scenarios: [ResolvedScenario]) throws -> [ResolvedScenario] {
        guard let variant else { return scenarios }
        let chosen = scenarios.filter { $0.scenario.variantText == variant || $0.scenario.name == variant }
        guard chosen.isEmpty else { return chosen }
        var known: [String] = []
        for text in scenarios.map(\.scenario.variantText) where !text.isEmpty && !known.contains("'\(text)'") { known.append("'\(text)'") }
        let files = Set(scenarios.map(\.scenario.file))
        let place = files.count == 1 ? scenarios[0].scenario.file : "none of the \(files.count) files"
        let list = known.prefix(Self.mostNamed).joined(separator: ", ") + (known.count > Self.mostNamed ? ", ..." : "")
        let advice = known.isEmpty ? "There is no matrix." : "Known: \(list)"
        throw InputError("--variant: \(place) \(files.count == 1 ? "has no" : "has a") variant \"\(variant)\". \(advice)")
    }
}

/// Which seeds a command runs.
struct SeedSelection: ParsableArguments {
    @Option(help: "Run this one seed instead of the scenario's own.")
    var seed: UInt64?

    @Option(help: ArgumentHelp("Run these seeds instead of the scenario's own.", valueName: "first...last"))
    var seeds: String?

    /// The most seeds that one command takes.
    static let limit = 1_000_000

    /// The seeds to run instead of the scenarios' own; nil if none were given.
    ///
    /// - Throws: ``InputError`` for a range that is not one, or too long.
    func override() throws -> [UInt64]? {
        switch (seed, seeds) {
        case (nil, nil): return nil
        case (let seed?, nil): return [seed]
        case (nil, let text?): return try Self.range(text)
        case (_?, _?): throw InputError("--seed and --seeds exclude each other")
        }
    }

    private static func range(_ text: String) throws -> [UInt64] {
        let ends = text.components(separatedBy: "...").map { UInt64($0.trimmingCharacters(in: .whitespaces)) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first <= last else {
            throw InputError("--seeds: \"\(text)\" is not a range of seeds; write 1...20")
        }
        guard last - first < UInt64(limit) else {
            throw InputError("--seeds: \(text) are more than \(limit) seeds; take a shorter range")
        }
        return Array(first...last)
    }
}
