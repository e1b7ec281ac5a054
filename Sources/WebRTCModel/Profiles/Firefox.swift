import NIOCore

extension WebRTCProfile {
    /// Firefox: nICEr, NSS, usrsctp; mozilla/gecko-dev, dom/media/webrtc/transport.
    public static let firefox = WebRTCProfile(
        name: "firefox",
        ice: ICEProfile(
            checking: .checkList(pacing: .milliseconds(20), schedule: firefoxSTUN),  // Ta was not found: RFC 5245's for RTP
            liveness: .consent(
                ICEProfile.Consent(
                    interval: .seconds(4) ... .seconds(6),  // NR_ICE_CONSENT_TIMER_DEFAULT 5000 +-20 %
                    answerTimeout: nil, waitsForOutcome: false, failureLimit: nil,
                    expiry: .seconds(30),  // NR_ICE_CONSENT_TIMEOUT_DEFAULT
                    isDisconnectedByOneFailure: true)),
            nomination: .aggressive, restart: .makeBeforeBreak, typePreferences: .rfc8445,
            trickleGracePeriod: .seconds(5),  // pref media.peerconnection.ice.trickle_grace_period
            connectTimeout: nil, switchesPairs: false, isRevivedByPeer: false, reportsCompleted: false),
        gathering: GatheringProfile(
            stunSchedule: firefoxSTUN, relayDelay: .zero, hostTCPDelay: .zero, timeout: nil, trickles: true, keepaliveInterval: nil,
            interfacePollInterval: nil, interfaceEventDelay: .zero, regatherInterval: nil, maximumIPv6Networks: 16,
            // ice_component.c: a TURN server over UDP gives a relayed candidate and a server-reflexive one on the host candidate's socket.
            sharesSocketWithTURN: true, asksTURNServersForSTUN: false,
            learnsReflexiveFromAllocate: true),  // ice_candidate.c nr_turn_allocated_cb
        turn: TURNProfile(
            schedule: firefoxSTUN, requestedLifetime: .seconds(3_600), refresh: .before(end: .seconds(10)),
            // turn_client_ctx.c nr_turn_client_ensure_perm: TURN_REFRESH_SLACK_SECONDS before the end.
            permissionRefresh: .seconds(290), channelRefresh: .seconds(300), channels: .never, refreshesPermissionsOfChannels: false,
            waitsForPermission: false, mismatchRetries: 0,
            streamTimeout: .milliseconds(11_100)),
        // NSS: RFC 6347 section 4.2.4.1.
        dtls: DTLSProfile(
            initialTimeout: .fixed(.seconds(1)), maximumTimeout: .seconds(60), maximumTimeouts: 12, usesCookie: false),
        // usrsctp: RFC 9260 section 16.
        sctp: SCTPProfile(
            initialRTO: .seconds(1), minimumRTO: .seconds(1), maximumRTO: .seconds(60), maximumBackoff: nil, handshakeTimeout: .seconds(1),
            handshakeRetransmissions: 8, retransmissions: 10, heartbeatInterval: .seconds(30), acknowledgementDelay: .milliseconds(20),
            maximumPacketBytes: 1_200, initialWindowPackets: 10, maximumMessageBytes: 1_073_741_823))

    /// RTO 100, 7 sends (stun_client_maximum_transmits), then 1.5 times the wait before: at 0, 0.1, 0.3, 0.7, 1.5, 3.1, 6.3 s; given up at 11.1 s.
    private static let firefoxSTUN = RetransmissionSchedule(
        initialTimeout: .milliseconds(100), longestWait: .milliseconds(3_200), sends: 7, finalWait: .milliseconds(4_800))
}
