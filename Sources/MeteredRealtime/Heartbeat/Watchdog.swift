import NIOCore

/// Decides when to ping and when to give a connection up for dead (SIG-11), and judges the answer to a path probe (SIG-19).
///
/// Only text frames count as life. The owner keeps one timer at ``deadline`` and calls ``timerFired(at:)``.
struct Watchdog: Hashable, Sendable {
    enum Action: Hashable, Sendable {
        /// Nothing is due.
        case none
        /// Send a ping: a heartbeat interval passed without a text frame.
        case ping
        /// Give the connection up: no text frame for this long.
        case giveUp(silence: TimeAmount, probeFailed: Bool)
    }

    private let inactivityTimeout: TimeAmount
    private let heartbeatInterval: TimeAmount
    private let probeTimeout: TimeAmount
    private var lastText: NIODeadline
    private var nextPing: NIODeadline
    private var probeDeadline: NIODeadline?

    /// Starts at the moment the socket opened.
    init(_ options: SignallingOptions, openedAt now: NIODeadline) {
        inactivityTimeout = options.inactivityTimeout
        heartbeatInterval = options.heartbeatInterval
        probeTimeout = options.pathProbeTimeout
        lastText = now
        nextPing = now + options.heartbeatInterval
    }

    private var isEnabled: Bool { inactivityTimeout > .zero }

    /// When the owner's timer must fire, or nil for never.
    var deadline: NIODeadline? {
        let own = isEnabled ? min(nextPing, lastText + inactivityTimeout) : nil
        switch (own, probeDeadline) {
        case (nil, let other), (let other, nil): return other
        case (let first?, let second?): return min(first, second)
        }
    }

    /// A text frame came, well formed or not.
    mutating func textReceived(at now: NIODeadline) {
        lastText = now
        nextPing = now + heartbeatInterval
        probeDeadline = nil
    }

    /// The network path changed: a ping goes out now, and any text frame within the probe's time answers it. A probe under way goes on.
    mutating func probe(at now: NIODeadline) {
        nextPing = now + heartbeatInterval
        if probeDeadline == nil { probeDeadline = now + probeTimeout }
    }

    /// The owner's timer fired. Giving up goes before pinging when both are due at once.
    mutating func timerFired(at now: NIODeadline) -> Action {
        if let probeDeadline, now >= probeDeadline { return .giveUp(silence: now - lastText, probeFailed: true) }
        guard isEnabled else { return .none }
        if now >= lastText + inactivityTimeout { return .giveUp(silence: now - lastText, probeFailed: false) }
        guard now >= nextPing else { return .none }
        nextPing = now + heartbeatInterval
        return .ping
    }
}
