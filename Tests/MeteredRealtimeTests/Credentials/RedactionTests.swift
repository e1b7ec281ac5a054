import CompactJSON
import Testing

@testable import MeteredRealtime

@Suite("Redaction (SIG-17)")
struct RedactionTests {
    @Test(
        "credentials in a text become ***",
        arguments: [
            ("wss://x/v1?token=abc.def&v=1", "wss://x/v1?token=***&v=1"),
            ("wss://x/v1?key=pk_live", "wss://x/v1?key=***"),
            ("boom TOKEN=abc then", "boom TOKEN=*** then"),
            ("a=ice-pwd:s3cret\r\na=mid:0", "a=ice-pwd:***\r\na=mid:0"),
            (#"{"credential":"s3cret","x":1}"#, #"{"credential":"***","x":1}"#),
            ("credential = 's3cret'", "credential = '***'"),
            (#"a=ice-pwd:s3cret\r\na=mid:0"#, #"a=ice-pwd:***\r\na=mid:0"#),
            (#""{\"credential\":\"s3cret\"}""#, #""{\"credential\":\"***\"}""#),
            ("token=a&key=b", "token=***&key=***"),
        ])
    func scrubs(text: String, expected: String) { #expect(Redaction.scrub(text) == expected) }

    @Test("texts without credentials are left alone", arguments: ["", "monkey=1", "Sec-WebSocket-Key: x", "a tokens list", "the key is lost", "kéy=1"])
    func leavesAlone(text: String) { #expect(Redaction.scrub(text) == text) }

    @Test("an ICE user-name fragment has the same pseudonym wherever it appears")
    func fragments() {
        let pseudonym = Redaction.pseudonym(forUsernameFragment: "Ab3+")
        #expect(Redaction.scrub("a=ice-ufrag:Ab3+\r\n") == "a=ice-ufrag:\(pseudonym)\r\n")
        #expect(Redaction.scrub("candidate:1 1 udp 1 10.0.0.1 9 typ host ufrag Ab3+ x") == "candidate:1 1 udp 1 10.0.0.1 9 typ host ufrag \(pseudonym) x")
        #expect(Redaction.scrub(["usernameFragment": "Ab3+"] as JSONValue) == ["usernameFragment": .string(pseudonym)])
        #expect(Redaction.pseudonym(forUsernameFragment: "Ab4+") != pseudonym)
    }

    @Test("scrubbing twice changes nothing more")
    func idempotent() {
        let text = "x?token=a a=ice-ufrag:Ab3+ a=ice-pwd:x"
        #expect(Redaction.scrub(Redaction.scrub(text)) == Redaction.scrub(text))
    }

    @Test("payloads are scrubbed at any depth, by member name and by text")
    func payload() {
        let payload: JSONValue = ["type": "rtc-description", "description": ["sdp": "a=ice-pwd:abc\r\n"], "list": [["credential": "x", "urls": "turn:y"]]]
        let expected: JSONValue = [
            "type": "rtc-description", "description": ["sdp": "a=ice-pwd:***\r\n"], "list": [["credential": "***", "urls": "turn:y"]],
        ]
        #expect(Redaction.scrub(payload) == expected)
    }

    @Test("any bytes can be scrubbed, and a planted secret never survives")
    func property() {
        let seed: UInt64 = 99
        var random = SplitMix64(seed: seed)
        let pieces = ["token=", "key=", "ice-pwd:", "credential\":\"", "\\", "\"", "&", " ", "é", "=", ":", "ufrag ", "\r\n", "x"]
        for _ in 0..<3_000 {
            var text = (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            text += " ?token=SECRET"
            #expect(!Redaction.scrub(text).contains("SECRET"), "seed \(seed): \(text)")
        }
    }
}

@Suite("Credentials stay out of sight (SIG-17)")
struct CredentialTests {
    @Test("a credential prints without its value, also inside of other values")
    func printing() {
        let key = Credential.publishableKey("pk_secret")
        var dumped = ""
        dump([key], to: &dumped)
        #expect(!"\(key) \(String(reflecting: key)) \(dumped)".contains("secret"))
        let resolved = ResolvedCredential(kind: .token, value: "tok_secret")
        dumped = ""
        dump([resolved], to: &dumped)
        #expect(!"\(resolved) \(String(reflecting: resolved)) \(dumped)".contains("secret"))
    }

    @Test("the credential is percent-encoded into the query")
    func encoding() {
        #expect(ResolvedCredential(kind: .key, value: "pk_a-b.c~d").requestTarget == "/v1?key=pk_a-b.c~d")
        #expect(ResolvedCredential(kind: .token, value: "a+b/c=&é\r\n").requestTarget == "/v1?token=a%2Bb%2Fc%3D%26%C3%A9%0D%0A")
    }

    @Test("an ICE server prints without its credential")
    func iceServer() {
        let server = ICEServer(urls: ["turn:t"], username: "u_secret", credential: "c_secret")
        var dumped = ""
        dump(server, to: &dumped)
        #expect(!"\(server) \(String(reflecting: server)) \(dumped)".contains("secret"))
    }

    @Test("an application's error keeps its type and loses its credentials")
    func redactedError() {
        struct Broken: Error { let code = 7; let text = "https://x/?token=s3cret" }
        let error = RedactedError(Broken())
        var dumped = ""
        dump(error, to: &dumped)
        #expect(!"\(error) \(String(reflecting: error)) \(dumped)".contains("s3cret"))
        #expect((error.underlying as? Broken)?.code == 7)
        #expect(error.typeName == "Broken")
    }
}
