import Apps
import CompactJSON
import DeterministicRuntime
import MeteredRealtime
import NIOCore
import NetworkModel
import SimulationKernel
import Trace

/// A peer whose app is a chat: one signalling client at a time.
final class ClientModel: Participant {
    /// What the scenario says of it.
    let peer: Scenario.Peer
    /// Where it runs.
    let host: Host

    private let forwardsPathEvents: Bool
    private let app: ChatApp
    private let sessions: Sessions

    /// The SDK's clients that the app has made, one at a time; shared with the app's closures, all on the simulation's thread.
    private final class Sessions: @unchecked Sendable {
        /// The app keeps it for as long as it has a use for it.
        weak var client: SignallingClient?
        var finalState: SignallingState = .idle
        var started = 0
    }

    /// - Parameters:
    ///   - peer: what the scenario says.
    ///   - host: where it runs.
    ///   - recorder: where its diagnostics and its app's screen go.
    ///   - credential: what it authenticates with.
    ///   - connector: the SDK's way to the network.
    ///   - forwardsPathEvents: whether the app hands the operating system's path events to the SDK.
    init(
        peer: Scenario.Peer, host: Host, recorder: TraceRecorder?, credential: Credential, connector: HostConnector,
        forwardsPathEvents: Bool
    ) {
        self.peer = peer
        self.host = host
        self.forwardsPathEvents = forwardsPathEvents
        let sessions = Sessions()
        let world = Confined((recorder: recorder, host: host))
        let name = peer.name
        let trace = ClientTrace(who: name)
        let options = SignallingOptions(peer.options)
        let streams = Confined(host.simulation)
        self.sessions = sessions
        self.app = ChatApp(
            Self.configuration(of: peer),
            makeClient: {
                sessions.started += 1
                let random = RandomSources(
                    jitter: streams.value.random("\(name) jitter"), nonces: streams.value.random("\(name) nonces"))
                let client = try SignallingClient(
                    credential: credential, options: options, connector: connector, random: random,
                    diagnostics: { diagnostic in
                        if case .event(.stateChanged(_, let state)) = diagnostic { sessions.finalState = state }
                        guard let recorder = world.value.recorder else { return }
                        trace.record(diagnostic, at: world.value.host.simulation.nanoseconds, in: recorder)
                    })
                sessions.client = client
                return client
            },
            screen: { change in
                let now = world.value.host.simulation.nanoseconds
                world.value.recorder?.record(.app(at: now, who: name, change.notice))
            })
        recorder?.record(.options(at: 0, who: name, TracedOptions(peer)))
    }

    private static func configuration(of peer: Scenario.Peer) -> ChatApp.Configuration {
        let start = peer.connectsAt ?? .zero
        let publications = peer.publications.map { publication in
            ChatApp.Publication(
                channel: publication.channel, start: Duration(publication.from - start), interval: Duration(publication.every),
                end: publication.until.map { Duration($0 - start) }, data: Payload.text(bytes: publication.size.bytes))
        }
        return ChatApp.Configuration(patterns: peer.apps.compactMap(\.pattern), publications: publications)
    }

    // MARK: - The life of the app

    /// Schedules what the app does by itself.
    func schedule() {
        let simulation = host.simulation
        if let start = peer.connectsAt { simulation.schedule(at: .start + start) { self.connect() } }
        for join in peer.joins {
            simulation.schedule(at: .start + join.at) { self.subscribe(join.channel, includeSenderMetadata: join.includeSenderMetadata) }
        }
        if forwardsPathEvents { PathEvents.forward(from: host) { [sessions] in sessions.client?.networkPathChanged(oldPathGone: $0) } }
    }

    /// The state of the SDK's client, of the last one if the app made several.
    var state: SignallingState { sessions.finalState }

    func connect() { perform { await $0.start() } }

    func retry() { perform { await $0.retry() } }

    func close(code: Int, reason: String) {
        withClient { await $0.close(code: CloseCode(rawValue: UInt16(clamping: code)), reason: reason) }
    }

    func subscribe(_ channel: String, includeSenderMetadata: Bool) {
        perform { await $0.join(ChatApp.Channel(name: channel, includeSenderMetadata: includeSenderMetadata)) }
    }

    func unsubscribe(_ channel: String) { perform { await $0.leave(channel) } }

    func publish(_ channel: String, bytes: Int, times: Int) {
        for _ in 0..<times { withClient { try? await $0.publish(Payload.text(bytes: bytes), to: channel) } }
    }

    func send(to peerID: String?, bytes: Int, times: Int) {
        guard let peerID else { preconditionFailure("a chat sends to somebody") }
        for _ in 0..<times { withClient { try? await $0.send(Payload.text(bytes: bytes), to: peerID) } }
    }

    func networkPathChanged(oldPathGone: Bool) {
        let sessions = sessions
        host.eventLoop.execute { sessions.client?.networkPathChanged(oldPathGone: oldPathGone) }
    }

    func stop() { perform { await $0.stop() } }

    private func perform(_ body: @escaping @Sendable (ChatApp) async -> Void) {
        let app = app
        host.eventLoop.spawn { await body(app) }
    }

    private func withClient(_ body: @escaping @Sendable (SignallingClient) async -> Void) {
        let sessions = sessions
        host.eventLoop.spawn {
            if let client = sessions.client { await body(client) }
        }
    }
}

extension Scenario.App {
    /// The guide's pattern; nil for what the patterns are around.
    var pattern: Pattern? {
        switch self {
        case .chat, .call: nil
        case .banner: .banner
        case .manualRetry: .manualRetry
        case .errorScreens: .errorScreens
        case .tokenLogin: .tokenLogin
        }
    }
}

extension ScreenChange {
    var notice: TraceEvent.AppNotice {
        switch self {
        case .showsBanner: return .shows("banner")
        case .hidesBanner: return .hides("banner")
        case .offersRetry: return .shows("retry")
        case .withdrawsRetry: return .hides("retry")
        case .prompts(let prompt): return .prompts(prompt.rawValue)
        }
    }
}

/// What a simulated app says.
enum Payload {
    /// A string whose JSON has this many bytes, at least the two quotation marks.
    static func text(bytes: Int) -> JSONValue { .string(String(repeating: "x", count: max(0, bytes - 2))) }
}
