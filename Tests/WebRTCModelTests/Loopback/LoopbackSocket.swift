import NIOCore
import NIOPosix
import NetworkModel

@testable import WebRTCModel

/// A real socket on 127.0.0.1 through which whole TURN messages come and go.
final class LoopbackSocket: Sendable {
    struct Ended: Error {}

    let local: TransportAddress
    let isStream: Bool
    private let channel: any Channel
    private let inbox: AsyncStream<ByteBuffer>

    /// A UDP socket.
    static func udp() async throws -> LoopbackSocket {
        let (inbox, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(DatagramInbox(continuation)) }
            }.bind(host: "127.0.0.1", port: 0).get()
        return try LoopbackSocket(channel, inbox, isStream: false)
    }

    /// A TCP connection.
    static func tcp(to port: UInt16) async throws -> LoopbackSocket {
        let (inbox, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(StreamInbox(continuation)) }
            }.connect(host: "127.0.0.1", port: Int(port)).get()
        return try LoopbackSocket(channel, inbox, isStream: true)
    }

    private init(_ channel: any Channel, _ inbox: AsyncStream<ByteBuffer>, isStream: Bool) throws {
        self.channel = channel
        self.inbox = inbox
        self.isStream = isStream
        guard let local = channel.localAddress.flatMap(TransportAddress.init) else { throw Ended() }
        self.local = local
    }

    func send(_ bytes: ByteBuffer, to remote: TransportAddress) async throws {
        if isStream {
            try await channel.writeAndFlush(bytes)
        } else {
            let address = try SocketAddress(ipAddress: "\(remote.address)", port: Int(remote.port))
            try await channel.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: bytes))
        }
    }

    /// The next message; the suite's time limit ends a wait in vain.
    func next() async throws -> ByteBuffer {
        for await message in inbox { return message }
        throw Ended()
    }

    func close() async { try? await channel.close() }
}

private final class DatagramInbox: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    private let continuation: AsyncStream<ByteBuffer>.Continuation

    init(_ continuation: AsyncStream<ByteBuffer>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { continuation.yield(unwrapInboundIn(data).data) }
    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

private final class StreamInbox: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let continuation: AsyncStream<ByteBuffer>.Continuation
    private var decoder = TURNStreamDecoder()

    init(_ continuation: AsyncStream<ByteBuffer>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data))
        do {
            while let message = try decoder.next() { continuation.yield(message) }
        } catch { context.close(promise: nil) }
    }
    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
}
