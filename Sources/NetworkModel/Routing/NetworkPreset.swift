import NIOCore

/// An access network by a name that people know: its figures, before they are a link of the model.
///
/// Regular 3G and Poor 4G have the figures of the browsers' and test tools' presets of that name; the round-trip times there are split evenly over the
/// directions. The others are choices of this project, near the medians that operators and measurement studies report; a scenario that depends on a
/// figure should state it.
public struct NetworkPreset: Hashable, Sendable {
    /// One direction of the link.
    public struct Direction: Hashable, Sendable {
        /// Bits per second.
        public let rate: DataRate
        /// One-way propagation delay.
        public let delay: TimeAmount
        /// Each packet is delayed by a further time from 0 to this.
        public let jitter: TimeAmount
        /// The share of packets lost, 0 to 1.
        public let loss: Double
        /// The mean number of packets lost in a row; 1 is independent loss.
        public let meanBurstLength: Double
        /// Bytes that wait for the link: 300 ms of the rate, at least 30 full packets, the usual oversized buffer of an access link; at most 10 MB.
        public var queueBytes: Int { Int(min(max(45_000, rate.bitsPerSecond / 8 * 3 / 10), 10_000_000)) }
    }

    /// Its name, as scenario files use it.
    public let name: String
    /// The kind of the interfaces that attach to it.
    public let kind: InterfaceKind
    /// From the internet to the host.
    public let down: Direction
    /// From the host to the internet.
    public let up: Direction
    /// The translator between the network and the internet; nil for public addresses.
    public let nat: NATProfile?

    /// The preset of that name.
    public static func named(_ name: String) -> NetworkPreset? { all.first { $0.name == name } }

    /// Every preset, the best networks of a kind first.
    public static let all = [
        ethernet, datacentre, fibre, cable, dsl, homeWiFi, busyWiFi, fiveG, lte, poor4G, regular3G, edge, satellite,
    ]

    /// A cable straight to the internet.
    public static let ethernet = NetworkPreset("ethernet", .ethernet, megabits: (1_000, 1_000), delay: .microseconds(500))
    /// Where servers are: no limit that a test would reach.
    public static let datacentre = NetworkPreset("datacentre", .ethernet, megabits: (10_000, 10_000), delay: .microseconds(250))
    /// A home or an office with fibre.
    public static let fibre = NetworkPreset(
        "fibre", .ethernet, megabits: (300, 100), delay: .milliseconds(5), jitter: .milliseconds(1), nat: .homeRouter)
    /// A home with cable.
    public static let cable = NetworkPreset(
        "cable", .ethernet, megabits: (100, 20), delay: .milliseconds(10), jitter: .milliseconds(3), nat: .homeRouter)
    /// A home with DSL.
    public static let dsl = NetworkPreset(
        "dsl", .ethernet, megabits: (25, 5), delay: .milliseconds(15), jitter: .milliseconds(3), nat: .homeRouter)
    /// A home's Wi-Fi.
    public static let homeWiFi = NetworkPreset(
        "home-wifi", .wifi, megabits: (100, 40), delay: .milliseconds(8), jitter: .milliseconds(4), loss: 0.001, nat: .homeRouter)
    /// A café's or an office's Wi-Fi at its worst.
    public static let busyWiFi = NetworkPreset(
        "busy-wifi", .wifi, megabits: (10, 5), delay: .milliseconds(30), jitter: .milliseconds(40), loss: 0.02, burst: 3, nat: .homeRouter)
    /// 5G, non-standalone.
    public static let fiveG = NetworkPreset(
        "5g", .cellular, megabits: (200, 40), delay: .milliseconds(12), jitter: .milliseconds(6), loss: 0.001, nat: .carrierGrade)
    /// LTE behind a carrier's NAT.
    public static let lte = NetworkPreset(
        "lte", .cellular, megabits: (40, 15), delay: .milliseconds(25), jitter: .milliseconds(10), loss: 0.002, burst: 2, nat: .carrierGrade
    )
    /// "Poor 4G": 4 Mbit/s, 350 ms round trip, 5 % loss.
    public static let poor4G = NetworkPreset(
        "poor-4g", .cellular, megabits: (4, 4), delay: .milliseconds(175), jitter: .milliseconds(20), loss: 0.05, burst: 2,
        nat: .carrierGrade)
    /// "Regular 3G": 750 kbit/s down, 250 kbit/s up, 250 ms round trip (WebPageTest's and Chrome DevTools' old preset), 1.5 % loss.
    public static let regular3G = NetworkPreset(
        "regular-3g", .cellular, kilobits: (750, 250), delay: .milliseconds(125), jitter: .milliseconds(20), loss: 0.015, burst: 2,
        nat: .carrierGrade)
    /// EDGE, with Loadero's 650 ms round trip and 1 % loss.
    public static let edge = NetworkPreset(
        "edge", .cellular, kilobits: (240, 200), delay: .milliseconds(325), jitter: .milliseconds(50), loss: 0.01, burst: 2,
        nat: .carrierGrade)
    /// A geostationary satellite.
    public static let satellite = NetworkPreset(
        "satellite", .ethernet, megabits: (100, 20), delay: .milliseconds(280), jitter: .milliseconds(20), loss: 0.005, burst: 3,
        nat: .carrierGrade)

    private init(
        _ name: String, _ kind: InterfaceKind, megabits: (down: Int64, up: Int64), delay: TimeAmount, jitter: TimeAmount = .zero,
        loss: Double = 0, burst: Double = 1, nat: NATProfile? = nil
    ) {
        self.init(
            name, kind, kilobits: (megabits.down * 1_000, megabits.up * 1_000), delay: delay, jitter: jitter, loss: loss, burst: burst,
            nat: nat)
    }

    private init(
        _ name: String, _ kind: InterfaceKind, kilobits: (down: Int64, up: Int64), delay: TimeAmount, jitter: TimeAmount, loss: Double,
        burst: Double, nat: NATProfile?
    ) {
        func direction(_ rate: Int64) -> Direction {
            Direction(rate: .kilobitsPerSecond(rate), delay: delay, jitter: jitter, loss: loss, meanBurstLength: burst)
        }
        self.name = name
        self.kind = kind
        down = direction(kilobits.down)
        up = direction(kilobits.up)
        self.nat = nat
    }
}
