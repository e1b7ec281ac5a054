import NIOCore

extension WebRTCProfile {
    /// libwebrtc as in Chrome and in the native SDKs for iOS and Android; webrtc-sdk/webrtc cd6792e5 (2024-10), the constants unchanged in later upstream.
    public static let libwebrtc = WebRTCProfile(
        name: "libwebrtc",
        ice: ICEProfile(
            // p2p/base/p2p_constants.cc and basic_ice_controller.cc.
            checking: .pingLoop(
                ICEProfile.PingLoop(
                    weakInterval: .milliseconds(48),  // WEAK_PING_INTERVAL
                    strongInterval: .milliseconds(480),  // STRONG_PING_INTERVAL
                    stableInterval: .milliseconds(2_500),  // STRONG_AND_STABLE_WRITABLE_CONNECTION_PING_INTERVAL
                    stabilizingInterval: .milliseconds(900),  // WEAK_OR_STABILIZING_WRITABLE_CONNECTION_PING_INTERVAL
                    backupInterval: .seconds(25),  // BACKUP_CONNECTION_PING_INTERVAL
                    initialPings: 3,  // MIN_PINGS_AT_WEAK_PING_INTERVAL
                    minimumCheckInterval: .milliseconds(50),  // MIN_CHECK_RECEIVING_INTERVAL
                    receivingTimeout: .milliseconds(2_500),  // RECEIVING_TIMEOUT
                    receivingSwitchingDelay: .seconds(1),  // RECEIVING_SWITCHING_DELAY
                    minimumImprovement: .milliseconds(10),  // kMinImprovement
                    deadTimeout: .seconds(30),  // DEAD_CONNECTION_RECEIVE_TIMEOUT
                    minimumLifetime: .seconds(10),  // MIN_CONNECTION_LIFETIME
                    requestLifetime: .seconds(60),  // CONNECTION_RESPONSE_TIMEOUT
                    // Measured: in Chromium 156 pings are 62.5 ms and 2.656 s apart, which is 48 and 250 ms rounded up to 64 ticks a second.
                    timerTick: .microseconds(15_625))),
            liveness: .unansweredChecks(
                unreliableChecks: 5,  // CONNECTION_WRITE_CONNECT_FAILURES
                unreliableAfter: .seconds(5),  // CONNECTION_WRITE_CONNECT_TIMEOUT
                failedAfter: .seconds(15)),  // CONNECTION_WRITE_TIMEOUT
            nomination: .semiAggressive,
            restart: .makeBeforeBreak,
            typePreferences: ICEProfile.TypePreferences(
                host: 126, peerReflexive: 110, serverReflexive: 100, relayUDP: 2, relayTCP: 1, relayTLS: 0),
            connectTimeout: nil, switchesPairs: true, isRevivedByPeer: true,
            reportsCompleted: false),
        // p2p/client/basic_port_allocator.cc, p2p/base/stun_request.cc, p2p/base/stun_port.cc.
        gathering: GatheringProfile(
            stunSchedule: libwebrtcSTUN,
            relayDelay: .milliseconds(50),  // kMinimumStepDelay
            hostTCPDelay: .milliseconds(100), timeout: nil, trickles: true,
            keepaliveInterval: .seconds(10),  // STUN_KEEPALIVE_INTERVAL
            interfacePollInterval: .seconds(2),  // kNetworksUpdateIntervalMs
            interfaceEventDelay: .zero,
            regatherInterval: .seconds(300),  // REGATHER_ON_FAILED_NETWORKS_INTERVAL
            maximumIPv6Networks: 5, sharesSocketWithTURN: true, asksTURNServersForSTUN: true, learnsReflexiveFromAllocate: false,
            idlePortLifetime: .milliseconds(44_750),  // kPortTimeoutDelay
            mobileKeepaliveLifetime: .seconds(120)),  // HIGH_COST_PORT_KEEPALIVE_LIFETIME
        // p2p/base/turn_port.cc.
        turn: TURNProfile(
            schedule: libwebrtcSTUN, requestedLifetime: nil, refresh: .before(end: .seconds(60)),
            permissionRefresh: .seconds(240),  // kTurnPermissionTimeout less one minute
            channelRefresh: .seconds(240), channels: .afterFirstPayload, refreshesPermissionsOfChannels: false, waitsForPermission: false,
            mismatchRetries: 2,  // MAX_ALLOCATE_MISMATCH_RETRIES
            streamTimeout: .milliseconds(39_750),
            // TurnPort::CreateConnection asks for it at once, but then the first pair would work before any other was tried, and
            // Chromium was measured to have a second one to switch to.
            permitsBeforeFirstDatagram: false),
        // p2p/base/dtls_transport.cc (kMinHandshakeTimeout, kMaxHandshakeTimeout); BoringSSL: cap 60 s, DTLS1_MAX_TIMEOUTS 12.
        dtls: DTLSProfile(
            initialTimeout: .twiceRoundTrip(minimum: .milliseconds(50), maximum: .seconds(3)), maximumTimeout: .seconds(60),
            maximumTimeouts: 12, usesCookie: false),
        // net/dcsctp/public/dcsctp_options.h and the overrides of media/sctp/dcsctp_transport.cc.
        sctp: SCTPProfile(
            initialRTO: .milliseconds(500), minimumRTO: .milliseconds(400), maximumRTO: .seconds(60), maximumBackoff: .seconds(3),
            handshakeTimeout: .seconds(1), handshakeRetransmissions: nil, retransmissions: nil, heartbeatInterval: .seconds(30),
            acknowledgementDelay: .milliseconds(200), maximumPacketBytes: 1_191, initialWindowPackets: 10,
            maximumMessageBytes: 262_144), connection: .libwebrtc)

    /// STUN_INITIAL_RTO 250, STUN_MAX_RTO 8000, STUN_MAX_RETRANSMISSIONS 8: at 0, 0.25, 0.75, 1.75, 3.75, 7.75, 15.75, 23.75, 31.75 s; given up at 39.75 s.
    private static let libwebrtcSTUN = RetransmissionSchedule(
        initialTimeout: .milliseconds(250), longestWait: .seconds(8), sends: 9, finalWait: .seconds(8))
}
