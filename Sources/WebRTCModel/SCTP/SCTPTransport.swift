import MeteredRealtime
import NIOCore
import SimulationKernel

/// SCTP over DTLS with its data channels (`RTCSctpTransport`): performs what ``SCTPAssociation`` says.
final class SCTPTransport: EventTarget {
    /// Streams of one association that carry channels; a hostile peer opens no more.
    private static let mostChannels = 1_024

    /// Sends a packet over DTLS.
    var send: ((ByteBuffer) -> Void)?
    /// The peer opened a channel.
    var onChannel: ((SimulatedDataChannel) -> Void)?
    /// The association connected or was aborted, and why.
    var onState: ((_ isConnected: Bool, _ reason: String?) -> Void)?
    /// What the remote description allows (RFC 8841), and our own bound.
    var longestMessageBytes: Int

    private let loop: SimulatedEventLoop
    private var association: SCTPAssociation
    /// In order of creation.
    private var channels: [SimulatedDataChannel] = []
    private var isClient: Bool?
    private var isOver = false
    private var isPumping = false
    private var timer: EventHandle?
    private var armedDeadline = NIODeadline.distantFuture
    private(set) var bytesSent: UInt64 = 0
    private(set) var bytesReceived: UInt64 = 0

    init(loop: SimulatedEventLoop, profile: SCTPProfile, random: inout RandomStream) {
        self.loop = loop
        longestMessageBytes = profile.maximumMessageBytes
        association = SCTPAssociation(profile: profile, random: &random)
    }

    /// DTLS is connected and the application section is negotiated. A client has the even streams (RFC 8832 section 6).
    func start(isClient: Bool) {
        guard self.isClient == nil, !isOver else { return }
        self.isClient = isClient
        association.connect(now: loop.now)
        pump()
    }

    var isStarted: Bool { isClient != nil }

    func receive(_ packet: ByteBuffer) {
        guard !isOver else { return }
        association.receive(packet, now: loop.now)
        pump()
    }

    /// Makes a channel that opens with the association.
    /// - Throws: ``SimulatedPeerConnectionError`` if the stream that it names is no channel's, or another channel's.
    func makeChannel(label: String, configuration: DataChannelConfiguration) throws -> SimulatedDataChannel {
        let stream = try configuration.negotiatedID.map(agreedStream)
        // Nothing announces a channel that both sides know, so nothing has to be acknowledged.
        let channel = SimulatedDataChannel(
            label: label, configuration: configuration, stream: stream, isAcknowledged: stream != nil, transport: self)
        channels.append(channel)
        if association.state == .established { loop.schedule(at: loop.now) { [weak self] in self?.open(channel) } }
        return channel
    }

    private func agreedStream(_ id: Int) throws -> UInt16 {
        guard let stream = UInt16(exactly: id), stream < Self.mostChannels else {
            throw SimulatedPeerConnectionError.invalidArgument("a stream over 1,023")
        }
        guard channel(stream) == nil else { throw SimulatedPeerConnectionError.invalidArgument("a stream that is in use") }
        return stream
    }

    func bufferedBytes(_ stream: UInt16) -> Int { association.sender.queue.bufferedBytes(stream) }

    func send(_ message: DataChannelMessage, on channel: SimulatedDataChannel, stream: UInt16) {
        let (payload, identifier) = DataChannelPayload.encode(message)
        let configuration = channel.configuration
        let delivery = SCTPDelivery(
            isOrdered: configuration.isOrdered || !channel.isAcknowledged,
            expiry: configuration.maximumPacketLifetime.map { loop.now + $0 },
            maximumRetransmissions: configuration.maximumRetransmits)
        bytesSent += UInt64(message.bytes)
        association.send(payload, payloadProtocol: identifier, stream: stream, delivery)
        pump()
    }

    func reset(_ stream: UInt16) {
        association.reset(stream: stream, now: loop.now)
        pump()
    }

    func remove(_ channel: SimulatedDataChannel) { channels.removeAll { $0 === channel } }

    /// We close: the peer is told (dcSCTP sends ABORT, "Close called"); our channels say nothing more.
    func close() {
        onState = nil
        onChannel = nil
        for channel in channels { channel.vanish() }
        channels = []
        association.abort("Close called", tellsPeer: true)
        // Not by `pump`: a handler that it called may be what closes.
        while let packet = association.nextPacket(now: loop.now) { send?(packet) }
        end()
    }

    /// DTLS has ended under us.
    func transportClosed() {
        guard !isOver else { return }
        association.abort("the transport closed", tellsPeer: false)
        pump()
        // Without an association there was none to abort.
        fail("the transport closed")
    }

    func fire(_ argument: UInt64) {
        timer = nil
        armedDeadline = .distantFuture
        association.timerFired(now: loop.now)
        pump()
    }

    // MARK: Performing

    /// Sends and reports until there is nothing left. Handlers may send: the outermost call goes on.
    private func pump() {
        guard !isPumping else { return }
        isPumping = true
        var isDone = false
        while !isDone {
            isDone = true
            while let packet = association.nextPacket(now: loop.now) { send?(packet) }
            while let event = association.nextEvent() {
                isDone = false
                handle(event)
            }
        }
        isPumping = false
        arm()
    }

    private func handle(_ event: SCTPAssociation.Event) {
        switch event {
        case .established:
            onState?(true, nil)
            for channel in channels { open(channel) }
        case .aborted(let reason): fail(reason)
        case .message(let message): receive(message)
        case .incomingReset(let stream): channel(stream)?.incomingReset()
        case .outgoingReset(let stream): channel(stream)?.outgoingReset()
        case .drained(let stream): channel(stream)?.drained()
        }
    }

    private func fail(_ reason: String) {
        guard !isOver else { return }
        let failed = channels
        channels = []
        if isStarted { onState?(false, reason) }
        end()
        for channel in failed { channel.failed(SimulatedPeerConnectionError.transportClosed(reason)) }
    }

    private func end() {
        isOver = true
        if let timer { loop.cancel(timer) }
        timer = nil
        armedDeadline = .distantFuture
    }

    private func channel(_ stream: UInt16) -> SimulatedDataChannel? { channels.first { $0.stream == stream } }

    /// Gives the channel a stream and announces it, if both sides have not agreed upon one; it is open at once (RFC 8832 section 6, and libwebrtc).
    private func open(_ channel: SimulatedDataChannel) {
        guard channel.state == .connecting else { return }
        guard channel.stream == nil else { return channel.opened() }
        guard let stream = freeStream() else { return }
        channel.assign(stream)
        let message = DataChannelEstablishment.open(label: channel.label, configuration: channel.configuration)
        association.send(message.encoded, payloadProtocol: DataChannelPayload.establishment, stream: stream)
        pump()
        channel.opened()
    }

    private func freeStream() -> UInt16? {
        guard let isClient else { return nil }
        return stride(from: isClient ? 0 : 1, to: UInt16(2 * Self.mostChannels), by: 2).first { stream in
            !channels.contains { $0.stream == stream }
        }
    }

    private func receive(_ message: SCTPReceiver.Message) {
        if message.payloadProtocol == DataChannelPayload.establishment { return receiveEstablishment(message) }
        guard let channel = channel(message.stream),
            let decoded = DataChannelPayload.decode(message.payload, identifier: message.payloadProtocol)
        else { return }
        bytesReceived += UInt64(decoded.bytes)
        channel.received(decoded)
    }

    private func receiveEstablishment(_ message: SCTPReceiver.Message) {
        switch DataChannelEstablishment(message.payload) {
        case .acknowledgement?: channel(message.stream)?.isAcknowledged = true
        case .open(let label, let configuration)?:
            // The peer's streams are those of the other parity.
            guard channel(message.stream) == nil, channels.count < Self.mostChannels, (message.stream % 2 == 0) != isClient else { return }
            let channel = SimulatedDataChannel(
                label: label, configuration: configuration, stream: message.stream, isAcknowledged: true, transport: self)
            channels.append(channel)
            association.send(
                DataChannelEstablishment.acknowledgement.encoded, payloadProtocol: DataChannelPayload.establishment, stream: message.stream)
            onChannel?(channel)
            channel.opened()
        case nil: break
        }
    }

    private func arm() {
        let deadline = isOver ? .distantFuture : association.deadline
        guard deadline != armedDeadline else { return }
        if let timer { loop.cancel(timer) }
        timer = nil
        armedDeadline = deadline
        if deadline != .distantFuture { timer = loop.schedule(at: deadline, target: self, argument: 0) }
    }
}
