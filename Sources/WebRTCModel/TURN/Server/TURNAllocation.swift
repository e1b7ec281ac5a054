import NIOCore
import NetworkModel

/// How a client reaches the server: what an allocation belongs to (RFC 8656 section 2.2).
public struct TURNFiveTuple: Hashable, Sendable {
    /// Datagrams or which kind of stream.
    public var transport: TURNTransport
    /// The client as the server sees it.
    public var client: TransportAddress
    /// The server's address and port.
    public var server: TransportAddress

    /// - Parameters:
    ///   - transport: Datagrams or which kind of stream.
    ///   - client: The client as the server sees it.
    ///   - server: The server's address and port.
    public init(transport: TURNTransport, client: TransportAddress, server: TransportAddress) {
        self.transport = transport
        self.client = client
        self.server = server
    }
}

/// One relayed address of a server and whom it relays for.
struct TURNAllocation: Sendable {
    struct Channel: Sendable {
        let number: UInt16
        let peer: TransportAddress
        var expiry: NIODeadline
    }

    struct Permission: Sendable {
        let peer: IPAddress
        var expiry: NIODeadline
    }

    let fiveTuple: TURNFiveTuple
    let relayed: TransportAddress
    let username: String
    /// The request that made it: when it is sent again, it is answered again (RFC 8656 section 7.2).
    let transactionID: STUNTransactionID
    var expiry: NIODeadline
    var permissions: [Permission] = []
    var channels: [Channel] = []

    func permits(_ peer: IPAddress, now: NIODeadline) -> Bool {
        permissions.contains { $0.peer == peer && $0.expiry > now }
    }

    func channel(to peer: TransportAddress, now: NIODeadline) -> UInt16? {
        channels.first { $0.peer == peer && $0.expiry > now }?.number
    }

    func peer(of channel: UInt16, now: NIODeadline) -> TransportAddress? {
        channels.first { $0.number == channel && $0.expiry > now }?.peer
    }

    /// False if there are too many.
    mutating func permit(_ peer: IPAddress, until expiry: NIODeadline, now: NIODeadline) -> Bool {
        if let index = permissions.firstIndex(where: { $0.peer == peer }) {
            permissions[index].expiry = expiry
            return true
        }
        permissions.removeAll { $0.expiry <= now }
        guard permissions.count < TURNServerOptions.peersPerAllocation else { return false }
        permissions.append(Permission(peer: peer, expiry: expiry))
        return true
    }

    /// Binds a channel or prolongs the binding; the error if number or peer belong together with another (RFC 8656 section 12.2).
    mutating func bind(_ number: UInt16, to peer: TransportAddress, until expiry: NIODeadline, now: NIODeadline) -> STUNErrorCode? {
        channels.removeAll { $0.expiry <= now }
        if let index = channels.firstIndex(where: { $0.number == number || $0.peer == peer }) {
            guard channels[index].number == number, channels[index].peer == peer else { return .badRequest }
            channels[index].expiry = expiry
            return nil
        }
        guard channels.count < TURNServerOptions.peersPerAllocation else { return .insufficientCapacity }
        channels.append(Channel(number: number, peer: peer, expiry: expiry))
        return nil
    }
}
