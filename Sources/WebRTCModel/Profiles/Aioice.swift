import NIOCore

extension WebRTCProfile {
    /// aioice and aiortc (Python); aioice ba935626 (2025-11), aiortc 8a286463 (2026-07).
    public static let aioice = WebRTCProfile(
        name: "aioice",
        // aioice/ice.py, stun.py.
        ice: ICEProfile(
            checking: .checkList(pacing: .milliseconds(20), schedule: aioiceSTUN),
            liveness: .consent(
                ICEProfile.Consent(
                    interval: .seconds(4) ... .seconds(6),  // CONSENT_INTERVAL 5 x U(0.8, 1.2)
                    answerTimeout: .milliseconds(500),  // one send, RETRY_RTO
                    waitsForOutcome: true,
                    failureLimit: 6,  // CONSENT_FAILURES
                    expiry: nil, isDisconnectedByOneFailure: false)),
            nomination: .aggressive, restart: .unsupported, typePreferences: .rfc8445,
            connectTimeout: nil, switchesPairs: false, isRevivedByPeer: false, reportsCompleted: true),
        gathering: GatheringProfile(
            stunSchedule: aioiceSTUN, relayDelay: .zero, hostTCPDelay: nil, timeout: .seconds(5), trickles: false,
            keepaliveInterval: nil, interfacePollInterval: nil, interfaceEventDelay: .zero, regatherInterval: nil, maximumIPv6Networks: 16,
            sharesSocketWithTURN: false, asksTURNServersForSTUN: false, learnsReflexiveFromAllocate: false),
        // aioice/turn.py.
        turn: TURNProfile(
            schedule: aioiceSTUN, requestedLifetime: .seconds(600), refresh: .after(numerator: 5, denominator: 6),
            permissionRefresh: .seconds(240), channelRefresh: .seconds(500), channels: .insteadOfPermission,
            refreshesPermissionsOfChannels: false, waitsForPermission: true, mismatchRetries: 0,
            streamTimeout: .milliseconds(63_500)),
        // OpenSSL: RFC 6347 section 4.2.4.1.
        dtls: DTLSProfile(
            initialTimeout: .fixed(.seconds(1)), maximumTimeout: .seconds(60), maximumTimeouts: 12, usesCookie: false),
        // aiortc/rtcsctptransport.py.
        sctp: SCTPProfile(
            initialRTO: .seconds(3), minimumRTO: .seconds(1), maximumRTO: .seconds(60), maximumBackoff: nil, handshakeTimeout: .seconds(3),
            handshakeRetransmissions: 8, retransmissions: 10, heartbeatInterval: nil, acknowledgementDelay: .zero,
            maximumPacketBytes: 1_200, initialWindowPackets: 3, maximumMessageBytes: 65_536), connection: .closing)

    /// RETRY_RTO 0.5, RETRY_MAX 6, and no Rm: at 0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s; given up at 63.5 s.
    private static let aioiceSTUN = RetransmissionSchedule(
        initialTimeout: .milliseconds(500), longestWait: .seconds(64), sends: 7, finalWait: .seconds(32))
}
