import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("What a loss leads to (SIG-03, 05, 06, 08, 14, 15, BEY-07)")
struct ConnectionLifecycleTests {
    private func lifecycle(_ options: SignallingOptions = SignallingOptions(), fixedKey: Bool = true) -> ConnectionLifecycle {
        ConnectionLifecycle(options, usesFixedKey: fixedKey)
    }

    /// A lifecycle whose session was welcomed and is connected.
    private func connected(_ options: SignallingOptions = SignallingOptions(), fixedKey: Bool = true) -> ConnectionLifecycle {
        var lifecycle = lifecycle(options, fixedKey: fixedKey)
        _ = lifecycle.connect()
        welcome(&lifecycle)
        return lifecycle
    }

    private func welcome(_ lifecycle: inout ConnectionLifecycle) {
        if lifecycle.phase == .backingOff { lifecycle.attemptBegan() }
        lifecycle.credentialReady()
        lifecycle.opened()
        _ = lifecycle.welcomed()
    }

    private func dialFailed(_ lifecycle: inout ConnectionLifecycle, status: Int? = nil) -> ConnectionLifecycle.Consequence {
        if lifecycle.phase == .backingOff { lifecycle.attemptBegan() }
        lifecycle.credentialReady()
        return lifecycle.ended(.dial(reason: "refused", status: status)).consequence
    }

    @Test("connect is legal from idle and closed only")
    func connectStates() {
        var lifecycle = lifecycle()
        #expect(lifecycle.connect() == true)
        #expect(lifecycle.connect() == false)
        _ = lifecycle.ended(.token(RedactedError(EmptyToken())))
        #expect(lifecycle.phase == .closed)
        #expect(lifecycle.connect() == true)
    }

    @Test(
        "before the first welcome every end fails the connect",
        arguments: [
            (.socket(1_011, reason: "r"), .connectFailed(code: 1_011, reason: "r")),
            (.dial(reason: "refused", status: nil), .connectFailed(code: 1_006, reason: "refused")),
            (.dial(reason: "HTTP status 401", status: 401), .upgradeRejected(status: 401)),
            (.token(RedactedError(EmptyToken())), .tokenProviderFailed(RedactedError(EmptyToken()))),
        ] as [(ConnectionLifecycle.End, SignallingError)])
    func firstConnect(end: ConnectionLifecycle.End, error: SignallingError) {
        var lifecycle = lifecycle()
        _ = lifecycle.connect()
        let (alarms, consequence) = lifecycle.ended(end)
        #expect(consequence == .failConnect(error))
        #expect(alarms == .init())
        #expect(lifecycle.phase == .closed)
    }

    @Test(
        "terminal codes stop at once, all others are retried",
        arguments: [1_000, 1_001, 1_005, 1_006, 1_009, 4_002, 4_010, 4_011, 4_999] as [UInt16])
    func transient(code: UInt16) {
        var lifecycle = connected()
        let report = ConnectionLifecycle.Report(code: CloseCode(rawValue: code), reason: "r")
        #expect(lifecycle.ended(.socket(report.code, reason: "r")).consequence == .retry(attempt: 1, report: report))
    }

    @Test("a terminal code ends the session with one report", arguments: [4_001, 4_003, 4_012, 4_020] as [UInt16])
    func terminal(code: UInt16) {
        var lifecycle = connected()
        let report = ConnectionLifecycle.Report(code: CloseCode(rawValue: code), reason: "r")
        #expect(lifecycle.ended(.socket(report.code, reason: "r")).consequence == .giveUp(report))
    }

    @Test("without auto-reconnect every drop is final")
    func noAutoReconnect() {
        var options = SignallingOptions()
        options.autoReconnect = false
        var lifecycle = connected(options)
        #expect(lifecycle.ended(.socket(1_006, reason: "")).consequence == .giveUp(.init(code: 1_006, reason: "")))
    }

    @Test("a spent budget is reported with 1006 when the last attempt never opened")
    func budget() {
        var options = SignallingOptions()
        options.maximumAttempts = 1
        var lifecycle = connected(options)
        _ = lifecycle.ended(.socket(1_011, reason: ""))
        #expect(dialFailed(&lifecycle) == .giveUp(.init(code: 1_006, reason: "refused")))
    }

    @Test("a short-lived connection leaves the counter as it is, one that held resets it")
    func stability() {
        var lifecycle = connected()
        for attempt in 1...3 {
            #expect(
                lifecycle.ended(.socket(1_011, reason: "")).consequence == .retry(attempt: attempt, report: .init(code: 1_011, reason: "")))
            welcome(&lifecycle)
        }
        lifecycle.held()
        #expect(lifecycle.ended(.socket(1_011, reason: "")).consequence == .retry(attempt: 1, report: .init(code: 1_011, reason: "")))
    }

    @Test("with stableAfter 0 the welcome resets the counter (parity)")
    func parityStability() {
        var options = SignallingOptions()
        options.stableAfter = .zero
        var lifecycle = connected(options)
        for _ in 1...3 {
            #expect(lifecycle.ended(.socket(1_011, reason: "")).consequence == .retry(attempt: 1, report: .init(code: 1_011, reason: "")))
            welcome(&lifecycle)
        }
    }

    @Test("4010 leaves a floor for one delay, which dies with the session")
    func slowFloor() {
        var lifecycle = connected()
        _ = lifecycle.ended(.socket(.overConcurrentLimit, reason: ""))
        var other = lifecycle
        #expect(lifecycle.takeFloors().slow == .seconds(30))
        #expect(lifecycle.takeFloors().slow == nil)
        other.closed()
        _ = other.connect()
        #expect(other.takeFloors().highest == nil)
    }

    @Test("a welcome clears what going_away asked for")
    func goingAway() {
        var lifecycle = connected()
        lifecycle.goingAway(retryAfter: .seconds(8))
        #expect(lifecycle.floors.goingAway == .seconds(8))
        _ = lifecycle.ended(.socket(1_006, reason: ""))
        welcome(&lifecycle)
        #expect(lifecycle.floors.highest == nil)
    }

    @Test("with a fixed key 401 and 403 on a reconnect are terminal, other statuses are not", arguments: [401, 403, 429, 500])
    func fixedKey(status: Int) {
        var lifecycle = connected()
        _ = lifecycle.ended(.socket(1_006, reason: ""))
        lifecycle.attemptBegan()
        lifecycle.credentialReady()
        let (alarms, consequence) = lifecycle.ended(.dial(reason: "r", status: status))
        #expect(alarms.rejectedStatus == status)
        #expect(alarms.tokenFailure == nil)
        #expect(consequence == ((401...403).contains(status) ? .giveUp(.init(code: 1_006, reason: "r")) : .retry(attempt: 2, report: nil)))
    }

    @Test("with a token provider the third refusal in a row and each later one raise a token-provider error")
    func refusedTokens() {
        var lifecycle = connected(fixedKey: false)
        _ = lifecycle.ended(.socket(1_006, reason: ""))
        var counts: [Int?] = []
        for _ in 0..<4 {
            lifecycle.attemptBegan()
            lifecycle.credentialReady()
            counts.append(lifecycle.ended(.dial(reason: "r", status: 401)).alarms.tokenFailure?.count)
        }
        #expect(counts == [nil, nil, 3, 4])
    }

    @Test("provider failures and refused tokens are counted apart")
    func separateCounts() {
        var lifecycle = connected(fixedKey: false)
        _ = lifecycle.ended(.socket(1_006, reason: ""))
        for _ in 0..<2 {
            _ = dialFailed(&lifecycle, status: 401)
            lifecycle.attemptBegan()
            let (alarms, _) = lifecycle.ended(.token(RedactedError(EmptyToken())))
            #expect(alarms.tokenFailure == nil)
        }
    }

    @Test("a token that arrives resets the provider's failures")
    func providerRecovers() {
        var lifecycle = connected(fixedKey: false)
        _ = lifecycle.ended(.socket(1_006, reason: ""))
        var counts: [Int?] = []
        for round in 0..<6 {
            lifecycle.attemptBegan()
            if round == 2 {
                lifecycle.credentialReady()
                _ = lifecycle.ended(.dial(reason: "refused", status: nil))
            } else {
                counts.append(lifecycle.ended(.token(RedactedError(EmptyToken()))).alarms.tokenFailure?.count)
            }
        }
        #expect(counts == [nil, nil, nil, nil, 3])
    }

    @Test("with reactsToUpgradeRejection off a rejection is a failed dial like any other (parity)")
    func parityRejection() {
        var options = SignallingOptions()
        options.reactsToUpgradeRejection = false
        var lifecycle = connected(options)
        _ = lifecycle.ended(.socket(1_006, reason: ""))
        lifecycle.attemptBegan()
        lifecycle.credentialReady()
        let (alarms, consequence) = lifecycle.ended(.dial(reason: "r", status: 401))
        #expect(alarms == .init())
        #expect(consequence == .retry(attempt: 2, report: nil))
    }

    @Test("a second welcome on a socket is ignored")
    func secondWelcome() {
        var lifecycle = connected()
        #expect(lifecycle.welcomed() == .ignore)
    }
}

@Suite("Options")
struct OptionsTests {
    private static let bad: [@Sendable (inout SignallingOptions) -> Void] = [
        { $0.initialDelay = .zero }, { $0.delayMultiplier = 0.9 }, { $0.delayMultiplier = .nan }, { $0.delayMultiplier = .infinity },
        { $0.maximumDelay = .milliseconds(499) }, { $0.jitterRatio = 1.1 }, { $0.jitterRatio = -0.1 }, { $0.jitterRatio = .nan },
        { $0.maximumAttempts = -1 }, { $0.tokenFailureThreshold = 0 }, { $0.replayRetries = -1 }, { $0.eventBufferLimit = 0 },
        { $0.stableAfter = .milliseconds(-1) }, { $0.openTimeout = .zero }, { $0.requestTimeout = .nanoseconds(.max) },
        { $0.inactivityTimeout = .nanoseconds(.max) }, { $0.closeHandshakeTimeout = .milliseconds(-1) },
        { $0.pacing = .init(framesPerSecond: 0) },
        { $0.pacing = .init(burst: 0) },
    ]

    @Test("the defaults are valid")
    func defaults() { #expect(throws: Never.self) { try SignallingOptions().validate() } }

    @Test("a value out of its range is refused", arguments: bad.indices)
    func refused(index: Int) {
        var options = SignallingOptions()
        Self.bad[index](&options)
        #expect(throws: SignallingError.self) { try options.validate() }
    }

    @Test("the heartbeat is a third of the inactivity timeout, at least 1 s")
    func heartbeat() {
        var options = SignallingOptions()
        #expect(options.heartbeatInterval == .seconds(20))
        options.inactivityTimeout = .milliseconds(1_500)
        #expect(options.heartbeatInterval == .seconds(1))
    }
}

@Suite("Random sources")
struct RandomSourcesTests {
    /// A generator whose draws are an arithmetic sequence.
    private struct Steps: RandomNumberGenerator, Sendable {
        var state: UInt64
        mutating func next() -> UInt64 {
            defer { state &+= 0x1111_1111_1111_1111 }
            return state
        }
    }

    @Test("jitter takes the upper 53 bits of one draw")
    func jitter() {
        var sources = RandomSources(jitter: Steps(state: .max), nonces: Steps(state: 0))
        #expect(sources.nextJitter() == 1 - 0x1p-53)
        #expect(sources.nextJitter() == Double(0x1111_1111_1111_1110 >> 11) * 0x1p-53)
    }

    @Test("request identifiers are version 4 UUIDs")
    func requestID() {
        var sources = RandomSources(jitter: Steps(state: 0), nonces: Steps(state: 0))
        #expect(sources.nextRequestID() == "00000000-0000-4000-9111-111111111111")
        var system = RandomSources.system
        #expect(Set((0..<1_000).map { _ in system.nextRequestID() }).count == 1_000)
    }
}
