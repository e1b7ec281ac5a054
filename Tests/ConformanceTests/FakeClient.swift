import Trace

/// Writes the trace of a client that behaves as ``FakeValues`` say, one step after the other in virtual time.
final class FakeClient {
    let who: String
    var values: FakeValues
    var log: TraceLog
    /// Nanoseconds.
    var now: Int64 = 0
    var n = 0
    private var ordinal = 0
    private var random: UInt64
    var state = "idle"
    private var lastStart: Int64 = 0
    var welcomed = false

    init(_ values: FakeValues = FakeValues(), who: String = "alice", seed: UInt64 = 1, options: TracedOptions = TracedOptions()) {
        self.values = values
        self.who = who
        random = seed
        log = TraceLog(header: TraceHeader(scenario: "fake", seed: seed))
        add(.options(at: 0, who: who, options))
    }

    func add(_ event: TraceEvent) { log.append(event) }

    func wait(_ milliseconds: Double) { now += Int64((milliseconds * 1_000_000).rounded()) }

    func to(_ state: String) {
        add(.state(at: now, who: who, from: self.state, to: state))
        self.state = state
    }

    /// SplitMix64, in [0, 1).
    func unit() -> Double {
        random &+= 0x9E37_79B9_7F4A_7C15
        var z = random
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((z ^ (z >> 31)) >> 11) / 9_007_199_254_740_992
    }
}

// MARK: - Attempts

extension FakeClient {
    func connect() {
        add(.connectCalled(at: now, who: who))
        to("connecting")
        n = 0
        welcomed = false
        begin()
    }

    /// The attempt's event.
    func begin() {
        ordinal += 1
        lastStart = now
        add(.attempt(at: now, who: who, n: n, ordinal: ordinal))
    }

    func dial() { add(.dial(at: now, who: who, host: "rms.metered.ca", port: 443, tls: true)) }

    func open(after milliseconds: Double = 100) {
        dial()
        wait(milliseconds)
        add(.open(at: now, who: who))
    }

    func welcome(after milliseconds: Double = 20) {
        wait(milliseconds)
        receive("welcome")
        add(.welcome(at: now, who: who, peerID: "peer-1", maxMessageSize: 65_536))
        if state != "connected" { to("connected") }
        add(.connected(at: now, who: who, peerID: "peer-1", reconnect: welcomed))
        welcomed = true
    }

    func openAndWelcome() {
        open()
        welcome()
    }

    func receive(_ frame: String, id: String? = nil, channel: String? = nil, code: String? = nil) {
        add(.received(at: now, who: who, frame: frame, requestID: id, channel: channel, code: code, bytes: 100))
    }

    func send(_ frame: String, id: String? = nil, channel: String? = nil) {
        add(.sent(at: now, who: who, frame: frame, requestID: id, channel: channel, bytes: 100))
    }

    func refuse(after milliseconds: Double = 50, error: String = "connection refused", status: Int? = nil) {
        dial()
        wait(milliseconds)
        add(.dialFailed(at: now, who: who, error: error, status: status))
    }

    /// A connected or open socket ends; the client goes on or stops as its values say.
    func drop(_ code: Int, by server: Bool = true) {
        if server, code != 1006 { add(.closeReceived(at: now, who: who, code: code, reason: "")) }
        add(.socketClosed(at: now, who: who, code: code, reason: "", opened: true))
        let goesOn = !values.terminal.contains(code) && n < values.attempts && welcomed
        if welcomed { add(.disconnected(at: now, who: who, code: code, reason: "", willReconnect: goesOn)) }
        to(goesOn, code)
    }

    private func to(_ goesOn: Bool, _ code: Int) {
        if !goesOn { return to("closed") }
        if state == "connected" { to("reconnecting") }
    }

    /// A connection that lives for some time and then ends.
    func live(_ milliseconds: Double, code: Int = 1006) {
        wait(milliseconds)
        if milliseconds >= values.stableAfter || values.resetsAtWelcome { n = 0 }
        drop(code)
    }

    /// The wait before the next attempt, and the attempt's event.
    func backoff(slow: Bool = false, retryAfter: Double? = nil) {
        n += 1
        var base = values.initial
        for _ in 1..<max(2, n) where n > 1 && base < values.maximum { base *= values.multiplier }
        base = min(base, values.maximum)
        var delay = slow ? max(base, values.slowFloor) : base
        var factor = 1 - values.jitterRatio + 2 * values.jitterRatio * unit()
        if let retryAfter, values.usesRetryAfter {
            delay = max(delay, retryAfter)
            if !values.jittersRetryAfterDown { factor = 1 + values.jitterRatio * unit() }
        }
        delay *= factor
        announce(base: base, delay: delay)
        wait(delay)
        begin()
    }

    func announce(base: Double, delay: Double) {
        add(
            .backoff(
                at: now, who: who, attempt: n, baseNs: Int64(base * 1e6), delayNs: Int64((delay * 1e6).rounded()), reason: "connection lost"
            ))
    }

    /// So that what was due at the last event would have been seen.
    func finish(after milliseconds: Double = 1_000) -> TraceLog {
        wait(milliseconds)
        add(.log(at: now, who: who, level: "debug", text: "end"))
        return log
    }
}
