import Testing

@testable import MeteredRealtime

@Suite("Inbound media (ROS-10)")
struct InboundMediaTests {
    private var media = InboundMedia()
    private let camera = TestTrack("camera")
    private let microphone = TestTrack("microphone", .audio)

    private func text(_ changes: [InboundMedia.Change]) -> [String] {
        changes.map { change in
            switch change {
            case .trackAdded(let track, let stream, let metadata): "+\(track.id) in \(stream?.id ?? "-") \(version(metadata))"
            case .trackRemoved(let track): "-\(track.id)"
            case .trackMetadataChanged(let track, let metadata): "\(track.id) \(version(metadata))"
            case .streamAdded(let stream, let metadata): "+stream \(stream.id) \(version(metadata))"
            case .streamRemoved(let stream): "-stream \(stream.id)"
            }
        }
    }

    private func version(_ metadata: JSONObject?) -> String { metadata?["v"]?.int64Value.map(String.init) ?? "-" }

    private func description(_ trackID: String, _ version: Int64?, stream: String? = "s", kind: String? = "video") -> TrackMetadata {
        TrackMetadata(trackID: trackID, metadata: version.map { ["v": .integer($0)] }, streamID: stream, kind: kind)
    }

    @Test("a stream is added with its first track and removed with its last")
    mutating func grouping() {
        #expect(text(media.add(camera, streamIDs: ["s"])) == ["+camera in s -", "+stream s -"])
        #expect(text(media.add(microphone, streamIDs: ["s"])) == ["+microphone in s -"])
        #expect(text(media.remove(camera)) == ["-camera"])
        #expect(text(media.remove(microphone)) == ["-microphone", "-stream s"])
    }

    @Test("a track without a stream is told without one")
    mutating func noStream() { #expect(text(media.add(camera, streamIDs: [])) == ["+camera in - -"]) }

    @Test("after the connection was replaced the stream is added again, as a fresh object of the same id, with no removal in between")
    mutating func replaced() {
        guard case .streamAdded(let old, _)? = media.add(camera, streamIDs: ["s"]).last else {
            Issue.record("no stream")
            return
        }
        media.connectionReplaced()
        let again = media.add(TestTrack("camera"), streamIDs: ["s"])
        #expect(text(again) == ["+camera in s -", "+stream s -"])
        guard case .streamAdded(let fresh, _)? = again.last else {
            Issue.record("no stream")
            return
        }
        #expect(fresh !== old)
        #expect(fresh.tracks.count == 1)
        #expect(text(media.remove(camera)).isEmpty, "a track of the old connection is not removed from the new one")
    }

    @Test("metadata that came before its track is told with it")
    mutating func metadataFirst() {
        #expect(text(media.describe(description("camera", 7))).isEmpty)
        #expect(text(media.add(camera, streamIDs: ["s"])) == ["+camera in s 7", "+stream s 7"])
    }

    @Test("metadata that comes after its track, changes, or is taken back, is told by itself")
    mutating func metadataLater() {
        _ = media.add(camera, streamIDs: ["s"])
        #expect(text(media.describe(description("camera", 1))) == ["camera 1"])
        #expect(text(media.describe(description("camera", 2))) == ["camera 2"])
        #expect(text(media.describe(description("camera", 2))).isEmpty)
        #expect(text(media.describe(description("camera", nil))) == ["camera -"])
    }

    @Test("a track that the library named anew is found by its stream and kind, if that is unambiguous")
    mutating func renamed() {
        _ = media.describe(description("theirs", 3))
        _ = media.describe(description("their-sound", 4, kind: "audio"))
        #expect(text(media.add(TestTrack("{ours}"), streamIDs: ["s"])).first == "+{ours} in s 3")
        _ = media.describe(description("another", 5, stream: "t"))
        _ = media.describe(description("yet-another", 6, stream: "t"))
        #expect(text(media.add(TestTrack("{ours2}"), streamIDs: ["t"])).first == "+{ours2} in t -")
    }

    @Test("metadata outlives the connection: the sender need not repeat it")
    mutating func outlives() {
        _ = media.describe(description("camera", 7))
        _ = media.add(camera, streamIDs: ["s"])
        media.connectionReplaced()
        #expect(text(media.add(camera, streamIDs: ["s"])).first == "+camera in s 7")
    }

    @Test("512 tracks may be described; one more makes the oldest forgotten, a repeated one does not")
    func bounded() {
        var metadata = InboundMetadata()
        for number in 0..<512 { metadata.set(description("t\(number)", 1)) }
        metadata.set(description("t0", 2))
        #expect(metadata.entries.count == 512)
        metadata.set(description("t512", 1))
        #expect(metadata.entries.count == 512)
        #expect(metadata.entries.first?.trackID == "t1")
        #expect(metadata.entries.last?.trackID == "t512")
    }
}

@Suite("Local media")
struct LocalMediaTests {
    private var media = LocalMedia()
    private let stream = MediaStream(id: "s")

    private func entry(_ track: any MediaStreamTrack, _ stream: MediaStream) -> LocalMedia.Entry {
        LocalMedia.Entry(track: track, stream: stream, metadata: nil)
    }

    @Test("the same track of the same stream again changes nothing; of another stream it is refused")
    mutating func again() throws {
        let track = TestTrack("camera")
        #expect(try media.isNew(entry(track, stream)))
        media.append(entry(track, stream))
        #expect(try !media.isNew(entry(track, stream)))
        #expect(throws: MeteredPeerError.trackAlreadyAttached(trackID: "camera", streamID: "s")) {
            try media.isNew(entry(track, MediaStream(id: "t")))
        }
    }

    @Test(
        "an id that a session description cannot carry is refused",
        arguments: ["", "a b", "a\r\na=evil", "é", String(repeating: "x", count: 65)])
    func badIdentifier(id: String) {
        #expect(throws: MeteredPeerError.self) { try media.isNew(entry(TestTrack(id), stream)) }
        #expect(throws: MeteredPeerError.self) { try media.isNew(entry(TestTrack("camera"), MediaStream(id: id))) }
    }

    @Test("a replacement takes the place, the stream and the metadata of the old track")
    mutating func replacement() throws {
        let old = TestTrack("camera")
        let new = TestTrack("screen")
        media.append(LocalMedia.Entry(track: old, stream: stream, metadata: ["v": 1]))
        let entry = try media.replace(old, with: new)
        #expect(entry.metadata == ["v": 1])
        #expect(stream.tracks.map(\.id) == ["screen"])
        #expect(throws: MeteredPeerError.trackNotAttached(trackID: "camera")) { try media.replace(old, with: new) }
    }

    @Test("a track of the other kind, or one that is sent itself, is no replacement")
    mutating func badReplacement() {
        let camera = TestTrack("camera")
        let screen = TestTrack("screen")
        media.append(entry(camera, stream))
        media.append(entry(screen, stream))
        #expect(throws: MeteredPeerError.self) { try media.replace(camera, with: TestTrack("microphone", .audio)) }
        #expect(throws: MeteredPeerError.trackAlreadyAttached(trackID: "screen", streamID: "s")) { try media.replace(camera, with: screen) }
    }
}
