import ArgumentParser
import NetworkModel

/// `faultline fidelity`.
struct FidelityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fidelity",
        abstract: "Print the model of TCP beside measurements of Linux: retransmissions, SYNs, recovery after blackouts, giving up.",
        discussion: """
            EXAMPLES
              faultline fidelity
              faultline fidelity --phases 1000

            Each experiment runs at many phases of the fault against the traffic. Exit code 1 if a row differs.
            """)

    @Option(help: "How many phases each experiment runs at.")
    var phases = 200

    @Option(help: "The seed.")
    var seed: UInt64 = 1

    func run() throws {
        guard (1...100_000).contains(phases) else { throw InputError("--phases: \(phases) is not a number of phases; take 1 to 100000") }
        let rows = try TCPFidelity(phases: phases, seed: seed).rows()
        Terminal.print([FidelityRow.table(rows)])
        if rows.contains(where: { $0.verdict == .differs }) { throw ExitCode(1) }
    }
}
