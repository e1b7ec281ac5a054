import NIOCore
import NetworkModel
import Testing

@testable import WebRTCModel

@Suite("WebRTC fidelity") struct WebRTCFidelityTests {
    @Test("print") func table() throws {
        print(FidelityRow.table(try WebRTCFidelity(phases: 20).turnRows()))
    }
}
