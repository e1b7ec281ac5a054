import MeteredRealtime
import NIOCore

/// A peer connection that does what a case says: it describes itself like a real one, and its states come from the script.
///
/// As in the official recordings (FORMAT.md, "remotes and pc") all candidates are in the descriptions, followed by the end of candidates, and a
/// description that does not fit the signalling state is refused. An offer that meets an offer rolls ours back, as the seam says.
/// Operations are chained, one tick each at least (webrtc-pc section 4.4.1.2). Confined to the simulation's thread.
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

    // MARK: The chain of operations

    private var operations: [(_ next: @escaping () -> Void) -> Void] = []
    private var isOperating = false

    /// Does something when what was called before is done.
    private func chain(_ operation: @escaping (_ next: @escaping () -> Void) -> Void) {
        operations.append(operation)
        if !isOperating { operate() }
    }

    private func operate() {
        isOperating = !operations.isEmpty
        guard isOperating else { return announceNegotiation() }
        server.after(.zero) { [self] in operations.removeFirst()({ [self] in operate() }) }
    }

    /// Chains an operation that is done at once.
    private func chain<Value>(
        _ completion: @escaping (Result<Value, any Error>) -> Void, _ operation: @escaping () throws(Refusal) -> Value
    ) {
        chain { next in
            completion(Result { try operation() })
            next()
        }
    }

    private func require(_ states: [SignalingState], _ operation: String) throws(Refusal) {
        guard states.contains(signalingState) else {
            throw Refusal(description: "\(operation) is not legal in \(signalingState.rawValue)")
        }
    }

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
        // What is still to be negotiated is announced when the operation is done.
        if state == .stable { isNegotiationAnnounced = false }
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
        guard let generation, generation.ordinal > negotiated,
            localDescription.map({ !ScriptedDescription.media(of: $0.sdp).isEmpty }) ?? false
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
        chain(completion) { [self] () throws(Refusal) in
            try require([.stable, .haveLocalOffer], "createOffer")
            return offer()
        }
    }

    func createAnswer(_ completion: @escaping (Result<SessionDescription, any Error>) -> Void) {
        chain(completion) { [self] () throws(Refusal) in
            try require([.haveRemoteOffer], "createAnswer")
            return answer()
        }
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
        chain { [self] next in
            do throws(Refusal) {
                try beginLocal(description ?? (signalingState == .haveRemoteOffer ? answer() : offer()))
            } catch {
                completion(.failure(error))
                return next()
            }
            // As in the official recordings, candidates are gathered inside of the operation.
            server.after(script.gathering) { [self] in
                if isClosed {
                    completion(.failure(Refusal(description: "the connection was closed")))
                } else {
                    finishLocal()
                    completion(.success(()))
                    report(.iceCandidate(nil))
                }
                next()
            }
        }
    }

    /// The signalling state changes at the start.
    private func beginLocal(_ description: SessionDescription) throws(Refusal) {
        let operation = "setLocalDescription(\(description.kind.rawValue))"
        switch description.kind {
        case .offer:
            try require([.stable, .haveLocalOffer], operation)
            if signalingState == .stable { stableLocalDescription = localDescription }
            apply(description, .haveLocalOffer)
        case .answer:
            try require([.haveRemoteOffer], operation)
            sections.answered(ScriptedDescription.media(of: description.sdp))
            apply(description, .stable)
        case .rollback:
            try require([.haveLocalOffer], operation)
            rollBack()
            report(.signalingStateChange(.stable))
        case .provisionalAnswer: throw Refusal(description: "provisional answers are not scripted")
        }
    }

    private func apply(_ description: SessionDescription, _ state: SignalingState) {
        localDescription = description
        isGenerationUsed = true
        setSignalingState(state)
        gathering(.gathering)
    }

    private func finishLocal() {
        if signalingState == .stable { agreed() }
        if localDescription != nil { gathering(.complete) }
    }

    private func gathering(_ state: ICEGatheringState) {
        guard iceGatheringState != state else { return }
        iceGatheringState = state
        report(.iceGatheringStateChange(state))
    }

    func setRemoteDescription(_ description: SessionDescription, _ completion: @escaping (Result<Void, any Error>) -> Void) {
        chain(completion) { [self] () throws(Refusal) in
            if let text = script.refusedDescriptions[remoteID] { throw Refusal(description: text) }
            let operation = "setRemoteDescription(\(description.kind.rawValue))"
            switch description.kind {
            case .offer:
                try require([.stable, .haveRemoteOffer, .haveLocalOffer], operation)
                if signalingState == .haveLocalOffer { rollBack() }
                receiveOffer(description)
            case .answer:
                try require([.haveLocalOffer], operation)
                remoteDescription = description
                remoteUserFragment = ScriptedDescription.userFragment(of: description.sdp)
                sections.answered(ScriptedDescription.media(of: description.sdp))
                setSignalingState(.stable)
                agreed()
            case .rollback:
                try require([.haveRemoteOffer], operation)
                setSignalingState(.stable)
            case .provisionalAnswer: throw Refusal(description: "\(operation) is not scripted")
            }
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
        chain(completion) { [self] () throws(Refusal) in
            guard remoteDescription != nil, !isClosed else { throw Refusal(description: "there is no remote description") }
            guard let text = candidate?.candidate, !text.isEmpty else { return }
            guard text.hasPrefix("candidate:") else { throw Refusal(description: "not a candidate") }
            guard !text.contains("reject") else { throw Refusal(description: "candidate rejected by the peer connection") }
        }
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

    /// webrtc-pc section 4.7.3: raised in `stable` when nothing is under way, and once until the next exchange is complete.
    private func announceNegotiation() {
        guard !isNegotiationAnnounced, mayAnnounceNegotiation else { return }
        isNegotiationAnnounced = true
        server.after(.zero) { [weak self] in
            guard let self, isNegotiationAnnounced else { return }
            guard mayAnnounceNegotiation else { return isNegotiationAnnounced = false }
            onEvent?(.negotiationNeeded)
        }
    }

    private var mayAnnounceNegotiation: Bool {
        signalingState == .stable && !isOperating && (wantsRestart || sections.needNegotiation)
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
