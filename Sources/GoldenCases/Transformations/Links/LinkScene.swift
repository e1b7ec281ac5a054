import CompactJSON

/// What a golden and its case tell of the world around one link: who is in the room when, what signalling does, what the application asks for.
struct LinkScene {
    /// A time in which a remote peer is in the roster, as one object.
    struct Stay {
        let from: Int64
        /// When it leaves; nil if it is there at the end.
        var to: Int64?
        /// When signalling was lost.
        var losses: [Int64] = []
        /// When a snapshot made a survivor of it.
        var swaps: [Int64] = []
    }

    /// A socket from its welcome to its end.
    struct Socket {
        let ordinal: Int64
        let accepted: Int64
        let welcomed: Int64
        var ended: Int64?
        /// When our own close frame went out.
        var closing: Int64?
    }

    /// What the remote peer sends by itself.
    struct RemoteDescription {
        let time: Int64
        let isOffer: Bool
        let userFragment: String
        let media: [String]
    }

    /// When the remote peer ends its candidates by itself.
    private(set) var endsOfCandidates: [Int64] = []

    /// A request that is not one of the link's signals.
    struct OtherRequest {
        let time: Int64
        let socket: Int64
        let frame: JSONObject
        /// How many of the link's signals go out before it at the same instant.
        let signalsBefore: Int
    }

    /// What the application does to the link.
    enum AppAction {
        case addTrack(AppTrack)
        case removeTrack(id: String)
        case createDataChannel
    }

    let id: String
    let scripted: GoldenCase
    let remote: RemoteScript
    private(set) var stays: [Stay] = []
    private(set) var sockets: [Socket] = []
    private(set) var descriptions: [RemoteDescription] = []
    /// A reaction to a line comes behind what the instant of the line itself brings.
    private(set) var actions: [(time: Int64, action: AppAction, isReaction: Bool)] = []
    /// What else the client asks of the service, in order: it uses up what overrides count.
    private(set) var otherRequests: [OtherRequest] = []
    /// The ids of ours, with the times from which they hold.
    private(set) var ownIDs: [(time: Int64, id: String)] = []
    /// When the peer is joined: from, to.
    private(set) var joined: [(from: Int64, to: Int64)] = []
    let end: Int64

    init(_ id: String, in lines: [GoldenLine], scripted: GoldenCase) {
        self.id = id
        self.scripted = scripted
        remote = scripted.remote(id)
        end = scripted.end.milliseconds
        for (index, line) in lines.enumerated() { read(line, entry: lines.entry(at: index, scripted: scripted)) }
        if let open = joinedSince { joined.append((open, .max)) }
    }

    private var isInRoster = false
    private var joinedSince: Int64?

    private mutating func read(_ line: GoldenLine, entry: AppEntry?) {
        let now = line.milliseconds
        switch (line.who, line.what) {
        case ("peer", "PeerJoined") where line.string("id") == id: stays.append(Stay(from: now))
        case ("peer", "PeerLeft") where line.string("id") == id: if !stays.isEmpty { stays[stays.count - 1].to = now }
        case ("peer", "state"): readState(line, now)
        // A further loss before the snapshot: what has recovered meanwhile is reconnecting again.
        case ("client", "Disconnected") where line.fields["willReconnect"] == true:
            if let stay = stays.last, stay.to == nil, !stay.losses.isEmpty { stays[stays.count - 1].losses.append(now) }
        case ("client", "Connected"): if let own = line.string("peerId") { ownIDs.append((now, own)) }
        case ("client", "Direct") where line.string("from") == id: readDirect(line)
        case ("app", "result") where line.fields["ok"] == true: if let entry { readCall(entry, now) }
        case ("client", "send"): readRequest(line)
        default: readSocket(line, now)
        }
    }

    private mutating func readState(_ line: GoldenLine, _ now: Int64) {
        if line.string("to") == "joined" {
            joinedSince = now
            // A peer that has joined at this very instant is no survivor.
            if line.string("from") == "reconnecting", let stay = stays.last, stay.to == nil, !stay.losses.isEmpty {
                stays[stays.count - 1].swaps.append(now)
            }
        } else if let since = joinedSince {
            joined.append((since, now))
            joinedSince = nil
        }
        if line.string("to") == "reconnecting", let stay = stays.last, stay.to == nil { stays[stays.count - 1].losses.append(now) }
    }

    private mutating func readSocket(_ line: GoldenLine, _ now: Int64) {
        if line.isAbout("server", "accept"), let ordinal = line.integer("n") { accepted[ordinal] = now }
        guard let ordinal = line.integer("conn") else { return }
        if Heartbeats.isWelcome(line, socket: ordinal), !sockets.contains(where: { $0.ordinal == ordinal }) {
            sockets.append(Socket(ordinal: ordinal, accepted: accepted[ordinal] ?? now, welcomed: now))
        }
        guard let index = sockets.firstIndex(where: { $0.ordinal == ordinal }), line.who == "client" else { return }
        if line.what == "socketClosed" { sockets[index].ended = now }
        if line.what == "closeFrame" { sockets[index].closing = now }
    }

    private var accepted: [Int64: Int64] = [:]
    private var lastAnswer: Int64?
    private var lastSignals: (time: Int64, count: Int) = (-1, 0)

    /// What is no answer to an offer of ours: those have fragments that no script has.
    private mutating func readDirect(_ line: GoldenLine) {
        defer { lastAnswer = line.string("sig") == "answer" ? line.milliseconds : nil }
        if line.string("sig") == "ice-end", lastAnswer != line.milliseconds { endsOfCandidates.append(line.milliseconds) }
        guard let kind = line.string("sig"), kind == "offer" || kind == "answer", let fragment = line.string("ufrag"),
            kind == "offer" || !fragment.hasPrefix("r-\(id)-")
        else { return }
        let media = line.fields["media"]?.arrayValue?.compactMap(\.stringValue) ?? []
        descriptions.append(
            RemoteDescription(time: line.milliseconds, isOffer: kind == "offer", userFragment: fragment, media: media))
    }

    private mutating func readCall(_ entry: AppEntry, _ now: Int64) {
        var isReaction = false
        if case .line = entry.trigger { isReaction = true }
        switch entry.call {
        case .peer(.addTrack(let track)): actions.append((now, .addTrack(track), isReaction))
        case .peer(.removeTrack(let track)): actions.append((now, .removeTrack(id: track), isReaction))
        case .peer(.createDataChannel(id, _)) where entry.isReaction(to: id): break
        case .peer(.createDataChannel(id, _)): actions.append((now, .createDataChannel, isReaction))
        case .peer, .connect, .close, .subscribe, .unsubscribe, .publish, .clientSend, .reattach, .dump: break
        }
    }

    private mutating func readRequest(_ line: GoldenLine) {
        guard let socket = line.integer("conn"), line.string("type") != "ping" else { return }
        let time = line.milliseconds
        if line.fields["sig"] != nil, line.string("to") == id {
            lastSignals = (time, lastSignals.time == time ? lastSignals.count + 1 : 1)
        } else {
            let before = lastSignals.time == time ? lastSignals.count : 0
            otherRequests.append(OtherRequest(time: time, socket: socket, frame: SocketLife.frame(line), signalsBefore: before))
        }
    }

    // MARK: Signalling

    /// The socket on which something can be sent at a time.
    func socket(at time: Int64) -> Socket? { sockets.last { $0.welcomed <= time && ($0.ended ?? .max) > time } }

    /// Whether signalling is connected and the roster is right (ICE-07).
    func isReady(at time: Int64) -> Bool {
        socket(at: time) != nil && joined.contains { $0.from <= time && time < $0.to }
    }

    /// When something that is on its way at a time gets through the black holes; nil if one swallows it.
    func passage(_ socket: Socket, at time: Int64) -> Int64? {
        scripted.server.connection(Int(socket.ordinal)).passage(at: time, accepted: socket.accepted)
    }

    /// Whether our offers yield at a time (ICE-08).
    func isPolite(at time: Int64) -> Bool { (ownIDs.last { $0.time <= time }?.id ?? "") < id }
}

extension AppEntry {
    /// Whether the entry opens a channel to a remote peer when that peer's link shows a state: a part of the link's own story.
    func isReaction(to id: String) -> Bool {
        guard case .line(let match, _, _, _) = trigger, case .peer(.createDataChannel(id, _)) = call else { return false }
        return match["who"] == .string("remote:\(id)") && match["what"] == "state"
    }
}
