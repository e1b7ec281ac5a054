import CompactJSON
import Testing
import Trace

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("The vocabulary")
struct TraceVocabularyTests {
    /// One event of every kind, made as producers make them.
    static let examples: [TraceEvent] = {
        var options = TracedOptions()
        options.credential = .token
        options.host = "phone"
        options.maxAttempts = 3
        options.reconnectJitter = 0.1
        options.autoReconnect = false
        return [
            .options(at: 0, who: "a", options), .state(at: 0, who: "a", from: "idle", to: "connecting"),
            .attempt(at: 0, who: "a", n: 0, ordinal: 1), .token(at: 0, who: "a", phase: .failed, n: 1, error: "timeout"),
            .dial(at: 0, who: "a", host: "h", port: 443, tls: true), .dialFailed(at: 0, who: "a", error: "refused", status: 401),
            .open(at: 0, who: "a"), .welcome(at: 0, who: "a", peerID: "p", maxMessageSize: 65_536),
            .backoff(at: 0, who: "a", attempt: 1, baseNs: 1, floorNs: 2, delayNs: 3, reason: "r"),
            .backoffShortened(at: 0, who: "a", remainingNs: 1), .lateAck(at: 0, who: "a", requestID: "r"), .connectCalled(at: 0, who: "a"),
            .sent(at: 0, who: "a", frame: "publish", requestID: "r", channel: "c", to: "p", bytes: 10, dataBytes: 2),
            .received(at: 0, who: "a", frame: "ack", requestID: "r", channel: "c", from: "p", code: "x", bytes: 9, rawRetryAfter: 5),
            .droppedFrame(at: 0, who: "a", reason: "bad JSON", binary: false), .closeSent(at: 0, who: "a", code: 1000, reason: ""),
            .closeReceived(at: 0, who: "a", code: 1000, reason: ""), .closeAbandoned(at: 0, who: "a"),
            .socketClosed(at: 0, who: "a", code: 1000, reason: "", opened: true),
            .connected(at: 0, who: "a", peerID: "p", reconnect: false),
            .disconnected(at: 0, who: "a", code: 1006, reason: "", willReconnect: true),
            .presence(at: 0, who: "a", channel: "c", joined: ["p"], left: []), .message(at: 0, who: "a", channel: "c", from: "p"),
            .direct(at: 0, who: "a", from: "p"), .serverError(at: 0, who: "a", code: "x"), .goingAway(at: 0, who: "a", retryAfterNs: 1),
            .tokenProviderError(at: 0, who: "a", count: 3), .replayFailed(at: 0, who: "a", channel: "c", error: "e"),
            .upgradeRejected(at: 0, who: "a", status: 401), .request(at: 0, who: "a", id: "r", kind: .replay, channel: "c"),
            .requestDone(at: 0, who: "a", id: "r", kind: .replay, outcome: .rejected, code: "x"), .watchdog(at: 0, who: "a", silenceNs: 1),
            .pathChanged(at: 0, who: "a", oldPathGone: true), .closeCalled(at: 0, who: "a"), .closedDone(at: 0, who: "a"),
            .log(at: 0, who: "a", level: "info", text: "t"), .app(at: 0, who: "a", .shows("banner")),
            .interface(at: 0, who: "phone", name: "wifi", up: true, address: "10.0.0.2"), .path(at: 0, who: "phone", satisfied: true),
            .sleep(at: 0, who: "phone", clock: .stops), .wake(at: 0, who: "phone"), .appSuspended(at: 0, who: "phone", clock: .continues),
            .appResumed(at: 0, who: "phone"), .wallClock(at: 0, who: "phone", jumpNs: -1),
            .packetDropped(at: 0, who: "wifi", link: "wifi", reason: "loss", fault: "f", transport: "TCP", count: 2, bytes: 99),
            .network(.tcp, at: 0, who: "phone", event: "syn", details: ["n": 1]), .network(.nat, at: 0, who: "nat", event: "bound"),
            .network(.dns, at: 0, who: "phone", event: "query"), .accept(at: 0, connection: 1, peer: "p"),
            .serviceClose(at: 0, connection: 1, peer: "p", code: 1000, reason: ""), .serviceRefused(at: 0, reason: "down", status: 503),
            .serviceState(at: 0, state: "down"), .timeline(at: 0, name: "doors close", action: "blackout", phase: .begin),
        ]
    }()

    @Test("every kind can be made by a producer, complete and of the right types", arguments: TraceKind.allCases)
    func constructors(kind: TraceKind) throws {
        let event = try #require(Self.examples.first { $0.kind == kind })
        #expect(TraceVocabulary.problems(of: event) == [])
        let entry = try #require(TraceVocabulary.entries.first { $0.kind == kind })
        let names = entry.fields.map(\.name)
        let isOpen = kind == .tcp || kind == .nat || kind == .dns
        #expect(event.fields.members.allSatisfy { names.contains($0.key) } || isOpen)
    }

    @Test("options come back as they were given")
    func options() throws {
        let event = try #require(Self.examples.first)
        let options = TracedOptions(event)
        #expect(options.credential == .token)
        #expect(options.host == "phone")
        #expect(options.maxAttempts == 3)
        #expect(options.reconnectJitter == 0.1)
        #expect(options.autoReconnect == false)
        #expect(options.ackTimeoutNs == nil)
        #expect(TraceEvent.options(at: 0, who: "a", options) == event)
    }

    @Test("the README has the table as the code has it")
    func readme() throws {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let data = try Data(contentsOf: URL(fileURLWithPath: "/\(folder)/Sources/Trace/README.md"))
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains(TraceVocabulary.table), "the table is now:\n\(TraceVocabulary.table)")
    }
}
