import NIOCore
import Testing

@testable import NetworkModel

/// The model against what real Linux did; the command line does the same with 200 phases.
@Suite struct TCPFidelityTests {
    private let fidelity = TCPFidelity(phases: 40)

    private func expectAgreement(_ rows: [FidelityRow]) {
        #expect(!rows.isEmpty)
        let differing = rows.filter { $0.verdict != .agrees }
        #expect(differing.isEmpty, "\n\(differing.map(\.description).joined(separator: "\n"))")
    }

    @Test("the first message after a blackout of 5, 20 and 70 s comes when Linux's came")
    func blackouts() throws { expectAgreement(try fidelity.blackoutRows()) }

    @Test("retransmissions come at the gaps of the captures")
    func retransmissions() throws { expectAgreement(try fidelity.retransmissionRows()) }

    @Test("SYNs come at the gaps of the capture, and connect gives up at 134 s")
    func connecting() throws { expectAgreement(try fidelity.connectRows()) }

    @Test("retries, user timeout and a library's keepalive end a connection when they did")
    func ends() throws { expectAgreement(try fidelity.endRows()) }

    @Test("a model that is off is found out")
    func discerning() {
        let measured = TimeAmount.seconds(10) ... .seconds(11)
        let off = FidelityRow("x", measured: measured, resolution: .zero, model: [.seconds(12), .seconds(13)], explanation: "")
        #expect(off.verdict == .differs)
        let rare = FidelityRow(
            "x", measured: measured, resolution: .zero, model: [.seconds(9), .seconds(10)] + Array(repeating: .seconds(20), count: 20),
            explanation: "")
        #expect(rare.verdict == .differs)
        let right = FidelityRow(
            "x", measured: measured, resolution: .zero, model: [.seconds(9), .seconds(10), .seconds(12)], explanation: "")
        #expect(right.verdict == .agrees)
    }
}
