import CompactJSON
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Leaving (SIG-16, ROS-12, BEY-01)")
struct LeavingTests {
    private func world(_ signalling: SignallingOptions = SignallingOptions()) throws -> PeerWorld {
        let world = try PeerWorld(signalling: signalling)
        world.snapshot = { _, _ in [member("p2"), member("p3")] }
        world.join()
        return world
    }

    @Test("close removes everyone, awaits the socket, and ends with closed and left")
    func close() throws {
        let world = try world()
        world.close(at: 1_000)
        world.run(until: 60_000)
        #expect(
            world.log.lines(from: 1_000) == [
                "1000 joined>leaving", "1000 p2#1 idle>closed", "1000 -p2#1", "1000 p3#2 idle>closed", "1000 -p3#2", "1030 leaving>closed",
                "1030 left m room bye", "1030 close ok",
            ])
        #expect(world.peer.channel == nil)
        #expect(world.simulation.pendingEvents == 0, "every timer ended")
    }

    @Test("close ends a join that is under way", arguments: [0, 60, 90] as [Int64])
    func whileJoining(moment: Int64) throws {
        let world = try world()
        world.close(at: moment)
        world.run(until: 60_000)
        #expect(world.log.results["join"]?.result.failure == .closed)
        #expect(world.peer.state == .closed)
        #expect(world.simulation.pendingEvents == 0)
    }

    @Test("close while reconnecting, waiting for the snapshot included, ends at once", arguments: [2_100, 2_590, 2_700, 15_000] as [Int64])
    func whileReconnecting(moment: Int64) throws {
        let world = try world()
        world.snapshot = { connection, _ in connection == 1 ? [member("p2")] : nil }
        world.drop(at: 2_000)
        world.close(at: moment)
        world.run(until: 120_000)
        #expect(world.log.lines(from: moment).filter { $0.contains("-p2#1") }.count == 1)
        #expect(world.log.lines.last?.hasSuffix("close ok") == true)
        #expect(world.simulation.pendingEvents == 0)
    }

    @Test("a peer that never joined closes without a word but the state")
    func idle() throws {
        let world = try PeerWorld()
        world.close(at: 10)
        world.run(until: 1_000)
        #expect(world.log.lines == ["10 idle>closed", "10 close ok"])
    }

    @Test("closing twice is closing once; each call returns")
    func twice() throws {
        let world = try world()
        world.close(at: 1_000)
        world.close(at: 1_010)
        world.close(at: 5_000)
        world.run(until: 6_000)
        #expect(world.log.lines.filter { $0.hasSuffix("close ok") } == ["1030 close ok", "1030 close ok", "5000 close ok"])
    }

    @Test("a close from inside a handler ends the reconcile there: nobody is admitted any more")
    func fromHandler() throws {
        let world = try world()
        world.snapshot = { connection, _ in connection == 1 ? [member("p2"), member("p3")] : [member("p4"), member("p5")] }
        world.drop(at: 2_000)
        world.log.react = { [unowned world] notification in
            guard case .event(.peerLeft) = notification, world.peer.state == .reconnecting else { return }
            world.peer.core.value.close(reason: "enough") {}
        }
        world.run(until: 60_000)
        #expect(
            world.log.lines(from: 2_600) == [
                "2600 p2#1 reconnecting>closed", "2600 -p2#1", "2600 reconnecting>leaving",
                "2600 p3#2 reconnecting>closed", "2600 -p3#2", "2630 leaving>closed",
                "2630 left m room enough",
            ])
        #expect(world.remotes.isEmpty)
    }

    @Test(
        "a terminal close: the error with the code's name, everyone removed, closed, left (ROS-12)",
        arguments: [4001, 4003, 4012, 4020] as [UInt16])
    func terminal(code: UInt16) throws {
        let world = try world()
        world.serve(at: 1_000) { $0.send(close: code, reason: "kicked") }
        world.run(until: 60_000)
        let name = try #require(CloseCode(rawValue: code).name)
        #expect(
            world.log.lines(from: 1_000) == [
                "1000 error the connection ended for good with code \(code) (\(name)): kicked", "1000 p2#1 idle>closed", "1000 -p2#1",
                "1000 p3#2 idle>closed", "1000 -p3#2", "1000 joined>closed", "1000 left m room kicked",
            ])
        #expect(world.simulation.pendingEvents == 0)
    }

    @Test("a terminal close without a reason is named by its number")
    func terminalWithoutReason() throws {
        let world = try world()
        world.serve(at: 1_000) { $0.send(close: 4020, reason: "") }
        world.run(until: 60_000)
        #expect(world.log.lines.last == "1000 left m room disconnected (code 4020)")
    }

    @Test("media calls after the end fail, those that take something away too")
    func mediaAfterwards() throws {
        let world = try world()
        let track = TestTrack("t")
        world.at(500) { core in _ = core.addTrack(track) }
        world.close(at: 1_000)
        world.at(2_000) { core in
            #expect(throws: MeteredPeerError.invalidState(.closed)) { try core.removeTrack(track).get() }
            #expect(throws: MeteredPeerError.invalidState(.closed)) { try core.removeStream(MediaStream(id: "s")).get() }
        }
        world.run(until: 3_000)
    }

    @Test("a spent budget is an error, however it was spent (BEY-01)")
    func budget() throws {
        var signalling = SignallingOptions()
        signalling.maximumAttempts = 2
        let world = try world(signalling)
        world.server.dials = { $0 == 1 ? .accept() : .refuse() }
        world.drop(at: 1_000)
        world.run(until: 60_000)
        #expect(world.log.errors.count == 1)
        #expect(world.peer.state == .closed)
        #expect(world.log.lines.last?.contains("left m room") == true)
    }

    @Test("calls after the end fail with their state")
    func afterwards() throws {
        let world = try world()
        var remote: RemotePeer?
        world.at(500) { core in remote = core.remotePeers[0] }
        world.close(at: 1_000)
        world.at(2_000) { core in
            core.send("x") { world.log.finished("send", $0, at: core.eventLoop.now) }
            #expect(throws: MeteredPeerError.invalidState(.closed)) { try core.addTrack(TestTrack("t"), to: MediaStream(id: "s")).get() }
            guard let remote else { return }
            core.send("x", to: remote) { world.log.finished("remote", $0, at: core.eventLoop.now) }
            #expect(throws: MeteredPeerError.remotePeerClosed(peerID: "p2")) {
                try core.createDataChannel("c", configuration: DataChannelConfiguration(), to: remote).get()
            }
        }
        world.run(until: 3_000)
        #expect(world.log.results["send"]?.result.failure == .notJoined(.closed))
        #expect(world.log.results["remote"]?.result.failure == .remotePeerClosed(peerID: "p2"))
    }

    @Test("errors that the application must act on are told, others are not (SIG-21)")
    func serverErrors() throws {
        let world = try world()
        world.serve(at: 1_000) { $0.send(["type": "error", "code": "account_suspended", "message": "pay"]) }
        world.serve(at: 1_100) { $0.send(["type": "error", "code": "over_message_quota"]) }
        world.run(until: 2_000)
        #expect(world.log.errors == [.serverError(code: "account_suspended", message: "pay")])
    }

    @Test("releasing the peer ends everything without a word")
    func release() throws {
        let world = try world()
        world.run(until: 1_000)
        let lines = world.log.lines
        world.simulation.enter { world.releasePeer() }
        world.run(until: 60_000)
        #expect(world.log.lines == lines)
        #expect(world.server.connections.last?.isGone == true)
    }
}

extension Result where Success == Void {
    /// The failure, if it is one.
    var failure: Failure? {
        if case .failure(let error) = self { return error }
        return nil
    }
}
