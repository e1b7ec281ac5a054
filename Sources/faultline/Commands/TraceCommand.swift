import ArgumentParser
import Foundation
import Trace

/// `faultline trace`.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Work with traces (JSON Lines, as `faultline replay --json` writes them).",
        subcommands: [DiffCommand.self])

    /// `faultline trace diff`.
    struct DiffCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "diff",
            abstract: "Show where two traces part: the first event that differs, with the events before it.",
            discussion: """
                EXAMPLES
                  faultline trace diff before.jsonl after.jsonl

                Exit code 0 if the traces are equal, 1 if they differ.
                """)

        @Argument(help: "The first trace.")
        var first: String

        @Argument(help: "The second trace.")
        var second: String

        func run() throws {
            guard let difference = TraceDiff(try Self.read(first), try Self.read(second)) else {
                Terminal.print(["The traces are equal."])
                return
            }
            Terminal.print(["< \(first)", "> \(second)", difference.description])
            throw ExitCode(1)
        }

        private static func read(_ path: String) throws -> TraceLog {
            do {
                return try TraceLog(readingFile: path)
            } catch {
                throw InputError("\(error)")
            }
        }
    }
}
