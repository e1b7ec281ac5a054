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
        let missing = scripted.app.map(\.call).contains { call in
            if case .peer(.rebuild) = call { true } else { false }
        }
        return missing ? "makes a call that our API does not have" : nil
    }

    private static func play(_ scripted: GoldenCase, in simulation: Simulation) -> Outcome {
        let recorder = LineRecorder(simulation: simulation)
        let server = ScriptedServer(scripted, loop: simulation.mainLoop, recorder: recorder)
        let subject: any PlayedSubject
        do { subject = try makeSubject(scripted, simulation, server) } catch {
            return .notPlayable("our SDK refuses the options: \(error)")
        }
        let app = AppDriver(scripted.app, subject: subject, server: server)
        server.start()
        app.start()
        // What is due at the very end comes after the last line: it was scheduled later.
        server.after(scripted.end) {
            app.recordState("end")
            recorder.finish()
        }
        simulation.run(until: .uptimeNanoseconds(0) + scripted.end)
        guard !recorder.isOverfull else {
            return .notPlayable("the play does not settle: more than \(LineRecorder.lineLimit) lines")
        }
        simulation.mainLoop.spawn { await subject.tidyUp() }
        simulation.run(until: simulation.now + .seconds(2))
        server.stop()
        return .played(recorder.lines)
    }

    private static func makeSubject(
        _ scripted: GoldenCase, _ simulation: Simulation, _ server: ScriptedServer
    ) throws(SignallingError) -> any PlayedSubject {
        let (credential, shown) = credential(scripted, simulation, server)
        let connector = ScriptedConnector(server: server, credential: shown)
        let random = RandomSources(jitter: ScriptedJitter(scripted.random), nonces: simulation.random("nonces"))
        let logger = Logger(label: "golden") { _ in SwiftLogNoOpLogHandler() }
        let clientLines = ClientLines(recorder: server.recorder, server: server)
        switch scripted.target {
        case .client:
            let confined = NIOLoopBound(clientLines, eventLoop: simulation.mainLoop)
            let client = try SignallingClient(
                credential: credential, options: .parity(scripted.options), connector: connector, random: random, logger: logger,
                diagnostics: { confined.value.receive($0) })
            return PlayedClient(client, lines: clientLines)
        case .peer:
            let factory = ScriptedPeerConnectionFactory(scripted, server: server)
            let lines = PeerLines(client: clientLines, recorder: server.recorder, factory: factory)
            let confined = NIOLoopBound(lines, eventLoop: simulation.mainLoop)
            let peer = try MeteredPeer(
                credential: credential, signalling: .parity(scripted.options), options: .parity, connector: connector,
                peerConnections: factory, random: random, logger: logger, diagnostics: { confined.value.receive($0) })
            return PlayedPeer(peer, lines: lines)
        }
    }

    /// The credential of a case, and what a `connectAttempt` line says of it.
    private static func credential(
        _ scripted: GoldenCase, _ simulation: Simulation, _ server: ScriptedServer
    ) -> (Credential, shown: () -> String) {
        switch scripted.options.authentication {
        case .apiKey:
            let key = "pk_test"
            return (.publishableKey(key), { "key=\(key)" })
        case .token:
            let provider = ScriptedTokenProvider(scripted.token, recorder: server.recorder)
            let confined = NIOLoopBound(provider, eventLoop: simulation.mainLoop)
            return (.tokenProvider { try await confined.value.token() }, { "token=\(provider.lastToken)" })
        }
    }
}
