import Testing

@testable import MeteredRealtime

@Suite("The roster against a model")
struct RosterModelTests {
    /// What the room must hold: who is in it, and whether it is the same stay as before.
    private struct Model {
        var stays: [(peerID: String, stay: Int)] = []
        var nextStay = 1

        mutating func remove(_ peerID: String) { stays.removeAll { $0.peerID == peerID } }

        mutating func insert(_ peerID: String) {
            guard !stays.contains(where: { $0.peerID == peerID }) else { return }
            stays.append((peerID, nextStay))
            nextStay += 1
        }

        mutating func reconcile(with members: [String]) {
            stays.removeAll { !members.contains($0.peerID) }
            for peerID in members { insert(peerID) }
        }
    }

    /// One run: a random channel over random connections, with the room told of it.
    private struct Play {
        var random: SplitMix64
        var reconcile = Reconcile(timeout: .seconds(10), forcedSubscribes: 2, maximumRemotePeers: 64)
        var model = Model()
        var channel: [String] = []
        /// Which stay the room's objects belong to, by the actions alone.
        var objects: [(peerID: String, object: Int)] = []
        var nextObject = 1

        mutating func apply(_ actions: [Reconcile.Action]) {
            for action in actions {
                switch action {
                case .remove(let peerID): objects.removeAll { $0.peerID == peerID }
                case .admit(let peerID, _):
                    precondition(!objects.contains { $0.peerID == peerID }, "\(peerID) was admitted twice")
                    objects.append((peerID, nextObject))
                    nextObject += 1
                case .refresh(let peerID, _, _): precondition(objects.contains { $0.peerID == peerID }, "\(peerID) was never admitted")
                case .takeSnapshot, .enter, .refuse, .beginWait, .forceSubscribe, .reportTimeout, .supersede: break
                }
            }
        }

        mutating func change() -> (joined: [PresencePeer], left: [PresencePeer]) {
            let peerID = "p\(Int.random(in: 0..<12, using: &random))"
            if let place = channel.firstIndex(of: peerID) {
                channel.remove(at: place)
                return ([], [PresencePeer(peerID: peerID)])
            }
            channel.append(peerID)
            return ([PresencePeer(peerID: peerID)], [])
        }

        mutating func liveChange() {
            let change = change()
            apply(reconcile.presence(joined: change.joined, left: change.left))
            for peer in change.left { model.remove(peer.peerID) }
            for peer in change.joined { model.insert(peer.peerID) }
        }

        /// A connection. Returns whether it lived to see its snapshot.
        mutating func connect() -> Bool {
            apply(reconcile.connectionLost())
            for _ in 0..<Int.random(in: 0...3, using: &random) { _ = change() }
            apply(reconcile.welcomed(as: "me", at: .milliseconds(0)))
            if Int.random(in: 0..<4, using: &random) == 0 { return false }
            // Changes that beat the snapshot: who leaves is gone at once, who comes waits for it.
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let change = change()
                apply(reconcile.presence(joined: change.joined, left: change.left))
                for peer in change.left { model.remove(peer.peerID) }
            }
            apply(reconcile.acknowledged())
            let listed = (channel + channel.prefix(2) + ["me"]).shuffled(using: &random)
            apply(reconcile.presence(joined: listed.map { PresencePeer(peerID: $0) }, left: []))
            model.reconcile(with: channel)
            for _ in 0..<Int.random(in: 0...5, using: &random) { liveChange() }
            return true
        }
    }

    @Test(
        "over random presences, drops and snapshots the roster equals the channel, and one stay of a member is one object",
        arguments: 1...300)
    func follows(seed: UInt64) {
        var play = Play(random: SplitMix64(seed: seed))
        play.reconcile.join()
        play.apply(play.reconcile.welcomed(as: "me", at: .milliseconds(0)))
        play.apply(play.reconcile.acknowledged())
        play.apply(play.reconcile.presence(joined: [], left: []))
        for _ in 0..<10 { play.liveChange() }
        var objectOfStay: [Int: Int] = [:]
        for _ in 0..<30 where play.connect() {
            #expect(Set(play.objects.map(\.peerID)) == Set(play.channel), "seed \(seed)")
            #expect(play.reconcile.roster.members.map(\.peerID) == play.objects.map(\.peerID), "seed \(seed)")
            for (peerID, stay) in play.model.stays {
                guard let object = play.objects.first(where: { $0.peerID == peerID })?.object else { continue }
                if let known = objectOfStay[stay] {
                    #expect(known == object, "seed \(seed): \(peerID) stayed and got another object")
                } else {
                    #expect(!objectOfStay.values.contains(object), "seed \(seed): \(peerID) came anew and got an old object")
                    objectOfStay[stay] = object
                }
            }
        }
        #expect(!objectOfStay.isEmpty, "seed \(seed)")
    }
}
