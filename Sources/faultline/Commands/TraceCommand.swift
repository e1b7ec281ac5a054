import ArgumentParser
import Foundation
import Trace

/// `faultline trace`.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Work with traces (JSON Lines, as `faultline replay --json` writes them).", subcommands: [DiffCommand.self])

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
            let difference = TraceDiff(try Self.read(first), try Self.read(second))
            Terminal.print(difference.lines(first: first, second: second))
            if !difference.isEmpty { throw ExitCode(1) }
        }

        private static func read(_ path: String) throws -> TraceLog {
            do {
                return try TraceLog(readingFrom: path)
            } catch {
                throw InputError("\(error)")
            }
        }
    }
}
