import NIOCore
import NetworkModel

/// Priorities and foundations (RFC 8445 sections 5.1.1.3, 5.1.2, 6.1.2.3).
enum ICEPriority {
    /// RFC 8445 section 5.1.2.1, for component 1.
    static func candidate(typePreference: UInt32, localPreference: UInt32) -> UInt32 {
        min(typePreference, 126) << 24 | min(localPreference, 65_535) << 8 | 255
    }

    /// RFC 8445 section 6.1.2.3.
    static func pair(controlling: UInt32, controlled: UInt32) -> UInt64 {
        let (low, high) = (UInt64(min(controlling, controlled)), UInt64(max(controlling, controlled)))
        // 2^32 low + 2 high + 1 at most is 2^64 - 1 for priorities under 2^32 - 1; hostile ones may be that.
        return (low << 32 &+ high << 1) &+ (controlling > controlled ? 1 : 0)
    }

    /// Equal for candidates of one kind, base address and server.
    static func foundation(of candidate: ICELocalCandidate) -> String {
        let text =
            "\(candidate.kind.rawValue) \(candidate.base.address) \(candidate.relayTransport?.rawValue ?? "") \(candidate.serverURL ?? "")"
        return Array(text.utf8).withUnsafeBytes { "\(CRC32.checksum($0))" }
    }

    /// libwebrtc's cost of a network (rtc_base/network_constants.h); a socket bound to "any" belongs to none.
    static func networkCost(_ kind: InterfaceKind?) -> UInt16 {
        switch kind {
        case .ethernet: 0
        case .wifi: 10
        case .cellular: 900
        case .vpn: 1
        case nil: 50
        }
    }
}

extension ICEProfile.TypePreferences {
    func preference(_ kind: ICECandidateKind, relayTransport: TURNTransport? = nil) -> UInt32 {
        switch kind {
        case .host: host
        case .serverReflexive: serverReflexive
        case .peerReflexive: peerReflexive
        case .relayed:
            switch relayTransport {
            case .udp, nil: relayUDP
            case .tcp: relayTCP
            case .tls: relayTLS
            }
        }
    }
}
