import Trace

/// One remote peer's link of a ``FakePeer``.
final class FakeLink {
    unowned let peer: FakePeer
    let remote: String
    var object: Int
    var state = "idle"
    var ordinal = 0
    var generation = 0
    var remoteGeneration = 0
    var remoteFingerprint = "f-\(1)"
    var isOpen = false
    var sections = ["audio", "video"]

    init(_ peer: FakePeer, _ remote: String, object: Int) {
        self.peer = peer
        self.remote = remote
        self.object = object
    }

    private var now: Int64 { peer.now }
    private var who: String { peer.who }
    func add(_ event: TraceEvent) { peer.add(event) }
    private var ufrag: String { "\(remote)-own-\(generation)" }
    private var remoteUfrag: String { "\(remote)-theirs-\(remoteGeneration)" }

    func to(_ state: String) {
        guard state != self.state else { return }
        add(.remoteState(at: now, who: who, remote: remote, object: object, from: self.state, to: state))
        self.state = state
    }

    func pc(_ state: String) { pc(.connection, state) }
    func pc(_ machine: TraceEvent.PeerConnectionMachine, _ state: String) {
        add(.pcState(at: now, who: who, remote: remote, ordinal: ordinal, machine: machine, state: state))
    }

    func connection(_ reason: TraceEvent.ConnectionReason) {
        closeConnection()
        ordinal += 1
        isOpen = true
        let list = peer.values.newestServers ? peer.serverList : 1
        add(
            .connection(
                at: now, who: who, remote: remote, ordinal: ordinal, reason: reason, iceServers: ["turn:t.example"], list: list))
    }

    func closeConnection() {
        if isOpen { add(.connectionClosed(at: now, who: who, remote: remote, ordinal: ordinal)) }
        isOpen = false
    }

    func close() {
        closeConnection()
        to("closed")
    }

    // MARK: Negotiation

    func offer(fresh: Bool = true, repetition: Int? = nil) {
        if fresh { generation += 1 }
        if repetition == nil { pc(.signaling, "have-local-offer") }
        add(.signalSent(at: now, who: who, remote: remote, TracedSignal(.offer, ufrag: ufrag, sections: sections), repetition: repetition))
    }

    func receive(_ kind: TracedSignal.Kind, ufrag: String? = nil, fingerprint: String? = nil, characters: Int? = nil) {
        var signal = TracedSignal(kind, ufrag: ufrag ?? remoteUfrag)
        signal.characters = characters
        if kind == .offer || kind == .answer {
            signal.fingerprint = fingerprint ?? remoteFingerprint
            signal.sections = sections
        }
        add(.signalReceived(at: now, who: who, remote: remote, signal))
    }

    func drop(_ kind: TracedSignal.Kind, ufrag: String? = nil, _ reason: TraceEvent.SignalDropReason) {
        add(
            .signalDropped(
                at: now, who: who, remote: remote, TracedSignal(kind, ufrag: ufrag ?? remoteUfrag), reason: reason.rawValue))
    }

    func answered() {
        remoteGeneration += 1
        receive(.answer)
        pc(.signaling, "stable")
    }

    /// An offer of ours, answered, and connected.
    func connect() {
        offer()
        if state == "idle" { to("connecting") }
        complete()
    }

    func connected() {
        pc("connected")
        to("connected")
    }

    /// A new connection and its offer; ``complete()`` ends what this begins.
    func swap() {
        connection(.swap)
        offer()
    }

    func complete() {
        pc("connecting")
        peer.wait(0.05)
        answered()
        peer.wait(0.2)
        connected()
    }

    // MARK: The ladder

    func ladder(
        _ phase: TraceEvent.LadderPhase, cause: TraceEvent.LadderCause? = nil, rung: Int? = nil
    ) {
        add(.ladder(at: now, who: who, remote: remote, phase: phase, cause: cause, rung: rung))
    }

    func disconnect() {
        pc("disconnected")
        if peer.values.reportsReconnecting { to("reconnecting") }
    }

    /// The connection fails, and the ladder begins with rung 1.
    func fail(cause: TraceEvent.LadderCause = .failed) {
        pc("failed")
        to("reconnecting")
        guard peer.values.startsLadder else { return }
        ladder(.started, cause: cause)
        peer.wait(peer.values.ladderDelays[0])
        rung(1)
    }

    /// One rung, run or skipped as signalling is.
    func rung(_ n: Int) {
        let isReady = peer.state == "joined"
        guard isReady || !peer.values.skipsWithoutSignalling else { return ladder(.skipped, cause: .signallingDown, rung: n) }
        ladder(.rung, rung: n)
        if !peer.values.restartsInPlace { connection(.first) }
        if peer.values.newestServers {
            add(
                .configuration(
                    at: now, who: who, remote: remote, ordinal: ordinal, iceServers: ["turn:t.example"], list: peer.serverList))
        }
        if peer.values.offers { offer(fresh: peer.values.freshUfrags) }
    }

    /// Rungs from the second on, each at its time.
    func rungs(_ range: ClosedRange<Int>) {
        for n in range {
            peer.wait(peer.values.ladderDelays[n - 1])
            rung(n)
        }
    }

    func giveUp() {
        peer.wait(peer.values.giveUpAfter)
        ladder(.gaveUp, rung: peer.values.ladderDelays.count)
        for _ in 0..<peer.values.giveUps {
            add(
                .negotiationError(
                    at: now, who: who, remote: remote, error: "gave-up", isGiveUp: true, attempts: peer.values.ladderDelays.count))
        }
    }

    /// The last rung is answered and the link connects.
    func recover() {
        answered()
        peer.wait(0.1)
        if !peer.values.hidesConnecting { to("connecting") }
        connected()
        ladder(.suspended)
    }

    func hold() {
        peer.wait(peer.values.stableAfter)
        ladder(.reset)
    }
}
