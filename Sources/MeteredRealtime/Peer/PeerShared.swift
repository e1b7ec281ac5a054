import NIOConcurrencyHelpers

/// What of a peer crosses threads.
final class PeerShared: Sendable {
    private struct Values {
        var peerID: String?
        var channel: String?
        var remotePeers: [RemotePeer] = []
    }

    let hub: EventHub<MeteredPeerState, PeerEvent>
    private let values = NIOLockedValueBox(Values())

    init(bufferLimit: Int) { hub = EventHub(state: .idle, bufferLimit: bufferLimit) }

    var peerID: String? {
        get { values.withLockedValue { $0.peerID } }
        set { values.withLockedValue { $0.peerID = newValue } }
    }

    var channel: String? {
        get { values.withLockedValue { $0.channel } }
        set { values.withLockedValue { $0.channel = newValue } }
    }

    /// In the order in which they entered the roster.
    var remotePeers: [RemotePeer] { values.withLockedValue { $0.remotePeers } }

    func insert(_ remote: RemotePeer) { values.withLockedValue { $0.remotePeers.append(remote) } }

    func remove(_ remote: RemotePeer) { values.withLockedValue { $0.remotePeers.removeAll { $0 === remote } } }
}
