import CompactJSON
import DeterministicRuntime
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Token provider (SIG-07, 08, BEY-07)")
struct TokenTests {
    struct ProviderFailure: Error, CustomStringConvertible {
        let description = "boom https://x/?token=s3cret"
        let code = 42
    }

    /// Answers the n-th call, from 1; counts calls and cancellations.
    final class Provider: @unchecked Sendable {
        enum Answer { case token(String, after: Duration = .zero), failure, hang }
        var calls = 0
        var cancellations = 0
        let answers: (Int) -> Answer

        init(_ answers: @escaping (Int) -> Answer) { self.answers = answers }

        func token() async throws -> String {
            calls += 1
            switch answers(calls) {
            case .token(let token, let delay):
                if delay > .zero { try await Task.sleep(for: delay) }
                return token
            case .failure: throw ProviderFailure()
            case .hang:
                do { try await Task.sleep(for: .seconds(1_000_000)) } catch {
                    cancellations += 1
                    throw error
                }
                return "never"
            }
        }
    }

    private func world(
        _ options: SignallingOptions = SignallingOptions(), dials: @escaping (Int) -> TestServer.Dial = { _ in .accept() },
        _ answers: @escaping (Int) -> Provider.Answer
    ) throws -> (TestWorld, Provider) {
        DeterministicRuntime.install()
        let provider = Provider(answers)
        let world = try TestWorld(options, credential: .tokenProvider { try await provider.token() })
        world.server.dials = dials
        world.server.onOpen = { connection, number in
            connection.welcomeSoon()
            if number == 1 { connection.after(.seconds(1)) { $0.drop() } }
        }
        world.connect()
        return (world, provider)
    }

    @Test("a fresh token is fetched before every attempt")
    func fresh() throws {
        let (world, _) = try world { .token("tok-\($0)", after: .milliseconds(100)) }
        world.run(until: 5_000)
        #expect(world.server.requests.map(\.uri) == ["/v1?token=tok-1", "/v1?token=tok-2"])
        #expect(world.log.dials == [100, 1_750])
    }

    @Test("on the first connect the first failure fails connect, with its type and a scrubbed text")
    func firstFails() throws {
        let (world, _) = try world { _ in .failure }
        world.run(until: 10_000)
        guard case .tokenProviderFailed(let error)? = world.log.finish(of: "connect")?.error else {
            Issue.record("\(String(describing: world.log.finish(of: "connect")))")
            return
        }
        #expect((error.underlying as? ProviderFailure)?.code == 42)
        #expect(error.text == "boom https://x/?token=***")
        #expect(world.log.states == ["0.0 connecting", "0.0 closed"])
        #expect(world.log.events.count == 2)
    }

    @Test("later failures count as attempts; from the third in a row each is reported")
    func failures() throws {
        let (world, _) = try world { (2...5).contains($0) ? .failure : .token("t") }
        world.run(until: 30_000)
        let reports = world.log.entries.compactMap { entry -> String? in
            guard case .event(.tokenProviderFailed(let count, _)) = entry.diagnostic else { return nil }
            return "\(entry.at) \(count)"
        }
        #expect(world.log.attempts == [0, 1_550, 2_550, 4_550, 8_550, 16_550])
        #expect(reports == ["4550.0 3", "8550.0 4"])
        #expect(world.state == .connected)
    }

    @Test("a call that takes 10 s is cancelled and counts as a failure")
    func timeout() throws {
        let (world, provider) = try world { $0 == 2 ? .hang : .token("t") }
        world.run(until: 20_000)
        #expect(world.log.attempts == [0, 1_550, 12_550])
        #expect(provider.cancellations == 1)
        #expect(world.state == .connected)
    }

    @Test("an empty token is a failure")
    func empty() throws {
        let (world, _) = try world { _ in .token("") }
        world.run(until: 1_000)
        #expect(world.log.finish(of: "connect")?.error == .tokenProviderFailed(RedactedError(EmptyToken())))
    }

    @Test("failures spend the attempt budget, and the end is reported")
    func budget() throws {
        var options = SignallingOptions()
        options.maximumAttempts = 4
        let (world, _) = try world(options) { $0 == 1 ? .token("t") : .failure }
        world.run(until: 60_000)
        #expect(world.log.disconnects == ["1050.0 1006  true", "8550.0 1006 token provider failed false"])
        #expect(world.log.states.last == "8550.0 closed")
    }

    @Test("after 4002 the next attempt uses a fresh token")
    func expired() throws {
        let (world, _) = try world { .token("tok-\($0)") }
        world.server.onOpen = { connection, number in
            connection.welcomeSoon()
            if number == 1 { connection.after(.seconds(1)) { $0.send(close: 4_002, reason: "expired") } }
        }
        world.run(until: 5_000)
        #expect(world.log.disconnects == ["1050.0 4002 expired true"])
        #expect(world.server.requests.last?.uri == "/v1?token=tok-2")
    }

    @Test("refused tokens are retried; from the third in a row on each raises a token-provider error")
    func refused() throws {
        let (world, provider) = try world(dials: { $0 == 1 || $0 == 6 ? .accept() : .http(.forbidden) }) { .token("tok-\($0)") }
        world.run(until: 60_000)
        let counts = world.log.events.compactMap { if case .tokenProviderFailed(let count, _) = $0 { count } else { nil } }
        #expect(world.log.events.filter { $0 == .upgradeRejected(status: 403) }.count == 4)
        #expect(counts == [3, 4])
        #expect(provider.calls == 6)
        #expect(world.state == .connected)
    }

    @Test("close() during a token call cancels it and ends at once")
    func closeDuringToken() throws {
        let (world, provider) = try world { $0 == 1 ? .token("t") : .hang }
        world.close(at: 3_000)
        world.run(until: 20_000)
        #expect(provider.cancellations == 1)
        #expect(world.log.finish(of: "close")?.at == 3_000)
        #expect(world.log.states.last == "3000.0 closed")
        #expect(world.log.attempts == [0, 1_550])
    }

    @Test("close() during the first token call fails connect")
    func closeDuringFirstToken() throws {
        let (world, provider) = try world { _ in .hang }
        world.close(at: 3_000)
        world.run(until: 20_000)
        #expect(world.log.finish(of: "connect") == .init(call: "connect", result: .failure(.closed), at: 3_000))
        #expect(provider.cancellations == 1)
    }

    @Test("the token of an abandoned call is not used by the next session")
    func staleToken() throws {
        let (world, _) = try world { .token("tok-\($0)", after: .seconds(5)) }
        world.close(at: 1_000)
        world.connect(at: 2_000)
        world.run(until: 8_000)
        #expect(world.server.requests.map(\.uri) == ["/v1?token=tok-2"])
        #expect(world.log.dials == [7_000])
    }
}
