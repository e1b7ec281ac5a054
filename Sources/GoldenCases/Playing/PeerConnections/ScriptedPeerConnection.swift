import MeteredRealtime
import NIOCore

/// A peer connection that does what a case says: it describes itself like a real one, and its states come from the script.
///
/// As in the official recordings (FORMAT.md, "remotes and pc") all candidates are in the descriptions, followed by the end of candidates, and a
/// description that does not fit the signalling state is refused. An offer that meets an offer rolls ours back, as the seam says.
/// Operations take effect when they are called; what they report comes one tick later. Confined to the simulation's thread.
final class ScriptedPeerConnection: PeerConnection {
    /// What a scripted connection refuses with.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    var onEvent: ((PeerConnectionEvent) -> Void)?
    private(set) var signalingState = SignalingState.stable
    private(set) var iceGatheringState = ICEGatheringState.new
    private(set) var connectionState = PeerConnectionState.new
    private(set) var localDescription: SessionDescription?
    private(set) var remoteDescription: SessionDescription?

    private let script: PeerConnectionScript
    private let generations: ScriptedGenerations
    private let server: ScriptedServer
    private var remoteID = ""
    private var sections = ScriptedSections()
    private var channels: [ScriptedDataChannel] = []

    /// The generation whose fragment the next local description has.
    private var generation: ScriptedGenerations.Generation?
    /// Whether a local description has had it.
    private var isGenerationUsed = false
    /// The ordinal of the generation that the states belong to: what an older one still had to do is off.
    private var running = 0
    /// The last generation that both sides have agreed on.
    private var negotiated = 0
    private var wantsRestart = false
    private var isNegotiationAnnounced = false
    private var remoteUserFragment: String?
    /// The local description before the offer that is out, for a rollback.
    private var stableLocalDescription: SessionDescription?

    init(_ script: PeerConnectionScript, _ generations: ScriptedGenerations, _ server: ScriptedServer) {
        self.script = script
        self.generations = generations
        self.server = server
    }

    /// The remote peer that the connection is for is known.
    func assign(to remoteID: String) {
        self.remoteID = remoteID
        begin()
    }

    var iceConnectionState: ICEConnectionState {
        switch connectionState {
        case .new: .new
        case .connecting: .checking
        case .connected: .connected
        case .disconnected: .disconnected
        case .failed: .failed
        case .closed: .closed
        }
    }

    private var isClosed: Bool { signalingState == .closed }

    /// Reports something one tick from now; nothing after a close.
    private func report(_ event: PeerConnectionEvent) {
        server.after(.zero) { [weak self] in
            guard let self, !isClosed else { return }
            onEvent?(event)
        }
    }

    private func setSignalingState(_ state: SignalingState) {
        guard signalingState != state else { return }
        signalingState = state
        report(.signalingStateChange(state))
        if state == .stable {
            isNegotiationAnnounced = false
            announceNegotiation()
        }
    }

    // MARK: Generations

    private func begin() {
        let next = generations.next(for: remoteID)
        generation = next
        isGenerationUsed = false
        if next.script.trigger == .created { run(next) }
    }

    /// Both sides have agreed on the present generation: its states begin, unless nothing was negotiated at all.
    private func agreed() {
        guard let generation, generation.ordinal > negotiated, localDescription.map({ !ScriptedDescription.media(of: $0.sdp).isEmpty }) ?? false
        else { return }
        negotiated = generation.ordinal
        if generation.script.trigger == .negotiated { run(generation) }
    }

    private func run(_ generation: ScriptedGenerations.Generation) {
        running = generation.ordinal
        for change in generation.script.states {
            server.after(change.after) { [weak self] in
                guard let self, running == generation.ordinal, !isClosed else { return }
                enter(change.state)
            }
        }
    }

    private func enter(_ state: PeerConnectionState) {
        guard connectionState != state else { return }
        connectionState = state
        if state == .connected { for channel in channels { channel.open() } }
        onEvent?(.iceConnectionStateChange(iceConnectionState))
        onEvent?(.connectionStateChange(state))
        // The remote peer ended it: nothing can be negotiated on it any more.
        if state == .closed { end() }
    }

    // MARK: Descriptions

    func createOffer(_ completion: @escaping (Result<SessionDescription, any Error>) -> Void) {
        guard [.stable, .haveLocalOffer].contains(signalingState) else { return refuse("createOffer", completion) }
        complete(.success(offer()), completion)
    }

    func createAnswer(_ completion: @escaping (Result<SessionDescription, any Error>) -> Void) {
        guard signalingState == .haveRemoteOffer else { return refuse("createAnswer", completion) }
        complete(.success(answer()), completion)
    }

    private func offer() -> SessionDescription {
        if wantsRestart {
            wantsRestart = false
            if isGenerationUsed { begin() }
        }
        return SessionDescription(kind: .offer, sdp: sdp(media: sections.offer))
    }

    private func answer() -> SessionDescription {
        let offered = remoteDescription.map { ScriptedDescription.media(of: $0.sdp) } ?? []
        return SessionDescription(kind: .answer, sdp: sdp(media: offered))
    }

    private func sdp(media: [String]) -> String {
        ScriptedDescription.sdp(userFragment: generation?.userFragment ?? "", media: media, owner: "local")
    }

    func setLocalDescription(_ description: SessionDescription?, _ completion: @escaping (Result<Void, any Error>) -> Void) {
        let description = description ?? (signalingState == .haveRemoteOffer ? answer() : offer())
        switch (description.kind, signalingState) {
        case (.offer, .stable), (.offer, .haveLocalOffer):
            if signalingState == .stable { stableLocalDescription = localDescription }
            applyLocal(description, .haveLocalOffer, completion)
        case (.answer, .haveRemoteOffer):
            sections.answered(ScriptedDescription.media(of: description.sdp))
            applyLocal(description, .stable, completion)
        case (.rollback, .haveLocalOffer):
            rollBack()
            complete(.success(()), completion)
        case (.offer, _), (.answer, _), (.provisionalAnswer, _), (.rollback, _):
            refuse("setLocalDescription(\(description.kind.rawValue))", completion)
        }
    }

    private func applyLocal(
        _ description: SessionDescription, _ state: SignalingState, _ completion: @escaping (Result<Void, any Error>) -> Void
    ) {
        localDescription = description
        isGenerationUsed = true
        setSignalingState(state)
        gathering(.gathering)
        server.after(script.gathering) { [self] in
            guard !isClosed else { return completion(.failure(Refusal(description: "the connection was closed"))) }
            if signalingState == .stable { agreed() }
            completion(.success(()))
            gathering(.complete)
            report(.iceCandidate(nil))
        }
    }

    private func gathering(_ state: ICEGatheringState) {
        guard iceGatheringState != state else { return }
        iceGatheringState = state
        report(.iceGatheringStateChange(state))
    }

    func setRemoteDescription(_ description: SessionDescription, _ completion: @escaping (Result<Void, any Error>) -> Void) {
        if let text = script.refusedDescriptions[remoteID] { return complete(.failure(Refusal(description: text)), completion) }
        switch (description.kind, signalingState) {
        case (.offer, .stable), (.offer, .haveRemoteOffer), (.offer, .haveLocalOffer):
            if signalingState == .haveLocalOffer { rollBack() }
            receiveOffer(description)
            complete(.success(()), completion)
        case (.answer, .haveLocalOffer):
            remoteDescription = description
            remoteUserFragment = ScriptedDescription.userFragment(of: description.sdp)
            sections.answered(ScriptedDescription.media(of: description.sdp))
            setSignalingState(.stable)
            agreed()
            complete(.success(()), completion)
        case (.offer, _), (.answer, _), (.provisionalAnswer, _), (.rollback, _):
            refuse("setRemoteDescription(\(description.kind.rawValue))", completion)
        }
    }

    private func receiveOffer(_ description: SessionDescription) {
        let fragment = ScriptedDescription.userFragment(of: description.sdp)
        if let known = remoteUserFragment, let fragment, fragment != known, isGenerationUsed { begin() }
        remoteUserFragment = fragment
        remoteDescription = description
        sections.offered(ScriptedDescription.media(of: description.sdp))
        setSignalingState(.haveRemoteOffer)
    }

    /// Takes back our offer. One that began a generation takes its credentials with it (RFC 9429 section 4.1.10.2): what follows needs new ones.
    private func rollBack() {
        localDescription = stableLocalDescription
        if let generation, generation.ordinal > negotiated { begin() }
        signalingState = .stable
    }

    func addICECandidate(_ candidate: ICECandidate?, _ completion: @escaping (Result<Void, any Error>) -> Void) {
        guard remoteDescription != nil, !isClosed else { return refuse("addIceCandidate", completion) }
        guard let text = candidate?.candidate, !text.isEmpty else { return complete(.success(()), completion) }
        if !text.hasPrefix("candidate:") { return complete(.failure(Refusal(description: "not a candidate")), completion) }
        if text.contains("reject") {
            return complete(.failure(Refusal(description: "candidate rejected by the peer connection")), completion)
        }
        complete(.success(()), completion)
    }

    private func refuse<Value>(_ operation: String, _ completion: @escaping (Result<Value, any Error>) -> Void) {
        complete(.failure(Refusal(description: "\(operation) is not legal in \(signalingState.rawValue)")), completion)
    }

    private func complete<Value>(_ result: Result<Value, any Error>, _ completion: @escaping (Result<Value, any Error>) -> Void) {
        server.after(.zero) { completion(result) }
    }

    // MARK: What is sent

    func restartICE() {
        wantsRestart = true
        announceNegotiation()
    }

    func setConfiguration(_ configuration: PeerConnectionConfiguration) throws {
        if isClosed { throw Refusal(description: "the connection is closed") }
    }

    func addTrack(_ track: any MediaStreamTrack, streamIDs: [String]) throws -> any RTPSender {
        if isClosed { throw Refusal(description: "the connection is closed") }
        let sender = ScriptedSender(track, server)
        sections.add(sender)
        announceNegotiation()
        return sender
    }

    func removeTrack(_ sender: any RTPSender) throws {
        sections.remove(sender)
        announceNegotiation()
    }

    func createDataChannel(label: String, configuration: DataChannelConfiguration) throws -> any DataChannelTransport {
        if isClosed { throw Refusal(description: "the connection is closed") }
        let channel = ScriptedDataChannel(label: label, configuration: configuration, server)
        channels.append(channel)
        sections.wantsData = true
        if connectionState == .connected, sections.hasData { channel.open() }
        announceNegotiation()
        return channel
    }

    /// webrtc-pc section 4.7.3: raised in `stable` and once until the next exchange is complete.
    private func announceNegotiation() {
        guard !isNegotiationAnnounced, signalingState == .stable, wantsRestart || sections.needNegotiation else { return }
        isNegotiationAnnounced = true
        server.after(.zero) { [weak self] in
            guard let self, isNegotiationAnnounced else { return }
            guard signalingState == .stable, wantsRestart || sections.needNegotiation else { return isNegotiationAnnounced = false }
            onEvent?(.negotiationNeeded)
        }
    }

    func statistics(_ completion: @escaping (PeerConnectionStatistics) -> Void) {
        server.after(.zero) { completion(PeerConnectionStatistics()) }
    }

    func close() {
        onEvent = nil
        connectionState = .closed
        end()
    }

    private func end() {
        signalingState = .closed
        for channel in channels { channel.end() }
        channels = []
    }
}
