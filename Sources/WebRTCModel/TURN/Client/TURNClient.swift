import NIOCore
import NetworkModel
import SimulationKernel

/// A TURN client (RFC 8656) for one allocation, without sockets: inputs with the time as argument, then poll `nextTransmission`, `nextEvent`
/// and `deadline`.
///
/// The owner sends each transmission to `server` over the one socket or connection of this client, in frames of TURN where that is a stream
/// (a transmission is a whole frame), and gives `receive` whole messages.
public struct TURNClient: Sendable {
    /// What the owner is told.
    public enum Event: Hashable, Sendable {
        /// The relayed address, and the address that the server sees this client at.
        case allocated(relayed: TransportAddress, mapped: TransportAddress, lifetime: TimeAmount)
        /// There will be no allocation: the server's error, or nil if it did not answer.
        case failed(STUNErrorCode?, reason: String)
        /// 300: `server` is another now. Over UDP call `start` again; over a stream connect to it before.
        case redirected(to: TransportAddress)
        /// 437 on Allocate: this 5-tuple has an allocation of an earlier time. Call `start` again from another local port.
        case needsOtherPort
        /// The server has prolonged the allocation.
        case refreshed(lifetime: TimeAmount)
        /// The allocation could not be prolonged: the server's error, or nil if it did not answer.
        case lost(STUNErrorCode?)
        /// The server does not relay to this peer: its error, or nil if it did not answer.
        case peerRefused(TransportAddress, STUNErrorCode?)
    }

    /// What `receive` made of its bytes.
    public enum Received: Hashable, Sendable {
        /// A peer sent this.
        case data(ByteBuffer, from: TransportAddress)
        /// It was for the client, or for nobody.
        case handled
        /// It is neither TURN nor a response to this client.
        case notTURN
    }

    /// Where the client is.
    public enum State: Hashable, Sendable {
        /// `start` has not been called, or has to be called again.
        case idle
        /// Allocate has been sent.
        case allocating
        /// There is an allocation.
        case allocated
        /// There is none and will be none.
        case ended
    }

    /// The longest payload that is relayed; longer ones cannot have a header before them in one datagram.
    public static let longestPayloadBytes = STUNMessage.longestDataBytes
    static let peerLimit = 1_024
    static let waitingDatagramLimit = 32
    static let staleNonceLimit = 3

    struct Request {
        enum Purpose: Hashable {
            case allocate
            case refresh
            case permission(TransportAddress)
            case channel(TransportAddress)
        }

        let purpose: Purpose
        var transaction: STUNTransaction
        var bytes: ByteBuffer
        var isAuthenticated: Bool
        var staleNonces = 0
    }

    /// The server that is asked now.
    public internal(set) var server: TransportAddress
    /// Where the client is.
    public internal(set) var state = State.idle

    let credentials: TURNCredentials
    let profile: TURNProfile
    let isStream: Bool
    let family: IPFamily
    var random: RandomStream
    var realm: String?
    var nonce: String?
    var key: STUNIntegrityKey?
    var requests: [Request] = []
    var peers: [TURNPeer] = []
    var nextChannel = TURNChannelData.channels.lowerBound
    var refreshDeadline = NIODeadline.distantFuture
    var triedServers: [TransportAddress]
    var mismatches = 0
    var transmissions = CircularBuffer<ByteBuffer>()
    var events = CircularBuffer<Event>()

    /// A client that has not begun.
    ///
    /// - Parameters:
    ///   - server: where the server listens.
    ///   - credentials: long-term or time-limited ones.
    ///   - profile: its figures.
    ///   - isStream: whether it talks over TCP or TLS.
    ///   - family: of the relayed address. IPv4 is not asked for by an attribute, as it is what a server gives.
    ///   - random: for transaction identifiers.
    public init(
        server: TransportAddress, credentials: TURNCredentials, profile: TURNProfile, isStream: Bool, family: IPFamily = .v4,
        random: RandomStream
    ) {
        self.server = server
        self.credentials = credentials
        self.profile = profile
        self.isStream = isStream
        self.family = family
        self.random = random
        triedServers = [server]
    }

    // MARK: Outputs

    /// The next message to send to `server`.
    public mutating func nextTransmission() -> ByteBuffer? { transmissions.popFirst() }

    /// The next thing to know.
    public mutating func nextEvent() -> Event? { events.popFirst() }

    /// When `timerFired` wants to be called.
    public var deadline: NIODeadline {
        var earliest = refreshDeadline
        for request in requests { earliest = min(earliest, request.transaction.deadline) }
        for peer in peers { earliest = min(earliest, peer.deadline) }
        return earliest
    }

    // MARK: Inputs

    /// Asks for an allocation. After a redirection or 437 it is called again.
    public mutating func start(now: NIODeadline) {
        precondition(state == .idle, "a TURN client starts once, or again when it said so")
        state = .allocating
        send(.allocate, now: now)
    }

    /// A message of the server has arrived: a datagram, or one frame of the stream.
    public mutating func receive(_ bytes: ByteBuffer, now: NIODeadline) -> Received {
        if TURNChannelData.isChannelData(bytes) {
            guard let (channel, payload) = TURNChannelData.decode(bytes), let peer = peers.first(where: { $0.channel == channel }) else {
                return .handled
            }
            return .data(payload, from: peer.address)
        }
        guard let message = try? STUNMessage(decoding: bytes) else { return .notTURN }
        switch message.messageClass {
        case .request: return .notTURN
        case .indication:
            guard message.method == .data, let peer = message.peerAddress, let payload = message.data else { return .handled }
            return .data(payload, from: peer)
        case .successResponse, .errorResponse:
            return receiveResponse(message, bytes, now: now) ? .handled : .notTURN
        }
    }

    /// The time has come to `now`.
    public mutating func timerFired(now: NIODeadline) {
        repeatRequests(now: now)
        if refreshDeadline <= now {
            refreshDeadline = .distantFuture
            send(.refresh, now: now)
        }
        refreshPeers(now: now)
    }

    /// Gives the allocation back: one Refresh with a lifetime of 0, whose answer nobody waits for. The client has ended.
    public mutating func release(now: NIODeadline) {
        if state == .allocated { transmissions.append(encode(.refresh, lifetime: .zero).bytes) }
        end()
    }

    /// The connection to the server is gone.
    public mutating func connectionLost() { end() }

    mutating func end() {
        state = .ended
        requests = []
        peers = []
        refreshDeadline = .distantFuture
    }
}
