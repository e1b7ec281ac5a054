import CompactJSON
import NIOCore
import NetworkModel

extension Scenario {
    /// One thing that happens.
    public struct TimelineEntry: Sendable {
        /// When.
        public var at: TimeAmount
        /// The instant's name, if it has one.
        public var name: String?
        /// What.
        public var action: Action
        /// Where it is written: the action's key.
        public var position: SourcePosition
    }

    /// What can happen. Names of hosts and peers in an action are resolved: a group or `all` is the list of its members.
    public enum Action: Hashable, Sendable {
        /// Packets are lost silently.
        case blackout(Blackout)
        /// An interface loses its carrier and address, and is back later; nil is for good.
        case linkDown(hosts: [String], interface: String, duration: TimeAmount?)
        /// A host moves from one interface to another.
        case roam(Roam)
        /// The quality of a link changes.
        case link(LinkChange)
        /// The address translator in front of these hosts forgets every mapping and takes new ports.
        case natRebind(hosts: [String])
        /// Name resolution fails.
        case dns(hosts: [String], failure: DNSFailure, duration: TimeAmount?)
        /// The network of these hosts lets nothing through but the portal's own answers.
        case captivePortal(hosts: [String], kind: CaptivePortalKind, duration: TimeAmount?)
        /// A tunnel comes up or goes: the hosts' address changes, open connections stay on the old one.
        case vpn(hosts: [String], isOn: Bool)
        /// Devices sleep. A nil clock is the host's own.
        case sleep(hosts: [String], duration: TimeAmount, clock: SleepClock?, sockets: SocketsInSleep)
        /// The operating system suspends the applications of these peers while the devices stay awake.
        case suspendApp(peers: [String], duration: TimeAmount, sockets: SocketsInSleep, timers: SuspendedTimers)
        /// A wall clock jumps.
        case wallClock(of: ClockOwner, jump: TimeAmount)
        /// The peers' connections are gone at the service's side without a packet to tell them.
        case halfOpen(peers: [String])

        /// The service is replaced: `going_away`, a grace time, 1001 to everyone, a time of refusal, back.
        case deploy(Deploy)
        /// The service dies and is back after the time; nil is for good.
        case crash(connections: CrashedConnections, duration: TimeAmount?)
        /// The service closes connections.
        case serviceClose(ServiceClose)
        /// The service's host refuses connections (RST to a SYN).
        case refuse(duration: TimeAmount?)
        /// The service answers later by this much.
        case slow(peers: [String], delay: TimeAmount, duration: TimeAmount?)
        /// The service stops saying something.
        case silent(peers: [String], what: Silence, duration: TimeAmount?)
        /// The service answers requests with an error; nil times is every one.
        case reject(Rejection)
        /// The service sends something malformed.
        case malformed(peers: [String], kind: MalformedKind, times: Int)
        /// The service sends a text frame as it is.
        case raw(peers: [String], text: String)
        /// The service welcomes each connection and closes it after this time, again and again.
        case flap(peers: [String], after: TimeAmount, code: Int, times: Int)
        /// The service answers the upgrade with an HTTP status.
        case http(peers: [String], status: Int, limit: Limit)
        /// The service sends `going_away`; nil is a frame without `retryAfterMs`.
        case goingAway(peers: [String], retryAfter: TimeAmount?)
        /// The token endpoint changes its behaviour, for a time or from now on.
        case tokenEndpoint(TokenBehaviour, latency: TimeAmount?, duration: TimeAmount?)
        /// The service knows a peer by another id from its next connection on.
        case newID(peer: String, id: String)

        /// A TURN server does something wrong; nil is to the end.
        case turn(servers: [String], TURNFault, duration: TimeAmount?)
        /// A firewall lets no UDP through.
        case udpBlocked(UDPBlock)
        /// The service does something odd with snapshots; nil times is every one.
        case snapshot(peers: [String], SnapshotTrick, times: Int?, duration: TimeAmount?)
        /// The service hands out these STUN and TURN servers from now on.
        case iceServers([String])

        /// An application joins a channel's call.
        case join(peers: [String], channel: String)
        /// An application is reloaded.
        case restart(Restart)
        /// An application begins to send a track.
        case addTrack(TrackAddition)
        /// An application stops sending a track.
        case removeTrack(peers: [String], source: MediaSource)
        /// An application sends another track in the place of one.
        case replaceTrack(peers: [String], source: MediaSource, with: MediaSource)
        /// An application opens a data channel.
        case openChannel(ChannelOpening)
        /// An application sends on a data channel.
        case sendData(DataMessage)

        /// An application calls `connect()`.
        case connect(peers: [String])
        /// The user presses the app's retry button (APP-02): the client is closed and a fresh one built.
        case retry(peers: [String])
        /// An application calls `close()`.
        case close(peers: [String], code: Int, reason: String)
        /// An application subscribes.
        case subscribe(peers: [String], channel: String, includeSenderMetadata: Bool)
        /// An application unsubscribes.
        case unsubscribe(peers: [String], channel: String)
        /// An application publishes `times` messages at once.
        case publish(peers: [String], channel: String, size: DataSize, times: Int)
        /// An application sends `times` messages to one peer; to nobody in particular: to everyone in its call.
        case send(peers: [String], to: String?, size: DataSize, times: Int)
        /// An application calls `networkPathChanged(oldPathGone:)`.
        case networkPathChanged(peers: [String], oldPathGone: Bool)
    }

    /// Where and which way packets are lost.
    public struct Blackout: Hashable, Sendable {
        /// Where.
        public var place: Place
        /// Which way.
        public var direction: Direction
        /// How long; nil is to the end.
        public var duration: TimeAmount?
    }

    /// A place in the network.
    public enum Place: Hashable, Sendable {
        /// Every link of these hosts.
        case hosts([String])
        /// The link of this interface at these hosts.
        case interface(hosts: [String], interface: String)
        /// The paths between any of the first and any of the second, whatever relays them.
        case between([Party], [Party])
    }

    /// A party of a path.
    public enum Party: Hashable, Sendable {
        /// A host.
        case host(String)
        /// The realtime service.
        case service
        /// The token endpoint.
        case tokenEndpoint
        /// A STUN or TURN server.
        case turn(String)
    }

    /// A direction seen from the host (for a path: from the first party).
    public enum Direction: String, CaseIterable, Sendable {
        /// Both ways.
        case both
        /// From the host.
        case up
        /// To the host.
        case down
    }

    /// A change of interface.
    public struct Roam: Hashable, Sendable {
        /// The hosts that move.
        public var hosts: [String]
        /// The interface that goes down.
        public var from: String
        /// The interface that comes up.
        public var to: String
        /// How long after the first has gone the other is there; 0 or more.
        public var dead: TimeAmount
    }

    /// New values for a link; nil leaves a value as it is.
    public struct LinkChange: Hashable, Sendable {
        /// The links: of hosts or of one interface, never `between`.
        public var place: Place
        /// New values towards the host.
        public var down: LinkValues
        /// New values from the host.
        public var up: LinkValues
        /// How long; nil is from now on.
        public var duration: TimeAmount?
    }

    /// Values of one direction of a link, as in `LinkDirection`; nil leaves a value as it is.
    public struct LinkValues: Hashable, Sendable {
        /// The rate.
        public var rate: DataRate?
        /// One-way propagation delay.
        public var delay: TimeAmount?
        /// The range of the further delay.
        public var jitter: TimeAmount?
        /// The share of packets lost, 0 to 1.
        public var loss: Double?
        /// The mean number of packets lost in a row.
        public var meanBurstLength: Double?
        /// Bytes that wait.
        public var queue: DataSize?
        /// The share of packets out of order, 0 to 1.
        public var reordering: Double?
        /// The share of packets that arrive twice, 0 to 1.
        public var duplication: Double?

        /// Nothing changed.
        public init() {}
    }
}
