import Foundation
import Reports
import ScenarioKit

/// The evidence of failed runs: for each a folder with the trace, the scenario as it was run, and the command that runs it again.
enum FailureFolder {
    static let root = ".faultline"
    /// A suite that fails everywhere says so in its report; it need not fill the disk.
    static let mostFolders = 50

    /// Writes the folders, and returns their paths by the scenario's name and the seed. What cannot be written is said, and harms nothing else.
    static func write(_ failed: [RunOutcome]) -> [String: [UInt64: String]] {
        var folders: [String: [UInt64: String]] = [:]
        for outcome in failed.prefix(mostFolders) {
            do {
                folders[outcome.name, default: [:]][outcome.seed] = try write(outcome)
            } catch let error as InputError {
                Terminal.complain(error.messages)
            } catch {
                Terminal.complain(["\(root): \(error)"])
            }
        }
        return folders
    }

    private static func write(_ outcome: RunOutcome) throws -> String {
        let folder = "\(root)/\(slug(outcome.name))-\(outcome.seed)/"
        try OutputFile.makeFolder(folder)
        if let trace = outcome.trace { try OutputFile.write(String(decoding: trace.bytes, as: UTF8.self), to: folder + "trace.jsonl") }
        try OutputFile.write(outcome.resolvedYAML, to: folder + "scenario.yaml")
        let report = TextReport(paint: Paint(isOn: false))
        try OutputFile.write((report.failureLines(outcome)).joined(separator: "\n") + "\n", to: folder + "report.txt")
        return folder
    }

    /// The name as a file name: letters, digits and dashes.
    static func slug(_ name: String) -> String {
        var result = ""
        for character in name.lowercased() {
            if character.isASCII, character.isLetter || character.isNumber {
                result.append(character)
            } else if !result.hasSuffix("-") {
                result.append("-")
            }
        }
        return String(result.prefix(60)).trimmingCharacters(in: CharacterSet(charactersIn: "-"))
    }
}
