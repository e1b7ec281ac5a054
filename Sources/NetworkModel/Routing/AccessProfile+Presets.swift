import NIOCore

// Figures: those with a name that people know are that tool's own; the others are assumptions of usual conditions, and say so. Delays are one way;
// a round trip crosses the access link and the uplink of both ends twice.

extension AccessProfile {
    /// A cable to a home or office router with fibre: 1 Gbit/s both ways, 2 ms to the core. Assumption.
    public static let fibre = AccessProfile(
        kind: .ethernet, access: .ideal,
        uplink: LinkProfile(LinkConditions(rate: .megabitsPerSecond(1_000), queueBytes: 2_500_000, delay: .milliseconds(2))),
        ipv4: .translated(.homeRouter), ipv6: .firewalled(.homeRouter))

    /// A cable straight to the internet with a public address: 1 Gbit/s, 2 ms to the core. Assumption.
    public static let ethernet = AccessProfile(
        kind: .ethernet, access: .ideal,
        uplink: LinkProfile(LinkConditions(rate: .megabitsPerSecond(1_000), queueBytes: 2_500_000, delay: .milliseconds(2))),
        ipv4: .publicAddresses, ipv6: .routed)

    /// Wi-Fi of str0m's `wifi` preset (100 Mbit/s, 5 ± 2 ms) behind a home router with 100/20 Mbit/s and 8 ms to the core (the latter an assumption).
    public static let homeWiFi = AccessProfile(
        kind: .wifi,
        access: LinkProfile(LinkConditions(rate: .megabitsPerSecond(100), delay: .milliseconds(5), jitter: .milliseconds(2))),
        uplink: LinkProfile(
            up: LinkConditions(rate: .megabitsPerSecond(20), queueBytes: 250_000, delay: .milliseconds(8)),
            down: LinkConditions(rate: .megabitsPerSecond(100), queueBytes: 1_000_000, delay: .milliseconds(8))),
        ipv4: .translated(.homeRouter), ipv6: .firewalled(.homeRouter))

    /// Home Wi-Fi with str0m's `wifi_lossy`: about 5 % loss in bursts of 2.
    public static let lossyWiFi = homeWiFi.with(loss: LossModel(percent: 5, meanBurstLength: 2))

    /// LTE behind a carrier's NAT: str0m's `cellular` (30 Mbit/s, 50 ± 15 ms, 100 kB), without its loss: drive tests show blackouts, not scattered loss.
    /// The round trip to a server agrees with the 84 ms median of the uccmisl 5G data set within its spread. 10 Mbit/s up is an assumption.
    public static let lte = AccessProfile(
        kind: .cellular,
        access: LinkProfile(
            up: LinkConditions(rate: .megabitsPerSecond(10), queueBytes: 100_000, delay: .milliseconds(30), jitter: .milliseconds(10)),
            down: LinkConditions(rate: .megabitsPerSecond(30), queueBytes: 100_000, delay: .milliseconds(30), jitter: .milliseconds(10))),
        uplink: LinkProfile(LinkConditions(delay: .milliseconds(8))), ipv4: .translated(.carrierGrade), privatePrefix: AddressPlan.carrier)

    /// LTE without IPv4: NAT64 and DNS64, as several large operators run it.
    public static let lteIPv6Only = AccessProfile(
        kind: .cellular, access: lte.access, uplink: lte.uplink, ipv4: .none, ipv6: .firewalled(.carrierGrade), nat64: .carrierGrade)

    /// 5G, non-standalone: the 69 ms median round trip of the uccmisl 5G data set. Rates are assumptions.
    public static let fiveG = AccessProfile(
        kind: .cellular,
        access: LinkProfile(
            up: LinkConditions(rate: .megabitsPerSecond(50), queueBytes: 500_000, delay: .milliseconds(25), jitter: .milliseconds(4)),
            down: LinkConditions(rate: .megabitsPerSecond(300), queueBytes: 2_000_000, delay: .milliseconds(25), jitter: .milliseconds(4))),
        uplink: LinkProfile(LinkConditions(delay: .milliseconds(8))), ipv4: .translated(.carrierGrade), privatePrefix: AddressPlan.carrier)

    /// "Regular 3G": 750 kbit/s down, 250 kbit/s up (WebPageTest's and Chrome DevTools' old preset), 250 ms and 1.5 % loss each way together.
    public static let regular3G = cellular(
        up: .kilobitsPerSecond(250), down: .kilobitsPerSecond(750), roundTrip: .milliseconds(250), lossPercent: 1.5)

    /// "Poor 4G": 4 Mbit/s, 350 ms round trip, 5 % loss.
    public static let poor4G = cellular(
        up: .megabitsPerSecond(4), down: .megabitsPerSecond(4), roundTrip: .milliseconds(350), lossPercent: 5)

    /// Chrome DevTools "Slow 3G" (before version 124, "3G" since): 400 kbit/s both ways, 2000 ms round trip.
    public static let slow3G = cellular(
        up: .kilobitsPerSecond(400), down: .kilobitsPerSecond(400), roundTrip: .milliseconds(2_000), lossPercent: 0)

    /// Chrome DevTools "Fast 3G" ("Slow 4G" since version 124): 1.6 Mbit/s down, 750 kbit/s up, 562.5 ms round trip.
    public static let fast3G = cellular(
        up: .kilobitsPerSecond(750), down: .kilobitsPerSecond(1_600), roundTrip: .microseconds(562_500), lossPercent: 0)

    /// Loadero's "EDGE": 650 ± 100 ms, 1 % loss; 240 kbit/s is an assumption.
    public static let edge = cellular(
        up: .kilobitsPerSecond(200), down: .kilobitsPerSecond(240), roundTrip: .milliseconds(650), jitter: .milliseconds(50), lossPercent: 1
    )

    /// str0m's `satellite`: about 3 % loss in bursts of 2; a geostationary round trip of 600 ms, 20/3 Mbit/s are assumptions.
    public static let satellite = AccessProfile(
        kind: .ethernet,
        access: .ideal,
        uplink: LinkProfile(
            up: LinkConditions(
                rate: .megabitsPerSecond(3), delay: .milliseconds(300), jitter: .milliseconds(10),
                loss: LossModel(percent: 3, meanBurstLength: 2)),
            down: LinkConditions(
                rate: .megabitsPerSecond(20), queueBytes: 1_000_000, delay: .milliseconds(300), jitter: .milliseconds(10),
                loss: LossModel(percent: 3, meanBurstLength: 2))),
        ipv4: .translated(.homeRouter))

    /// str0m's `congested`: 10 Mbit/s, 80 ± 40 ms, 50 kB of queue, about 9 % loss in bursts of 2; an office's Wi-Fi at its worst.
    public static let congested = AccessProfile(
        kind: .wifi,
        access: LinkProfile(
            LinkConditions(
                rate: .megabitsPerSecond(10), queueBytes: 50_000, delay: .milliseconds(80), jitter: .milliseconds(40),
                loss: LossModel(percent: 9, meanBurstLength: 2))),
        ipv4: .translated(.homeRouter))

    /// Where servers are: public addresses, no limit that a test would reach, half a millisecond to the core.
    public static let datacentre = AccessProfile(
        kind: .ethernet, access: .ideal, uplink: LinkProfile(LinkConditions(delay: .microseconds(500))), ipv4: .publicAddresses,
        ipv6: .routed)

    /// No delay, no limit, public addresses: for tests of what is above the network.
    public static let ideal = AccessProfile(kind: .ethernet, access: .ideal, ipv4: .publicAddresses, ipv6: .routed)

    /// Every preset by the name that scenario files use, in alphabetical order.
    public static let presets: [(name: String, profile: AccessProfile)] = [
        ("5g", fiveG), ("congested", congested), ("datacentre", datacentre), ("edge", edge), ("ethernet", ethernet), ("fast-3g", fast3G),
        ("fibre", fibre), ("home-wifi", homeWiFi), ("ideal", ideal), ("lossy-wifi", lossyWiFi), ("lte", lte),
        ("lte-ipv6-only", lteIPv6Only),
        ("poor-4g", poor4G), ("regular-3g", regular3G), ("satellite", satellite), ("slow-3g", slow3G),
    ]

    /// The preset of that name.
    public static func preset(_ name: String) -> AccessProfile? { presets.first { $0.name == name }?.profile }

    /// A mobile network of which only the figures of the whole path are known. The loss is split evenly between the directions.
    private static func cellular(
        up: DataRate, down: DataRate, roundTrip: TimeAmount, jitter: TimeAmount = .zero, lossPercent: Double
    ) -> AccessProfile {
        let oneWay = TimeAmount.nanoseconds(roundTrip.nanoseconds / 2)
        let loss = LossModel(percent: lossPercent / 2)
        return AccessProfile(
            kind: .cellular,
            access: LinkProfile(
                up: LinkConditions(rate: up, queueBytes: 64_000, delay: oneWay, jitter: jitter, loss: loss),
                down: LinkConditions(rate: down, queueBytes: 64_000, delay: oneWay, jitter: jitter, loss: loss)),
            ipv4: .translated(.carrierGrade), privatePrefix: AddressPlan.carrier)
    }

    private func with(loss: LossModel) -> AccessProfile {
        var changed = self
        changed.access.up.loss = loss
        changed.access.down.loss = loss
        return changed
    }
}

extension NATProfile {
    /// A home router: endpoint-independent mapping, address-and-port-dependent filtering, ports preserved, UDP idle for 120 s.
    public static let homeRouter = NATProfile()

    /// A full-cone NAT (RFC 3489's word): anybody may send to a mapping.
    public static let fullCone = NATProfile(filtering: .endpointIndependent, isHairpinning: true)

    /// A symmetric NAT (RFC 3489's word): a mapping per remote, with random ports. Direct paths between two of them are impossible.
    public static let symmetric = NATProfile(
        mapping: .addressAndPortDependent, filtering: .addressAndPortDependent, portAllocation: .random)

    /// A carrier's NAT: random ports out of several addresses, UDP idle for 65 s, TCP for 30 min. Timeouts are of the order published for
    /// mobile networks (Richter et al. 2016); not verified.
    public static let carrierGrade = NATProfile(
        portAllocation: .random, isHairpinning: true, udpIdleTimeout: .seconds(65), tcpEstablishedTimeout: .minutes(30),
        publicAddressCount: 4)
}
