import NIOCore
import NetworkModel
import SimulationKernel

/// A STUN and TURN server (RFC 8489, RFC 8656) without sockets: every input gives the one thing to do about it.
public struct TURNServer: Sendable {
    /// What the owner does.
    public enum Action: Hashable, Sendable {
        /// Nothing.
        case ignore
        /// Sends a message to a client.
        case reply(ByteBuffer, to: TURNFiveTuple)
        /// Opens a UDP socket of this family for relaying, and calls ``relayOpened(at:now:)`` before anything else.
        case openRelay(IPFamily)
        /// Sends a datagram from a relayed address to a peer.
        case relay(ByteBuffer, from: TransportAddress, to: TransportAddress)
        /// Closes the socket of a relayed address, and sends the message to the client.
        case closeRelay(TransportAddress, reply: ByteBuffer, to: TURNFiveTuple)
    }

    /// What becomes of clients that want an allocation.
    public enum Admission: Hashable, Sendable {
        /// They get one.
        case open
        /// They are sent elsewhere (300).
        case redirecting(to: TransportAddress)
        /// They are refused with 508, as by a server that will be shut down.
        case refusing
    }

    /// The configuration, which may change at any time.
    public var options: TURNServerOptions
    /// What becomes of clients that want an allocation; those that exist go on.
    public var admission = Admission.open
    /// User names that are refused from now on, whatever their time says.
    public var revokedUsers: [String] = []

    private let wallClockAtZero: Int64
    var nonces: TURNServerNonces
    private var keys: [String: STUNIntegrityKey] = [:]
    var allocations: [TURNFiveTuple: TURNAllocation] = [:]
    var fiveTuples: [TransportAddress: TURNFiveTuple] = [:]
    /// How many allocations each user has.
    var allocationsOfUsers: [String: Int] = [:]
    var opening: (request: STUNMessage, fiveTuple: TURNFiveTuple, key: STUNIntegrityKey)?
    /// Not later than the first end of an allocation.
    public internal(set) var deadline = NIODeadline.distantFuture

    /// A server without allocations.
    ///
    /// - Parameters:
    ///   - options: its configuration.
    ///   - wallClockAtZero: the wall clock in seconds since 1970 at `NIODeadline` zero, against which time-limited credentials are checked.
    ///   - random: for what makes its nonces its own.
    public init(options: TURNServerOptions, wallClockAtZero: Int64, random: RandomStream) {
        self.options = options
        self.wallClockAtZero = wallClockAtZero
        nonces = TURNServerNonces(secret: random.next(), lifetime: options.nonceLifetime)
    }

    /// How many allocations there are.
    public var allocationCount: Int { allocations.count }

    /// All nonces that were given out so far are stale (438).
    public mutating func invalidateNonces() { nonces.invalidate() }

    // MARK: Inputs

    /// A message of a client: a datagram, or one frame of a stream.
    public mutating func receive(_ bytes: ByteBuffer, from fiveTuple: TURNFiveTuple, now: NIODeadline) -> Action {
        if TURNChannelData.isChannelData(bytes) { return receiveChannelData(bytes, from: fiveTuple, now: now) }
        guard let message = try? STUNMessage(decoding: bytes) else { return .ignore }
        switch message.messageClass {
        case .request: return receiveRequest(message, bytes, from: fiveTuple, now: now)
        case .indication: return receiveIndication(message, from: fiveTuple, now: now)
        case .successResponse, .errorResponse: return .ignore
        }
    }

    /// A peer has sent a datagram to a relayed address.
    public mutating func receiveFromPeer(_ payload: ByteBuffer, at relayed: TransportAddress, from peer: TransportAddress, now: NIODeadline)
        -> Action
    {
        guard let fiveTuple = fiveTuples[relayed], let allocation = allocations[fiveTuple], allocation.permits(peer.address, now: now),
            payload.readableBytes <= STUNMessage.longestDataBytes
        else { return .ignore }
        if let channel = allocation.channel(to: peer, now: now) {
            let bytes = TURNChannelData.encoded(channel: channel, payload, padded: fiveTuple.transport != .udp)
            return .reply(bytes, to: fiveTuple)
        }
        // The identifier of an indication answers nothing (RFC 8489 section 5).
        let id = STUNTransactionID(high: UInt32(peer.port), low: now.uptimeNanoseconds)
        let message = STUNMessage(.indication, .data, id, [.xorPeerAddress(peer), .data(payload)])
        return .reply(message.encoded(fingerprint: false), to: fiveTuple)
    }

    /// A client's connection has ended, and its allocation with it; the relayed address to close, if there was one.
    public mutating func connectionClosed(_ fiveTuple: TURNFiveTuple) -> TransportAddress? { remove(fiveTuple) }

    /// Ends the allocations whose time is over; their relayed addresses, in order.
    public mutating func timerFired(now: NIODeadline) -> [TransportAddress] {
        let expired = allocations.values.filter { $0.expiry <= now }.map { (relayed: $0.relayed, fiveTuple: $0.fiveTuple) }
        for allocation in expired { remove(allocation.fiveTuple) }
        deadline = allocations.values.reduce(.distantFuture) { min($0, $1.expiry) }
        return expired.map(\.relayed).sorted()
    }

    /// Forgets all allocations, as a restart does; their relayed addresses, in order.
    public mutating func forgetAllocations() -> [TransportAddress] {
        defer {
            allocations = [:]
            allocationsOfUsers = [:]
            fiveTuples = [:]
            deadline = .distantFuture
        }
        return fiveTuples.keys.sorted()
    }

    @discardableResult
    mutating func remove(_ fiveTuple: TURNFiveTuple) -> TransportAddress? {
        guard let allocation = allocations.removeValue(forKey: fiveTuple) else { return nil }
        fiveTuples[allocation.relayed] = nil
        if let count = allocationsOfUsers[allocation.username] { allocationsOfUsers[allocation.username] = count > 1 ? count - 1 : nil }
        return allocation.relayed
    }

    // MARK: Data

    private func receiveChannelData(_ bytes: ByteBuffer, from fiveTuple: TURNFiveTuple, now: NIODeadline) -> Action {
        guard let (channel, payload) = TURNChannelData.decode(bytes), let allocation = allocations[fiveTuple],
            let peer = allocation.peer(of: channel, now: now)
        else { return .ignore }
        return .relay(payload, from: allocation.relayed, to: peer)
    }

    private func receiveIndication(_ message: STUNMessage, from fiveTuple: TURNFiveTuple, now: NIODeadline) -> Action {
        guard message.method == .send, message.unknownRequiredAttributes.isEmpty, let peer = message.peerAddress,
            let payload = message.data,
            let allocation = allocations[fiveTuple], allocation.permits(peer.address, now: now)
        else { return .ignore }
        return .relay(payload, from: allocation.relayed, to: peer)
    }

    // MARK: Credentials

    /// The user's key; nil for a user who is not known, not any more, or whose time is over.
    mutating func key(of username: String, isRefresh: Bool, now: NIODeadline) -> STUNIntegrityKey? {
        if revokedUsers.contains(username) { return nil }
        let password: String
        if let user = options.users.first(where: { $0.username == username }) {
            password = user.password
        } else {
            guard let secret = options.sharedSecret, let end = Int64(username.prefix { $0 != ":" }) else { return nil }
            guard (isRefresh && !options.checksExpiryOnRefresh) || end > wallClock(now) else { return nil }
            password = TURNCredentials.password(of: username, secret: secret)
        }
        let name = "\(username):\(options.realm):\(password)"
        if let key = keys[name] { return key }
        let key = STUNIntegrityKey.longTerm(username: username, realm: options.realm, password: password)
        // Bounded, since user names come from outside.
        if keys.count >= 1_024 { keys = [:] }
        keys[name] = key
        return key
    }

    private func wallClock(_ now: NIODeadline) -> Int64 {
        wallClockAtZero + Int64(clamping: now.uptimeNanoseconds / 1_000_000_000)
    }
}
