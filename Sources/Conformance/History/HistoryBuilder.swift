import Trace

/// Turns a trace into histories in one pass. Whatever makes no sense in a foreign trace is passed over: this only collects, checkers judge.
struct HistoryBuilder {
    private var clients: [ClientHistoryBuilder] = []
    private var places: [String: Int] = [:]
    private var service = ServiceHistory()
    private var peers: [PeerHistoryBuilder?] = []
    /// A name may stand for one peer after the other: each begins with its options.
    private var earlierPeers: [(place: Int, peer: PeerHistoryBuilder)] = []
    private var clocks: [(host: String, clock: HostClock)] = []

    mutating func read(_ log: TraceLog) {
        let peerNames = Set(log.events.lazy.filter { $0.kind?.source == .peer || $0.kind?.source == .app }.map(\.who))
        for (index, event) in log.events.enumerated() {
            guard let kind = event.kind else { continue }
            let mark = Mark(index: index, at: Nanoseconds(event.timeNs))
            switch kind.source {
            case .client, .peer, .webrtc, .app:
                guard kind.source == .client || peerNames.contains(event.who) else { break }
                let place = place(of: event.who, mark)
                if kind.source == .client { clients[place].read(event, kind, mark) }
                guard peerNames.contains(event.who) else { break }
                if kind == .peerOptions, let earlier = peers[place], earlier.isBegun {
                    earlierPeers.append((place, earlier))
                    peers[place] = nil
                }
                if peers[place] == nil { peers[place] = PeerHistoryBuilder(who: event.who) }
                peers[place]?.read(event, kind, mark)
            case .host: readHost(event, kind, mark)
            case .service: readService(event, kind, mark)
            case .timeline: service.lastDisturbance = mark.at
            case .network: break
            }
        }
    }

    consuming func finish() -> (clients: [ClientHistory], peers: [PeerHistory], apps: [PeerHistory], service: ServiceHistory) {
        var histories: [ClientHistory] = []
        var peerHistories: [PeerHistory] = []
        var apps: [PeerHistory] = []
        for (place, var client) in clients.enumerated() {
            for named in clocks where client.history.host == nil || client.history.host == named.host {
                // With several hosts of unknown relation the first to sleep is taken; scenarios name the host.
                if client.history.clock.suspensions.isEmpty { client.history.clock = named.clock }
            }
            client.finish()
            histories.append(client.history)
            for earlier in earlierPeers where earlier.place == place { peerHistories.append(earlier.peer.finish(client.history)) }
            guard let peer = peers[place] else { continue }
            if peer.isBegun {
                peerHistories.append(peer.finish(client.history))
            } else {
                apps.append(peer.finish(client.history))
            }
        }
        return (histories, peerHistories, apps, service)
    }

    private mutating func place(of who: String, _ mark: Mark) -> Int {
        if let place = places[who] { return place }
        places[who] = clients.count
        clients.append(ClientHistoryBuilder(who: who, first: mark))
        peers.append(nil)
        return clients.count - 1
    }

    private mutating func readHost(_ event: TraceEvent, _ kind: TraceKind, _ mark: Mark) {
        service.lastDisturbance = mark.at
        switch kind {
        case .sleep, .appSuspended:
            let clock = event[.clock].flatMap(TraceEvent.ClockDuringSleep.init(rawValue:))
            clocks[clockPlace(of: event.who)].clock.suspend(at: mark.at, clock: clock)
        case .wake, .appResumed: clocks[clockPlace(of: event.who)].clock.resume(at: mark.at)
        default: break
        }
    }

    private mutating func clockPlace(of host: String) -> Int {
        if let place = clocks.firstIndex(where: { $0.host == host }) { return place }
        clocks.append((host, HostClock()))
        return clocks.count - 1
    }

    private mutating func readService(_ event: TraceEvent, _ kind: TraceKind, _ mark: Mark) {
        switch kind {
        case .accept:
            if let number = event[.connection] { service.accept(number, peer: event[.peer] ?? "", mark) }
        case .serviceClose:
            if let number = event[.connection] { service.close(number, mark) }
        case .serviceState, .serviceRefused: service.lastDisturbance = mark.at
        default: break
        }
    }
}
