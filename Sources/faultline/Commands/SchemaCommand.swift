import ArgumentParser
import ScenarioKit

/// `faultline schema`.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of scenario files, or the language's reference.",
        discussion: """
            EXAMPLES
              faultline schema > faultline.schema.json
              faultline schema --text | less

            With the line `# yaml-language-server: $schema=faultline.schema.json` on top of a scenario an editor completes and checks it.
            """)

    @Flag(help: "Print the reference as text: every key, what it means, its unit and its default.")
    var text = false

    func run() throws {
        Terminal.print([text ? ScenarioSchema.reference() : ScenarioSchema.json()])
    }
}
