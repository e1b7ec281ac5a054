import Conformance
import Testing
import Trace

/// One constant of a client, made wrong, and the rule that must say so.
struct Mutation: Sendable, CustomTestStringConvertible {
    let name: String
    let rule: String
    let run: @Sendable (FakeValues) -> TraceLog
    let change: @Sendable (inout FakeValues) -> Void

    init(
        _ name: String, _ rule: String, _ run: @escaping @Sendable (FakeValues) -> TraceLog,
        _ change: @escaping @Sendable (inout FakeValues) -> Void
    ) {
        self.name = name
        self.rule = rule
        self.run = run
        self.change = change
    }

    var testDescription: String { "\(name) -> \(rule)" }
}

@Suite("A client with one wrong constant")
struct MutationTests {
    static let backoff: [Mutation] = [
        Mutation("initial delay 400", "SIG-01", { FakeRuns.refusals($0) }, { $0.initial = 400 }),
        Mutation("initial delay 1,000", "SIG-01", { FakeRuns.refusals($0) }, { $0.initial = 1_000 }),
        Mutation("multiplier 1.5", "SIG-01", { FakeRuns.refusals($0) }, { $0.multiplier = 1.5 }),
        Mutation("cap 20,000", "SIG-01", { FakeRuns.refusals($0) }, { $0.maximum = 20_000 }),
        Mutation("cap 60,000", "SIG-01", { FakeRuns.refusals($0) }, { $0.maximum = 60_000 }),
        Mutation("jitter 0.5", "SIG-02", { FakeRuns.refusals($0) }, { $0.jitterRatio = 0.5 }),
        Mutation("99 attempts", "SIG-03", { FakeRuns.exhausted($0) }, { $0.attempts = 99 }),
        Mutation("101 attempts", "SIG-03", { FakeRuns.exhausted($0) }, { $0.attempts = 101 }),
        Mutation("a spent budget is silent", "BEY-01", { FakeRuns.exhausted($0) }, { $0.reportsExhaustion = false }),
        Mutation("counter reset at the welcome", "SIG-04", { FakeRuns.flapping($0) }, { $0.resetsAtWelcome = true }),
        Mutation("counter reset after 500", "SIG-04", { FakeRuns.flapping($0) }, { $0.stableAfter = 500 }),
        Mutation("counter reset after 20,000", "SIG-04", { FakeRuns.flapping($0) }, { $0.stableAfter = 20_000 }),
        Mutation("slow floor 10,000", "SIG-06", { FakeRuns.overCapacity($0) }, { $0.slowFloor = 10_000 }),
        Mutation("slow floor 60,000", "SIG-06", { FakeRuns.overCapacity($0) }, { $0.slowFloor = 60_000 }),
        Mutation("slow floor for two delays", "SIG-02", { FakeRuns.overCapacity($0) }, { $0.slowFloorHolds = 2 }),
        Mutation("retryAfterMs unused", "SIG-18", { FakeRuns.goingAway($0, asks: 5_000) }, { $0.usesRetryAfter = false }),
        Mutation(
            "retryAfterMs with downward jitter", "SIG-18", { FakeRuns.goingAway($0, asks: 5_000, seed: 4) },
            { $0.jittersRetryAfterDown = true }),
        Mutation("retryAfterMs clamped to 600,000", "WIRE-08", { FakeRuns.goingAway($0, asks: 900_000) }, { $0.retryAfterLimit = 600_000 }),
        Mutation("retryAfterMs clamped to 60,000", "WIRE-08", { FakeRuns.goingAway($0, asks: 200_000) }, { $0.retryAfterLimit = 60_000 }),
        Mutation("retryAfterMs default 5,000", "WIRE-08", { FakeRuns.goingAway($0, asks: -1) }, { $0.retryAfterDefault = 5_000 }),
        Mutation(
            "a path change ignored", "SIG-19", { FakeRuns.pathChangeWhileWaiting($0, after: 3_000) }, { $0.shortensOnPathChange = false }),
        Mutation("a path change too soon", "SIG-19", { FakeRuns.pathChangeWhileWaiting($0, after: 100) }, { $0.pathChangeSpacing = 0 }),
    ]

    static let connection: [Mutation] = [
        Mutation("4011 terminal", "SIG-05", { FakeRuns.closes(with: 4011, $0) }, { $0.terminal.insert(4011) }),
        Mutation("4012 transient", "SIG-05", { FakeRuns.closes(with: 4012, $0) }, { $0.terminal.remove(4012) }),
        Mutation("token cap 5,000", "SIG-07", { FakeRuns.tokenHangs($0) }, { $0.tokenTimeout = 5_000 }),
        Mutation("token cap 20,000", "SIG-07", { FakeRuns.tokenHangs($0) }, { $0.tokenTimeout = 20_000 }),
        Mutation("token threshold 2", "SIG-08", { FakeRuns.tokenFailures($0) }, { $0.tokenThreshold = 2 }),
        Mutation("token threshold 4", "SIG-08", { FakeRuns.tokenFailures($0) }, { $0.tokenThreshold = 4 }),
        Mutation("token failures not counted", "SIG-08", { FakeRuns.tokenFailures($0) }, { $0.tokenFailuresCount = false }),
        Mutation("open timeout 5,000", "SIG-09", { FakeRuns.dialHangs($0) }, { $0.openTimeout = 5_000 }),
        Mutation("open timeout 20,000", "SIG-09", { FakeRuns.dialHangs($0) }, { $0.openTimeout = 20_000 }),
        Mutation("welcome timeout 5,000", "SIG-09", { FakeRuns.noWelcome($0) }, { $0.welcomeTimeout = 5_000 }),
        Mutation("welcome timeout 20,000", "SIG-09", { FakeRuns.noWelcome($0) }, { $0.welcomeTimeout = 20_000 }),
        Mutation("own close waits 10,000", "BEY-03", { FakeRuns.noWelcome($0) }, { $0.ownCloseWait = 10_000 }),
        Mutation("ack timeout 10,000", "SIG-10", { FakeRuns.requests($0) }, { $0.ackTimeout = 10_000 }),
        Mutation("ack timeout 30,000", "SIG-10", { FakeRuns.requests($0) }, { $0.ackTimeout = 30_000 }),
        Mutation("a drop leaves requests", "SIG-10", { FakeRuns.requests($0) }, { $0.failsAtDrop = false }),
        Mutation("watchdog 45,000", "SIG-11", { FakeRuns.silence($0) }, { $0.inactivity = 45_000 }),
        Mutation("watchdog 90,000", "SIG-11", { FakeRuns.silence($0) }, { $0.inactivity = 90_000 }),
        Mutation("watchdog closes with 1000", "SIG-11", { FakeRuns.silence($0) }, { $0.watchdogCode = 1000 }),
        Mutation("watchdog waits for the echo", "BEY-03", { FakeRuns.silence($0) }, { $0.ownCloseWait = 10_000 }),
        Mutation("a ping every 15,000", "SIG-11", { FakeRuns.silence($0) }, { $0.pingInterval = 15_000 }),
        Mutation("a ping every 30,000", "SIG-11", { FakeRuns.silence($0) }, { $0.pingInterval = 30_000 }),
        Mutation("2 replay retries", "SIG-12", { FakeRuns.replay($0) }, { $0.replayRetries = 2 }),
        Mutation("4 replay retries", "SIG-12", { FakeRuns.replay($0) }, { $0.replayRetries = 4 }),
        Mutation("replay delay 1,000", "SIG-12", { FakeRuns.replay($0) }, { $0.replayDelay = 1_000 }),
        Mutation("replay delay 4,000", "SIG-12", { FakeRuns.replay($0) }, { $0.replayDelay = 4_000 }),
        Mutation("2 replay retries, replays unmarked", "SIG-12", { FakeRuns.replay($0, kind: .subscribe) }, { $0.replayRetries = 2 }),
        Mutation("4 replay retries, replays unmarked", "SIG-12", { FakeRuns.replay($0, kind: .subscribe) }, { $0.replayRetries = 4 }),
        Mutation("replay delay 1,000, replays unmarked", "SIG-12", { FakeRuns.replay($0, kind: .subscribe) }, { $0.replayDelay = 1_000 }),
        Mutation("close flush 100", "SIG-16", { FakeRuns.close($0) }, { $0.closeTimeout = 100 }),
        Mutation("close flush 3,000", "SIG-16", { FakeRuns.close($0) }, { $0.closeTimeout = 3_000 }),
        Mutation("path probe 2,000", "SIG-19", { FakeRuns.probe($0) }, { $0.probeTimeout = 2_000 }),
        Mutation("path probe 10,000", "SIG-19", { FakeRuns.probe($0) }, { $0.probeTimeout = 10_000 }),
        Mutation("pacing 100/s", "SIG-20", { FakeRuns.burst($0) }, { $0.pacingPerSecond = 100 }),
        Mutation("pacing 60/s", "SIG-20", { FakeRuns.burst($0) }, { $0.pacingPerSecond = 60 }),
        Mutation("burst 200", "SIG-20", { FakeRuns.burst($0) }, { $0.pacingBurst = 200 }),
        Mutation("burst 100", "SIG-20", { FakeRuns.burst($0) }, { $0.pacingBurst = 100 }),
        Mutation("no pacing", "SIG-20", { FakeRuns.burst($0) }, { $0.pacingBurst = 1_000 }),
    ]

    @Test("is named by the rule it breaks", arguments: backoff + connection)
    func mutation(_ mutation: Mutation) throws {
        let rule = try #require(RuleID(mutation.rule))
        let right = ConformanceSuite.signalling.check(mutation.run(FakeValues()))
        #expect(right.findings.map(\.description) == [])
        #expect(right[rule].held > 0, "the run does not exercise the rule")

        var values = FakeValues()
        mutation.change(&values)
        let wrong = ConformanceSuite.signalling.check(mutation.run(values))
        #expect(wrong[rule].violated > 0, "found instead: \(wrong.findings.map(\.description))")
    }
}
