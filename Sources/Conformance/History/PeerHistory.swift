import Trace

/// One event of a peer, of its client, its application or the WebRTC library below it.
struct PeerStep {
    let mark: Mark
    let kind: TraceKind
    let event: TraceEvent

    /// The machine and the new state of a `pc-state`.
    func isState(_ machine: TraceEvent.PeerConnectionMachine, _ state: String? = nil) -> Bool {
        kind == .pcState && event[.machine] == machine.rawValue && (state == nil || event[.state] == state)
    }

    var signal: TracedSignal? { TracedSignal(event) }
    var ladderPhase: TraceEvent.LadderPhase? { event[.phase].flatMap(TraceEvent.LadderPhase.init(rawValue:)) }
}

/// What one peer did, as the trace has it: the events in order, and those of each remote peer by themselves.
final class PeerHistory {
    let who: String
    let spec: PeerSpec
    /// The signalling client of the same name.
    let client: ClientHistory
    /// Everything that stands under this name.
    let steps: [PeerStep]
    /// The links in the order in which they appear; one for a remote id, however often it joins.
    let links: [LinkHistory]
    /// Kinds that occur at all: a producer that reports none of a kind is not held to it.
    let kinds: Set<TraceKind>

    init(who: String, spec: PeerSpec, client: ClientHistory, steps: [PeerStep], links: [LinkHistory], kinds: Set<TraceKind>) {
        self.who = who
        self.spec = spec
        self.client = client
        self.steps = steps
        self.links = links
        self.kinds = kinds
    }

    var clock: HostClock { client.clock }
}

/// The events about one remote peer, and in between those that concern every link: `peer-state`, `ice-servers`, `path-changed`, `leave`.
final class LinkHistory {
    let remote: String
    var steps: [PeerStep] = []
    /// What held when the link's first event came.
    let initialState: String
    let initialServerList: Int?
    let initialOwnID: String?

    init(remote: String, state: String, serverList: Int?, ownID: String?) {
        self.remote = remote
        initialState = state
        initialServerList = serverList
        initialOwnID = ownID
    }
}

/// Collects the events of one peer.
struct PeerHistoryBuilder {
    private let who: String
    private var spec = PeerSpec()
    private var steps: [PeerStep] = []
    private var links: [LinkHistory] = []
    private var places: [String: Int] = [:]
    private var kinds: Set<TraceKind> = []
    private var state = PeerState.idle.rawValue
    private var serverList: Int?
    private var ownID: String?

    init(who: String) { self.who = who }

    /// Whether anything of a peer was read, and not only of the client below it.
    var isBegun: Bool { kinds.contains { $0.source == .peer } }

    mutating func read(_ event: TraceEvent, _ kind: TraceKind, _ mark: Mark) {
        let step = PeerStep(mark: mark, kind: kind, event: event)
        steps.append(step)
        kinds.insert(kind)
        switch kind {
        case .peerOptions: spec = PeerSpec(TracedPeerOptions(event))
        case .peerState: state = event[.to] ?? state
        case .iceServers: serverList = event[.serverList]
        case .welcome, .joined: ownID = event[.peerID] ?? ownID
        default: break
        }
        if let remote = event[.remote] {
            links[place(of: remote)].steps.append(step)
        } else if [.peerState, .iceServers, .pathChanged, .leave, .welcome].contains(kind) {
            for link in links { link.steps.append(step) }
        }
    }

    private mutating func place(of remote: String) -> Int {
        if let place = places[remote] { return place }
        places[remote] = links.count
        links.append(LinkHistory(remote: remote, state: state, serverList: serverList, ownID: ownID))
        return links.count - 1
    }

    consuming func finish(_ client: ClientHistory) -> PeerHistory {
        PeerHistory(who: who, spec: spec, client: client, steps: steps, links: links, kinds: kinds)
    }
}
