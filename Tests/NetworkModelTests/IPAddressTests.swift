import NetworkModel
import Testing

@Suite("IP addresses")
struct IPAddressTests {
    @Test(
        "an IPv6 address has one canonical text (RFC 5952)",
        arguments: [
            ("2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"),
            ("2001:DB8:0:0:0:0:2:1", "2001:db8::2:1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
            ("64:ff9b::203.0.113.5", "64:ff9b::cb00:7105"),
            ("::", "::"), ("::1", "::1"), ("fe80::", "fe80::"), ("1::8", "1::8"),
        ])
    func canonicalText(text: String, canonical: String) throws {
        #expect(try #require(IPAddress(text)).description == canonical)
    }

    @Test(
        "text that is not exactly one address is refused",
        arguments: [
            "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "1.2.3.4 ", "1..2.3", ":::", "1:::2", "::1::", "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7:8::", "12345::", "g::", "fe80::1%en0", "[::1]", "::1.2.3", "1.2.3.4::", ":1::2", "1::2:", "0x7f.1.1.1",
            "１.2.3.4",
        ])
    func refusesOtherText(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("every address survives its own text")
    func roundTrip() throws {
        let seed: UInt64 = 20_261_122
        var state = seed
        for _ in 0..<2_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // Sparse bits give runs of zero groups.
            let address = IPAddress.v6(high: state & (state << 17), low: state >> 20 & 0xFFFF_0000_0000_00FF)
            #expect(IPAddress(address.description) == address, "seed \(seed)")
            let v4 = IPAddress.v4(UInt32(truncatingIfNeeded: state >> 16))
            #expect(IPAddress(v4.description) == v4, "seed \(seed)")
        }
    }

    @Test("a prefix contains its addresses and no others")
    func prefixes() throws {
        let home = try #require(IPPrefix("192.168.1.0/24"))
        #expect(home.contains(.v4(0xC0A8_01FF)))
        #expect(!home.contains(.v4(0xC0A8_0200)))
        let site = try #require(IPPrefix("2001:db8:0:7::/64"))
        #expect(site.contains(try #require(IPAddress("2001:db8:0:7::99"))))
        #expect(!site.contains(try #require(IPAddress("2001:db8:0:8::"))))
        #expect(IPPrefix("192.168.1.1/24") == nil)
        #expect(IPPrefix("10.0.0.0/33") == nil)
        #expect(home.address(at: 7).description == "192.168.1.7")
    }
}
