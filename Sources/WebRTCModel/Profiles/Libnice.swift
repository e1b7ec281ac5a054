import NIOCore

extension WebRTCProfile {
    /// libnice (GStreamer, Janus) with consent freshness switched on; libnice 16b364d2 (2026-06). DTLS and SCTP are those of its usual companions.
    public static let libnice = WebRTCProfile(
        name: "libnice",
        // agent/agent-priv.h, agent/conncheck.c, stun/usages/timer.h.
        ice: ICEProfile(
            checking: .checkList(pacing: .milliseconds(20), schedule: libniceSTUN),
            liveness: .consent(
                ICEProfile.Consent(
                    interval: .seconds(4) ... .seconds(6),  // NICE_AGENT_TIMER_CONSENT_DEFAULT 5000 x U(0.8, 1.2), at least 4000
                    answerTimeout: nil, waitsForOutcome: false, failureLimit: nil,
                    expiry: .seconds(30),  // NICE_AGENT_TIMER_CONSENT_TIMEOUT
                    isDisconnectedByOneFailure: false)),
            nomination: .aggressive, restart: .makeBeforeBreak, typePreferences: .rfc8445,
            trickleGracePeriod: .seconds(5),  // idle timeout
            connectTimeout: nil, switchesPairs: false, isRevivedByPeer: false, reportsCompleted: true),
        gathering: GatheringProfile(
            stunSchedule: libniceSTUN, relayDelay: .zero, hostTCPDelay: nil, timeout: nil, trickles: true,
            keepaliveInterval: .seconds(25),  // Tr
            interfacePollInterval: nil, interfaceEventDelay: .zero, regatherInterval: nil, maximumIPv6Networks: 16,
            // agent.c priv_add_new_candidate_discovery_turn: TURN over UDP has the host candidate's socket.
            sharesSocketWithTURN: true, asksTURNServersForSTUN: false,
            learnsReflexiveFromAllocate: true),  // conncheck.c priv_map_reply_to_relay_request
        turn: TURNProfile(
            schedule: libniceSTUN, requestedLifetime: nil, refresh: .before(end: .seconds(60)),
            permissionRefresh: .seconds(240), channelRefresh: .seconds(540), channels: .afterFirstDatagram,
            refreshesPermissionsOfChannels: false, waitsForPermission: true, mismatchRetries: 0,
            streamTimeout: .seconds(2)),
        // OpenSSL: RFC 6347 section 4.2.4.1.
        dtls: DTLSProfile(
            initialTimeout: .fixed(.seconds(1)), maximumTimeout: .seconds(60), maximumTimeouts: 12, usesCookie: false),
        // RFC 9260 section 16.
        sctp: SCTPProfile(
            initialRTO: .seconds(1), minimumRTO: .seconds(1), maximumRTO: .seconds(60), maximumBackoff: nil, handshakeTimeout: .seconds(1),
            handshakeRetransmissions: 8, retransmissions: 10, heartbeatInterval: .seconds(30), acknowledgementDelay: .milliseconds(200),
            maximumPacketBytes: 1_200, initialWindowPackets: 4, maximumMessageBytes: 65_536))

    /// STUN_TIMER_DEFAULT_TIMEOUT 500, 3 retransmissions of which the last is the end, and the last wait halved: at 0, 0.5, 1.5 s; given up at 2.0 s.
    private static let libniceSTUN = RetransmissionSchedule(
        initialTimeout: .milliseconds(500), longestWait: .seconds(1), sends: 3, finalWait: .milliseconds(500))
}
