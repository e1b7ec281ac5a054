import CompactJSON
import MeteredRealtime

/// A small model of one link: the signals it sends and the states it shows, worked out from the world around it.
///
/// Without decisions it is the official SDK's link, and must reproduce a golden's lines of the link before anything is changed in them; with decisions
/// it says what becomes of these lines. It knows no case by name, and nothing of our SDK's code.
final class LinkModel {
    let scene: LinkScene
    private let decisions: Set<LinkDecision>
    private var agenda = LinkAgenda()
    private(set) var now: Int64 = 0
    private(set) var lines: [GoldenLine] = []

    private var ordinals = 0
    private var offersSeen: [String] = []
    /// Of each socket: how many of the other requests have been counted, and the counters.
    private var answers: [Int64: (others: Int, answers: RequestAnswers)] = [:]
    /// How many signals have gone out at this instant.
    private var signals: (time: Int64, count: Int) = (-1, 0)
    /// How many states each entry of the application has heard of that waits for one.
    private var reactions: [Int: Int] = [:]
    /// The remote generations that were in force, oldest first, with the local one of that time if there was one.
    var generations: [(remote: String, local: Int?)] = []
    /// When an answer last showed that another one had been for an earlier offer.
    var lastMismatch = Int64.min / 2
    private var tracks: [AppTrack] = []
    private var remoteState = RemotePeerState.idle
    private var isAway = false
    var wrapper: Wrapper?

    init(_ scene: LinkScene, decisions: Set<LinkDecision> = []) {
        self.scene = scene
        self.decisions = decisions
    }

    func has(_ decision: LinkDecision) -> Bool { decisions.contains(decision) }

    /// The link's lines, in order of time; nil if the model does not settle.
    static func lines(_ scene: LinkScene, decisions: Set<LinkDecision> = []) -> [GoldenLine]? {
        let model = LinkModel(scene, decisions: decisions)
        return model.run() ? model.lines : nil
    }

    private func run() -> Bool {
        for stay in scene.stays {
            at(stay.from) { [self] in start() }
            for loss in stay.losses { at(loss) { [self] in lost() } }
            for swap in stay.swaps { at(swap) { [self] in swapped() } }
            if let end = stay.to { at(end) { [self] in left() } }
        }
        // The application's calls run in tasks: behind what the instant itself brings.
        for (time, action, isReaction) in scene.actions {
            at(time) { [self] in behindTheInstant(isReaction && has(.inPlace) ? Self.roundsOfAnInstant : 1) { [self] in perform(action) } }
        }
        for description in scene.descriptions { at(description.time) { [self] in receive(description) } }
        for end in scene.endsOfCandidates { at(end) { [self] in tell(["from": .string(scene.id), "sig": "ice-end"]) } }
        var happenings = 0
        while let (time, body) = agenda.next(before: scene.end) {
            happenings += 1
            if happenings > LinkAgenda.limit { return false }
            now = time
            body()
        }
        return true
    }

    /// After so many rounds an instant brings nothing more by itself: ours restarts at once, before the application hears why.
    private static let roundsOfAnInstant = 8

    /// Does something at the present time, behind what is planned for it now, and behind what that plans for it, and so on.
    private func behindTheInstant(_ rounds: Int, _ body: @escaping () -> Void) {
        at(now) { [self] in if rounds == 0 { body() } else { behindTheInstant(rounds - 1, body) } }
    }

    func at(_ time: Int64, _ body: @escaping () -> Void) { agenda.add(time, body) }

    /// Does something later, unless the wrapper is closed by then.
    func after(_ delay: Int64, _ wrapper: Wrapper, _ body: @escaping () -> Void) {
        at(now + delay) { if !wrapper.isClosed { body() } }
    }

    func emit(_ who: String, _ what: String, _ fields: JSONObject) {
        let line = GoldenLine(now, who, what, fields)
        lines.append(line)
        if who == "remote:\(scene.id)", what == "state" { react(to: line) }
    }

    /// The application opens a channel when it hears of a state.
    private func react(to line: GoldenLine) {
        for (index, entry) in scene.scripted.app.enumerated() where entry.isReaction(to: scene.id) {
            guard case .line(let match, let ordinal, let delay, let inline) = entry.trigger, line.fits(match) else { continue }
            reactions[index, default: 0] += 1
            guard reactions[index] == ordinal else { continue }
            at(now + (inline ? 0 : delay.milliseconds)) { [self] in
                behindTheInstant(!inline && has(.inPlace) ? Self.roundsOfAnInstant : 0) { [self] in
                    let call: JSONObject = ["id": .integer(Int64(index + 1)), "do": .string(entry.call.name)]
                    emit("app", "call", call)
                    var result = call
                    result["ok"] = true
                    emit("app", "result", result)
                    perform(.createDataChannel)
                }
            }
        }
    }

    func fail(_ error: String) { emit("remote:\(scene.id)", "NegotiationError", ["error": .string(error)]) }

    // MARK: The room

    private func start() {
        remoteState = .idle
        isAway = false
        begin(Wrapper(makeConnection(), isPolite: scene.isPolite(at: now)))
    }

    private func begin(_ wrapper: Wrapper) {
        self.wrapper = wrapper
        start(wrapper.connection, of: wrapper, on: .created)
        if !tracks.isEmpty || wrapper.connection.wantsData { negotiate(wrapper) }
    }

    func makeConnection() -> Connection {
        ordinals += 1
        let connection = Connection(ordinal: ordinals)
        return connection
    }

    func nextOrdinal() -> Int {
        ordinals += 1
        return ordinals
    }

    private func lost() {
        isAway = true
        if remoteState != .closed || has(.closedSwaps) { show(.reconnecting) }
    }

    private func swapped() {
        isAway = false
        guard let old = wrapper else { return }
        if remoteState == .closed, !has(.closedSwaps) { return }
        show(.reconnecting)
        old.isClosed = true
        let fresh = Wrapper(makeConnection(), isPolite: scene.isPolite(at: now))
        // With nothing else to offer, a section for data tells the remote peer of the new connection.
        let carried = old.connection.hasData || !old.connection.sections.isEmpty && tracks.isEmpty
        if has(.swappedData) { fresh.connection.wantsData = carried }
        if has(.idleSwaps), tracks.isEmpty, !fresh.connection.wantsData { show(.idle) }
        begin(fresh)
    }

    private func left() {
        wrapper?.isClosed = true
        wrapper = nil
        show(.closed)
    }

    /// Whether nothing leaves, because signalling is away (ICE-07).
    var isHeldBack: Bool { isAway && has(.skippedRungs) }

    private func perform(_ action: LinkScene.AppAction) {
        switch action {
        case .addTrack(let track):
            if tracks.contains(where: { $0.id == track.id }) { return }
            tracks.append(track)
        case .removeTrack(let id):
            guard tracks.contains(where: { $0.id == id }) else { return }
            tracks.removeAll { $0.id == id }
        case .createDataChannel: wrapper?.connection.wantsData = true
        }
        // On a closed connection nothing is negotiated; the official SDK sends an offer all the same.
        guard let wrapper, remoteState != .closed || !has(.inPlace) else { return }
        // Tracks wait for the snapshot; a channel is one of the connection that there is.
        if isAway, case .addTrack = action { return }
        if isAway, case .removeTrack = action { return }
        if case .createDataChannel = action, has(.inPlace), wrapper.connection.isDataSettled { return }
        negotiate(wrapper)
    }

    // MARK: States

    /// The public state.
    private func show(_ state: RemotePeerState) {
        guard state != remoteState else { return }
        emit("remote:\(scene.id)", "state", ["from": .string(remoteState.rawValue), "to": .string(state.rawValue)])
        remoteState = state
    }

    /// The wrapper's state, and what of it the remote peer's object shows: not the hop through `connecting` on the way back.
    func enter(_ state: RemotePeerState, _ wrapper: Wrapper) {
        guard state != wrapper.state, !(state == .connecting && wrapper.state == .reconnecting) else { return }
        // A restart on the connection shows only if something is lost.
        if state == .connecting, wrapper.state == .connected, has(.inPlace) { return }
        wrapper.state = state
        if state == .connected {
            let waiting = wrapper.onConnected
            wrapper.onConnected = nil
            waiting?()
        }
        if state == .connecting, remoteState == .reconnecting { return }
        if isAway, has(.hiddenWhileAway) { return }
        show(state)
    }

    /// A generation's states begin.
    func start(_ connection: Connection, of wrapper: Wrapper, on trigger: RemoteScript.Generation.Trigger) {
        let ordinal = connection.ordinal
        let script = scene.remote.generation(ordinal)
        guard script.trigger == trigger, connection.running != ordinal else { return }
        connection.running = ordinal
        for change in script.states {
            after(change.after.milliseconds, wrapper) { [self] in
                guard connection === wrapper.connection, connection.running == ordinal, connection.state != change.state else { return }
                connection.state = change.state
                changed(change.state, wrapper)
            }
        }
    }

    private func changed(_ state: PeerConnectionState, _ wrapper: Wrapper) {
        switch state {
        case .connected:
            wrapper.attempts = 0
            wrapper.hasGivenUp = false
            if has(.rungTimes) {
                wrapper.ladder += 1
                wrapper.isRecovering = false
            }
            enter(.connected, wrapper)
        case .new, .connecting: enter(.connecting, wrapper)
        case .disconnected: enter(.reconnecting, wrapper)
        case .failed:
            enter(.reconnecting, wrapper)
            recover(wrapper)
        case .closed: enter(.closed, wrapper)
        }
    }

    // MARK: Signals

    /// What an offer lists: sound and pictures in the order of their appearance, then data.
    func media(_ connection: Connection) -> [String] {
        for index in connection.slots.indices where !tracks.contains(where: { $0.id == connection.slots[index].track }) {
            connection.slots[index].track = nil
        }
        for track in tracks where !connection.slots.contains(where: { $0.track == track.id }) {
            if let free = connection.slots.firstIndex(where: { $0.track == nil && $0.kind == track.kind.rawValue }) {
                connection.slots[free].track = track.id
            } else {
                connection.slots.append((track.kind.rawValue, track.id))
            }
        }
        return connection.slots.map(\.kind) + (connection.hasData ? ["application"] : [])
    }

    /// An exchange of these sections is complete.
    func settle(_ media: [String], _ connection: Connection) {
        _ = self.media(connection)
        connection.sections = media
        if media.contains("application") { connection.isDataSettled = true }
        for kind in ["audio", "video"] {
            let offered = media.count { $0 == kind }
            while connection.slots.count(where: { $0.kind == kind }) < offered { connection.slots.append((kind, nil)) }
            for slot in connection.slots.filter({ $0.kind == kind }).prefix(offered) {
                if let track = slot.track { connection.settled.insert(track) }
            }
        }
    }

    /// Whether something of ours is not in the sections yet.
    func isUnsatisfied(_ connection: Connection) -> Bool {
        tracks.contains { !connection.settled.contains($0.id) } || connection.wantsData && !connection.isDataSettled
    }

    /// Sends a signal; the service, the network and the remote peer do what the case says.
    func send(_ payload: JSONObject, offering media: [String]? = nil, _ completion: @escaping (Delivery) -> Void) {
        guard let socket = scene.socket(at: now) else { return completion(.notConnected) }
        if let closing = socket.closing, closing <= now {
            // Behind our close frame nothing is sent; the official SDK waits for the end.
            guard !has(.skippedRungs) else { return completion(.notConnected) }
            return at(socket.ended ?? .max) { completion(.dropped) }
        }
        let conn = JSONValue.integer(socket.ordinal)
        var fields: JSONObject = ["conn": conn, "type": "send", "to": .string(scene.id)]
        for (key, value) in payload { fields[key] = value }
        emit("client", "send", fields)
        var outcomes: [(time: Int64, delivery: Delivery)] = [(now + Exchange.timeoutMilliseconds, .timedOut)]
        if let end = socket.ended { outcomes.append((end, .dropped)) }
        if let arrival = scene.passage(socket, at: now) {
            let answer = answer(payload, on: socket)
            if let time = scene.passage(socket, at: arrival + answer.latency.milliseconds) {
                switch answer.result {
                case .acknowledge: outcomes.append((time, .acknowledged))
                case .error(let code, _): outcomes.append((time, .rejected(code: code)))
                case .none: break
                }
            }
            if let media, !answer.result.isError, arrival < socket.ended ?? .max {
                let answering = { [self] in answered(payload["ufrag"]?.stringValue, media) }
                arrival == now ? answering() : at(arrival, answering)
            }
        } else {
            emit("server", "lost", ["conn": conn, "dir": "up", "type": "send"])
        }
        guard let first = outcomes.min(by: { $0.time < $1.time }) else { return }
        at(first.time) { [self] in
            switch first.delivery {
            case .acknowledged: emit("server", "frame", ["conn": conn, "type": "ack"])
            case .rejected(let code):
                emit("server", "frame", ["conn": conn, "type": "error", "code": .string(code), "correlated": true])
            case .timedOut, .dropped, .notConnected: break
            }
            completion(first.delivery)
        }
    }

    /// How the service answers a signal: an override may count what came before it on the socket.
    private func answer(_ payload: JSONObject, on socket: LinkScene.Socket) -> RequestAnswers.Answer {
        let script = scene.scripted.server.connection(Int(socket.ordinal)).acknowledgement
        var known = answers[socket.ordinal] ?? (0, RequestAnswers(script))
        signals = (now, signals.time == now ? signals.count + 1 : 1)
        let others = scene.otherRequests.filter { other in
            other.socket == socket.ordinal && (other.time < now || other.time == now && other.signalsBefore < signals.count)
        }
        for other in others.dropFirst(known.others) { _ = known.answers.answer(other.frame) }
        known.others = others.count
        var frame: JSONObject = ["type": "send", "to": .string(scene.id)]
        for (key, value) in payload { frame[key] = value }
        defer { answers[socket.ordinal] = known }
        return known.answers.answer(frame)
    }

    /// The remote peer answers an offer that reached it.
    private func answered(_ fragment: String?, _ media: [String]) {
        guard let delay = scene.remote.answerDelay else { return }
        let seen = fragment ?? ""
        if !offersSeen.contains(seen) { offersSeen.append(seen) }
        let ordinal = (offersSeen.firstIndex(of: seen) ?? 0) + 1
        let answer = media.isEmpty ? nil : "r-\(scene.id)-\(ordinal)"
        at(now + delay.milliseconds) { [self] in
            guard let socket = scene.socket(at: now), let arrival = scene.passage(socket, at: now) else { return }
            guard arrival == now else {
                return at(arrival) { [self] in if scene.socket(at: now)?.ordinal == socket.ordinal { deliver(answer, media) } }
            }
            deliver(answer, media)
        }
    }

    /// An answer of the remote peer and the end of its candidates reach the client.
    private func deliver(_ answer: String?, _ media: [String]) {
        let shown: JSONObject = [
            "from": .string(scene.id), "sig": "answer", "ufrag": answer.map(JSONValue.string) ?? .null,
            "media": .array(media.map(JSONValue.string)),
        ]
        tell(shown)
        tell(["from": .string(scene.id), "sig": "ice-end"])
        guard let wrapper else { return }
        locked(wrapper) { [self] release in
            takeAnswer(answer, media, wrapper)
            release()
        }
    }

    /// A signal of the remote peer reaches the client.
    private func tell(_ signal: JSONObject) {
        var frame: JSONObject = ["conn": .integer(scene.socket(at: now)?.ordinal ?? 0), "type": "direct"]
        for (key, value) in signal { frame[key] = value }
        emit("server", "frame", frame)
        emit("client", "Direct", signal)
    }
}
