/// Which clients something is about. Every condition that is set must hold; none set: everyone.
public struct ClientSelector: Hashable, Sendable {
    /// Peer ids. Known from the upgrade request on; of a token that was refused, the one it claims.
    public var peers: [String]?
    /// Connections in the order in which the service accepted them, from 1.
    public var connections: ClosedRange<Int>?
    /// Connections that are subscribed to this channel.
    public var subscribedTo: String?
    /// Addresses of clients, as their channels report them, without the port.
    public var remoteAddresses: [String]?

    /// A selector; what is nil does not matter.
    public init(
        peers: [String]? = nil, connections: ClosedRange<Int>? = nil, subscribedTo: String? = nil, remoteAddresses: [String]? = nil
    ) {
        self.peers = peers
        self.connections = connections
        self.subscribedTo = subscribedTo
        self.remoteAddresses = remoteAddresses
    }

    /// Every client.
    public static let everyone = ClientSelector()

    /// These peers.
    public static func peers(_ ids: String...) -> ClientSelector { ClientSelector(peers: ids) }

    /// One connection by its ordinal, from 1.
    public static func connection(_ ordinal: Int) -> ClientSelector { ClientSelector(connections: ordinal...ordinal) }

    func selects(_ connection: ServiceConnection) -> Bool {
        if let peers, connection.peerID.map(peers.contains) != true { return false }
        if let connections, !connections.contains(connection.id) { return false }
        if let subscribedTo, !connection.isSubscribed(to: subscribedTo) { return false }
        if let remoteAddresses, connection.remoteAddress.map(remoteAddresses.contains) != true { return false }
        return true
    }
}

/// Which requests something is about. Every condition that is set must hold.
public struct RequestSelector: Hashable, Sendable {
    /// Kinds of requests; nil: all.
    public var kinds: [RequestKind]?
    /// The channel in the request.
    public var channel: String?
    /// The peer to which a `send` goes.
    public var recipient: String?

    /// A selector; what is nil does not matter.
    public init(kinds: [RequestKind]? = nil, channel: String? = nil, recipient: String? = nil) {
        self.kinds = kinds
        self.channel = channel
        self.recipient = recipient
    }

    /// Every request.
    public static let all = RequestSelector()

    /// Requests of these kinds.
    public static func kinds(_ kinds: RequestKind...) -> RequestSelector { RequestSelector(kinds: kinds) }

    func selects(_ request: ClientRequest) -> Bool {
        if let kinds, !kinds.contains(request.kind) { return false }
        if let channel, request.channel != channel { return false }
        if let recipient, request.recipient != recipient { return false }
        return true
    }
}
