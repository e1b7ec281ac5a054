import NIOCore

/// The life of a client from `connect()` to `closed`: which phase it is in, what a loss leads to, and what may still be tried.
///
/// Owns the attempt budget, the floors and the failure streaks; the delays themselves are ``Backoff``'s.
struct ConnectionLifecycle: Hashable, Sendable {
    /// Where in an attempt, or between attempts, the client is.
    enum Phase: Hashable, Sendable {
        case idle
        /// The credential is being fetched.
        case requestingCredential
        /// DNS, TCP, TLS, upgrade.
        case dialling
        /// The socket is open, the welcome has not come.
        case awaitingWelcome
        case connected
        /// Our own close frame is out and its answer is awaited (`closeHandshakeTimeout`).
        case leaving
        /// Waiting for the next attempt.
        case backingOff
        /// `close()` is under way: its frame is out and the answer is awaited.
        case closing
        case closed
    }

    /// How an attempt, or the connection it led to, ended.
    enum End: Hashable, Sendable {
        /// A socket that had opened is gone.
        case socket(CloseCode, reason: String)
        /// The socket did not open.
        case dial(reason: String, status: Int?)
        /// There was no token to dial with.
        case token(RedactedError)
    }

    /// What a welcome means.
    enum WelcomeAction: Hashable, Sendable {
        /// The connection is up.
        case accept(isReconnect: Bool)
        /// It is not the first of its connection (WIRE-03).
        case ignore
    }

    /// The report of a disconnect.
    struct Report: Hashable, Sendable {
        var code: CloseCode
        var reason: String
    }

    /// What an end leads to.
    enum Consequence: Hashable, Sendable {
        /// The first connect fails; the state is `closed` (SIG-14).
        case failConnect(SignallingError)
        /// No more attempts; the state is `closed` (SIG-03, SIG-05).
        case giveUp(Report)
        /// The next attempt; the state is `reconnecting`.
        case retry(attempt: Int, report: Report?)
    }

    /// Events that an end causes, before its consequence.
    struct Alarms: Hashable, Sendable {
        /// The HTTP status to report (BEY-07).
        var rejectedStatus: Int?
        /// The failures in a row to report (SIG-08, BEY-07).
        var tokenFailure: (count: Int, error: RedactedError)?

        static func == (left: Alarms, right: Alarms) -> Bool {
            left.rejectedStatus == right.rejectedStatus && left.tokenFailure?.count == right.tokenFailure?.count
                && left.tokenFailure?.error == right.tokenFailure?.error
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(rejectedStatus)
            hasher.combine(tokenFailure?.count)
        }
    }

    private(set) var phase = Phase.idle
    private(set) var budget: AttemptBudget
    /// The floors under the next delay.
    private(set) var floors = DelayFloors()

    private let options: SignallingOptions
    private let usesFixedKey: Bool
    /// Whether this session was ever welcomed: only then is a loss followed by a reconnect.
    private(set) var wasWelcomed = false
    private var providerFailures: FailureStreak
    private var refusals: FailureStreak

    init(_ options: SignallingOptions, usesFixedKey: Bool) {
        self.options = options
        self.usesFixedKey = usesFixedKey
        budget = AttemptBudget(maximum: options.maximumAttempts)
        providerFailures = FailureStreak(threshold: options.tokenFailureThreshold)
        refusals = FailureStreak(threshold: options.tokenFailureThreshold)
    }

    /// `connect()`. Returns whether it is legal; if so a session begins and nothing of an earlier one is left.
    mutating func connect() -> Bool {
        switch phase {
        case .idle, .closed: break
        case .requestingCredential, .dialling, .awaitingWelcome, .connected, .leaving, .backingOff, .closing: return false
        }
        self = ConnectionLifecycle(options, usesFixedKey: usesFixedKey)
        phase = .requestingCredential
        return true
    }

    /// The wait is over.
    mutating func attemptBegan() {
        precondition(phase == .backingOff, "an attempt begins after a wait, not in \(phase)")
        phase = .requestingCredential
    }

    /// There is a credential.
    mutating func credentialReady() {
        precondition(phase == .requestingCredential, "a credential was not asked for in \(phase)")
        providerFailures.reset()
        phase = .dialling
    }

    /// The upgrade is done.
    mutating func opened() {
        precondition(phase == .dialling, "a socket opened in \(phase)")
        refusals.reset()
        phase = .awaitingWelcome
    }

    /// A welcome came.
    mutating func welcomed() -> WelcomeAction {
        switch phase {
        case .awaitingWelcome: break
        case .idle, .requestingCredential, .dialling, .connected, .leaving, .backingOff, .closing, .closed: return .ignore
        }
        defer { wasWelcomed = true }
        phase = .connected
        floors = DelayFloors()
        if options.stableAfter == .zero { budget.reset() }
        return .accept(isReconnect: wasWelcomed)
    }

    /// The welcomed connection has held for `stableAfter` (SIG-04).
    mutating func held() { budget.reset() }

    /// The server announced its going away (SIG-18).
    mutating func goingAway(retryAfter: TimeAmount) {
        if options.honoursGoingAway { floors.goingAway = retryAfter }
    }

    /// Our own close frame is out and its answer is awaited.
    mutating func leave() {
        precondition(phase == .connected || phase == .awaitingWelcome, "nothing to leave in \(phase)")
        phase = .leaving
    }

    /// `close()` on an open socket: its frame is out and the answer is awaited.
    mutating func beginClosing() { phase = .closing }

    /// `close()` is done.
    mutating func closed() { phase = .closed }

    /// An attempt or a connection ended. Not for the end of a socket that `close()` closed.
    mutating func ended(_ end: End) -> (alarms: Alarms, consequence: Consequence) {
        let alarms = alarms(for: end)
        let consequence = consequence(of: end)
        switch consequence {
        case .failConnect, .giveUp: phase = .closed
        case .retry: phase = .backingOff
        }
        return (alarms, consequence)
    }

    /// The next delay's floors, which hold once (SIG-06, SIG-18).
    mutating func takeFloors() -> DelayFloors { floors.take() }

    private mutating func alarms(for end: End) -> Alarms {
        var alarms = Alarms()
        switch end {
        case .socket(let code, _):
            if code == .overConcurrentLimit { floors.slow = options.slowFloor }
        case .dial(_, let status?) where options.reactsToUpgradeRejection && wasWelcomed:
            alarms.rejectedStatus = status
            if !usesFixedKey, Self.refusesCredential(status), let count = refusals.failed() {
                alarms.tokenFailure = (count, RedactedError(TokenRejected(status: status)))
            }
        case .dial: break
        case .token(let error):
            if let count = providerFailures.failed(), wasWelcomed { alarms.tokenFailure = (count, error) }
        }
        return alarms
    }

    private mutating func consequence(of end: End) -> Consequence {
        let report: Report
        let isFinal: Bool
        let error: SignallingError
        switch end {
        case .socket(let code, let reason):
            report = Report(code: code, reason: reason)
            isFinal = code.isTerminal
            error = .connectFailed(code: code, reason: reason)
        case .dial(let reason, let status):
            report = Report(code: .abnormalClosure, reason: reason)
            isFinal = options.reactsToUpgradeRejection && usesFixedKey && status.map(Self.refusesCredential) ?? false
            error = status.map { .upgradeRejected(status: $0) } ?? .connectFailed(code: .abnormalClosure, reason: reason)
        case .token(let cause):
            report = Report(code: .abnormalClosure, reason: "token provider failed")
            isFinal = false
            error = .tokenProviderFailed(cause)
        }
        guard wasWelcomed else { return .failConnect(error) }
        guard !isFinal, options.autoReconnect, let attempt = budget.takeAttempt() else { return .giveUp(report) }
        switch end {
        case .socket: return .retry(attempt: attempt, report: report)
        case .dial, .token: return .retry(attempt: attempt, report: nil)
        }
    }

    private static func refusesCredential(_ status: Int) -> Bool { status == 401 || status == 403 }
}
