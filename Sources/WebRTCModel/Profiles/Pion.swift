import NIOCore

extension WebRTCProfile {
    /// pion (Go), as in many media servers; pion/ice 8a048a6f (2026-08), pion/turn 443e41ac (2026-07), pion/dtls and pion/sctp of the same time.
    public static let pion = WebRTCProfile(
        name: "pion",
        // pion/ice agent_config.go, agent.go, selection.go.
        ice: ICEProfile(
            checking: .everyPair(
                interval: .milliseconds(200),  // defaultCheckInterval
                limit: 7,  // defaultMaxBindingRequests
                requestLifetime: .seconds(4)),  // maxBindingRequestTimeout
            liveness: .silence(
                interval: .seconds(2),  // defaultKeepaliveInterval
                disconnectedAfter: .seconds(5),  // defaultDisconnectedTimeout
                failedAfter: .seconds(25)),  // defaultFailedTimeout, counted from disconnected
            nomination: .regular(
                ICEProfile.NominationWaits(
                    host: .zero, serverReflexive: .milliseconds(500), peerReflexive: .seconds(1), relay: .seconds(2))),
            restart: .breakBeforeMake, typePreferences: .rfc8445,
            connectTimeout: .seconds(30),  // the two timeouts above
            switchesPairs: false, isRevivedByPeer: false, reportsCompleted: false),
        gathering: GatheringProfile(
            stunSchedule: pionSTUN, relayDelay: .zero, hostTCPDelay: nil,
            timeout: .seconds(5),  // defaultSTUNGatherTimeout
            trickles: true, keepaliveInterval: nil,
            interfacePollInterval: .seconds(2),  // the network monitor of continual gathering
            interfaceEventDelay: .zero, regatherInterval: nil, maximumIPv6Networks: 16, sharesSocketWithTURN: false,
            asksTURNServersForSTUN: false, learnsReflexiveFromAllocate: false),
        // pion/turn client.go and internal/client.
        turn: TURNProfile(
            schedule: pionSTUN, requestedLifetime: .seconds(600), refresh: .after(numerator: 1, denominator: 2),
            permissionRefresh: .seconds(120), channelRefresh: .seconds(300), channels: .afterFirstDatagram,
            refreshesPermissionsOfChannels: true, waitsForPermission: true, mismatchRetries: 0,
            streamTimeout: .milliseconds(39_500)),
        // pion/dtls conn.go.
        dtls: DTLSProfile(
            initialTimeout: .fixed(.seconds(1)), maximumTimeout: .seconds(60), maximumTimeouts: 12, usesCookie: true),
        // pion/sctp rtx_timer.go, ack_timer.go.
        sctp: SCTPProfile(
            initialRTO: .seconds(1), minimumRTO: .seconds(1), maximumRTO: .seconds(60), maximumBackoff: nil, handshakeTimeout: .seconds(1),
            handshakeRetransmissions: 8, retransmissions: nil, heartbeatInterval: nil, acknowledgementDelay: .milliseconds(200),
            maximumPacketBytes: 1_191, initialWindowPackets: 4, maximumMessageBytes: 65_536), connection: .closing)

    /// RTO 200 doubling to 1600, maxRtxCount 7: at 0, 0.2, 0.6, 1.4, 3.0, 4.6, 6.2 s; given up at 7.8 s.
    private static let pionSTUN = RetransmissionSchedule(
        initialTimeout: .milliseconds(200), longestWait: .milliseconds(1_600), sends: 7, finalWait: .milliseconds(1_600))
}
