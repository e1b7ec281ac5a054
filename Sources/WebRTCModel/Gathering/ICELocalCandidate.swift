import NetworkModel

/// The kinds of candidate (RFC 8445 section 5.1.1), by their names in SDP (RFC 8839 section 5.1).
public enum ICECandidateKind: String, Hashable, Sendable, CaseIterable {
    /// An address of an interface.
    case host
    /// What a STUN or TURN server sees.
    case serverReflexive = "srflx"
    /// What the peer sees.
    case peerReflexive = "prflx"
    /// An address of a TURN server.
    case relayed = "relay"
}

/// How a TURN client reaches its server.
public enum TURNTransport: String, Hashable, Sendable, CaseIterable {
    /// Datagrams.
    case udp
    /// A TCP connection.
    case tcp
    /// A TLS connection.
    case tls
}

/// A candidate as gathered. Its priority and foundation are the agent's to compute: they depend on its preferences.
public struct ICELocalCandidate: Hashable, Sendable {
    /// What it is.
    public var kind: ICECandidateKind
    /// Where a peer sends to.
    public var address: TransportAddress
    /// The address it sends from: its own for `host` and `relayed`, the socket's for `serverReflexive`. Unspecified for a socket bound to "any".
    public var base: TransportAddress
    /// `raddr` and `rport`: the base of a reflexive candidate, the mapped address of a relayed one; nil for `host`.
    public var relatedAddress: TransportAddress?
    /// How the TURN server is reached; nil unless `relayed`.
    public var relayTransport: TURNTransport?
    /// The URL of the STUN or TURN server; nil for `host`.
    public var serverURL: String?
    /// The interface it belongs to; nil for a socket bound to "any".
    public var interface: String?
    /// The kind of that interface.
    public var interfaceKind: InterfaceKind?
    /// Which of the host's addresses it belongs to, from 0, the preferred first: what RFC 8445 section 5.1.2.2 calls for in the local preference.
    public var networkIndex: Int

    /// Makes a candidate.
    public init(
        kind: ICECandidateKind, address: TransportAddress, base: TransportAddress, relatedAddress: TransportAddress? = nil,
        relayTransport: TURNTransport? = nil, serverURL: String? = nil, interface: String? = nil, interfaceKind: InterfaceKind? = nil,
        networkIndex: Int = 0
    ) {
        self.kind = kind
        self.address = address
        self.base = base
        self.relatedAddress = relatedAddress
        self.relayTransport = relayTransport
        self.serverURL = serverURL
        self.interface = interface
        self.interfaceKind = interfaceKind
        self.networkIndex = networkIndex
    }
}
