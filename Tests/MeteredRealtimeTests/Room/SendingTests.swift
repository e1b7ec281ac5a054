import CompactJSON
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Sending and local media")
struct RoomSendingTests {
    private func world() throws -> PeerWorld {
        let world = try PeerWorld()
        world.snapshot = { _, _ in [member("p2"), member("p3")] }
        world.join()
        return world
    }

    @Test("data goes to the channel, or to one peer")
    func send() throws {
        let world = try world()
        world.at(500) { core in
            core.send("all") { world.log.finished("all", $0, at: core.eventLoop.now) }
            core.send("one", to: "p9") { world.log.finished("one", $0, at: core.eventLoop.now) }
        }
        world.run(until: 1_000)
        #expect(world.frames("publish").map { $0["data"] } == ["all"])
        #expect(world.frames("send").map { $0["to"] } == ["p9"])
        #expect(world.log.lines(from: 500) == ["530 all ok", "530 one ok"])
    }

    @Test("nothing is sent to oneself, before joining, or while reconnecting")
    func refused() throws {
        let world = try world()
        func send(_ name: String, to peerID: String? = nil, at milliseconds: Int64) {
            world.at(milliseconds) { core in
                let completion: MeteredPeerCore.Completion<Void> = { world.log.finished(name, $0, at: core.eventLoop.now) }
                if let peerID { core.send("x", to: peerID, completion) } else { core.send("x", completion) }
            }
        }
        send("early", at: 50)
        send("self", to: "m", at: 500)
        world.drop(at: 1_000)
        send("reconnecting", at: 1_100)
        world.run(until: 1_200)
        #expect(world.log.results["early"]?.result.failure == .notJoined(.joining))
        #expect(world.log.results["self"]?.result.failure == .sendToSelf)
        #expect(world.log.results["reconnecting"]?.result.failure == .notJoined(.reconnecting))
    }

    @Test("data over the server's cap is refused before it is sent, counted in UTF-8 (BEY-20)")
    func oversized() throws {
        let world = try world()
        world.welcome = { _ in ["maxMessageSize": 10] }
        world.at(500) { core in
            core.send("éééé") { world.log.finished("fits", $0, at: core.eventLoop.now) }
            core.send("ééééé") { world.log.finished("large", $0, at: core.eventLoop.now) }
        }
        world.run(until: 1_000)
        #expect(world.log.results["fits"]?.result.failure == nil)
        #expect(world.log.results["large"]?.result.failure == .signalling(.payloadTooLarge(sizeBytes: 12, capBytes: 10)))
        #expect(world.frames("publish").count == 1)
    }

    @Test("local tracks reach everyone, present and future, with their metadata ahead of them (WIRE-11)")
    func fanOut() throws {
        let world = try world()
        world.at(50) { core in _ = core.addTrack(TestTrack("early"), to: MediaStream(id: "s"), metadata: ["v": 1]) }
        world.at(500) { core in _ = core.addTrack(TestTrack("late"), to: MediaStream(id: "t")) }
        world.presence(joined: ["p4"], at: 1_000)
        world.run(until: 2_000)
        #expect(world.connections.made.map(\.trackIDs) == [["early", "late"], ["early", "late"], ["early", "late"]])
        let signals = world.frames("send").filter { $0["to"] == "p4" }.compactMap { $0["data"] }
        #expect(signals.first?["__meteredTrackMeta"]?["trackId"] == "early")
        #expect(signals.contains { $0["type"] == "rtc-description" })
    }

    @Test("a track in no stream is sent without one, and cannot be added to one later")
    func withoutStream() throws {
        let world = try world()
        let track = TestTrack("t")
        world.at(500) { core in _ = core.addTrack(track, metadata: ["v": 1]) }
        world.at(600) { core in
            #expect(throws: MeteredPeerError.trackAlreadyAttached(trackID: "t", streamID: nil)) {
                try core.addTrack(track, to: MediaStream(id: "s")).get()
            }
        }
        world.run(until: 1_000)
        #expect(world.connections.made.map(\.trackIDs) == [["t"], ["t"]])
        let told = world.frames("send").compactMap { $0["data"]?["__meteredTrackMeta"] }
        #expect(told.count == 2 && told.allSatisfy { $0["metadata"] == ["v": 1] && $0["streamId"] == nil })
    }

    @Test("a removed track is taken from everyone, and newcomers do not get it")
    func remove() throws {
        let world = try world()
        let camera = TestTrack("camera")
        let stream = MediaStream(id: "s", tracks: [camera, TestTrack("microphone", .audio)])
        world.at(500) { core in _ = core.addStream(stream) }
        world.at(600) { core in _ = core.removeTrack(camera) }
        world.presence(joined: ["p4"], at: 1_000)
        world.at(1_500) { core in _ = core.removeStream(stream) }
        world.at(1_400) { _ in #expect(world.connections.made.map(\.trackIDs) == [["microphone"], ["microphone"], ["microphone"]]) }
        world.run(until: 2_000)
        #expect(world.connections.made.map(\.trackIDs) == [[], [], []])
    }

    @Test("a stream with one bad track is not added at all")
    func allOrNone() throws {
        let world = try world()
        let stream = MediaStream(id: "s", tracks: [TestTrack("good"), TestTrack("b a d")])
        world.at(500) { core in #expect(throws: MeteredPeerError.self) { try core.addStream(stream).get() } }
        world.run(until: 1_000)
        #expect(world.connections.made.map(\.trackIDs) == [[], []])
    }

    @Test("metadata over the server's cap is refused with the track")
    func largeMetadata() throws {
        let world = try world()
        let metadata: JSONObject = ["text": .string(String(repeating: "x", count: 70_000))]
        world.at(500) { core in
            let result = core.addTrack(TestTrack("camera"), to: MediaStream(id: "s"), metadata: metadata)
            guard case .failure(.signalling(.payloadTooLarge)) = result else {
                Issue.record("\(result)")
                return
            }
        }
        world.run(until: 1_000)
        #expect(world.connections.made.map(\.trackIDs) == [[], []])
    }

    @Test("a replaced track is replaced for everyone, and newcomers get the new one", arguments: [false, true])
    func replace(libraryRefuses: Bool) throws {
        let world = try world()
        let old = TestTrack("old")
        world.at(400) { _ in for connection in world.connections.made { connection.refusesReplacement = libraryRefuses } }
        world.at(500) { core in _ = core.addTrack(old, to: MediaStream(id: "s")) }
        world.at(600) { core in
            core.replaceTrack(old, with: TestTrack("new")) { world.log.finished("replace", $0, at: core.eventLoop.now) }
        }
        world.presence(joined: ["p4"], at: 1_000)
        world.run(until: 2_000)
        #expect(world.connections.made.map(\.trackIDs) == [["new"], ["new"], ["new"]])
        #expect(world.log.lines.contains("600 replace ok"))
    }

    @Test("inbound tracks are told with stream and metadata; after a swap the stream comes again as a fresh object (ROS-10)")
    func inbound() throws {
        let world = try world()
        world.snapshot = { _, _ in [member("p2")] }
        world.direct(["__meteredTrackMeta": ["trackId": "cam", "metadata": ["v": 5]]], from: "p2", at: 400)
        world.at(500) { _ in world.connections.made[0].onEvent?(.track(TestTrack("cam"), streamIDs: ["s"])) }
        world.drop(at: 1_000)
        world.at(2_000) { _ in world.connections.made[1].onEvent?(.track(TestTrack("cam"), streamIDs: ["s"])) }
        world.run(until: 3_000)
        #expect(
            world.log.lines.filter { $0.contains("track") || $0.contains("stream") } == [
                "500 p2#1 +track cam s 5", "500 p2#1 +stream s", "2000 p2#1 +track cam s 5", "2000 p2#1 +stream s",
            ])
        #expect(world.log.streams.count == 2)
        #expect(world.log.streams[0] !== world.log.streams[1])
    }

    @Test("track metadata over the cap is not stored")
    func largeInbound() throws {
        let world = try world()
        world.snapshot = { _, _ in [member("p2")] }
        let text = JSONValue.string(String(repeating: "x", count: 70_000))
        world.direct(["__meteredTrackMeta": ["trackId": "cam", "metadata": ["v": 5, "text": text]]], from: "p2", at: 400)
        world.at(500) { _ in world.connections.made[0].onEvent?(.track(TestTrack("cam"), streamIDs: ["s"])) }
        world.run(until: 1_000)
        #expect(world.log.lines.contains("500 p2#1 +track cam s -"))
    }
}
