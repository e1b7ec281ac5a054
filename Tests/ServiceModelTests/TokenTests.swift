import CompactJSON
import DeterministicRuntime
import NIOCore
import SimulationKernel
import Testing

@testable import ServiceModel

@Suite("Tokens (SRV-01)")
struct TokenTests {
    private let key = SigningKey(id: "k1", secret: Array("secret".utf8))

    @Test("a signed token gives its claims back")
    func roundTrip() throws {
        let claims = TokenClaims(
            peerID: "alice", expiresAt: WallTime(unixSeconds: 1_700_000_000), channels: ["room:*"], permissions: [.subscribe, .send],
            peerMetadata: ["name": "Alice"], metadata: ["iceServers": []])
        let token = try JSONWebToken(parsing: JSONWebToken.sign(claims, with: key))
        #expect(token.keyID == "k1")
        #expect(try token.claims(signedBy: key) == claims)
    }

    @Test("the signature is the one that another HS256 implementation makes")
    func knownAnswer() throws {
        let claims = TokenClaims(peerID: "joe", expiresAt: WallTime(unixSeconds: 1_300_819_380))
        let token = try JSONWebToken.sign(claims, with: key)
        #expect(token == KnownAnswer.token)
    }

    @Test("a token that names another algorithm is invalid, even if the signature would do", arguments: KnownAnswer.otherAlgorithms)
    func pinnedAlgorithm(token: String) {
        #expect(throws: JSONWebToken.Failure.invalid) { try JSONWebToken(parsing: token).claims(signedBy: key) }
    }

    @Test("a change of any character is noticed")
    func tampering() throws {
        let token = try JSONWebToken.sign(TokenClaims(peerID: "alice", expiresAt: WallTime(unixSeconds: 1)), with: key)
        for place in token.indices where token[place] != "." {
            var changed = token
            changed.replaceSubrange(place...place, with: token[place] == "A" ? "B" : "A")
            #expect(throws: JSONWebToken.Failure.self) { try JSONWebToken(parsing: changed).claims(signedBy: key) }
        }
    }

    @Test("base64url is strict: no padding, no foreign characters, no bits left over")
    func strictBase64() {
        #expect(Base64URL.decode("".utf8) == [])
        #expect(Base64URL.decode("AA".utf8) == [0])
        #expect(Base64URL.decode("_-8".utf8) == [255, 239])
        for bad in ["A", "AA==", "A+8", "A/8", "AB", "AAB", "A A", "AAAAA"] { #expect(Base64URL.decode(bad.utf8) == nil, "\(bad)") }
    }

    @Test("base64url gives back what went in", arguments: 0...40)
    func base64RoundTrip(length: Int) {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
        #expect(Base64URL.decode(Base64URL.encode(bytes).utf8) == bytes)
    }

    @Test("a token longer than 8 kB is not looked at")
    func sizeCap() throws {
        let claims = TokenClaims(
            peerID: "alice", expiresAt: WallTime(unixSeconds: 1), peerMetadata: ["x": .string(String(repeating: "x", count: 8_000))])
        let token = try JSONWebToken.sign(claims, with: key)
        #expect(throws: JSONWebToken.Failure.unparsable) { try JSONWebToken(parsing: token) }
    }

    @Test("claims that are missing or mistyped make a token invalid, however well signed")
    func badClaims() {
        let bad: [JSONValue] = [
            ["exp": 1], ["sub": "a"], ["sub": 1, "exp": 1], ["sub": "", "exp": 1], ["sub": "a", "exp": "1"],
            ["sub": "a", "exp": 1, "channels": "room"], ["sub": "a", "exp": 1, "channels": [1]], ["sub": "a", "exp": 1, "permissions": 4],
        ]
        for json in bad { #expect(TokenClaims(json: json) == nil, "\(json)") }
    }

    @Test("an exp of any size is an instant")
    func hugeExpiry() {
        #expect(TokenClaims(json: ["sub": "a", "exp": 1e300])?.expiresAt == WallTime(unixNanoseconds: .max))
        #expect(TokenClaims(json: ["sub": "a", "exp": -1e300])?.expiresAt == WallTime(unixNanoseconds: .min))
        #expect(TokenClaims(json: ["sub": "a", "exp": 1.5])?.expiresAt == WallTime(unixNanoseconds: 1_500_000_000))
    }

    @Test("a far exp does not trouble a live connection")
    func farExpiry() throws {
        let world = World()
        let token = try JSONWebToken.sign(
            TokenClaims(peerID: "alice", expiresAt: WallTime(unixNanoseconds: .max)), with: try #require(World.key.signingKey))
        let alice = world.dial("/v1?token=\(token)")
        world.run(for: .hours(49))
        #expect(alice.isConnected)
    }

    @Test("a key never shows its secret")
    func keyDescription() { #expect(!"\(key)".contains("secret")) }
}

@Suite("The app's token endpoint")
struct TokenMintTests {
    private func outcome(_ world: World, _ answer: TokenMint.Answer, after wait: TimeAmount = .zero) -> Result<String, any Error>? {
        var outcome: Result<String, any Error>?
        world.mint.next = [answer]
        world.simulation.enter {
            world.mint.mint(TokenClaims(peerID: "alice", expiresAt: WallTime(unixSeconds: 0))).assumeIsolated().whenComplete {
                outcome = $0
            }
        }
        world.run(for: wait)
        return outcome
    }

    @Test("its tokens open the service until their life is over")
    func goodToken() throws {
        let world = World()
        world.mint.lifetime = .seconds(60)
        let token = try #require(try outcome(world, .token())?.get())
        let alice = world.dial("/v1?token=\(token)")
        world.run(for: .seconds(59))
        #expect(alice.frames("welcome").first?["expiresAt"] == 1_700_000_060_000)
        world.run(for: .seconds(1))
        #expect(alice.close?.code == 4002)
    }

    @Test("it can be slow")
    func slow() {
        let world = World()
        #expect(outcome(world, .token(after: .seconds(5)), after: .milliseconds(4_999)) == nil)
        world.run(for: .milliseconds(1))
        #expect(world.mint.calls == 1)
    }

    @Test("it can fail, and answers again once the scripted failures are used up")
    func failing() throws {
        let world = World()
        #expect(throws: TokenMint.Failure(description: "HTTP 500")) { try outcome(world, .failure("HTTP 500"))?.get() }
        #expect(try outcome(world, .token())?.get() != nil)
    }

    @Test("it can hang for ever")
    func hanging() {
        let world = World()
        #expect(outcome(world, .hang, after: .hours(1)) == nil)
    }

    @Test("as an SDK's token provider it gives tokens to tasks")
    func provider() throws {
        let world = World()
        let provider = world.simulation.enter {
            world.mint.provider(for: TokenClaims(peerID: "alice", expiresAt: WallTime(unixSeconds: 0)))
        }
        world.mint.next = [.token(after: .seconds(3))]
        let token = try world.simulation.run { try await provider() }
        #expect(world.simulation.now == .uptimeNanoseconds(3_000_000_000))
        #expect(try JSONWebToken(parsing: token).keyID == "pk_test")
    }

    @Test("a task that gives up a hanging call goes on at once")
    func cancelledProvider() throws {
        let world = World()
        let provider = world.simulation.enter {
            world.mint.provider(for: TokenClaims(peerID: "alice", expiresAt: WallTime(unixSeconds: 0)))
        }
        world.mint.next = [.hang]
        var ending: (any Error)?
        let task = world.simulation.spawn {
            do { _ = try await provider() } catch { ending = error }
        }
        world.run(for: .seconds(9))
        #expect(ending == nil)
        world.simulation.enter { task.cancel() }
        world.run(for: .zero)
        #expect(ending is CancellationError)
    }

    @Test("its bad tokens meet the close code that they deserve")
    func badTokens() throws {
        let world = World()
        let expected: [(TokenMint.Answer, UInt16)] = [(.expiredToken, 4002), (.forgedToken, 4001), (.unknownKey, 4001)]
        for (answer, code) in expected {
            let token = try #require(try outcome(world, answer)?.get())
            let client = world.dial("/v1?token=\(token)")
            world.run()
            #expect(client.close?.code == code)
        }
    }
}

private enum KnownAnswer {
    /// Computed with Python's hmac and hashlib.
    static let token =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0.eyJzdWIiOiJqb2UiLCJleHAiOjEzMDA4MTkzODB9.iFRgZ4mLcfDZi6XThfCrQYMhWx-jv1checboXxLuS0c"

    /// The same claims and key, HMAC-SHA-256, under the names `none` and `HS512`.
    static let otherAlgorithms = [
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIiwia2lkIjoiazEifQ.eyJzdWIiOiJqb2UiLCJleHAiOjEzMDA4MTkzODB9.asmPOYoTL_3lZtr9ZbXSnsiPqowmg66xb3VebwNbUM4",
        "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0.eyJzdWIiOiJqb2UiLCJleHAiOjEzMDA4MTkzODB9.kp16JgYiMNWkWVcSXRNsSGH1ZgF4klnxP6xz6d3f7ZI",
    ]
}
