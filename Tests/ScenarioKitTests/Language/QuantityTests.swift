import NetworkModel
import NIOCore
import ScenarioKit
import Testing

@Suite("quantities")
struct QuantityTests {
    @Test(
        "durations have units and may be sums",
        arguments: [
            ("7.8 s", 7_800_000_000), ("250 ms", 250_000_000), ("1 min 30 s", 90_000_000_000), ("2h", 7_200_000_000_000),
            ("0.5 ms", 500_000), (".5 s", 500_000_000),
        ]
            as [(String, Int64)])
    func durations(text: String, nanoseconds: Int64) throws {
        let duration = try scenario(world("duration: \(text)")).duration
        #expect(duration == .nanoseconds(nanoseconds))
    }

    @Test(
        "a duration that is wrong is answered with what to write",
        arguments: [
            ("7.8", "\"7.8\" has no unit. Write \"7.8 s\" or \"7800 ms\"."),
            ("1000", "\"1000\" has no unit. Write \"1000 s\" or \"1000000 ms\"."),
            ("5 m", "\"m\" is not a unit of a duration. Write \"5 min\"."),
            ("3 seconds", "\"seconds\" is not a unit of a duration. Write \"3 s\"."),
            ("3 parsecs", "\"parsecs\" is not a unit of a duration. The units are ms, s, min, h."),
            ("-3 s", "\"-3 s\" is negative. A duration is 0 or more."),
            ("7,8 s", "\"7,8 s\" has a comma. Decimals are written with a point: \"7.8 s\"."),
            ("soon", "\"soon\" is not a duration. Write for example \"7.8 s\"."),
            ("20000 h", "\"20000 h\" is more than 10000 h, the most that is allowed."),
            ("999999999999999 h", "\"999999999999999 h\" cannot be kept exactly: it is too large or has too many decimals."),
            ("1.0000000001 s", "\"1.0000000001 s\" cannot be kept exactly: it is too large or has too many decimals."),
            ("0 s", "\"duration\" must be more than 0 s."),
            ("[1 s]", "\"duration\" is a single value, not a list."),
        ])
    func wrongDurations(text: String, message: String) {
        #expect(problems(world("duration: \(text)")) == ["a.yaml:9:11: \(message)"])
    }

    @Test("rates, sizes and shares have their own units")
    func otherQuantities() throws {
        let text = "networks: { home-wifi: { rate: { down: 2 Mbit/s, up: 750 kbit/s }, loss: 1.5 %, queue: 64 KiB, mtu: 1.28 kB } }"
        let network = try #require(try scenario(world(text)).network("home-wifi"))
        #expect(network.down.rate == DataRate(bitsPerSecond: 2_000_000))
        #expect(network.up.rate == DataRate(bitsPerSecond: 750_000))
        #expect(network.down.loss == 0.015)
        #expect(network.up.queue == DataSize(bytes: 65_536))
        #expect(network.mtu == DataSize(bytes: 1_280))
    }

    @Test(
        "a rate, size or share that is wrong is answered with what to write",
        arguments: [
            ("rate: 750", "\"750\" has no unit. Write \"750 kbit/s\" or \"750 Mbit/s\"."),
            ("rate: 2 Mbps", "\"Mbps\" is not a unit of a rate. Write \"2 Mbit/s\"."),
            ("rate: 0 bit/s", "a rate must be more than 0. To stop a link use \"blackout\"."),
            ("loss: 5", "\"5\" has no unit. Write \"5 %\"."),
            ("loss: 101 %", "\"101 %\" is more than 100 %, the most that is allowed."),
            ("queue: 100", "\"100\" has no unit. Write \"100 B\" or \"0.1 kB\"."),
            ("queue: 1 B 2 B", "\"1 B 2 B\" is not a size. Write for example \"200 B\"."),
            ("burst: 0.5", "\"burst\" is 0.5; it must be from 1 to 1000."),
        ])
    func wrongQuantities(text: String, message: String) {
        let position = 25 + text.prefix { $0 != " " }.count
        #expect(problems(world("networks: { home-wifi: { \(text) } }")) == ["a.yaml:9:\(position + 2): \(message)"])
    }
}
