public import MeteredRealtime
public import NIOCore
public import NetworkModel

/// Makes the simulated peer connections of one host: the model behind the SDK's seam.
///
/// `@unchecked Sendable`: the protocol demands it. A factory is confined to its simulation's thread.
public final class SimulatedPeerConnectionFactory: PeerConnectionFactory, @unchecked Sendable {
    /// What the applications of one host choose alike for all their connections.
    public struct Options: Hashable, Sendable {
        /// Whether candidates are gathered for as long as the connection lives (`GATHER_CONTINUALLY`), or once for each generation.
        public var gathersContinually: Bool
        /// A remote video track counts as stalled after this long without a frame.
        public var videoStallsAfter: TimeAmount
        /// A remote audio track counts as stalled after this long without a frame.
        public var audioStallsAfter: TimeAmount

        /// - Parameters:
        ///   - gathersContinually: Whether candidates are gathered for as long as the connection lives.
        ///   - videoStallsAfter: Without a frame for this long, a remote video track counts as stalled.
        ///   - audioStallsAfter: Without a frame for this long, a remote audio track counts as stalled.
        public init(
            gathersContinually: Bool = false, videoStallsAfter: TimeAmount = .seconds(1), audioStallsAfter: TimeAmount = .seconds(3)
        ) {
            self.gathersContinually = gathersContinually
            self.videoStallsAfter = videoStallsAfter
            self.audioStallsAfter = audioStallsAfter
        }
    }

    /// Where its connections live.
    public let host: Host
    /// The WebRTC library that is modelled.
    public let profile: WebRTCProfile
    /// What the application chose.
    public let options: Options
    let observe: ((WebRTCEvent) -> Void)?
    /// How many connections were made; the last one's number in ``WebRTCEvent/connection``.
    public private(set) var connectionCount = 0

    /// - Parameters:
    ///   - host: Where its connections live.
    ///   - profile: The WebRTC library that is modelled.
    ///   - options: What the application chose.
    ///   - observe: Called for everything that happens inside the connections, for the trace.
    public init(host: Host, profile: WebRTCProfile = .libwebrtc, options: Options = .init(), observe: ((WebRTCEvent) -> Void)? = nil) {
        self.host = host
        self.profile = profile
        self.options = options
        self.observe = observe
    }

    /// Makes a connection on the host.
    /// - Parameters:
    ///   - configuration: Its ICE servers and policies.
    ///   - eventLoop: Has to be the host's own.
    public func makePeerConnection(_ configuration: PeerConnectionConfiguration, eventLoop: any EventLoop) throws -> any PeerConnection {
        precondition(eventLoop === host.eventLoop, "a peer connection of '\(host.name)' on another loop than the host's")
        connectionCount += 1
        let number = connectionCount
        let ice = ICETransport(
            host: host, profile: profile,
            configuration: ICETransportConfiguration(
                iceServers: configuration.iceServers, transportPolicy: configuration.iceTransportPolicy,
                gathering: options.gathersContinually ? .continually : .once),
            name: String(number),
            observe: observe.map { [host] observe in
                { observe(WebRTCEvent(time: host.simulation.now, connection: number, kind: $0)) }
            })
        return SimulatedPeerConnection(number: number, host: host, profile: profile, options: options, ice: ice, observe: observe)
    }
}
