import NIOCore
import NetworkModel
import SimulationKernel

/// The way from a TURN client to its server. `onMessage` gets whole messages; `onClosed` is called once if the way ends by itself.
protocol TURNLink: AnyObject {
    /// False if the message is not the client's.
    var onMessage: ((ByteBuffer) -> Bool)? { get set }
    var onClosed: ((String) -> Void)? { get set }
    func send(_ bytes: ByteBuffer, to server: TransportAddress) -> SendResult
    func close()
}

/// The socket of a host candidate.
final class SharedSocketLink: TURNLink, ServerResponseTaker {
    var onMessage: ((ByteBuffer) -> Bool)?
    var onClosed: ((String) -> Void)?
    private(set) var server: TransportAddress
    private let transport: HostTransport

    init(_ transport: HostTransport, server: TransportAddress) {
        self.transport = transport
        self.server = server
        transport.add(self)
    }

    func send(_ bytes: ByteBuffer, to server: TransportAddress) -> SendResult {
        self.server = server
        return transport.socket.send(bytes, to: server)
    }

    func take(_ bytes: ByteBuffer) -> Bool { onMessage?(bytes) ?? false }

    func failed() { onClosed?("the operating system closed the socket") }

    func close() {
        onMessage = nil
        onClosed = nil
        transport.remove(self)
    }
}

/// A socket of the TURN client's own.
final class OwnSocketLink: TURNLink {
    var onMessage: ((ByteBuffer) -> Bool)?
    var onClosed: ((String) -> Void)?
    private let socket: UDPSocket
    private var server: TransportAddress?

    init(_ socket: UDPSocket) {
        self.socket = socket
        socket.onReceive = { [weak self] in
            guard let self, $0.source == server else { return }
            _ = onMessage?($0.payload)
        }
        socket.onFailure = { [weak self] in
            if $0 == .closed { self?.onClosed?("the operating system closed the socket") }
        }
    }

    func send(_ bytes: ByteBuffer, to server: TransportAddress) -> SendResult {
        self.server = server
        return socket.send(bytes, to: server)
    }

    func close() { socket.close() }
}

/// A TCP or TLS connection.
final class StreamLink: TURNLink {
    var onMessage: ((ByteBuffer) -> Bool)?
    var onClosed: ((String) -> Void)?
    private let channel: any Channel

    /// Takes over a connected channel, on its loop and before anything is read.
    init(_ channel: any Channel) throws {
        self.channel = channel
        try channel.pipeline.syncOperations.addHandler(StreamLinkHandler(self))
    }

    /// What the connection does not take, because nothing of it is acknowledged, is dropped: it is real-time data.
    func send(_ bytes: ByteBuffer, to server: TransportAddress) -> SendResult {
        if channel.isWritable { channel.writeAndFlush(bytes, promise: nil) }
        return .sent
    }

    func close() {
        onMessage = nil
        onClosed = nil
        channel.close(promise: nil)
    }

    fileprivate func closed(_ reason: String) {
        let handler = onClosed
        onClosed = nil
        handler?(reason)
    }
}

private final class StreamLinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private weak var link: StreamLink?
    private var decoder = TURNStreamDecoder()

    init(_ link: StreamLink) {
        self.link = link
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data))
        do throws(TURNStreamDecoder.OutOfStep) {
            while let message = try decoder.next() { _ = link?.onMessage?(message) }
        } catch {
            link?.closed("the stream is not TURN")
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { link?.closed("the connection ended") }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        link?.closed("\(error)")
        context.close(promise: nil)
    }
}
