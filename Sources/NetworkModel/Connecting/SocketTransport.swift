import NIOCore
import SimulationKernel

/// Carries the bytes of a channel over a TCP socket, through TLS if there is any.
///
/// It exists before its channel: a channel is made when bytes can flow.
final class SocketTransport: SimulatedTransport, TCPSocketOwner, EventTarget {
    enum OpeningError: Error {
        case tcp(TCPError)
        case tls(TLSError)
    }

    /// Kept free in the send buffer, so that close_notify always fits.
    private static let closeNotifyBytes = 64

    let socket: TCPSocket
    private let loop: SimulatedEventLoop
    private var session: TLSSession?
    private var channel: SimulatedChannel?
    private var opened: ((Result<SocketTransport, OpeningError>) -> Void)?
    /// Bytes have been kept back because the channel does not read.
    private var isHolding = false

    init(socket: TCPSocket, loop: SimulatedEventLoop, session: TLSSession?) {
        self.socket = socket
        self.loop = loop
        self.session = session
    }

    /// Takes over a connected socket and goes through the TLS handshake. `opened` is called once, at once if there is no TLS.
    func start(opened: @escaping (Result<SocketTransport, OpeningError>) -> Void) {
        self.opened = opened
        socket.owner = self
        guard session != nil else {
            finishOpening(.success(self))
            return
        }
        session?.begin()
        sendSessionBytes()
    }

    /// The caller gave up before `opened` was called.
    func cancel() {
        opened = nil
        socket.abort()
    }

    /// The channel over this transport. What arrives waits until ``activate()``.
    func makeChannel() throws -> SimulatedChannel {
        let channel = SimulatedChannel(
            loop: loop, transport: self, localAddress: try SocketAddress(socket.local), remoteAddress: try SocketAddress(socket.remote))
        self.channel = channel
        return channel
    }

    func activate() {
        guard let channel else { return }
        channel.activate()
        if isHolding { resumeLater() }
    }

    private func finishOpening(_ result: Result<SocketTransport, OpeningError>) {
        let opened = opened
        self.opened = nil
        hold()
        opened?(result)
    }

    // MARK: SimulatedTransport

    func send(_ bytes: inout ByteBuffer) {
        guard session != nil else {
            socket.write(&bytes)
            return
        }
        while bytes.readableBytes > 0 {
            guard var record = session?.protect(&bytes, room: socket.sendCapacity - Self.closeNotifyBytes) else {
                socket.awaitRoom()
                return
            }
            socket.write(&record)
        }
    }

    func consumed(byteCount: Int) { if isHolding { resumeLater() } }

    func close(_ mode: SimulatedCloseMode, unreadBytes: Int) {
        channel = nil
        switch mode {
        case .graceful where unreadBytes == 0:
            session?.close()
            sendSessionBytes()
            socket.close()
        case .graceful, .abortive:
            socket.abort()
        }
    }

    // MARK: Holding back

    private func hold() {
        isHolding = true
        socket.isReading = false
    }

    /// In a later tick, since the channel may be in the middle of a delivery.
    private func resumeLater() {
        isHolding = false
        loop.schedule(at: loop.now, target: self, argument: 0)
    }

    func fire(_ argument: UInt64) {
        passSessionEvents()
        if !isHolding { socket.isReading = true }
    }

    // MARK: TCPSocketOwner

    func socketConnected() {}

    func socketReceived(_ bytes: ByteBuffer) {
        guard session != nil else {
            pass(bytes)
            return
        }
        session?.receive(bytes)
        passSessionEvents()
    }

    func socketReachedEndOfFile() {
        if opened != nil {
            finishOpening(.failure(.tls(.handshakeInterrupted)))
            socket.close()
            return
        }
        if session?.isOpen ?? false { channel?.pipeline.fireErrorCaught(TLSError.uncleanShutdown) }
        channel?.receiveEnd()
    }

    func socketBecameWritable() { channel?.sendBufferHasRoom() }

    func socketFailed(_ error: TCPError) {
        if opened != nil {
            finishOpening(.failure(.tcp(error)))
        } else {
            channel?.receiveReset(error.ioError(during: "read"))
        }
    }

    // MARK: Bytes

    private func pass(_ bytes: ByteBuffer) {
        guard let channel else { return }
        channel.receive(bytes)
        if channel.unreadBytes > 0 { hold() }
    }

    private func passSessionEvents() {
        while !isHolding, let event = session?.nextEvent() {
            switch event {
            case .handshakeDone:
                sendSessionBytes()
                finishOpening(.success(self))
            case .received(let bytes):
                pass(bytes)
            case .closed:
                channel?.receiveEnd()
            case .failed(let error):
                sendSessionBytes()
                failSession(error)
            }
        }
        sendSessionBytes()
    }

    private func failSession(_ error: TLSError) {
        if opened != nil {
            finishOpening(.failure(.tls(error)))
            socket.close()
        } else {
            channel?.receiveReset(error)
        }
    }

    private func sendSessionBytes() {
        guard var bytes = session?.takeOutgoing(), bytes.readableBytes > 0 else { return }
        socket.write(&bytes)
    }
}

extension SocketAddress {
    init(_ address: TransportAddress) throws {
        var packed = ByteBuffer()
        switch address.address {
        case .v4(let bits): packed.writeInteger(bits)
        case .v6(let high, let low): packed.writeMultipleIntegers(high, low)
        }
        try self.init(packedIPAddress: packed, port: Int(address.port))
    }
}
