import CompactJSON

// How a producer makes the events of the WebRTC library below a peer, the simulated one or a real one. `who` is the peer, `remote` the other side's id.

extension TraceEvent {
    /// A candidate was found. `type`: `host`, `srflx`, `prflx`, `relay`; `transport`: `udp`, `tcp`, `tls` (of a relay: to its server).
    public static func candidate(
        at timeNs: Int64, who: String, remote: String? = nil, type: String, address: String, transport: String
    ) -> Self {
        make(.candidate, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.candidateType, type)
            $0.add(.address, address)
            $0.add(.transport, transport)
        }
    }

    /// What became of a pair of candidates.
    public enum PairPhase: String, Sendable, CaseIterable {
        case succeeded, selected, failed, lost
    }

    /// A pair of candidates. The candidates as a type and an address: `relay 203.0.113.9:49152`.
    public static func pair(
        at timeNs: Int64, who: String, remote: String? = nil, phase: PairPhase, localCandidate: String, remoteCandidate: String
    ) -> Self {
        make(.pair, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.phase, phase.rawValue)
            $0.add(.localCandidate, localCandidate)
            $0.add(.remoteCandidate, remoteCandidate)
        }
    }

    /// What ICE, DTLS or SCTP did (`kind`: ``TraceKind/ice``, ``TraceKind/dtls`` or ``TraceKind/sctp``), with whatever details the library has.
    public static func webrtc(
        _ kind: TraceKind, at timeNs: Int64, who: String, remote: String? = nil, event: String, details: JSONObject = JSONObject()
    ) -> Self {
        assert(kind == .ice || kind == .dtls || kind == .sctp, "\(kind.rawValue) has a constructor of its own")
        return make(kind, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.event, event)
            $0.add(details)
        }
    }

    /// What a TURN client did: `allocate`, `allocated`, `refused`, `refreshed`, `lost` ... `server` is the URL; `code` STUN's error code.
    public static func turn(
        at timeNs: Int64, who: String, remote: String? = nil, server: String, event: String, code: Int? = nil
    ) -> Self {
        make(.turn, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.server, server)
            $0.add(.event, event)
            $0.add(.code, code)
        }
    }

    /// Whether what a remote track shows moves.
    public enum MediaPhase: String, Sendable, CaseIterable {
        case flowing, stalled
    }

    /// The frames of a remote track began to come, or have not come for a while. `forNs`: how long the phase lasted that ends now.
    public static func media(
        at timeNs: Int64, who: String, remote: String, track: String, kind: String? = nil, phase: MediaPhase, forNs: Int64? = nil
    ) -> Self {
        make(.media, timeNs, who) {
            $0.add(.remote, remote)
            $0.add(.track, track)
            $0.add(.mediaKind, kind)
            $0.add(.phase, phase.rawValue)
            $0.add(.duration, forNs)
        }
    }
}
