import CompactJSON
import DeterministicRuntime
import Logging
import MeteredRealtime
import NIOCore
import SimulationKernel

/// Plays a case against our SDK in virtual time.
public enum CasePlay {
    /// What came of a play.
    public enum Outcome: Sendable {
        /// The lines of the play.
        case played([GoldenLine])
        /// The case cannot be played; why.
        case notPlayable(String)
    }

    /// Plays a case on the calling thread.
    public static func play(_ scripted: GoldenCase) -> Outcome {
        if let reason = obstacle(scripted) { return .notPlayable(reason) }
        DeterministicRuntime.install()
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        return simulation.enter { play(scripted, in: simulation) }
    }

    /// Why a case is beyond what can be played, or nil.
    private static func obstacle(_ scripted: GoldenCase) -> String? {
        if scripted.target == .peer { return "target peer: there is no peer layer yet" }
        let connections = scripted.server.connections + [scripted.server.then]
        let needsPeers = (connections.flatMap(\.steps) + scripted.server.steps).contains { $0.action.isOfRemotePeer }
        return needsPeers ? "actions of remote peers: there is no peer layer yet" : nil
    }

    private static func play(_ scripted: GoldenCase, in simulation: Simulation) -> Outcome {
        let recorder = LineRecorder(simulation: simulation)
        let server = ScriptedServer(scripted.server, loop: simulation.mainLoop, recorder: recorder)
        let lines = ClientLines(recorder: recorder, server: server)
        let client: SignallingClient
        do { client = try makeClient(scripted, simulation, server, lines) } catch {
            return .notPlayable("our SDK refuses the options: \(error)")
        }
        let app = AppDriver(scripted.app, client: client, server: server, lines: lines)
        server.start()
        app.start()
        simulation.run(until: .uptimeNanoseconds(0) + scripted.end)
        guard !recorder.isOverfull else {
            return .notPlayable("the play does not settle: more than \(LineRecorder.lineLimit) lines")
        }
        app.recordState("end")
        recorder.finish()
        simulation.mainLoop.spawn { await client.close() }
        simulation.run(until: simulation.now + .seconds(2))
        server.stop()
        return .played(recorder.lines)
    }

    private static func makeClient(
        _ scripted: GoldenCase, _ simulation: Simulation, _ server: ScriptedServer, _ lines: ClientLines
    ) throws(SignallingError) -> SignallingClient {
        let provider = ScriptedTokenProvider(scripted.token, recorder: server.recorder)
        let key = "pk_test"
        let credential: Credential
        let shown: () -> String
        switch scripted.options.authentication {
        case .apiKey:
            credential = .publishableKey(key)
            shown = { "key=\(key)" }
        case .token:
            let confined = NIOLoopBound(provider, eventLoop: simulation.mainLoop)
            credential = .tokenProvider { try await confined.value.token() }
            shown = { "token=\(provider.lastToken)" }
        }
        let confinedLines = NIOLoopBound(lines, eventLoop: simulation.mainLoop)
        return try SignallingClient(
            credential: credential,
            options: .parity(scripted.options),
            connector: ScriptedConnector(server: server, credential: shown),
            random: RandomSources(jitter: ScriptedJitter(scripted.random), nonces: simulation.random("nonces")),
            logger: Logger(label: "golden") { _ in SwiftLogNoOpLogHandler() },
            diagnostics: { confinedLines.value.receive($0) })
    }
}

extension ServerAction {
    /// Whether only a remote peer does this.
    var isOfRemotePeer: Bool {
        switch self {
        case .remoteDescription, .remoteCandidates: true
        case .frame, .presence, .raw, .binary, .close, .drop, .oversized: false
        }
    }
}
