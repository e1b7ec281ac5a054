import CompactJSON
import NIOCore
import SimulationKernel

@testable import MeteredRealtime

/// A peer and a scripted service in one simulation. Times are milliseconds of virtual time: the socket opens 50 ms after a dial, the welcome comes
/// 20 ms later, a subscribe is acknowledged after 30 ms and followed at once by a snapshot.
final class PeerWorld {
    let simulation: Simulation
    let server: TestServer
    let connections = RoomPeerConnections()
    let log = RoomLog()
    private(set) var peer: MeteredPeer!

    /// The members that the snapshot lists: of the n-th connection, at its k-th subscribe, both from 1. Nil: no snapshot.
    var snapshot: (_ connection: Int, _ subscribe: Int) -> [JSONValue]? = { _, _ in [] }
    /// The fields of the n-th connection's welcome.
    var welcome: (Int) -> JSONObject = { _ in [:] }
    /// Answers a request of the n-th connection instead of the usual answer, if it returns true.
    var override: (_ connection: TestConnection, _ number: Int, _ frame: JSONValue) -> Bool = { _, _, _ in false }

    init(
        _ options: PeerOptions = PeerOptions(), signalling: SignallingOptions = SignallingOptions(),
        credential: Credential = .publishableKey("pk_secret"), seed: UInt64 = 1
    ) throws {
        simulation = Simulation(seed: seed)
        server = TestServer(loop: simulation.mainLoop)
        let loop = simulation.mainLoop
        let bound = simulation.enter { NIOLoopBound(server, eventLoop: loop) }
        let log = log
        peer = try MeteredPeer(
            credential: credential, signalling: signalling, options: options,
            connector: TestWorld.TestConnector(server: bound, eventLoop: loop), peerConnections: connections,
            random: RandomSources(jitter: TestWorld.MiddleJitter(), nonces: simulation.random("nonces")),
            diagnostics: { log.append($0, at: loop.now) })
        server.onOpen = { [unowned self] connection, number in opened(connection, number) }
        simulation.enter {
            peer.core.value.observer = { log.append($0, at: loop.now) }
        }
    }

    deinit {
        server.finish()
        peer = nil
        simulation.shutdown()
    }

    private func opened(_ connection: TestConnection, _ number: Int) {
        var subscribes = 0
        connection.answer = { [unowned self] connection, frame in
            guard !override(connection, number, frame) else { return }
            guard frame["type"] == "subscribe", let requestID = frame["requestId"], let channel = frame["channel"] else {
                return connection.acknowledge(frame)
            }
            subscribes += 1
            let joined = snapshot(number, subscribes)
            connection.after(.milliseconds(30)) { connection in
                connection.send(["type": "ack", "requestId": requestID])
                guard let joined else { return }
                connection.send(["type": "presence", "channel": channel, "joined": .array(joined), "left": []])
            }
        }
        connection.welcomeSoon(welcome(number))
    }

    // MARK: Script

    /// Does something on the peer's loop at a moment.
    func at(_ milliseconds: Int64, _ body: @escaping (MeteredPeerCore) -> Void) {
        simulation.mainLoop.schedule(at: .milliseconds(milliseconds)) { [unowned self] in body(peer.core.value) }
    }

    func join(_ channel: String = "room", at milliseconds: Int64 = 0) {
        at(milliseconds) { [log] core in core.join(channel) { log.finished("join", $0, at: core.eventLoop.now) } }
    }

    func close(at milliseconds: Int64) {
        at(milliseconds) { [log] core in core.close(reason: "bye") { log.finished("close", .success(()), at: core.eventLoop.now) } }
    }

    /// The service's newest connection does something at a moment.
    func serve(at milliseconds: Int64, _ body: @escaping (TestConnection) -> Void) {
        simulation.mainLoop.schedule(at: .milliseconds(milliseconds)) { [unowned self] in server.connections.last.map(body) }
    }

    func drop(at milliseconds: Int64) { serve(at: milliseconds) { $0.drop() } }

    func presence(_ channel: String = "room", joined: [String] = [], left: [String] = [], at milliseconds: Int64) {
        serve(at: milliseconds) {
            $0.send([
                "type": "presence", "channel": .string(channel), "joined": .array(joined.map(member)), "left": .array(left.map(member)),
            ])
        }
    }

    func direct(_ data: JSONValue, from peerID: String, at milliseconds: Int64) {
        serve(at: milliseconds) { $0.send(["type": "direct", "from": .string(peerID), "data": data]) }
    }

    func run(until milliseconds: Int64) { simulation.run(until: .milliseconds(milliseconds)) }

    /// Lets the application's last reference go.
    func releasePeer() { peer = nil }

    var remotes: [String] { peer.remotePeers.map(\.id) }

    /// The frames of a type that the client sent, over all connections.
    func frames(_ type: String) -> [JSONValue] { server.connections.flatMap { $0.frames(type) } }
}

/// A member of a presence.
func member(_ peerID: String) -> JSONValue { ["peerId": .string(peerID)] }

/// A member of a presence, with metadata.
func member(_ peerID: String, version: Int64) -> JSONValue { ["peerId": .string(peerID), "metadata": ["v": .integer(version)]] }

/// What a peer said, as lines: the time in milliseconds, and what happened. `p2#1` is the first object seen for the remote peer `p2`.
final class RoomLog: @unchecked Sendable {
    private(set) var lines: [String] = []
    private(set) var diagnostics: [PeerDiagnostic] = []
    private(set) var results: [String: (at: Int64, result: Result<Void, MeteredPeerError>)] = [:]
    private(set) var errors: [MeteredPeerError] = []
    private(set) var streams: [MediaStream] = []
    private var objects: [RemotePeer] = []
    /// Called for each notification, inside the callback.
    var react: ((MeteredPeerCore.Notification) -> Void)?

    func append(_ diagnostic: PeerDiagnostic, at time: NIODeadline) { diagnostics.append(diagnostic) }

    func finished(_ call: String, _ result: Result<Void, MeteredPeerError>, at time: NIODeadline) {
        let at = Int64(time.milliseconds)
        results[call] = (at, result)
        switch result {
        case .success: lines.append("\(at) \(call) ok")
        case .failure(let error): lines.append("\(at) \(call) \(error)")
        }
    }

    func append(_ notification: MeteredPeerCore.Notification, at time: NIODeadline) {
        switch notification {
        case .event(let event): lines.append("\(Int64(time.milliseconds)) \(text(of: event))")
        case .remote(let remote, let event): lines.append("\(Int64(time.milliseconds)) \(name(remote)) \(text(of: event))")
        }
        react?(notification)
    }

    /// The lines from a moment on.
    func lines(from milliseconds: Int64) -> [String] {
        lines.filter { Int64($0.prefix { $0 != " " }).map { $0 >= milliseconds } ?? false }
    }

    func name(_ remote: RemotePeer) -> String { "\(remote.id)#\(ordinal(remote))" }

    /// Which object this is, counted over all remote peers from 1.
    func ordinal(_ remote: RemotePeer) -> Int {
        if let place = objects.firstIndex(where: { $0 === remote }) { return place + 1 }
        objects.append(remote)
        return objects.count
    }

    private func text(of event: PeerEvent) -> String {
        switch event {
        case .stateChanged(let from, let to): return "\(from)>\(to)"
        case .joined(let peerID, let channel): return "joined \(peerID) \(channel)"
        case .left(let peerID, let channel, let reason): return "left \(peerID ?? "-") \(channel ?? "-") \(reason ?? "-")"
        case .peerJoined(let remote): return "+\(name(remote))"
        case .peerLeft(let remote): return "-\(name(remote))"
        case .data(let data): return "\(data.kind) \(data.from) \(data.data.stringValue ?? "?")"
        case .error(let error):
            errors.append(error)
            return "error \(error)"
        }
    }

    private func text(of event: RemotePeerEvent) -> String {
        switch event {
        case .stateChanged(let from, let to): return "\(from)>\(to)"
        case .metadataChanged(let metadata): return "metadata \(metadata?["v"]?.int64Value.map(String.init) ?? "-")"
        case .negotiationFailed(let error): return "negotiation failed: \(error)"
        case .iceCandidateFailed: return "candidate failed"
        case .trackAdded(let track, let stream, let metadata):
            return "+track \(track.id) \(stream?.id ?? "-") \(metadata?["v"]?.int64Value.map(String.init) ?? "-")"
        case .trackRemoved(let track): return "-track \(track.id)"
        case .trackMetadataChanged(let track, let metadata):
            return "track metadata \(track.id) \(metadata?["v"]?.int64Value.map(String.init) ?? "-")"
        case .streamAdded(let stream, _):
            streams.append(stream)
            return "+stream \(stream.id)"
        case .streamRemoved(let stream): return "-stream \(stream.id)"
        case .dataChannel(let channel): return "channel \(channel.label)"
        }
    }
}
