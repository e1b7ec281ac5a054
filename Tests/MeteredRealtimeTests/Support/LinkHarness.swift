import NIOCore
import SimulationKernel

@testable import MeteredRealtime

/// One link over fakes in virtual time; the test plays the remote peer and the service. Times are milliseconds.
final class LinkHarness {
    let simulation = Simulation(seed: 1)
    let factory = FakeFactory()
    private(set) var link: PeerLink!
    private(set) var sent: [(at: Int64, signal: PeerSignal)] = []
    private(set) var events: [(at: Int64, text: String)] = []
    private(set) var errors: [NegotiationError] = []
    private(set) var diagnostics: [(at: Int64, diagnostic: LinkDiagnostic)] = []
    /// Called for each diagnostic, inside the callback.
    var onDiagnostic: ((LinkDiagnostic) -> Void)?
    private(set) var offeredChannels: [DataChannel] = []
    var iceServers = [ICEServer(urls: ["turn:one"], username: "u", credential: "c")]
    /// What the service does with the signals; nil acknowledges after 30 ms.
    var service: ((PeerSignal) -> Result<Void, SignallingError>?)?

    init(isPolite: Bool = false, _ options: PeerOptions = PeerOptions(), serialSignals: Bool = false) {
        let loop = simulation.mainLoop
        let environment = LinkEnvironment(
            eventLoop: loop, factory: factory, iceServers: { [unowned self] in iceServers }, serialSignals: serialSignals,
            nextRequestID: { "" },
            send: { [unowned self] signal, _, completion in
                sent.append((now, signal))
                let result = service?(signal) ?? .success(())
                loop.schedule(at: loop.now + .milliseconds(30)) { completion(result) }
            },
            observe: { [unowned self] in observed($0) },
            diagnose: { [unowned self] in
                diagnostics.append((now, $0))
                onDiagnostic?($0)
            })
        link = PeerLink(remoteID: "r", isPolite: isPolite, options: options, environment: environment)
    }

    deinit {
        link = nil
        simulation.shutdown()
    }

    var now: Int64 { Int64(simulation.mainLoop.now.uptimeNanoseconds / 1_000_000) }

    private func observed(_ event: LinkEvent) {
        switch event {
        case .stateChanged(let from, let to): events.append((now, "\(from) > \(to)"))
        case .negotiationFailed(let error):
            errors.append(error)
            events.append((now, "error"))
        case .iceCandidateFailed: events.append((now, "candidate failed"))
        case .track(let track, let streams): events.append((now, "track \(track.id) \(streams)"))
        case .trackRemoved(let track, _): events.append((now, "track removed \(track.id)"))
        case .trackMetadata(let metadata): events.append((now, "metadata \(metadata.trackID)"))
        case .dataChannel(let channel):
            offeredChannels.append(channel)
            events.append((now, "channel \(channel.label)"))
        case .connectionReplaced(let reason): events.append((now, "replaced \(reason)"))
        }
    }

    // MARK: Driving

    /// Does something on the loop at a moment.
    func at(_ milliseconds: Int64, _ body: @escaping () -> Void) { simulation.mainLoop.schedule(at: .milliseconds(milliseconds), body) }

    func run(until milliseconds: Int64) { simulation.run(until: .milliseconds(milliseconds)) }

    /// Starts with a microphone at 0.
    func startWithTrack() {
        at(0) { [self] in
            link.addTrack(LocalTrack(track: FakeTrack("mic"), streamIDs: ["s"]))
            link.start()
        }
    }

    /// A connected link, by an offer of ours, at 200.
    func connect() {
        startWithTrack()
        at(100) { [self] in answer("r-1") }
        at(200) { [self] in pc.set(.connected) }
        run(until: 300)
    }

    /// The remote peer's description comes.
    func receive(_ kind: SessionDescription.Kind, _ fragment: String, fingerprint: String? = "r", sections: [String] = ["audio"]) {
        let sdp = FakePeerConnection.sdp(fragment, fingerprint: fingerprint, sections: sections)
        link.receive(.description(SessionDescription(kind: kind, sdp: sdp)))
    }

    func answer(_ fragment: String, fingerprint: String? = "r") { receive(.answer, fragment, fingerprint: fingerprint) }
    func offer(_ fragment: String, fingerprint: String? = "r") { receive(.offer, fragment, fingerprint: fingerprint) }

    func candidate(_ fragment: String?, _ line: String = "candidate:1 1 udp 1 192.0.2.1 5 typ host") {
        link.receive(.candidate(ICECandidate(candidate: line, sdpMid: "0", sdpMLineIndex: 0, usernameFragment: fragment)))
    }

    // MARK: Looking

    /// The newest connection.
    var pc: FakePeerConnection { factory.made[factory.made.count - 1] }

    /// The descriptions we sent: moment, kind, generation.
    var descriptions: [String] {
        sent.compactMap { at, signal in
            guard case .description(let description) = signal else { return nil }
            return "\(at) \(description.kind.rawValue) \(DescriptionSummary(description.sdp).usernameFragment ?? "-")"
        }
    }

    /// The kinds of the signals we sent.
    var sentKinds: [String] { sent.map { SignalRecord($0.signal).kind.rawValue } }

    var states: [String] { events.filter { $0.text.contains(" > ") }.map { "\($0.at) \($0.text)" } }
    var eventTexts: [String] { events.map(\.text) }

    var ladder: [String] {
        diagnostics.compactMap { at, diagnostic in
            guard case .ladder(let ladder) = diagnostic else { return nil }
            switch ladder {
            case .started(let cause): return "\(at) started \(cause.rawValue)"
            case .scheduled: return nil
            case .rungStarted(let rung): return "\(at) rung \(rung)"
            case .rungSkipped(let rung): return "\(at) skipped \(rung)"
            case .rungOutcome: return nil
            case .suspended: return "\(at) suspended"
            case .resumed(let cause): return "\(at) resumed \(cause.rawValue)"
            case .reset: return "\(at) reset"
            case .abandoned: return "\(at) abandoned"
            case .giveUpPostponed: return "\(at) give-up postponed"
            case .gaveUp(let attempts): return "\(at) gave up \(attempts)"
            }
        }
    }

    var drops: [String] {
        diagnostics.compactMap {
            if case .signalDropped(let record, let reason) = $0.diagnostic { "\(record.kind.rawValue) \(reason)" } else { nil }
        }
    }

    func outcomes(ofRung rung: Int) -> [RungOutcome] {
        diagnostics.compactMap {
            if case .ladder(.rungOutcome(rung, let outcome)) = $0.diagnostic { outcome } else { nil }
        }
    }
}
