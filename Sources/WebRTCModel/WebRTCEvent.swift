public import NIOCore
public import NetworkModel

/// What happened inside a simulated peer connection, for the trace.
public struct WebRTCEvent: Sendable {
    /// What happened.
    public enum Kind: Hashable, Sendable {
        /// A local candidate was found: its type ("host", "srflx", "prflx", "relay"), its address, and the transport to a TURN server if there is one.
        case candidateGathered(type: String, address: TransportAddress, relayProtocol: String?)
        /// A STUN or TURN server could not be used; `code` as in `RTCPeerConnectionIceErrorEvent`.
        case serverFailed(url: String, code: Int, reason: String)
        /// What a TURN allocation went through: "allocated", "refused", "refreshed", "redirected", "lost" ...; `code` is the STUN error's.
        case turn(server: TransportAddress, phase: String, code: Int?)
        /// A pair carries the data from now on; as "type address:port".
        case pairSelected(local: String, remote: String)
        /// The selected pair is gone, and why.
        case pairLost(local: String, remote: String, reason: String)
        /// DTLS: "started", "connected", "failed", "closed".
        case dtls(phase: String)
        /// SCTP: "connected", "aborted".
        case sctp(phase: String)
        /// A remote track's frames move again, after this long without any, or have stopped.
        case media(track: String, isFlowing: Bool, silence: TimeAmount)
    }

    /// When, in the simulation's time.
    public var time: NIODeadline
    /// Which connection of its factory, counted from 1 in the order in which they were made.
    public var connection: Int
    /// What happened.
    public var kind: Kind

    /// - Parameters:
    ///   - time: When.
    ///   - connection: Which connection of its factory, from 1.
    ///   - kind: What happened.
    public init(time: NIODeadline, connection: Int, kind: Kind) {
        self.time = time
        self.connection = connection
        self.kind = kind
    }
}
