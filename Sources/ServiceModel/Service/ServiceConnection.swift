import CompactJSON
import NIOCore
import NIOWebSocket

/// One accepted connection, from the channel to its end.
public final class ServiceConnection {
    /// How far it has come.
    enum Phase {
        /// The WebSocket is not open yet.
        case upgrading
        /// Open, no welcome yet.
        case open
        /// The welcome is out.
        case welcomed
        /// Taken over by a newer connection of the peer.
        case replaced
        /// Over.
        case ended
    }

    /// Its place among all connections that the service accepted, from 1.
    public let id: Int
    /// The address of the client without the port, if its channel tells.
    public let remoteAddress: String?
    /// The peer, once the credential was read.
    public internal(set) var peerID: String?

    weak var service: RealtimeService?
    let channel: any Channel
    var phase = Phase.upgrading
    var handler: FrameHandler?
    var verdict: AuthenticationVerdict?
    var grant: Grant? { didSet { updateListing() } }
    /// Own channels; the value tells whether messages carry their sender's metadata.
    var subscriptions = JoinOrderedTable<String, Bool>()
    /// Places in channels that a replaced session left to this one.
    var inheritedChannels: [String] = []
    var limiter: MessageRateLimiter?
    var requestQueue = SerialDelay()
    var replyQueue = SerialDelay()
    var expiry: Scheduled<Void>?
    /// What a partition kept from this client, by channel and peer.
    var missedPresence = JoinOrderedTable<MissedPresence, Void>()
    private(set) var encodedMetadata: EncodedJSON?
    private(set) var listing = EncodedJSON(bytes: [])

    init(id: Int, channel: any Channel, service: RealtimeService) {
        self.id = id
        self.channel = channel
        remoteAddress = channel.remoteAddress?.ipAddress
        self.service = service
    }

    /// Whether the welcome is out and the connection neither closing nor over.
    public var isServed: Bool { phase == .welcomed && handler?.isOpen == true }

    /// Whether it is subscribed to a channel.
    public func isSubscribed(to channel: String) -> Bool { subscriptions[channel] != nil }

    /// Sends a text frame as it is.
    public func send(text: String) { send(ServerFrame.text(text.utf8)) }

    /// Sends a frame of ``ServerFrame``.
    func send(_ frame: ByteBuffer) { handler?.send(encoded: frame) }

    private func updateListing() {
        encodedMetadata = EncodedJSON(grant?.peerMetadata)
        listing = ServerFrame.listedPeer(grant?.peerID ?? "", metadata: encodedMetadata)
    }
}

/// A change of a channel's membership that a client was not told.
struct MissedPresence: Hashable {
    var channel: String
    var peer: String
}

extension ServiceConnection: FrameHandlerDelegate {
    func received(text: ByteBuffer) { service?.received(text, on: self) }

    func receivedBinary(bytes: Int) { service?.receivedBinary(on: self) }

    func clientFellSilent(for silence: TimeAmount) { service?.clientFellSilent(self, for: silence) }

    func ended(_ end: ConnectionEnd) { service?.ended(self, end) }

    var isStalled: Bool { service?.behaviours.stalls(self) ?? false }

    var echoesClose: Bool { service.map { !$0.behaviours.ignoresClose(of: self) } ?? true }
}
