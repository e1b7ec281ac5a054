import CompactJSON
import MeteredRealtime

extension LinkModel {
    /// A peer connection of the model.
    final class Connection {
        /// Which entry of `gens` it follows, from 1 over the whole case.
        var ordinal: Int
        /// The generation whose states happen.
        var running = 0
        /// The last generation that both sides have agreed on.
        var negotiated = 0
        /// Whether a local description has had the present generation's fragment.
        var isUsed = false
        var isStable = true
        var state = PeerConnectionState.new
        var remoteFragment: String?
        /// The kinds of the sections that both sides know.
        var sections: [String] = []
        /// The sections for sound and pictures, in order, with the track that each carries.
        var slots: [(kind: String, track: String?)] = []
        /// The tracks whose section is agreed on.
        var settled: Set<String> = []
        /// Whether a section for data was ever agreed on.
        var isDataSettled = false
        /// Whether the exchange in force began with our offer.
        var answeredOurs = false
        /// Whether there is a data channel of ours.
        var wantsData = false

        init(ordinal: Int) { self.ordinal = ordinal }

        var hasData: Bool { wantsData || isDataSettled }
    }

    /// The official SDK's wrapper of peer connections: everything between two swaps.
    final class Wrapper {
        var connection: Connection
        let isPolite: Bool
        var state = RemotePeerState.idle
        var isClosed = false
        // Negotiation.
        var hasNegotiated = false
        var isDirty = false
        var isNegotiating = false
        var isMakingOffer = false
        var hasFollowedUp = false
        var lastRebuild = Int64.min / 2
        /// What waits for the remote peer's offer, or for the end of the wait.
        var onRemoteOffer: (() -> Void)?
        /// One thing at a time happens to the connection.
        var isLocked = false
        var locked: [() -> Void] = []
        // What is sent, in place: each signal after the acknowledgement of the one before it.
        var waiting: [Signal] = []
        var awaited: Signal?
        /// Whether a restart is to be offered, whatever is out.
        var wantsRestart = false
        /// Whether there is nothing to wait for any more: the remote peer's offer came and was refused.
        var wasOffered = false
        // The ladder.
        var attempts = 0
        var hasGivenUp = false
        var isRecovering = false
        /// Changes with every ladder, so that what an earlier one had planned is off.
        var ladder = 0
        var onConnected: (() -> Void)?

        init(_ connection: Connection, isPolite: Bool) {
            self.connection = connection
            self.isPolite = isPolite
        }
    }

    /// A signal on its way.
    struct Signal: Equatable {
        let payload: JSONObject
        /// The sections of an offer.
        let offering: [String]?
        /// The generation it belongs to.
        let ordinal: Int

        var isDescription: Bool { payload["ufrag"] != nil }
    }

    /// How a signal fared.
    enum Delivery {
        case acknowledged
        case rejected(code: String)
        case timedOut
        case dropped
        case notConnected
    }
}

extension LinkModel.Delivery {
    /// The official SDK's error, as a line names it; nil if there is none.
    var errorName: String? {
        switch self {
        case .acknowledged: nil
        case .rejected: "ServerRequestError"
        case .timedOut: "AckTimeoutError"
        case .dropped: "DisconnectedError"
        case .notConnected: "NotConnectedError"
        }
    }
}
