import Apps
import CompactJSON
import DeterministicRuntime
import MeteredRealtime
import NIOCore
import NetworkModel
import SimulationKernel
import Trace
import WebRTCModel

/// A peer whose app is a call: one `MeteredPeer` at a time, over the simulated WebRTC library.
final class CallModel: Participant {
    let peer: Scenario.Peer
    let host: Host

    private let forwardsPathEvents: Bool
    private let app: CallApp
    private let sessions: Sessions

    /// The SDK's peers that the app has made, one at a time; shared with the app's closures, all on the simulation's thread.
    private final class Sessions: @unchecked Sendable {
        /// The app keeps it for as long as it has a use for it.
        weak var peer: MeteredPeer?
        var finalState: SignallingState = .idle
        var made = 0
    }

    /// - Parameters:
    ///   - peer: what the scenario says.
    ///   - call: what it says of the call.
    ///   - host: where it runs.
    ///   - recorder: where its diagnostics and its app's screen go.
    ///   - credential: what it authenticates with.
    ///   - connector: the SDK's way to the network.
    ///   - takesDataChannels: whether anybody opens data channels.
    ///   - forwardsPathEvents: whether the app hands the operating system's path events to the SDK.
    init(
        peer: Scenario.Peer, call: Scenario.Call, host: Host, recorder: TraceRecorder?, credential: Credential, connector: HostConnector,
        takesDataChannels: Bool, forwardsPathEvents: Bool
    ) {
        self.peer = peer
        self.host = host
        self.forwardsPathEvents = forwardsPathEvents
        let sessions = Sessions()
        self.sessions = sessions
        let name = peer.name
        let trace = recorder.map { CallTrace(who: name, recorder: $0) }
        let factory = Self.factory(call, host, trace)
        trace?.newestConnection = { [unowned factory] in factory.connectionCount }
        let (options, peerOptions, tracedOptions) = (SignallingOptions(peer.options), PeerOptions(call), TracedPeerOptions(call))
        let world = Confined((host: host, trace: trace, factory: factory))
        app = CallApp(
            Self.configuration(of: peer, call, takesDataChannels: takesDataChannels), shares: call.media.map { Self.share($0, of: name) },
            makePeer: {
                let simulation = world.value.host.simulation
                sessions.made += 1
                // Each peer begins with its options: what a name did before is another's.
                if sessions.made > 1 {
                    world.value.trace?.recorder.record(.peerOptions(at: simulation.nanoseconds, who: name, tracedOptions))
                }
                let random = RandomSources(jitter: simulation.random("\(name) jitter"), nonces: simulation.random("\(name) nonces"))
                let peer = try MeteredPeer(
                    credential: credential, signalling: options, options: peerOptions, connector: connector,
                    peerConnections: world.value.factory, random: random,
                    diagnostics: { diagnostic in
                        if case .signalling(.event(.stateChanged(_, let state))) = diagnostic { sessions.finalState = state }
                        world.value.trace?.record(diagnostic, at: world.value.host.simulation.nanoseconds)
                    })
                sessions.peer = peer
                return peer
            },
            screen: { change in world.value.trace?.record(change, at: world.value.host.simulation.nanoseconds) })
        recorder?.record(.options(at: 0, who: name, TracedOptions(peer)))
        recorder?.record(.peerOptions(at: 0, who: name, tracedOptions))
    }

    private static func factory(_ call: Scenario.Call, _ host: Host, _ trace: CallTrace?) -> SimulatedPeerConnectionFactory {
        let options = SimulatedPeerConnectionFactory.Options(gathersContinually: call.gathering == .continually)
        let observe: ((WebRTCEvent) -> Void)? = trace.map { trace in
            let library = LibraryTrace(who: trace.who)
            return { [unowned trace] event in
                if let event = library.event(for: event, remote: trace.remote(ofConnection: event.connection)) {
                    trace.recorder.record(event)
                }
            }
        }
        return SimulatedPeerConnectionFactory(host: host, profile: WebRTCProfile(call.profile), options: options, observe: observe)
    }

    private static func configuration(
        of peer: Scenario.Peer, _ call: Scenario.Call, takesDataChannels: Bool
    ) -> CallApp.Configuration {
        let channels = call.data.map { data in
            CallApp.DataChannels(
                labels: data.labels, configuration: .init(isOrdered: data.isOrdered, retransmits: data.maximumRetransmits),
                reopens: data.reopens,
                messages: data.messages.map { .init(interval: Duration($0.every), text: String(repeating: "x", count: $0.size.bytes)) })
        }
        return CallApp.Configuration(
            patterns: peer.apps.compactMap(\.pattern), dataChannels: channels, takesDataChannels: takesDataChannels,
            includeSenderMetadata: peer.joins.first?.includeSenderMetadata ?? false)
    }

    private static func share(_ source: Scenario.MediaSource, of peer: String, metadata: JSONObject? = nil) -> CallApp.Share {
        let flow: MediaFlow? = source == .screen ? MediaFlow(interval: .milliseconds(200), bytes: 1_000) : nil
        let track = SimulatedMediaTrack(id: "\(peer)-\(source.rawValue)", kind: source.isVideo ? .video : .audio, flow: flow)
        let stream = source == .screen ? "screen" : "main"
        return CallApp.Share(name: source.rawValue, track: track, streamID: "\(peer)-\(stream)", metadata: metadata)
    }

    // MARK: - The life of the app

    func schedule() {
        for join in peer.joins { host.simulation.schedule(at: .start + join.at) { self.join(join.channel) } }
        if forwardsPathEvents { PathEvents.forward(from: host) { [sessions] in sessions.peer?.networkPathChanged(oldPathGone: $0) } }
    }

    var state: SignallingState { sessions.finalState }

    func join(_ channel: String) { perform { await $0.join(channel) } }

    func retry() { perform { await $0.retry() } }

    func restart(after pause: TimeAmount) { perform { await $0.restart(after: Duration(pause)) } }

    func close(code: Int, reason: String) { perform { await $0.close(reason: reason.isEmpty ? nil : reason) } }

    func send(to peerID: String?, bytes: Int, times: Int) {
        for _ in 0..<times { perform { await $0.say(Payload.text(bytes: bytes), to: peerID) } }
    }

    func networkPathChanged(oldPathGone: Bool) {
        let sessions = sessions
        host.eventLoop.execute { sessions.peer?.networkPathChanged(oldPathGone: oldPathGone) }
    }

    func addTrack(_ source: Scenario.MediaSource, metadata: JSONObject?) {
        let share = Self.share(source, of: peer.name, metadata: metadata)
        perform { await $0.add(share) }
    }

    func removeTrack(_ source: Scenario.MediaSource) { perform { await $0.remove(source.rawValue) } }

    func replaceTrack(_ source: Scenario.MediaSource, with replacement: Scenario.MediaSource) {
        let share = Self.share(replacement, of: peer.name)
        perform { await $0.replace(source.rawValue, with: share) }
    }

    func openChannel(_ label: String, to remote: String, _ configuration: DataChannelConfiguration) {
        perform { await $0.open(label, to: remote, configuration: configuration) }
    }

    func sendData(_ label: String, to remote: String, bytes: Int, times: Int) {
        let text = String(repeating: "x", count: bytes)
        for _ in 0..<times { perform { await $0.send(text, on: label, to: remote) } }
    }

    func stop() { perform { await $0.close() } }

    private func perform(_ body: @escaping @Sendable (CallApp) async -> Void) {
        let app = app
        host.eventLoop.spawn { await body(app) }
    }
}

extension CallTrace {
    /// Records what the user of a call sees.
    func record(_ change: CallChange, at time: Int64) {
        func note(_ text: String, _ fields: JSONObject) -> TraceEvent {
            var event = TraceEvent.app(at: time, who: who, .note(text))
            for (key, value) in fields { event.fields[key] = value }
            return event
        }
        func tile(_ remote: RemotePeer, _ phase: String) -> TraceEvent {
            note("tile", ["remote": .string(remote.id), "object": .integer(Int64(number(remote))), "phase": .string(phase)])
        }
        switch change {
        case .common(let change): recorder.record(.app(at: time, who: who, change.notice))
        case .showsTile(let remote): recorder.record(tile(remote, "shown"))
        case .hidesTile(let remote): recorder.record(tile(remote, "hidden"))
        case .sent(let label, let remote): recorder.record(note("data-sent", ["remote": .string(remote), "label": .string(label)]))
        case .sendFailed(let label, let remote, let reason):
            recorder.record(note("data-failed", ["remote": .string(remote), "label": .string(label), "error": .string(reason)]))
        case .received(let label, let remote, _):
            recorder.record(.peerData(at: time, who: who, kind: .channel, from: remote, label: label))
        }
    }
}
