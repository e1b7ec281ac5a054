import NIOCore

/// Two channels joined in memory: a connection without a network, for tests and golden cases. Bytes arrive in order after a fixed latency,
/// unless one of the controls says otherwise. It is no TCP: nothing is retransmitted and nobody gives up.
///
/// Both channels become active in the next tick of their loops, so that handlers can be added right after creation.
public final class SimulatedPipe {
    /// One end of the pipe.
    public enum Side: Hashable, Sendable {
        case client
        case server

        var other: Side {
            switch self {
            case .client: .server
            case .server: .client
            }
        }
    }

    /// The end that dialled.
    public let client: SimulatedChannel
    /// The end that accepted.
    public let server: SimulatedChannel
    /// One-way delay of what is sent from now on; what is under way keeps its time, and order is kept.
    public var latency: TimeAmount
    /// Bytes that one side may have under way or unread at the other end before further writes wait, in bytes; by default 1 MiB.
    public var sendBufferBytes = 1 << 20

    private let clientEnd: PipeEnd
    private let serverEnd: PipeEnd

    /// - Parameters:
    ///   - client: the loop of the client's host.
    ///   - server: the loop of the server's host, in the same simulation.
    ///   - latency: one-way delay.
    public init(client: SimulatedEventLoop, server: SimulatedEventLoop, latency: TimeAmount = .zero) {
        precondition(client.simulation === server.simulation, "a pipe cannot join two simulations")
        self.latency = latency
        self.client = SimulatedChannel(loop: client)
        self.server = SimulatedChannel(loop: server)
        self.clientEnd = PipeEnd(channel: self.client)
        self.serverEnd = PipeEnd(channel: self.server)
        for end in [self.clientEnd, self.serverEnd] {
            end.pipe = self
            end.peer = end === self.clientEnd ? self.serverEnd : self.clientEnd
            end.channel.setTransport(end)
            end.channel.loop.execute(target: end, argument: PipeEnd.Event.activate.rawValue)
        }
    }

    /// The two channels, for those who need none of the controls.
    public static func make(
        client: SimulatedEventLoop, server: SimulatedEventLoop, latency: TimeAmount = .zero
    ) -> (client: any Channel, server: any Channel) {
        let pipe = SimulatedPipe(client: client, server: server, latency: latency)
        return (pipe.client, pipe.server)
    }

    // MARK: Controls

    /// A black hole from now on, in both directions: writes succeed until the send buffer is full, nothing arrives (what is under way is lost
    /// too), closes go unnoticed by the other side.
    public func cut() {
        self.clientEnd.cut()
        self.serverEnd.cut()
    }

    /// A black hole for what `side` sends; the other direction still works.
    public func cut(from side: Side) { self.end(side.other).cut() }

    /// Both sides see a connection reset now; what is under way is lost.
    public func reset() {
        self.reset(seenBy: .client)
        self.reset(seenBy: .server)
    }

    /// One side sees a connection reset now; the other notices nothing.
    public func reset(seenBy side: Side) { self.end(side).scheduleReset() }

    /// Holds back what `side` sends from now on and what it has under way, until ``release(from:)``: an outage that heals.
    public func hold(from side: Side) { self.end(side.other).isHeld = true }

    /// Lets what was held back arrive now, in order.
    public func release(from side: Side) { self.end(side.other).release() }

    private func end(_ side: Side) -> PipeEnd {
        switch side {
        case .client: self.clientEnd
        case .server: self.serverEnd
        }
    }
}
