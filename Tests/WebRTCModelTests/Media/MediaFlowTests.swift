import MeteredRealtime
import Testing

@testable import WebRTCModel

@Suite("Media flows") struct MediaFlowTests {
    @Test("a track without a flow of its own samples its kind", arguments: MediaKind.allCases)
    func defaultFlow(kind: MediaKind) {
        #expect(SimulatedMediaTrack(id: "a", kind: kind).flow == .sampled(kind))
    }
}
