import MeteredRealtime
import NIOCore
import Testing

@testable import WebRTCModel

@Suite("Frames") struct MediaStreamTests {
    private func connected(_ kind: MediaKind = .video) throws -> (pair: ConnectionPair, local: SimulatedMediaTrack, sender: any RTPSender) {
        let pair = ConnectionPair()
        let track = SimulatedMediaTrack(id: "t", kind: kind)
        let sender = try pair.a.connection.addTrack(track, streamIDs: ["s"])
        try pair.connect()
        pair.settle()
        return (pair, track, sender)
    }

    @Test("they flow at the track's rate")
    func rate() throws {
        let (pair, _, _) = try connected()
        let before = pair.b.tracks[0].framesReceived
        pair.run(.seconds(10))
        #expect((99...101).contains(pair.b.tracks[0].framesReceived - before))
    }

    @Test("an outage is reported as stalled after a second, and its end with its length")
    func stall() throws {
        let (pair, _, _) = try connected()
        pair.wire.loses = { _, _ in true }
        pair.run(.milliseconds(1_300))
        #expect(!pair.b.tracks[0].isFlowing)
        pair.run(.milliseconds(2_700))
        pair.wire.loses = { _, _ in false }
        pair.run(.seconds(1))
        let media = pair.b.events.compactMap { kind in
            if case .media(_, let isFlowing, let silence) = kind { (isFlowing, silence.nanoseconds / 1_000_000) } else { nil }
        }
        #expect(media.map(\.0) == [true, false, true])
        #expect(media[1].1 == 1_000 && (4_000...4_200).contains(media[2].1))
    }

    @Test("while nothing flows nothing is scheduled")
    func noTimers() throws {
        let (pair, track, _) = try connected()
        track.isEnabled = false
        pair.run(.seconds(5))
        let events = pair.simulation.executedEvents
        pair.run(.seconds(100))
        #expect(pair.simulation.executedEvents - events == 0)
    }

    @Test("a track that is switched off stops and starts again")
    func enabled() throws {
        let (pair, track, _) = try connected()
        track.isEnabled = false
        pair.run(.seconds(3))
        let stopped = pair.b.tracks[0].framesReceived
        pair.run(.seconds(3))
        #expect(pair.b.tracks[0].framesReceived == stopped)
        track.isEnabled = true
        pair.run(.seconds(1))
        #expect(pair.b.tracks[0].framesReceived > stopped)
    }

    @Test("another track takes the place of the first without negotiation")
    func replace() throws {
        let (pair, _, sender) = try connected()
        try pair.result {
            sender.replaceTrack(SimulatedMediaTrack(id: "u", kind: .video, flow: .init(interval: .milliseconds(50), bytes: 500)), $0)
        }
        let before = pair.b.tracks[0].framesReceived
        pair.run(.seconds(10))
        #expect((198...202).contains(pair.b.tracks[0].framesReceived - before))
        #expect(pair.a.count("negotiationneeded") == 0)
        try pair.result { sender.replaceTrack(nil, $0) }
        let stopped = pair.b.tracks[0].framesReceived
        pair.run(.seconds(2))
        #expect(pair.b.tracks[0].framesReceived - stopped <= 1)
        #expect(throws: (any Error).self) { try pair.result { sender.replaceTrack(SimulatedMediaTrack(id: "x", kind: .audio), $0) } }
    }

    @Test("statistics count payload bytes and video frames")
    func statistics() throws {
        let (pair, _, _) = try connected()
        pair.run(.seconds(3))
        var statistics: [PeerConnectionStatistics] = []
        for end in [pair.a, pair.b] { end.connection.statistics { statistics.append($0) } }
        pair.settle()
        #expect(statistics[1].framesReceived == pair.b.tracks[0].framesReceived)
        #expect(statistics[1].bytesReceived == statistics[1].framesReceived * 1_000)
        #expect(statistics[0].bytesSent >= statistics[1].bytesReceived)
    }
}
