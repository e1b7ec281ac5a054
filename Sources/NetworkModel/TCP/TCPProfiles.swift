import NIOCore

extension TCPProfile {
    /// Linux 6.5 and later with default settings: `tcp_syn_retries` 6, `tcp_syn_linear_timeouts` 4, `tcp_retries2` 15, HZ 250.
    public static let linux = linux(retries: 15)

    /// Linux before 6.5: SYNs at 0, 1, 3, 7, 15, 31 and 63 s, connect fails at 127 s (nominal).
    public static let linuxBefore6_5 = linux(
        name: "linux before 6.5", synWaits: [1, 2, 4, 8, 16, 32, 64], retries: 15)

    /// Linux 6.5 and later with another `tcp_retries2`: SYNs at 0, 1, 2, 3, 4, 5, 7, 11, 19, 35 and 67 s, connect fails at 131 s (nominal; the
    /// timer wheel makes it 134).
    public static func linux(retries: Int) -> TCPProfile {
        linux(
            name: retries == 15 ? "linux" : "linux, tcp_retries2 = \(retries)", synWaits: [1, 1, 1, 1, 1, 2, 4, 8, 16, 32, 64],
            retries: retries)
    }

    private static func linux(name: String, synWaits: [Int64], retries: Int) -> TCPProfile {
        TCPProfile(
            name: name, timers: .timerWheel(tick: .milliseconds(4)), synWaits: synWaits.map { .seconds($0) },
            // tcp_synack_retries 5
            synAcknowledgementWaits: [1, 2, 4, 8, 16, 32].map { .seconds($0) }, varianceFloor: .milliseconds(200),
            minimumTimeout: .milliseconds(200), slop: .zero, maximumDoublings: .max,
            maximumTimeout: .seconds(120),
            givingUp: .elapsed(retries: retries, base: .milliseconds(200)),
            // tcp_orphan_retries 0 means 8
            givingUpOrphaned: .elapsed(retries: 8, base: .milliseconds(200)), hasTailLossProbe: true, delayedAcknowledgement: .linux,
            // tcp_wmem starts at 16 kB and grows by autotuning; tcp_rmem 131,072, of which the window is half at first
            sendBufferBytes: 87_040, receiveBufferBytes: 65_536, addressRemoval: .keepsRetrying, unreachableDuringConnect: .fails)
    }

    /// iOS and macOS (XNU): 30 ms minimum and 200 ms slop, at most 6 doublings, 12 retransmissions, connect fails after 75 s (`TCPTV_KEEP_INIT`).
    public static let darwin = TCPProfile(
        name: "darwin", timers: .exact,
        // tcp_syn_backoff 1 1 1 1 1 2 4 8 16 32; the last wait is cut at 75 s
        synWaits: [1, 1, 1, 1, 1, 2, 4, 8, 16, 32, 8].map { .seconds($0) },
        synAcknowledgementWaits: [1, 1, 1, 1, 1, 2, 4, 8, 16, 32, 8].map { .seconds($0) }, varianceFloor: .zero,
        minimumTimeout: .milliseconds(30), slop: .milliseconds(200), maximumDoublings: 6, maximumTimeout: .seconds(64),
        givingUp: .retransmissions(12),
        givingUpOrphaned: .retransmissions(12), hasTailLossProbe: false,
        // TCPTV_DELACK: TCP_RETRANSHZ / 10
        delayedAcknowledgement: .everySecondSegment(delay: .milliseconds(100)),
        // net.inet.tcp.sendspace and recvspace
        sendBufferBytes: 131_072, receiveBufferBytes: 131_072, addressRemoval: .aborts,
        unreachableDuringConnect: .failsAfterRetransmissions(3))
}

/// The settings of one socket.
public struct TCPSocketOptions: Hashable, Sendable {
    /// TCP keepalive probes (`SO_KEEPALIVE`).
    public struct Keepalive: Hashable, Sendable {
        /// Silence before the first probe.
        public var idle: TimeAmount
        /// Between probes.
        public var interval: TimeAmount
        /// Unanswered probes before the connection is given up.
        public var probes: Int

        /// The defaults of Linux: 2 h, 75 s, 9 probes. XNU has 8.
        public init(idle: TimeAmount = .hours(2), interval: TimeAmount = .seconds(75), probes: Int = 9) {
            self.idle = idle
            self.interval = interval
            self.probes = probes
        }
    }

    /// `TCP_USER_TIMEOUT` (RFC 5482): how long data may stay unacknowledged; nil: as the profile says.
    public var userTimeout: TimeAmount?
    /// Keepalive probes; nil: none.
    public var keepalive: Keepalive?

    /// A socket without either.
    public init(userTimeout: TimeAmount? = nil, keepalive: Keepalive? = nil) {
        self.userTimeout = userTimeout
        self.keepalive = keepalive
    }
}
