public import MeteredRealtime

/// How an ``ICETransport`` gathers and what it may use.
public struct ICETransportConfiguration: Hashable, Sendable {
    /// How long local candidates are looked for.
    public enum GatheringPolicy: String, Hashable, Sendable, CaseIterable {
        /// Until the first pair is good (`GATHER_ONCE`, what browsers do): an interface that comes later is found by a restart only.
        case once
        /// As long as the transport lives (`GATHER_CONTINUALLY`): new interfaces give new candidates.
        case continually
    }

    /// STUN and TURN servers; taken by the next gathering.
    public var iceServers: [ICEServer]
    /// Which candidates may be used.
    public var transportPolicy: PeerConnectionConfiguration.ICETransportPolicy
    /// How long local candidates are looked for.
    public var gathering: GatheringPolicy
    /// One socket on the "any" address instead of one per interface, as a browser without the permission to enumerate interfaces.
    public var bindsAnyAddress: Bool

    /// - Parameters:
    ///   - iceServers: STUN and TURN servers.
    ///   - transportPolicy: Which candidates may be used.
    ///   - gathering: How long local candidates are looked for.
    ///   - bindsAnyAddress: One socket on the "any" address.
    public init(
        iceServers: [ICEServer] = [], transportPolicy: PeerConnectionConfiguration.ICETransportPolicy = .all,
        gathering: GatheringPolicy = .once, bindsAnyAddress: Bool = false
    ) {
        self.iceServers = iceServers
        self.transportPolicy = transportPolicy
        self.gathering = gathering
        self.bindsAnyAddress = bindsAnyAddress
    }
}
