import NIOCore
import NetworkModel

/// A TCP or TLS connection of a client to a ``TURNServerHost``.
final class TURNServerConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    let fiveTuple: TURNFiveTuple
    private let channel: any Channel
    private weak var server: TURNServerHost?
    private var decoder = TURNStreamDecoder()

    init(_ fiveTuple: TURNFiveTuple, channel: any Channel, server: TURNServerHost) {
        self.fiveTuple = fiveTuple
        self.channel = channel
        self.server = server
    }

    /// What a slow client does not take is dropped, as a datagram in a full queue would be.
    func write(_ bytes: ByteBuffer) {
        if channel.isWritable { channel.writeAndFlush(bytes, promise: nil) }
    }

    func close() { channel.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data))
        do throws(TURNStreamDecoder.OutOfStep) {
            while let message = try decoder.next() { server?.received(message, from: fiveTuple) }
        } catch { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        server?.closed(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension TransportAddress {
    /// Nil for a Unix domain socket.
    init?(_ address: SocketAddress) {
        guard let text = address.ipAddress, let ip = IPAddress(text), let port = address.port else { return nil }
        self.init(ip, UInt16(truncatingIfNeeded: port))
    }
}
