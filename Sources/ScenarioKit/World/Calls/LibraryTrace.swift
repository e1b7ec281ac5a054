import CompactJSON
import Trace
import WebRTCModel

/// Puts into the trace what happened inside the WebRTC library.
struct LibraryTrace {
    let who: String

    /// - Parameter remote: of the connection that the event is about; nil if it is not known.
    func event(for event: WebRTCEvent, remote: String?) -> TraceEvent? {
        let time = Int64(event.time.uptimeNanoseconds)
        switch event.kind {
        case .candidateGathered(let type, let address, let relayProtocol):
            return .candidate(
                at: time, who: who, remote: remote, type: type, address: "\(address)", transport: relayProtocol ?? "udp")
        case .serverFailed: return nil  // the SDK tells it
        case .turn(let server, let phase, let code):
            return .turn(at: time, who: who, remote: remote, server: "\(server)", event: phase, code: code)
        case .pairSelected(let local, let far):
            return .pair(at: time, who: who, remote: remote, phase: .selected, localCandidate: local, remoteCandidate: far)
        case .pairLost(let local, let far, _):
            return .pair(at: time, who: who, remote: remote, phase: .lost, localCandidate: local, remoteCandidate: far)
        case .dtls(let phase): return .webrtc(.dtls, at: time, who: who, remote: remote, event: phase)
        case .sctp(let phase): return .webrtc(.sctp, at: time, who: who, remote: remote, event: phase)
        case .media(let track, let isFlowing, let silence):
            guard let remote else { return nil }
            return .media(
                at: time, who: who, remote: remote, track: track, phase: isFlowing ? .flowing : .stalled, forNs: silence.nanoseconds)
        }
    }
}
