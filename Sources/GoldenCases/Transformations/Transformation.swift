import CompactJSON

/// A decided difference between the official SDK and ours, as a change of the golden lines.
///
/// It is a pure function of the lines and the case, cites the rule that decided the difference and knows no case by name: whatever shows the same
/// situation is changed in the same way. All of them are always applied, in the order of ``all``, so a play in which our SDK did *not* do the
/// better thing differs.
public struct Transformation: Sendable {
    /// What a report calls it.
    public var name: String
    /// The rule of SPEC.md behind it.
    public var rule: String
    /// The changed lines, or nil if the situation does not occur.
    public var apply: @Sendable (_ lines: [GoldenLine], _ scripted: GoldenCase) -> [GoldenLine]?

    /// Every transformation in the order of application: those that remove requests first, since later ones look at what is left.
    public static let all: [Transformation] = [
        // Of rosters and links: their models must find the golden as it was recorded.
        .errorsKeepTheirTypes, .ownGhostIsNobody, .snapshotFollowsTheAck, .fullRoomAdmitsLater, .rungsFollowTheSchedule,
        .rungsAreSkippedWhileAway, .restartsHappenInPlace, .generationsDoNotMix, .candidatesFollowALostAck, .swapsOfferData,
        .emptySwapsAreIdle,
        .closedSurvivorsAreSwapped, .linksAreReconnectingWhileAway,
        // Of sockets and requests.
        .closeWaitsForNoLink, .oversizeIsRefusedLocally, .reservedChannelIsRefusedLocally,
        .closingConnectionIsOver,
        .rejectedSubscribeIsUntracked,
        .slowFloorDiesWithItsSession, .inboundOversizeKeepsItsCode, .spentBudgetIsReported, .failedTokenIsReportedAs1006,
        .failedReplayIsReported, .unansweredCloseIsAborted, .closeReturnsLast, .goingAwayIsAtLeastOne,
        .mistypedIceCredentialsDiscardTheList,
        // Of peers.
        .signalsAreNeverData, .payloadsCountAsSent, .invalidJoinNeverConnects, .lostJoinLeavesThePeerIdle, .failedJoinUnsubscribes,
        .closeEndsAJoin,
        .closedIsTheLastWord,
        .closesReturnTogether, .lossFailsRequestsFirst, .joinCanBeRetried,
        .failedReplayIsAnError, .finalRejectionEndsTheWait, .emptyRoomIsJoinedAtTheAck, .givenUpPeerIsClosed,
        .survivorsComeFirst, .handlersFindThePeerJoined, .peersJoinBehindJoined,
    ]

    /// The expected lines of our SDK, and which transformations made them out of the golden.
    public static func expectation(
        golden: [GoldenLine], scripted: GoldenCase, transformations: [Transformation] = all
    ) -> (lines: [GoldenLine], used: [String]) {
        var lines = golden
        var used: [String] = []
        for transformation in transformations {
            guard let changed = transformation.apply(lines, scripted) else { continue }
            lines = changed
            used.append(transformation.name)
        }
        return (lines, used)
    }
}
