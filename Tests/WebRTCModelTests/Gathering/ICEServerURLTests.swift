import Testing
import WebRTCModel

@Suite struct ICEServerURLTests {
    @Test(
        "schemes, transports and ports are read with their defaults",
        arguments: [
            ("stun:a.example", ICEServerURL.Service.stun, "a.example", 3478), ("STUN:a.example:19302", .stun, "a.example", 19302),
            ("turn:a.example", .turn(.udp), "a.example", 3478), ("turn:192.0.2.1:80?transport=tcp", .turn(.tcp), "192.0.2.1", 80),
            ("turn:a.example?transport=udp", .turn(.udp), "a.example", 3478), ("turns:a.example", .turn(.tls), "a.example", 5349),
            ("turns:a.example:443?transport=tcp", .turn(.tls), "a.example", 443), ("turn:[2001:db8::1]:99", .turn(.udp), "2001:db8::1", 99),
            ("stun:[2001:db8::1]", .stun, "2001:db8::1", 3478),
        ])
    func valid(text: String, service: ICEServerURL.Service, host: String, port: UInt16) throws {
        let url = try #require(ICEServerURL(text))
        #expect(url.service == service)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.description == text)
    }

    @Test(
        "what is no URL of an ICE server is refused",
        arguments: [
            "", "stun", "stun:", "http://a.example", "stuns:a.example", "turn:a.example?transport=sctp", "turns:a.example?transport=udp",
            "stun:a.example?transport=udp", "turn:a.example:0", "turn:a.example:65536", "turn:[::1", "turn:[::1]x", "turn::3478",
        ])
    func invalid(text: String) {
        #expect(ICEServerURL(text) == nil)
    }

    @Test("a URL that is longer than any needs to be is refused")
    func long() {
        #expect(ICEServerURL("stun:" + String(repeating: "a", count: 600)) == nil)
    }
}
