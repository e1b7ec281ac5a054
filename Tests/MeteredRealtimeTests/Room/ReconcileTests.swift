import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Reconcile, the machine (ROS-01...09)")
struct ReconcileTests {
    private var reconcile = Reconcile(timeout: .seconds(10), forcedSubscribes: 2, maximumRemotePeers: 3)

    private func peers(_ ids: String...) -> [PresencePeer] { ids.map { PresencePeer(peerID: $0) } }

    /// In the channel, as `me`, with these remote peers.
    private mutating func enter(_ ids: String...) {
        reconcile.join()
        _ = reconcile.welcomed(as: "me", at: .milliseconds(0))
        _ = reconcile.acknowledged()
        _ = reconcile.presence(joined: ids.map { PresencePeer(peerID: $0) }, left: [])
    }

    /// Back after a drop, welcomed at 0.
    private mutating func reconnect(as id: String = "me") {
        _ = reconcile.connectionLost()
        _ = reconcile.welcomed(as: id, at: .milliseconds(0))
    }

    @Test("at the first join the state becomes joined at the acknowledgement, and the snapshot adds everyone")
    mutating func firstJoin() {
        reconcile.join()
        #expect(reconcile.welcomed(as: "me", at: .milliseconds(0)) == [])
        #expect(reconcile.acknowledged() == [.enter])
        let actions = reconcile.presence(joined: peers("a", "b"), left: [])
        #expect(
            actions == [.takeSnapshot(joined: peers("a", "b")), .admit(peerID: "a", metadata: nil), .admit(peerID: "b", metadata: nil)])
    }

    @Test("who appears before the first acknowledgement is admitted after joined (BEY-19)")
    mutating func heldUntilJoined() {
        reconcile.join()
        _ = reconcile.welcomed(as: "me", at: .milliseconds(0))
        #expect(reconcile.presence(joined: peers("a", "b"), left: []) == [])
        #expect(reconcile.presence(joined: [], left: peers("b")) == [])
        #expect(reconcile.acknowledged() == [.enter, .admit(peerID: "a", metadata: nil)])
    }

    @Test("after a reconnect: departures, survivors, joined, newcomers, in this order (ROS-03...05, ROS-07)")
    mutating func order() {
        enter("a", "b")
        reconnect()
        #expect(reconcile.acknowledged() == [])
        let actions = reconcile.presence(joined: peers("c", "b"), left: [])
        #expect(
            actions == [
                .takeSnapshot(joined: peers("c", "b")), .remove(peerID: "a"), .refresh(peerID: "b", metadata: nil, isSurvivor: true),
                .enter,
                .admit(peerID: "c", metadata: nil),
            ])
    }

    @Test("a presence that comes before the acknowledgement is a delta: who left is removed, who came waits for joined (ROS-02, BEY-08)")
    mutating func deltaBeforeSnapshot() {
        enter("a", "b")
        reconnect()
        #expect(reconcile.presence(joined: peers("c"), left: peers("a")) == [.remove(peerID: "a")])
        _ = reconcile.acknowledged()
        let actions = reconcile.presence(joined: peers("b", "c"), left: [])
        #expect(
            actions == [
                .takeSnapshot(joined: peers("b", "c")), .refresh(peerID: "b", metadata: nil, isSurvivor: true), .enter,
                .admit(peerID: "c", metadata: nil),
            ])
    }

    @Test("only the first presence after the acknowledgement is the snapshot; the next one is a delta (ROS-08)")
    mutating func oneSnapshot() {
        enter("a", "b")
        reconnect()
        _ = reconcile.acknowledged()
        _ = reconcile.presence(joined: peers("a", "b"), left: [])
        _ = reconcile.acknowledged()
        #expect(reconcile.presence(joined: peers("a"), left: []) == [])
        #expect(reconcile.roster.members.map(\.peerID) == ["a", "b"])
    }

    @Test("ourselves, whoever is listed twice, and every id that was ours count not or once (ROS-06, BEY-21)")
    mutating func selfAndDuplicates() {
        enter("a")
        reconnect(as: "me2")
        _ = reconcile.acknowledged()
        let actions = reconcile.presence(joined: peers("a", "me", "a", "me2", "b", "b"), left: [])
        #expect(
            Array(actions.dropFirst()) == [
                .refresh(peerID: "a", metadata: nil, isSurvivor: true), .enter, .admit(peerID: "b", metadata: nil),
            ])
    }

    @Test("with an empty roster the state becomes joined at the acknowledgement, not before (ROS-07, BEY-09)")
    mutating func emptyRoster() {
        enter()
        reconnect()
        #expect(reconcile.phase != .joined)
        #expect(reconcile.acknowledged() == [.enter])
        #expect(reconcile.deadline == nil)
        #expect(
            reconcile.presence(joined: peers("a"), left: []) == [.takeSnapshot(joined: peers("a")), .admit(peerID: "a", metadata: nil)])
    }

    @Test("whoever was admitted on this connection is refreshed without a new one")
    mutating func admittedOnThisConnection() {
        enter()
        reconnect()
        _ = reconcile.presence(joined: peers("a"), left: [])
        #expect(reconcile.acknowledged() == [.enter, .admit(peerID: "a", metadata: nil)])
        let newer = [PresencePeer(peerID: "a", metadata: ["v": 2])]
        let snapshot = reconcile.presence(joined: newer, left: [])
        #expect(snapshot == [.takeSnapshot(joined: newer), .refresh(peerID: "a", metadata: ["v": 2], isSurvivor: false)])
    }

    @Test("a drop before the snapshot starts over: what came on the old connection counts no more (ROS-08)")
    mutating func dropAgain() {
        enter("a")
        reconnect()
        _ = reconcile.acknowledged()
        #expect(reconcile.connectionLost() == [.supersede])
        #expect(reconcile.presence(joined: peers("z"), left: []) == [])
        _ = reconcile.welcomed(as: "me", at: .milliseconds(0))
        #expect(reconcile.presence(joined: peers("z"), left: []) == [], "not acknowledged on this connection")
        _ = reconcile.acknowledged()
        let actions = reconcile.presence(joined: peers("a"), left: [])
        #expect(actions == [.takeSnapshot(joined: peers("a")), .refresh(peerID: "a", metadata: nil, isSurvivor: true), .enter])
    }

    @Test("members over the limit wait, and are admitted when a place is free (ROS-06, BEY-12)")
    mutating func cap() {
        enter("a", "b", "c")
        #expect(reconcile.presence(joined: peers("d", "e"), left: []) == [.refuse(peerID: "d"), .refuse(peerID: "e")])
        #expect(reconcile.presence(joined: [], left: peers("d")) == [])
        #expect(reconcile.presence(joined: [], left: peers("a")) == [.remove(peerID: "a"), .admit(peerID: "e", metadata: nil)])
    }

    @Test("a snapshot's members over the limit wait too; those who waited before it and are not in it do not")
    mutating func capAtSnapshot() {
        enter("a", "b", "c", "d")
        reconnect()
        _ = reconcile.acknowledged()
        let actions = reconcile.presence(joined: peers("b", "c", "e", "f"), left: [])
        #expect(actions.suffix(2) == [.admit(peerID: "e", metadata: nil), .refuse(peerID: "f")])
        #expect(reconcile.presence(joined: [], left: peers("b")) == [.remove(peerID: "b"), .admit(peerID: "f", metadata: nil)])
        #expect(reconcile.presence(joined: [], left: peers("c")) == [.remove(peerID: "c")])
    }

    @Test("however many members wait, no more than the limit are remembered")
    mutating func waitingIsBounded() {
        enter()
        let crowd = (0..<10_000).map { PresencePeer(peerID: "p\($0)") }
        _ = reconcile.presence(joined: crowd, left: [])
        var admitted = 0
        for peer in crowd {
            admitted += reconcile.presence(joined: [], left: [peer]).filter { if case .admit = $0 { true } else { false } }.count
        }
        #expect(admitted <= Roster.waitingLimit)
    }

    @Test(
        "no snapshot: a subscribe is forced 10 s after the welcome, the next 10 s after that call ended, then the timeout is reported (ROS-09)"
    )
    mutating func deadline() {
        enter("a")
        reconnect()
        #expect(reconcile.deadline == .milliseconds(10_000))
        #expect(reconcile.timerFired(at: .milliseconds(10_000)) == [.forceSubscribe(attempt: 1)])
        #expect(reconcile.deadline == nil)
        reconcile.forcedSubscribeEnded(at: .milliseconds(10_030))
        #expect(reconcile.timerFired(at: .milliseconds(20_029)) == [])
        #expect(reconcile.timerFired(at: .milliseconds(20_030)) == [.forceSubscribe(attempt: 2)])
        reconcile.forcedSubscribeEnded(at: .milliseconds(20_060))
        #expect(reconcile.timerFired(at: .milliseconds(30_060)) == [.reportTimeout])
        #expect(reconcile.deadline == nil)
    }

    @Test("a snapshot after the timeout still reconciles (ROS-09)")
    mutating func lateSnapshot() {
        enter("a")
        reconnect()
        _ = reconcile.acknowledged()
        for time in [10_000, 20_000, 30_000] as [Int64] {
            _ = reconcile.timerFired(at: .milliseconds(time))
            reconcile.forcedSubscribeEnded(at: .milliseconds(time))
        }
        #expect(reconcile.presence(joined: peers("a"), left: []).last == .enter)
    }

    @Test("after a final rejection nothing is forced and no timeout is reported (ROS-09, BEY-10)")
    mutating func rejected() {
        enter("a")
        reconnect()
        reconcile.replayRejected()
        #expect(reconcile.deadline == nil)
        #expect(reconcile.timerFired(at: .milliseconds(60_000)) == [])
    }

    @Test("without a deadline the snapshot is awaited for ever")
    mutating func noDeadline() {
        reconcile = Reconcile(timeout: nil, forcedSubscribes: 2, maximumRemotePeers: 3)
        enter("a")
        reconnect()
        #expect(reconcile.deadline == nil)
    }

    @Test("of the ids that were ours the newest are remembered")
    func ownIdentifiers() {
        var own = OwnIdentifiers()
        for number in 0...200 { own.welcomed(as: "me\(number)") }
        #expect(own.contains("me200"))
        #expect(own.contains("me199"))
        #expect(!own.contains("me0"))
    }
}
