import NIOCore

/// What carries the bytes of a ``SimulatedChannel``: an in-memory pipe, or a TCP connection of a network model.
///
/// The channel calls the transport, and the transport calls the channel's ``SimulatedChannel/activate()``, ``SimulatedChannel/receive(_:)``,
/// ``SimulatedChannel/receiveEnd()``, ``SimulatedChannel/receiveReset(_:)`` and ``SimulatedChannel/sendBufferHasRoom()``, all on the channel's loop.
public protocol SimulatedTransport: AnyObject {
    /// Takes as many readable bytes as the send buffer has room for, moving the reader index. Bytes taken count as written, as with a socket:
    /// it says nothing about their arrival. If bytes are left, call ``SimulatedChannel/sendBufferHasRoom()`` when there is room again.
    func send(_ bytes: inout ByteBuffer)

    /// The application has taken this many received bytes: the receive window may open.
    func consumed(byteCount: Int)

    /// The application has closed: the last call the channel makes.
    /// - Parameters:
    ///   - mode: how to tell the peer.
    ///   - unreadBytes: received bytes that the application never took; a real TCP answers a close with unread data by a reset.
    func close(_ mode: SimulatedCloseMode, unreadBytes: Int)
}

/// How an application's close reaches the peer.
public enum SimulatedCloseMode: Hashable, Sendable {
    /// Bytes already taken are still sent, then the end of the stream (FIN).
    case graceful
    /// At once (RST): bytes not yet sent are lost, and the peer sees a reset.
    case abortive
}
