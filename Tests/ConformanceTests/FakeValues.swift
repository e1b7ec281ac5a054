/// The constants of a client that does not exist: right by default, so that a test can make one of them wrong. In milliseconds, as the spec has
/// them; stated here anew, because a test that took them from the module under test could not fail.
struct FakeValues: Sendable {
    var initial = 500.0
    var multiplier = 2.0
    var maximum = 30_000.0
    var jitterRatio = 0.2
    var attempts = 100
    var stableAfter = 5_000.0
    var resetsAtWelcome = false
    var terminal: Set<Int> = [4001, 4003, 4012, 4020]
    var slowFloor = 30_000.0
    var slowFloorHolds = 1
    var tokenTimeout = 10_000.0
    var tokenThreshold = 3
    var tokenFailuresCount = true
    var openTimeout = 10_000.0
    var welcomeTimeout = 10_000.0
    var ackTimeout = 15_000.0
    var failsAtDrop = true
    var inactivity = 60_000.0
    var pingInterval = 20_000.0
    var watchdogCode = 4000
    var ownCloseWait = 0.0
    var replayRetries = 3
    var replayDelay = 2_000.0
    var closeTimeout = 1_000.0
    var retryAfterLimit = 300_000.0
    var retryAfterDefault = 1_000.0
    var usesRetryAfter = true
    var jittersRetryAfterDown = false
    var probeTimeout = 5_000.0
    var shortensOnPathChange = true
    var pathChangeSpacing = 500.0
    var pacingPerSecond = 80.0
    var pacingBurst = 150
    var reportsExhaustion = true
}
