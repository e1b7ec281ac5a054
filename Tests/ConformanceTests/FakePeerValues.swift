/// The constants and habits of a peer that does not exist: right by default, so that a test can make one of them wrong. Seconds, as the spec has them;
/// stated here anew, because a test that took them from the module under test could not fail.
struct FakePeerValues: Sendable {
    var ladderDelays: [Double] = [0, 1, 2, 4, 8, 16, 30, 30, 30]
    var giveUpAfter = 15.0
    var giveUps = 1
    var stableAfter = 5.0
    var startsLadder = true
    var skipsWithoutSignalling = true
    var freshUfrags = true
    var restartsInPlace = true
    var newestServers = true
    var offers = true
    var stuckTimeout = 20.0
    var offerTimeout = 10.0
    var offerRepetitions = 3
    var hidesConnecting = true
    var reportsReconnecting = true

    // A drop and the snapshot after it.
    var keepsPeersDuringDrop = true
    var sameObject = true
    var removesAbsent = true
    var refreshes = true
    var refreshesMetadata = true
    var swaps = true
    var joinedOnce = true
    var rejoinsSurvivors = false
    var ignoresSelf = true
    var leftFirst = true
    var joinedBeforeNewcomers = true
    var takesDeltas = false
    var snapshotTimeout = 10.0
    var forcedSubscribes = 2
    var reportsTimeout = true
    var waitsForSnapshot = true

    // The end.
    var errorFirst = true
    var errorName = "admin_disconnect"
    var removesAtEnd = true
    var reportsLeft = true
}
