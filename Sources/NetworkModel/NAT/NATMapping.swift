import NIOCore

/// One mapping from an inside endpoint to an outside one, with the remotes it has talked to.
struct NATMapping {
    /// What makes two packets use the same mapping: the parts of the remote that the NAT's mapping behaviour ignores are blank.
    struct Key: Hashable {
        let transportProtocol: IPProtocol
        let inside: TransportAddress
        let remote: TransportAddress

        init(_ transportProtocol: IPProtocol, inside: TransportAddress, remote: TransportAddress, dependence: NATDependence) {
            self.transportProtocol = transportProtocol
            self.inside = inside
            switch dependence {
            case .endpointIndependent: self.remote = TransportAddress(.any(remote.address.family), 0)
            case .addressDependent: self.remote = TransportAddress(remote.address, 0)
            case .addressAndPortDependent: self.remote = remote
            }
        }

        /// Without the protocol, by which hardly any two keys differ.
        func hash(into hasher: inout Hasher) {
            hasher.combine(inside)
            hasher.combine(remote)
        }
    }

    /// What the NAT knows of a TCP connection.
    enum ConnectionState: Hashable {
        case opening
        case open
        case halfClosed(fromInside: Bool)
        case closed
    }

    /// Traffic between the mapping and one remote.
    struct Session {
        let remote: TransportAddress
        var lastUsed: NIODeadline
        var state: ConnectionState = .opening
    }

    /// A mapping talks to no more remotes than this; the one idle for longest is forgotten.
    static let maximumSessions = 256

    let key: Key
    let outside: TransportAddress
    private(set) var sessions: [Session] = []
    /// When the mapping ends if nothing more passes.
    private(set) var expiry: NIODeadline

    init(key: Key, outside: TransportAddress, now: NIODeadline) {
        self.key = key
        self.outside = outside
        self.expiry = now
    }

    func session(with remote: TransportAddress) -> Int? { sessions.firstIndex { $0.remote == remote } }

    /// Whether the filter admits a datagram or a SYN from `remote`.
    func admits(_ remote: TransportAddress, now: NIODeadline, filtering: NATDependence, idleTimeout: TimeAmount) -> Bool {
        switch filtering {
        case .endpointIndependent: true
        case .addressDependent: sessions.contains { $0.remote.address == remote.address && $0.lastUsed + idleTimeout > now }
        case .addressAndPortDependent: sessions.contains { $0.remote == remote && $0.lastUsed + idleTimeout > now }
        }
    }

    /// Notes a packet to or from the remote.
    mutating func touch(_ remote: TransportAddress, now: NIODeadline) {
        if let index = session(with: remote) {
            sessions[index].lastUsed = now
        } else {
            if sessions.count == Self.maximumSessions { forgetOldestSession() }
            sessions.append(Session(remote: remote, lastUsed: now))
        }
    }

    /// Keeps the mapping until `expiry` at least.
    mutating func prolong(until expiry: NIODeadline) { self.expiry = max(self.expiry, expiry) }

    /// Notes a TCP segment, and sets the end of the mapping to that of its longest session.
    mutating func note(_ flags: TCPSegment.Flags, with remote: TransportAddress, fromInside: Bool, now: NIODeadline, profile: NATProfile) {
        touch(remote, now: now)
        guard let index = session(with: remote) else { preconditionFailure("a session was lost while in use") }
        sessions[index].state = Self.next(sessions[index].state, flags, fromInside: fromInside)
        expiry = sessions.map { $0.lastUsed + Self.timeout($0.state, profile) }.max() ?? now
    }

    private static func next(_ state: ConnectionState, _ flags: TCPSegment.Flags, fromInside: Bool) -> ConnectionState {
        if flags.contains(.rst) { return .closed }
        if flags.contains(.syn) { return flags.contains(.ack) ? .open : .opening }
        guard flags.contains(.fin) else { return state }
        switch state {
        case .opening, .open: return .halfClosed(fromInside: fromInside)
        case .halfClosed(let first): return first == fromInside ? state : .closed
        case .closed: return .closed
        }
    }

    private static func timeout(_ state: ConnectionState, _ profile: NATProfile) -> TimeAmount {
        switch state {
        case .opening, .closed: profile.tcpTransitoryTimeout
        case .open, .halfClosed: profile.tcpEstablishedTimeout
        }
    }

    private mutating func forgetOldestSession() {
        guard let oldest = sessions.indices.min(by: { sessions[$0].lastUsed < sessions[$1].lastUsed }) else { return }
        sessions.remove(at: oldest)
    }
}
