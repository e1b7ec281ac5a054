import CompactJSON
import DeterministicRuntime
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("What a peer's diagnostics and errors tell")
struct RoomDiagnosticTests {
    private func names(_ world: PeerWorld) -> [String] {
        world.log.diagnostics.compactMap { diagnostic in
            switch diagnostic {
            case .options: "options"
            case .joinCalled(let channel, _): "join \(channel)"
            case .joinFailed: "join failed"
            case .closeCalled: "close"
            case .networkPathChanged(let oldPathGone): "path changed \(oldPathGone)"
            case .stateChanged(_, let to): "\(to)"
            case .joined: "joined as"
            case .left: "left"
            case .error: "error"
            case .data(let kind, let from, _): "\(kind) \(from)"
            case .snapshot(_, let joined): "snapshot \(joined.map(\.peerID).joined(separator: " "))"
            case .reconcile(let record): "\(record)"
            case .peerJoined(let remote): "+\(remote.id)"
            case .peerRefreshed(let remote, let isKept): "=\(remote.id) \(remote.metadata?["v"]?.int64Value ?? 0) \(isKept)"
            case .peerLeft(let remote): "-\(remote.id)"
            case .peerNotAdmitted(let peerID): "no place for \(peerID)"
            case .link(let remote, .connectionCreated(let ordinal, let reason, _)): "connection \(remote.id) \(ordinal) \(reason)"
            case .link(let remote, .connectionClosed(let ordinal)): "connection \(remote.id) \(ordinal) closed"
            case .link(let remote, .iceRestart): "restart \(remote.id)"
            case .signalling, .iceServers, .remoteStateChanged, .negotiationFailed, .iceCandidateFailed, .stream, .track, .trackMetadata,
                .link,
                .droppedFromStranger, .eventsDropped, .log:
                nil
            }
        }
    }

    @Test("a whole life, with a reconcile, is told in the order in which it happened")
    func life() throws {
        var options = PeerOptions()
        options.maximumRemotePeers = 2
        let world = try PeerWorld(options)
        world.snapshot = { connection, _ in
            connection == 1 ? [member("p2", version: 1), member("p3")] : [member("p2", version: 2), member("p4"), member("p5")]
        }
        world.join()
        world.drop(at: 2_000)
        world.close(at: 5_000)
        world.run(until: 6_000)
        #expect(
            names(world) == [
                "options", "join room", "joining", "joined", "joined as", "snapshot p2 p3", "+p2", "connection p2 1 first", "+p3",
                "connection p3 1 first", "reconnecting", "awaiting", "snapshot p2 p4 p5", "connection p3 1 closed", "-p3", "=p2 2 false",
                "connection p2 1 closed", "connection p2 2 swap", "joined", "+p4", "connection p4 1 first", "no place for p5", "close",
                "leaving", "connection p2 2 closed", "-p2", "connection p4 1 closed", "-p4", "closed", "left",
            ])
    }

    @Test("the 3rd failure of the token provider in a row, and each after it, is an error; retries go on (SIG-08)")
    func tokenProvider() throws {
        DeterministicRuntime.install()
        struct Broken: Error {}
        let calls = Counter()
        let world = try PeerWorld(credential: .tokenProvider { if calls.next() == 1 { "token" } else { throw Broken() } })
        world.snapshot = { _, _ in [] }
        world.join()
        world.drop(at: 1_000)
        world.run(until: 10_000)
        let counts = world.log.errors.compactMap { if case .tokenProviderFailed(let count, _) = $0 { count } else { nil } }
        #expect(counts == [3, 4])
        #expect(world.peer.state == .reconnecting)
    }

    @Test("each HTTP rejection of a redial is an error with its status, and with a fixed key 403 is the end (BEY-07)")
    func upgradeRejected() throws {
        let world = try PeerWorld()
        world.server.dials = { number in
            switch number {
            case 1: .accept()
            case 2: .http(.serviceUnavailable)
            default: .http(.forbidden)
            }
        }
        world.join()
        world.drop(at: 1_000)
        world.run(until: 60_000)
        let statuses = world.log.errors.compactMap { if case .signalling(.upgradeRejected(let status)) = $0 { status } else { nil } }
        #expect(statuses == [503, 403])
        #expect(world.peer.state == .closed)
    }

    @Test("with the old path gone signalling is redialled at once, and ICE restarted on every link that was negotiated (SIG-19)")
    func pathGone() throws {
        let world = try PeerWorld()
        world.snapshot = { _, _ in [member("p2"), member("p3")] }
        world.at(50) { core in _ = core.addTrack(TestTrack("camera"), to: MediaStream(id: "s")) }
        world.join()
        world.at(1_000) { $0.networkPathChanged(oldPathGone: true) }
        world.run(until: 1_010)
        #expect(names(world).suffix(4) == ["path changed true", "reconnecting", "restart p2", "restart p3"])
        #expect(world.server.dialCount == 2)
    }

    @Test("without it, a change of the path leaves the links alone (SIG-19)")
    func pathChanged() throws {
        let world = try PeerWorld()
        world.snapshot = { _, _ in [member("p2")] }
        world.at(50) { core in _ = core.addTrack(TestTrack("camera"), to: MediaStream(id: "s")) }
        world.join()
        world.at(1_000) { $0.networkPathChanged(oldPathGone: false) }
        world.run(until: 10_000)
        #expect(!names(world).contains("restart p2"))
        #expect(world.frames("ping").count == 1)
    }

    @Test("a slow consumer of events loses the oldest ones, and the diagnostics say so")
    func overflow() throws {
        var options = PeerOptions()
        options.eventBufferLimit = 2
        let world = try PeerWorld(options)
        let stream = world.peer.events()
        world.join()
        world.run(until: 1_000)
        #expect(world.log.diagnostics.contains { if case .eventsDropped = $0 { true } else { false } })
        withExtendedLifetime(stream) {}
    }
}

/// Counts calls.
private final class Counter: @unchecked Sendable {
    private var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}
