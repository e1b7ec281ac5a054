import Testing

@testable import MeteredRealtime

@Suite("Base URL (WIRE-10)")
struct BaseURLTests {
    @Test(
        "a bare origin is taken",
        arguments: [
            ("wss://rms.metered.ca", "rms.metered.ca", 443, true, "rms.metered.ca"),
            ("WSS://RMS.Metered.ca/", "rms.metered.ca", 443, true, "rms.metered.ca"),
            ("wss://example.test:8443", "example.test", 8_443, true, "example.test:8443"),
            ("ws://localhost", "localhost", 80, false, "localhost"),
            ("ws://127.0.0.1:8080", "127.0.0.1", 8_080, false, "127.0.0.1:8080"),
            ("ws://[::1]:9", "::1", 9, false, "[::1]:9"),
            ("wss://[2001:db8::1]", "2001:db8::1", 443, true, "[2001:db8::1]"),
        ])
    func taken(text: String, host: String, port: Int, isSecure: Bool, header: String) throws {
        let url = try BaseURL(text)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.isSecure == isSecure)
        #expect(url.hostHeader == header)
    }

    @Test(
        "anything else is refused at construction",
        arguments: [
            "", "rms.metered.ca", "https://rms.metered.ca", "ws://example.test", "ws://localhost.example.test", "wss://", "wss://:443",
            "wss://a/v1", "wss://a//", "wss://a?x=1", "wss://a#x", "wss://user@a", "wss://u:p@a", "wss://a:0", "wss://a:65536", "wss://a:+1",
            "wss://a:", "wss://a:x", "wss://[::1", "wss://[zz]", "wss://[]", "wss://[::1]x", "wss://exa mple.test", "wss://exämple.test",
            "wss://a\r\nX: y", "wss://a:99999999999999999999",
        ])
    func refused(text: String) { #expect(throws: SignallingError.self) { try BaseURL(text) } }

    @Test("the error does not repeat the URL, which might carry a credential")
    func noEcho() {
        do {
            _ = try BaseURL("wss://a?token=s3cret")
            Issue.record("accepted")
        } catch { #expect(!"\(error)".contains("s3cret")) }
    }
}
