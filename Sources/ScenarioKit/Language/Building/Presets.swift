import NIOCore

/// Access networks by names that people know. Regular 3G and Poor 4G have the figures of the browsers' and test tools' presets of that name; the
/// round-trip times there are split evenly over the directions. The others are choices of this project, near the medians that operators and
/// measurement studies report; a scenario that depends on a figure should state it.
enum Presets {
    static let names = all.map(\.name)

    static func network(_ name: String) -> Scenario.Network? { all.first { $0.name == name } }

    private static let home = Scenario.NAT(
        mapping: .endpointIndependent, filtering: .addressAndPortDependent, udpTimeout: .seconds(120), tcpTimeout: .minutes(124))
    /// A carrier's translator: shorter memories, as measurements of cellular networks find.
    private static let carrier = Scenario.NAT(
        mapping: .endpointIndependent, filtering: .addressAndPortDependent, udpTimeout: .seconds(65), tcpTimeout: .minutes(30))

    /// RFC 4787 REQ-5 and RFC 5382 REQ-5 where the scenario says nothing.
    static let defaultNAT = home

    static let all: [Scenario.Network] = [
        make("ethernet", down: 1_000, up: 1_000, delay: .microseconds(500)),
        make("datacentre", down: 10_000, up: 10_000, delay: .microseconds(250)),
        make("fibre", down: 300, up: 100, delay: .milliseconds(5), jitter: .milliseconds(1), nat: home),
        make("cable", down: 100, up: 20, delay: .milliseconds(10), jitter: .milliseconds(3), nat: home),
        make("dsl", down: 25, up: 5, delay: .milliseconds(15), jitter: .milliseconds(3), nat: home),
        make("home-wifi", down: 100, up: 40, delay: .milliseconds(8), jitter: .milliseconds(4), loss: 0.001, nat: home),
        make("busy-wifi", down: 10, up: 5, delay: .milliseconds(30), jitter: .milliseconds(40), loss: 0.02, burst: 3, nat: home),
        make("5g", down: 200, up: 40, delay: .milliseconds(12), jitter: .milliseconds(6), loss: 0.001, nat: carrier),
        make("lte", down: 40, up: 15, delay: .milliseconds(25), jitter: .milliseconds(10), loss: 0.002, burst: 2, nat: carrier),
        make("poor-4g", down: 4, up: 4, delay: .milliseconds(175), jitter: .milliseconds(20), loss: 0.05, burst: 2, nat: carrier),
        make("regular-3g", kilobits: (750, 250), delay: .milliseconds(125), jitter: .milliseconds(20), loss: 0.015, burst: 2, nat: carrier),
        make("edge", kilobits: (240, 200), delay: .milliseconds(325), jitter: .milliseconds(50), loss: 0.01, burst: 2, nat: carrier),
        make("satellite", down: 100, up: 20, delay: .milliseconds(280), jitter: .milliseconds(20), loss: 0.005, burst: 3, nat: carrier),
    ]

    private static func make(
        _ name: String, down: Int64, up: Int64, delay: TimeAmount, jitter: TimeAmount = .zero, loss: Double = 0, burst: Double = 1,
        nat: Scenario.NAT? = nil
    ) -> Scenario.Network {
        make(name, kilobits: (down * 1_000, up * 1_000), delay: delay, jitter: jitter, loss: loss, burst: burst, nat: nat)
    }

    private static func make(
        _ name: String, kilobits: (down: Int64, up: Int64), delay: TimeAmount, jitter: TimeAmount, loss: Double, burst: Double, nat: Scenario.NAT?
    ) -> Scenario.Network {
        func direction(_ rate: Int64) -> Scenario.LinkDirection {
            // 300 ms of the rate wait, but at least 30 full packets: the usual oversized buffer of an access link.
            let queue = max(45_000, rate * 1_000 / 8 * 3 / 10)
            return Scenario.LinkDirection(
                rate: DataRate(bitsPerSecond: rate * 1_000), delay: delay, jitter: jitter, loss: loss, meanBurstLength: burst,
                queue: DataSize(bytes: Int(min(queue, 10_000_000))), reordering: 0, duplication: 0)
        }
        return Scenario.Network(
            name: name, down: direction(kilobits.down), up: direction(kilobits.up), mtu: DataSize(bytes: 1_500), nat: nat, ipVersions: .ipv4Only)
    }
}
