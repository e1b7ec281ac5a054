import ArgumentParser
import Foundation

/// The root command.
struct Faultline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faultline",
        abstract: "Runs the Metered realtime SDK through network disasters in virtual time and checks it against the spec.",
        discussion: """
            EXAMPLES
              faultline run                                        every scenario under Scenarios
              faultline run Scenarios/signalling --filter elevator
              faultline replay Scenarios/signalling/elevator.yaml --seed 7
              faultline validate my-scenario.yaml

            Exit codes: 0 all passed, 1 an expectation failed, 2 the input or the usage was wrong.
            """,
        version: "1.0.0",
        subcommands: [
            RunCommand.self, ReplayCommand.self, ValidateCommand.self, SchemaCommand.self, SpecCommand.self, TraceCommand.self,
            GoldenCommand.self, FidelityCommand.self, BenchCommand.self,
        ])
}

/// Something that the user must put right: told on standard error, exit code 2.
struct InputError: Error {
    /// One message a line, each complete in itself.
    var messages: [String]

    init(_ messages: [String]) { self.messages = messages }
    init(_ message: String) { messages = [message] }
}

@main
enum Main {
    static func main() async {
        do {
            var command = try Faultline.parseAsRoot()
            if var asynchronous = command as? AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as InputError {
            Terminal.complain(error.messages)
            exit(2)
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch {
            let code = Faultline.exitCode(for: error)
            if code.isSuccess { Faultline.exit(withError: error) }
            Terminal.complain([Faultline.fullMessage(for: error)])
            exit(2)
        }
    }
}
