import NIOCore
import NetworkModel

extension Scenario {
    /// An access network: what lies between an interface of a host and the core of the simulated internet.
    public struct Network: Hashable, Sendable {
        /// Its name in the scenario; a preset used by name keeps that name.
        public var name: String
        /// Whether all hosts that name it are in one place, behind one translator; a preset is a network of each host's own.
        public var isShared = false
        /// From the internet to the host.
        public var down: LinkDirection
        /// From the host to the internet.
        public var up: LinkDirection
        /// The largest IP packet in bytes, 576 to 9,000.
        public var mtu: DataSize
        /// The address translator between the network and the internet; nil for public addresses.
        public var nat: NAT?
        /// Which IP versions the network offers.
        public var ipVersions: IPVersions
    }

    /// One direction of a link.
    public struct LinkDirection: Hashable, Sendable {
        /// The rate, written `bit/s`, `kbit/s`, `Mbit/s` or `Gbit/s` in powers of ten; nil is unlimited.
        public var rate: DataRate?
        /// One-way propagation delay.
        public var delay: TimeAmount
        /// Each packet is delayed by a further time drawn uniformly from 0 to this; order is kept.
        public var jitter: TimeAmount
        /// The share of packets lost, 0 to 1.
        public var loss: Double
        /// The mean number of packets lost in a row, 1 or more; 1 is independent loss. As libwebrtc's `avg_burst_loss_length`.
        public var meanBurstLength: Double
        /// Bytes that wait for the link before the tail is dropped; without a rate nothing waits.
        public var queue: DataSize
        /// The share of packets that overtake their predecessors (that skip the delay's jitter and queue order), 0 to 1.
        public var reordering: Double
        /// The share of packets that arrive twice, 0 to 1.
        public var duplication: Double
    }

    /// A network address translator in the words of RFC 4787 and RFC 5382.
    public struct NAT: Hashable, Sendable {
        /// When a new external port is taken (RFC 4787, section 4.1).
        public var mapping: Behaviour
        /// Which packets from outside pass (RFC 4787, section 5).
        public var filtering: Behaviour
        /// A UDP mapping without traffic is forgotten after this long.
        public var udpTimeout: TimeAmount
        /// An established TCP connection without traffic is forgotten after this long.
        public var tcpTimeout: TimeAmount

        /// What the translator looks at.
        public enum Behaviour: String, CaseIterable, Sendable {
            /// The inside address and port only.
            case endpointIndependent = "endpoint-independent"
            /// The outside address too.
            case addressDependent = "address-dependent"
            /// The outside address and port too ("symmetric").
            case addressAndPortDependent = "address-and-port-dependent"
        }
    }

    /// The IP versions of a network.
    public enum IPVersions: String, CaseIterable, Sendable {
        /// IPv4 only.
        case ipv4Only = "none"
        /// IPv4 and IPv6.
        case dual = "dual"
        /// IPv6 only, with DNS64 and NAT64 towards IPv4 (RFC 6146, RFC 6147).
        case ipv6WithNAT64 = "only-nat64"
    }
}
