public import MeteredRealtime
public import NIOCore
public import NetworkModel
import SimulationKernel

/// An ICE agent with its gatherer and its sockets on a host: one generation after the other.
///
/// Its timers run on the host's `eventLoop`, so that the sleep of the machine and the suspension of the application freeze them. Callbacks run there too.
public final class ICETransport {
    /// The parameters of the newest generation; changed by ``restart()``.
    public private(set) var localParameters: ICEParameters
    /// The state of the transport (RFC 8445 section 6.1.3 through webrtc-pc's eyes).
    public private(set) var state: ICEConnectionState = .new
    /// Whether candidates are looked for.
    public private(set) var gatheringState: ICEGatheringState = .new
    /// Whether this agent is the controlling one.
    public private(set) var isControlling = false
    /// The pair that carries the data.
    public private(set) var selectedPair: ICESelectedPair?
    /// Taken by the next gathering.
    public var configuration: ICETransportConfiguration

    /// A local candidate of the newest generation, to be told to the peer.
    public var onLocalCandidate: ((CandidateAttribute) -> Void)?
    /// A local candidate that exists no more (its interface has gone), with the policy `continually`.
    public var onLocalCandidateRemoved: ((CandidateAttribute) -> Void)?
    /// A server that could not be used.
    public var onCandidateError: ((ICECandidateError) -> Void)?
    /// ``gatheringState`` changed.
    public var onGatheringState: ((ICEGatheringState) -> Void)?
    /// ``state`` changed.
    public var onState: ((ICEConnectionState) -> Void)?
    /// ``selectedPair`` changed; nil if there is none any more.
    public var onSelectedPair: ((ICESelectedPair?) -> Void)?
    /// The transport can or cannot ``send(_:)`` from now on.
    public var onWritable: ((Bool) -> Void)?
    /// A datagram of the peer that is no STUN (RFC 7983).
    public var onData: ((ByteBuffer) -> Void)?

    /// - Parameters:
    ///   - host: Where the sockets and timers are.
    ///   - profile: Whose behaviour.
    ///   - configuration: Servers and policies.
    ///   - name: Distinguishes the transport's random streams on its host.
    ///   - observe: Told what happens, for the trace.
    public init(
        host: Host, profile: WebRTCProfile, configuration: ICETransportConfiguration, name: String,
        observe: ((WebRTCEvent.Kind) -> Void)? = nil
    ) {
        self.configuration = configuration
        var random = host.simulation.random("\(host.name)/ice/\(name)")
        localParameters = ICEParameters(random: &random)
    }

    /// Begins a new generation beside the old one, which carries the data until the new one connects.
    ///
    /// - Returns: the new parameters. ``gather()`` finds its candidates.
    @discardableResult
    public func restart() -> ICEParameters { localParameters }

    /// Looks for candidates of the newest generation.
    public func gather() {}

    /// Who nominates (RFC 8445 section 6.1.1). A role conflict may change it later.
    public func setRole(controlling: Bool) { isControlling = controlling }

    /// Takes the peer's parameters; new ones begin the peer's next generation.
    public func setRemote(_ parameters: ICEParameters) {}

    /// Takes a candidate of the peer: of the generation that it names, otherwise of the newest. At most 100 are kept.
    public func addRemoteCandidate(_ candidate: CandidateAttribute) {}

    /// The peer has no more candidates.
    public func endOfRemoteCandidates() {}

    /// Sends a datagram on the selected pair.
    ///
    /// - Returns: false if there is no pair that could carry it, or the host refuses.
    @discardableResult
    public func send(_ payload: ByteBuffer) -> Bool { false }

    /// Ends everything at once. Nothing is called afterwards.
    public func close() {}
}
