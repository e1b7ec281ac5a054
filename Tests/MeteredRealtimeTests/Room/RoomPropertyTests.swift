import CompactJSON
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("A whole room against a model (ROS-03...08)")
struct RoomPropertyTests {
    /// The channel as the service knows it, and what a client must make of it.
    private final class Channel {
        var random: SplitMix64
        var members: [String] = []

        init(seed: UInt64) { random = SplitMix64(seed: seed) }

        /// Somebody comes or goes.
        func change() -> (joined: [String], left: [String]) {
            let peerID = "p\(Int.random(in: 0..<8, using: &random))"
            if let place = members.firstIndex(of: peerID) {
                members.remove(at: place)
                return ([], [peerID])
            }
            members.append(peerID)
            return ([peerID], [])
        }
    }

    @Test("after every recovery the roster equals the channel, and whoever stayed is the same object", arguments: 1...15)
    func follows(seed: UInt64) throws {
        let world = try PeerWorld(seed: seed)
        let channel = Channel(seed: seed)
        var known: [(peerID: String, object: RemotePeer)] = []
        world.snapshot = { [unowned channel] connection, _ in
            // Sometimes no snapshot comes after a reconnect, and a subscribe has to be forced.
            guard connection == 1 || Int.random(in: 0..<6, using: &channel.random) > 0 else { return nil }
            // Whoever is gone by now is known no more, even if he comes back later; whoever came back by now is the same.
            known.removeAll { !channel.members.contains($0.peerID) }
            return (channel.members + ["m"] + channel.members.prefix(1)).shuffled(using: &channel.random).map(member)
        }
        world.join()
        var checks = 0
        for round in 1...30 as ClosedRange<Int64> {
            let start = round * 60_000
            // Changes that the client hears of, or misses, because it is offline.
            for step in 0..<Int64.random(in: 0...4, using: &channel.random) {
                world.at(start + step * 10) { [unowned world] core in
                    // While a snapshot is awaited the next presence would be it (ROS-02).
                    guard core.state == .joined else { return }
                    let change = channel.change()
                    known.removeAll { change.left.contains($0.peerID) }
                    world.server.connections.last?.send([
                        "type": "presence", "channel": "room", "joined": .array(change.joined.map(member)),
                        "left": .array(change.left.map(member)),
                    ])
                }
            }
            if Bool.random(using: &channel.random) {
                world.drop(at: start + 100)
                for step in 0..<Int64.random(in: 0...3, using: &channel.random) {
                    world.at(start + 200 + step) { _ in _ = channel.change() }
                }
                if Int.random(in: 0..<3, using: &channel.random) == 0 {
                    world.drop(at: start + 660 + Int64.random(in: 0...60, using: &channel.random))
                }
            }
            world.at(start + 59_000) { core in
                guard core.state == .joined else { return }
                #expect(Set(core.remotePeers.map(\.id)) == Set(channel.members), "seed \(seed), round \(round)")
                for remote in core.remotePeers {
                    if let before = known.first(where: { $0.peerID == remote.id }) {
                        #expect(before.object === remote, "seed \(seed), round \(round): \(remote.id) is another object")
                    } else {
                        known.append((remote.id, remote))
                    }
                }
                checks += 1
            }
        }
        // One last reconnect with a snapshot for certain.
        world.at(31 * 60_000) { [unowned world] _ in world.snapshot = { _, _ in channel.members.map(member) } }
        world.drop(at: 31 * 60_000 + 1)
        world.run(until: 32 * 60_000)
        #expect(Set(world.remotes) == Set(channel.members), "seed \(seed)")
        #expect(world.peer.state == .joined)
        #expect(checks > 20, "seed \(seed): only \(checks) rounds ended joined")
    }
}
