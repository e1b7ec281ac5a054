import NIOCore

/// The connection to one remote peer: survives swaps and owns at most one live peer connection.
///
/// Confined to the event loop. Each input runs to completion before the next; inputs from inside a callback wait for the end of the step.
/// Life: `init`, the tracks so far with ``addTrack(_:)``, ``start()`` once, then anything, ``close()`` once. Nothing is told after `close()`.
final class PeerLink {
    /// The remote peer.
    let remoteID: String
    /// Whether our own offers yield (ICE-08). May change only right before ``swap()``, with our own id.
    var isPolite: Bool
    /// The public state.
    private(set) var state = RemotePeerState.idle
    /// Whether the peer connection itself is connected, whatever the public state is (BEY-22).
    var isTransportConnected: Bool { false }

    /// - Parameters:
    ///   - remoteID: The remote peer.
    ///   - isPolite: Whether our id is the smaller one.
    ///   - options: The SPEC's values.
    ///   - environment: The peer that owns the link. It must not hold the owner strongly if the owner holds the link.
    init(remoteID: String, isPolite: Bool, options: PeerOptions, environment: LinkEnvironment) {
        self.remoteID = remoteID
        self.isPolite = isPolite
    }

    /// Makes the first connection, with the tracks added so far, and negotiates if there is something to negotiate.
    func start() {}

    /// Sends a track from now on, on this connection and its successors.
    func addTrack(_ track: LocalTrack) {}

    /// Stops sending a track, found by identity. Its metadata are taken back.
    func removeTrack(_ track: any MediaStreamTrack) {}

    /// Sends another track in the place of one, without negotiation. Its metadata are sent at once.
    func replaceTrack(
        _ track: any MediaStreamTrack, with replacement: LocalTrack, _ completion: @escaping (Result<Void, RedactedError>) -> Void
    ) {}

    /// Says something new about a track.
    func setMetadata(_ metadata: JSONObject?, of track: any MediaStreamTrack) {}

    /// Opens a data channel on the present connection; it dies with it (ROS-11).
    func createDataChannel(label: String, configuration: DataChannelConfiguration) throws(DataChannelError) -> DataChannel {
        throw .noConnection
    }

    /// A signal from the remote peer came.
    func receive(_ signal: PeerSignal) {}

    /// The signalling connection was lost: state `reconnecting` (ROS-01), rungs are skipped from now on (ICE-07).
    func signallingLost() {}

    /// Signalling is back and the roster reconciled, and the link is kept (BEY-22). A give-up that fell due meanwhile is reported now (ICE-07): call it
    /// after `joined` was reported.
    func signallingReady() {}

    /// Signalling is back and the roster reconciled: gives the connection up for a new one (ROS-04, BEY-11, 24, 25). Not preceded or followed by
    /// ``signallingReady()``.
    func swap() {}

    /// Restarts ICE outside the ladder: the old network path is gone (SIG-19).
    func restartICE() {}

    /// The peer left, or we do: ends everything. The state becomes `closed`, and nothing is told after that.
    func close() {}

    /// What has passed, and how; nil without a connection.
    func statistics(_ completion: @escaping (PeerConnectionStatistics?) -> Void) { completion(nil) }
}
