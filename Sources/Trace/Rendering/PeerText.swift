import CompactJSON

extension TraceText {
    static func peerText(of event: TraceEvent, _ kind: TraceKind) -> String {
        switch kind {
        case .peerOptions: return event.fields.isEmpty ? "as the spec has them" : generic(event.fields)
        case .join: return "join of \(event[.channel] ?? "?") \(event[.phase] ?? "?")" + colon(event[.serverCode] ?? event[.error])
        case .leave: return "close \(event[.phase] ?? "?")"
        case .peerState: return change(event)
        case .joined: return "joined \(event[.channel] ?? "?") as \(event[.peerID] ?? "?")"
        case .left: return "left" + colon(event[.reason])
        case .peerJoined: return "\(remote(event)) joined (object \(number(event[.object])))"
        case .peerLeft: return "\(remote(event)) left"
        case .peerRefreshed: return "\(remote(event)) is still here (object \(number(event[.object])))"
        case .memberIgnored: return "\(remote(event)) not taken" + colon(event[.reason])
        case .peerError:
            let code = event[.code].map { ", \($0)" + (event[.name].map { " (\($0))" } ?? "") } ?? ""
            return (event[.error] ?? "?") + code + colon(event[.text])
        case .peerData: return dataText(event)
        case .peerDataDropped: return dataText(event) + " dropped" + colon(event[.reason])
        case .iceServers: return "ICE servers \(event[.phase] ?? "?"): " + servers(event)
        case .snapshot: return snapshotText(event)
        case .reconcile: return reconcileText(event)
        default: return linkText(of: event, kind)
        }
    }

    static func remote(_ event: TraceEvent) -> String { event[.remote] ?? "?" }

    private static func change(_ event: TraceEvent) -> String { "\(event[.from] ?? "?") -> \(event[.to] ?? "?")" }

    private static func dataText(_ event: TraceEvent) -> String {
        "\(event[.dataKind] ?? "?") from \(event[.from] ?? "?")" + (event[.label].map { " on \($0)" } ?? "")
    }

    private static func snapshotText(_ event: TraceEvent) -> String {
        let members = event[.members] ?? []
        return "of \(event[.channel] ?? "?"): " + (members.isEmpty ? "nobody" : list(members))
    }

    private static func reconcileText(_ event: TraceEvent) -> String {
        switch event[.phase].flatMap(TraceEvent.ReconcilePhase.init(rawValue:)) {
        case .forcedSubscribe: return "no snapshot: subscribes again (\(number(event[.attemptNumber])))"
        case .timedOut: return "no snapshot: gave up asking"
        case .superseded: return "a further drop, starts over"
        case nil: return generic(event.fields)
        }
    }

    private static func servers(_ event: TraceEvent) -> String {
        let urls = event[.iceServers] ?? []
        return (urls.isEmpty ? "no servers" : list(urls)) + (event[.serverList].map { " (list \($0))" } ?? "")
    }
}

// One link: its state, connections and ladder.
extension TraceText {
    private static func linkText(of event: TraceEvent, _ kind: TraceKind) -> String {
        switch kind {
        case .remoteState: return "\(remote(event)) \(change(event))"
        case .connection: return "to \(remote(event)), the \(ordinal(event)): \(event[.reason] ?? "?"), \(servers(event))"
        case .configuration: return "to \(remote(event)), the \(ordinal(event)): takes \(servers(event))"
        case .connectionClosed: return "to \(remote(event)), the \(ordinal(event)): closed"
        case .pcState: return "to \(remote(event)), the \(ordinal(event)): \(event[.machine] ?? "?") \(event[.state] ?? "?")"
        case .ladder: return "\(remote(event))  " + ladderText(event)
        case .iceRestart: return "\(remote(event))  outside the ladder" + colon(event[.cause])
        case .signalSent:
            return "-> \(remote(event))  " + signalText(event) + (event[.repetition].map { $0 > 0 ? ", repetition \($0)" : "" } ?? "")
        case .signalReceived: return "<- \(remote(event))  " + signalText(event)
        case .signalDropped: return "\(remote(event))  \(signalText(event)) dropped" + colon(event[.reason])
        case .signalFailed: return "\(remote(event))  \(signalText(event)) not delivered" + colon(event[.error])
        case .negotiationError:
            let error = event[.error] ?? "?"
            return "\(remote(event))  "
                + (event[.isGiveUp] == true ? "recovery gave up after \(number(event[.attempts])) attempts: \(error)" : error)
        case .iceCandidateError: return "\(remote(event))  \(event[.url] ?? "?"), \(number(event[.code]))" + colon(event[.text])
        default: return mediaText(of: event, kind)
        }
    }

    private static func ordinal(_ event: TraceEvent) -> String {
        switch event[.ordinal] {
        case 1: return "1st"
        case 2: return "2nd"
        case 3: return "3rd"
        case let number: return number.map { "\($0)th" } ?? "?"
        }
    }

    /// How many rungs the spec has (ICE-01); a scenario that changes it is rare enough for a line of text.
    private static let rungs = 9

    private static func ladderText(_ event: TraceEvent) -> String {
        let rung = "rung \(number(event[.rung])) of \(rungs)"
        let wait = event[.delay].map { ", next in \(SecondsText.text(ns: $0))" } ?? ""
        let cause = event[.cause].map { " (\($0))" } ?? ""
        switch event[.phase].flatMap(TraceEvent.LadderPhase.init(rawValue:)) {
        case .started: return "started" + cause
        case .scheduled: return rung + " comes" + (event[.delay].map { " in \(SecondsText.text(ns: $0))" } ?? "")
        case .rung: return rung + ", ICE restart" + wait
        case .outcome: return rung + ", " + (event[.outcome] ?? "?").split(separator: "-").joined(separator: " ")
        case .skipped: return rung + " skipped" + cause + wait
        case .suspended: return "suspended, connected" + (event[.rung].map { " at rung \($0) of \(rungs)" } ?? "")
        case .resumed: return "resumed" + cause + ", \(rung) is next" + wait
        case .reset: return "reset, the link held"
        case .abandoned: return "abandoned" + cause
        case .giveUpPostponed: return "give-up falls due without signalling"
        case .gaveUp: return "gave up after \(number(event[.rung])) rungs"
        case nil: return generic(event.fields)
        }
    }

    private static func signalText(_ event: TraceEvent) -> String {
        var words: [String] = []
        if let ufrag = event[.ufrag] { words.append(ufrag.hasPrefix("ufrag-") ? ufrag : "ufrag \(ufrag)") }
        if let fingerprint = event[.fingerprint] { words.append("certificate \(short(fingerprint))") }
        if let sections = event[.sections], !sections.isEmpty { words.append(sections.joined(separator: "+")) }
        if let track = event[.trackID] { words.append("track \(track)") }
        let signal = event[.signal].map { $0 == TracedSignal.Kind.ice.rawValue ? "candidate" : $0 } ?? "?"
        return signal + (words.isEmpty ? "" : " (\(words.joined(separator: ", ")))")
    }

    /// The first octets of a DTLS fingerprint tell certificates apart; a pseudonym is short already.
    private static func short(_ fingerprint: String) -> String {
        guard let digits = fingerprint.split(separator: " ").last, digits.contains(":") else { return fingerprint }
        return digits.split(separator: ":").prefix(4).joined()
    }

    private static func mediaText(of event: TraceEvent, _ kind: TraceKind) -> String {
        let stream = event[.stream].map { " of stream \($0)" } ?? ""
        let track = "\(event[.mediaKind] ?? "?") \(event[.track] ?? "?")\(stream)"
        switch kind {
        case .localTrack:
            let to = event[.remote].map { " (connection to \($0), the \(ordinal(event)))" } ?? ""
            return "own \(track) \(event[.phase] ?? "?")" + to
        case .stream: return "\(remote(event))  \(event[.stream] ?? "?") \(event[.phase] ?? "?") (object \(number(event[.object])))"
        case .track: return "\(remote(event))  \(track) \(event[.phase] ?? "?")"
        case .dataChannel:
            return
                "\(remote(event))  \(event[.label] ?? "?") \(event[.state] ?? "?") (opened \(event[.origin] == "remote" ? "there" : "here"))"
        default: return generic(event.fields)
        }
    }
}

// The WebRTC library.
extension TraceText {
    static func webrtcText(of event: TraceEvent, _ kind: TraceKind) -> String {
        let to = event[.remote].map { "\($0)  " } ?? ""
        switch kind {
        case .candidate: return to + "\(event[.candidateType] ?? "?") \(event[.address] ?? "?") \(event[.transport] ?? "?")"
        case .pair: return to + "\(event[.phase] ?? "?"): \(event[.localCandidate] ?? "?") <-> \(event[.remoteCandidate] ?? "?")"
        case .ice, .dtls, .sctp:
            let rest = generic(event.fields, without: [TraceField<String>.event.name, TraceField<String>.remote.name])
            return to + (event[.event] ?? "?") + (rest.isEmpty ? "" : " (\(rest))")
        case .turn: return to + turnText(event)
        case .media: return to + mediaFlowText(event)
        default: return generic(event.fields)
        }
    }

    /// The server of a redirection is the one that the client is sent to.
    private static func turnText(_ event: TraceEvent) -> String {
        let (server, what) = (event[.server] ?? "?", event[.event] ?? "?")
        return (what == "redirected" ? "redirected to \(server)" : "\(server) \(what)") + (event[.code].map { ", \($0)" } ?? "")
    }

    private static func mediaFlowText(_ event: TraceEvent) -> String {
        let track = "\(event[.mediaKind] ?? "track") \(event[.track] ?? "?")"
        let after = event[.duration].map { " after \(SecondsText.text(ns: $0))" } ?? ""
        switch event[.phase].flatMap(TraceEvent.MediaPhase.init(rawValue:)) {
        case .flowing: return "\(track) moves" + after
        case .stalled: return "\(track) stands still" + after
        case nil: return generic(event.fields)
        }
    }
}
