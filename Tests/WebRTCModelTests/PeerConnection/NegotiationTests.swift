import MeteredRealtime
import NIOCore
import SimulationKernel
import Testing

@testable import WebRTCModel

@Suite("Negotiation") struct NegotiationTests {
    @Test("tracks and the first channel raise negotiationneeded once, and again only after it was answered")
    func negotiationNeededOnce() throws {
        let pair = ConnectionPair()
        _ = try pair.a.connection.addTrack(SimulatedMediaTrack(id: "a", kind: .audio), streamIDs: ["s"])
        _ = try pair.a.connection.addTrack(SimulatedMediaTrack(id: "v", kind: .video), streamIDs: ["s"])
        _ = try pair.a.connection.createDataChannel(label: "1", configuration: .init())
        _ = try pair.a.connection.createDataChannel(label: "2", configuration: .init())
        pair.settle()
        #expect(pair.a.count("negotiationneeded") == 1)
        try pair.negotiate(from: pair.a, to: pair.b)
        pair.settle()
        #expect(pair.a.count("negotiationneeded") == 1)
        _ = try pair.a.connection.addTrack(SimulatedMediaTrack(id: "v2", kind: .video), streamIDs: ["s"])
        pair.settle()
        #expect(pair.a.count("negotiationneeded") == 2)
    }

    @Test("what changes while an offer is pending raises negotiationneeded in stable")
    func negotiationNeededAfterPending() throws {
        let pair = ConnectionPair()
        _ = try pair.a.connection.createDataChannel(label: "1", configuration: .init())
        try pair.setLocal(pair.a)
        _ = try pair.a.connection.addTrack(SimulatedMediaTrack(id: "v", kind: .video), streamIDs: ["s"])
        pair.settle()
        #expect(pair.a.count("negotiationneeded") == 0)
        try pair.setRemote(pair.b, pair.a.connection.localDescription)
        try pair.setLocal(pair.b)
        try pair.setRemote(pair.a, pair.b.connection.localDescription)
        pair.settle()
        #expect(pair.a.signalingLog.suffix(2) == ["signaling stable", "negotiationneeded"])
    }

    @Test("sections keep their order over renegotiations from both ends")
    func sectionOrder() throws {
        let pair = ConnectionPair()
        let (a, b) = (pair.a.connection, pair.b.connection)
        _ = try a.createDataChannel(label: "1", configuration: .init())
        try pair.negotiate(from: pair.a, to: pair.b)
        _ = try b.addTrack(SimulatedMediaTrack(id: "v", kind: .video), streamIDs: ["s"])
        try pair.negotiate(from: pair.b, to: pair.a)
        let sender = try a.addTrack(SimulatedMediaTrack(id: "w", kind: .video), streamIDs: ["s"])
        _ = try a.addTrack(SimulatedMediaTrack(id: "x", kind: .audio), streamIDs: [])
        try pair.negotiate(from: pair.a, to: pair.b)
        try a.removeTrack(sender)
        try pair.negotiate(from: pair.a, to: pair.b)
        let session = try sampleSession(a.localDescription)
        #expect(session.sections.map(\.kind) == [.application, .video, .audio])
        #expect(session.sections.map(\.mid) == ["0", "1", "2"])
        #expect(session.bundle == ["0", "1", "2"])
    }

    @Test("a track that is added while the other end sends shares its section")
    func takesOverSection() throws {
        let pair = ConnectionPair()
        _ = try pair.a.connection.addTrack(SimulatedMediaTrack(id: "v", kind: .video), streamIDs: ["s"])
        try pair.negotiate(from: pair.a, to: pair.b)
        _ = try pair.b.connection.addTrack(SimulatedMediaTrack(id: "w", kind: .video), streamIDs: ["t", "u"])
        try pair.negotiate(from: pair.b, to: pair.a)
        let session = try sampleSession(pair.b.connection.localDescription)
        #expect(session.sections.map(\.direction) == [.sendrecv])
        #expect(pair.a.log.contains("track w [\"t\", \"u\"]"))
    }

    @Test("a removed track ends at the other side, and its section is kept")
    func removedTrack() throws {
        let pair = ConnectionPair()
        let sender = try pair.a.connection.addTrack(SimulatedMediaTrack(id: "v", kind: .video), streamIDs: ["s"])
        try pair.negotiate(from: pair.a, to: pair.b)
        try pair.a.connection.removeTrack(sender)
        pair.settle()
        #expect(pair.a.count("negotiationneeded") == 1)
        try pair.negotiate(from: pair.a, to: pair.b)
        #expect(pair.b.log.last { $0.hasPrefix("track") } == "track removed v")
        #expect(try sampleSession(pair.a.connection.localDescription).sections.map(\.direction) == [.recvonly])
    }

    @Test("an explicit rollback leaves everything as it was before the offer")
    func explicitRollback() throws {
        let pair = ConnectionPair()
        _ = try pair.a.connection.createDataChannel(label: "1", configuration: .init())
        try pair.negotiate(from: pair.a, to: pair.b)
        let before = pair.a.connection.localDescription?.sdp
        _ = try pair.a.connection.addTrack(SimulatedMediaTrack(id: "v", kind: .video), streamIDs: ["s"])
        try pair.setLocal(pair.a)
        #expect(pair.a.connection.localDescription?.sdp != before)
        try pair.setLocal(pair.a, SessionDescription(kind: .rollback, sdp: ""))
        #expect(pair.a.connection.signalingState == .stable)
        #expect(pair.a.connection.localDescription?.sdp == before)
        pair.settle()
        #expect(pair.a.log.last == "negotiationneeded")
    }

    @Test("a remote offer in have-local-offer rolls the local one back; its track is offered again")
    func glare() throws {
        let pair = ConnectionPair()
        _ = try pair.a.connection.addTrack(SimulatedMediaTrack(id: "a", kind: .audio), streamIDs: ["s"])
        _ = try pair.b.connection.addTrack(SimulatedMediaTrack(id: "b", kind: .video), streamIDs: ["s"])
        try pair.setLocal(pair.a)
        try pair.setLocal(pair.b)
        try pair.setRemote(pair.b, pair.a.connection.localDescription)
        #expect(pair.b.connection.signalingState == .haveRemoteOffer)
        try pair.setLocal(pair.b)
        try pair.setRemote(pair.a, pair.b.connection.localDescription)
        pair.settle()
        #expect(pair.b.signalingLog.suffix(2) == ["signaling stable", "negotiationneeded"])
        try pair.negotiate(from: pair.b, to: pair.a)
        #expect(pair.a.log.contains("track b [\"s\"]") && pair.b.log.contains("track a [\"s\"]"))
        #expect(try sampleSession(pair.b.connection.localDescription).sections.map(\.mid) == ["0", "1"])
    }

    @Test("a remote offer that is rolled back takes its tracks and transceivers with it")
    func rollbackOfRemoteOffer() throws {
        let pair = ConnectionPair()
        _ = try pair.a.connection.addTrack(SimulatedMediaTrack(id: "v", kind: .video), streamIDs: ["s"])
        try pair.setLocal(pair.a)
        try pair.setRemote(pair.b, pair.a.connection.localDescription)
        try pair.setLocal(pair.b, SessionDescription(kind: .rollback, sdp: ""))
        #expect(pair.b.log.last == "track removed v")
        #expect(pair.b.connection.transceivers.isEmpty)
    }

    @Test("only the description that was created last can be set")
    func mungedDescription() throws {
        let pair = ConnectionPair()
        _ = try pair.a.connection.createDataChannel(label: "1", configuration: .init())
        var offer = try pair.result { pair.a.connection.createOffer($0) }
        offer.sdp += "a=x\r\n"
        #expect(throws: SimulatedPeerConnectionError.self) { try pair.setLocal(pair.a, offer) }
        #expect(pair.a.connection.signalingState == .stable)
    }

    @Test("a remote description with another fingerprint is an error and changes nothing")
    func newFingerprint() throws {
        let pair = ConnectionPair()
        _ = try pair.a.connection.createDataChannel(label: "1", configuration: .init())
        try pair.connect()
        var offer = try pair.result { pair.a.connection.createOffer($0) }
        var session = try sampleSession(offer)
        session.sections[0].transport.fingerprint = SDPFingerprint(sha256: [UInt8](repeating: 7, count: 32))
        offer.sdp = session.text
        #expect(throws: SimulatedPeerConnectionError.invalidDescription("the remote fingerprint changed")) {
            try pair.setRemote(pair.b, offer)
        }
        #expect(pair.b.connection.signalingState == .stable)
        #expect(pair.b.connection.connectionState == .connected)
    }

    @Test("an offer whose sections changed places is refused")
    func changedOrder() throws {
        let pair = ConnectionPair()
        _ = try pair.a.connection.addTrack(SimulatedMediaTrack(id: "v", kind: .video), streamIDs: ["s"])
        _ = try pair.a.connection.createDataChannel(label: "1", configuration: .init())
        try pair.negotiate(from: pair.a, to: pair.b)
        var session = try sampleSession(pair.a.connection.localDescription)
        session.sections.reverse()
        #expect(throws: SimulatedPeerConnectionError.self) {
            try pair.setRemote(pair.b, SessionDescription(kind: .offer, sdp: session.text))
        }
    }

    @Test("perfect negotiation converges from any interleaving", arguments: 1...60)
    func interleavings(seed: UInt64) throws {
        let run = RandomNegotiation(seed: seed)
        try run.play()
        for end in [run.pair.a, run.pair.b] { #expect(end.connection.signalingState == .stable, "seed \(seed)") }
        let (a, b) = (run.pair.a.connection, run.pair.b.connection)
        #expect(run.errors.isEmpty, "seed \(seed): \(run.errors)")
        #expect(a.negotiationNeeded.isNeeded == false && b.negotiationNeeded.isNeeded == false, "seed \(seed)")
        #expect(
            a.descriptions.currentLocal?.session.sections.map(\.mid) == b.descriptions.currentLocal?.session.sections.map(\.mid),
            "seed \(seed)")
        for (end, other) in [(a, b), (b, a)] {
            let sent = end.transceivers.filter { $0.sender.track != nil }.map(\.sender.identifier).sorted()
            #expect(other.transceivers.compactMap(\.receiver?.track.id).sorted() == sent, "seed \(seed)")
            #expect(end.transport.local.usernameFragment == other.transport.remote?.usernameFragment, "seed \(seed)")
        }
        #expect(a.connectionState == .connected && b.connectionState == .connected, "seed \(seed)")
    }
}

/// Both ends change tracks and restart ICE at random moments; perfect negotiation (webrtc-pc section 10.7) over a slow signalling channel.
private final class RandomNegotiation {
    let pair: ConnectionPair
    private(set) var errors: [String] = []
    private var random: RandomStream
    private var makingOffer = [false, false]
    private var settingAnswer = [false, false]
    private var senders: [[any RTPSender]] = [[], []]
    private var deliveries: [NIODeadline] = [.uptimeNanoseconds(0), .uptimeNanoseconds(0)]
    private var trackCount = 0

    init(seed: UInt64) {
        pair = ConnectionPair(seed: seed)
        random = pair.simulation.random("test")
        for index in 0...1 {
            let end = ends[index]
            end.onNegotiationNeeded = { [unowned self] in offer(index) }
            end.onCandidate = { [unowned self] candidate in
                deliver(to: 1 - index) { [self] in
                    // Those of an offer that was ignored or rolled back fail.
                    ends[1 - index].connection.addICECandidate(candidate) { _ in }
                }
            }
        }
    }

    private var ends: [ConnectionEnd] { [pair.a, pair.b] }

    /// In order, after a random time.
    private func deliver(to index: Int, _ body: @escaping () -> Void) {
        let time = max(pair.simulation.now + random.uniform(.milliseconds(1) ... .milliseconds(80)), deliveries[index])
        deliveries[index] = time
        pair.simulation.schedule(at: time, body)
    }

    private func offer(_ index: Int) {
        makingOffer[index] = true
        ends[index].connection.setLocalDescription(nil) { [self] result in
            makingOffer[index] = false
            if case .failure(let error) = result { errors.append("offer: \(error)") }
            send(index)
        }
    }

    private func send(_ index: Int) {
        guard let description = ends[index].connection.localDescription else { return }
        deliver(to: 1 - index) { [self] in take(description, 1 - index) }
    }

    private func take(_ description: SessionDescription, _ index: Int) {
        let connection = ends[index].connection
        let isPolite = index == 1
        let isReady = !makingOffer[index] && (connection.signalingState == .stable || settingAnswer[index])
        if !isPolite, description.kind == .offer, !isReady { return }
        settingAnswer[index] = description.kind == .answer
        connection.setRemoteDescription(description) { [self] result in
            settingAnswer[index] = false
            if case .failure(let error) = result {
                // The answer to an offer that was rolled back meanwhile.
                if description.kind == .offer { errors.append("remote offer: \(error)") }
                return
            }
            guard description.kind == .offer else { return }
            connection.setLocalDescription(nil) { [self] in
                if case .failure(let error) = $0 { errors.append("answer: \(error)") }
                send(index)
            }
        }
    }

    private func change(_ index: Int) {
        let connection = ends[index].connection
        do {
            switch random.uniform(Int64(0)...3) {
            case 0 where !senders[index].isEmpty:
                try connection.removeTrack(senders[index].remove(at: Int(random.uniform(Int64(0)...Int64(senders[index].count - 1)))))
            case 1: connection.restartICE()
            default:
                trackCount += 1
                let track = SimulatedMediaTrack(id: "t\(trackCount)", kind: random.chance(0.5) ? .audio : .video)
                senders[index].append(try connection.addTrack(track, streamIDs: ["s"]))
            }
        } catch { errors.append("change: \(error)") }
    }

    func play() throws {
        _ = try pair.a.connection.createDataChannel(label: "chat", configuration: .init())
        for _ in 0..<12 {
            let index = Int(random.uniform(Int64(0)...1))
            pair.simulation.schedule(in: random.uniform(.zero ... .seconds(1))) { [self] in change(index) }
        }
        pair.run(.seconds(6))
    }
}
