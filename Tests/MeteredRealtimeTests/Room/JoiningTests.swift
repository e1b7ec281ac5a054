import CompactJSON
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Joining a channel (BEY-02, BEY-19, WIRE-06, ROS-06)")
struct JoiningTests {
    @Test("joined is told first, then everyone in the channel")
    func join() throws {
        let world = try PeerWorld()
        world.snapshot = { _, _ in [member("p2"), member("m"), member("p3"), member("p2")] }
        world.join()
        world.run(until: 1_000)
        #expect(
            world.log.lines == [
                "0 idle>joining", "100 joining>joined", "100 joined m room", "100 join ok", "100 +p2#1", "100 +p3#2",
            ])
        #expect(world.remotes == ["p2", "p3"])
        #expect(world.peer.peerID == "m")
        #expect(world.peer.channel == "room")
    }

    @Test("data can be sent from the handler of the first peer-joined (BEY-19)")
    func sendFromHandler() throws {
        let world = try PeerWorld()
        world.snapshot = { _, _ in [member("p2")] }
        world.log.react = { [unowned world] notification in
            guard case .event(.peerJoined(let remote)) = notification else { return }
            world.peer.core.value.send("hi", to: remote) { world.log.finished("send", $0, at: .milliseconds(100)) }
        }
        world.join()
        world.run(until: 1_000)
        #expect(world.log.lines.last == "100 send ok")
        #expect(world.frames("send").map { $0["to"] } == ["p2"])
    }

    @Test("a peer whose presence beats the acknowledgement is told after joined")
    func presenceFirst() throws {
        let world = try PeerWorld()
        world.snapshot = { _, _ in nil }
        world.join()
        world.presence(joined: ["p2"], at: 80)
        world.run(until: 1_000)
        #expect(world.log.lines(from: 100) == ["100 joining>joined", "100 joined m room", "100 +p2#1", "100 join ok"])
    }

    @Test("changes of the channel are followed: one object per stay")
    func deltas() throws {
        let world = try PeerWorld()
        world.join()
        world.presence(joined: ["p2", "p3"], at: 1_000)
        world.presence(left: ["p2"], at: 2_000)
        world.presence(joined: ["p2", "p3"], at: 3_000)
        world.presence("elsewhere", joined: ["p9"], left: ["p3"], at: 4_000)
        world.run(until: 5_000)
        #expect(world.log.lines(from: 1_000) == ["1000 +p2#1", "1000 +p3#2", "2000 p2#1 idle>closed", "2000 -p2#1", "3000 +p2#3"])
        #expect(world.remotes == ["p3", "p2"])
    }

    @Test(
        "reserved and malformed channels fail at once, and nothing is dialled (WIRE-05, WIRE-06)", arguments: ["_Metered/x", "", "a\u{1}"])
    func badChannel(channel: String) throws {
        let world = try PeerWorld()
        world.join(channel)
        world.run(until: 1_000)
        #expect(world.log.lines.count == 1)
        #expect(world.log.results["join"]?.at == 0)
        #expect(world.server.dialCount == 0)
        #expect(world.peer.state == .idle)
        let told = world.log.diagnostics.compactMap { diagnostic in
            switch diagnostic {
            case .joinCalled(let channel, _): channel
            case .joinFailed: "failed"
            default: nil
            }
        }
        #expect(told == [channel, "failed"])
    }

    @Test("a failed first connect fails the join with its cause; the next join works")
    func refused() throws {
        let world = try PeerWorld()
        world.server.dials = { $0 == 1 ? .refuse() : .accept() }
        world.join()
        world.join(at: 1_000)
        world.run(until: 2_000)
        #expect(
            world.log.lines == [
                "0 idle>joining", "10 joining>idle",
                "10 join signalling connection failed with code 1006: connection refused", "1000 idle>joining", "1100 joining>joined",
                "1100 joined m room", "1100 join ok",
            ])
    }

    @Test("a rejected subscribe fails the join with the server's code; the socket is kept for the next one, and the channel is forgotten")
    func rejected() throws {
        let world = try PeerWorld()
        var isFirst = true
        world.override = { connection, _, frame in
            guard frame["type"] == "subscribe", isFirst else { return false }
            isFirst = false
            connection.reject(frame, code: "channel_not_authorized")
            return true
        }
        world.join()
        world.at(500) { core in #expect(core.signalling.subscriptions.tracked.isEmpty) }
        world.join("other", at: 1_000)
        world.run(until: 2_000)
        #expect(world.server.dialCount == 1)
        #expect(world.log.lines(from: 1_000) == ["1000 idle>joining", "1030 joining>joined", "1030 joined m other", "1030 join ok"])
        #expect(world.log.lines[2] == "100 join the server rejected the request: channel_not_authorized: no")
    }

    @Test("a subscribe that is not acknowledged fails the join and is taken back")
    func timedOut() throws {
        let world = try PeerWorld()
        world.override = { _, _, frame in frame["type"] == "subscribe" }
        world.join()
        world.run(until: 20_000)
        #expect(world.log.results["join"]?.at == 15_070)
        #expect(world.peer.state == .idle)
        #expect(world.frames("unsubscribe").count == 1)
        #expect(world.server.connections.last?.isGone == false)
    }

    @Test("a drop while joining fails the join, ends the reconnecting, and the next join works")
    func dropped() throws {
        let world = try PeerWorld()
        var isFirst = true
        world.override = { _, _, frame in
            defer { isFirst = false }
            return isFirst && frame["type"] == "subscribe"
        }
        world.join()
        world.drop(at: 90)
        world.join(at: 10_000)
        world.run(until: 11_000)
        #expect(world.log.lines(from: 90).first == "90 joining>idle")
        #expect(world.server.dialCount == 2)
        #expect(world.log.lines.last == "10100 join ok")
        #expect(world.frames("subscribe").count == 2)
    }

    @Test("joining twice, or after close, is refused")
    func wrongState() throws {
        let world = try PeerWorld()
        world.join()
        world.at(50) { core in core.join("room") { world.log.finished("second", $0, at: core.eventLoop.now) } }
        world.close(at: 1_000)
        world.at(2_000) { core in core.join("room") { world.log.finished("third", $0, at: core.eventLoop.now) } }
        world.run(until: 3_000)
        #expect(world.log.lines.contains("50 second not possible in state joining"))
        #expect(world.log.lines.last == "2000 third not possible in state closed")
    }

    @Test("at most 256 remote peers are admitted; the next one is when a place is free (BEY-12)")
    func cap() throws {
        let world = try PeerWorld()
        world.snapshot = { _, _ in (1...300).map { member("p\($0)") } }
        world.join()
        world.presence(left: ["p7"], at: 1_000)
        world.run(until: 2_000)
        #expect(world.remotes.count == 256)
        #expect(world.log.lines(from: 1_000) == ["1000 p7#7 idle>closed", "1000 -p7#7", "1000 +p257#257"])
    }

    @Test("a presence for 10,000 peers is survived")
    func crowd() throws {
        let world = try PeerWorld()
        world.snapshot = { _, _ in (1...10_000).map { member("p\($0)") } }
        world.join()
        world.run(until: 1_000)
        #expect(world.remotes.count == 256)
    }
}
