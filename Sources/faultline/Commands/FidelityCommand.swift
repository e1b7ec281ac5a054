import ArgumentParser
import NetworkModel
import Trace
import WebRTCModel

/// `faultline fidelity`.
struct FidelityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fidelity",
        abstract: "Print the models beside measurements: Linux TCP, Chromium's and aioice's ICE, coturn; blackouts, roams, lost servers.",
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
        let transport = try TCPFidelity(phases: phases, seed: seed).rows()
        let connectivity = try WebRTCFidelity(phases: phases, seed: seed).rows()
        Terminal.print(["TCP"] + table(transport) + ["", "ICE and TURN"] + table(connectivity))
        let rows = transport + connectivity
        if rows.contains(where: { $0.verdict == .differs }) { throw ExitCode(1) }
    }

    private func table(_ rows: [FidelityRow]) -> [String] {
        var text = TextColumns(FidelityRow.columns.map { _ in .left })
        for cells in [FidelityRow.columns] + rows.map(\.cells) { text.append(cells) }
        return text.lines
    }
}
