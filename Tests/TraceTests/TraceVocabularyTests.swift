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
    @Test("every kind can be made by a producer, complete and of the right types", arguments: TraceKind.allCases)
    func constructors(kind: TraceKind) throws {
        let event = try #require(TraceExamples.all.first { $0.kind == kind })
        #expect(TraceVocabulary.problems(of: event) == [])
        let entry = try #require(TraceVocabulary.entries.first { $0.kind == kind })
        let names = entry.fields.map(\.name)
        let isOpen = [.tcp, .nat, .dns, .ice, .dtls, .sctp].contains(kind)
        #expect(event.fields.members.allSatisfy { names.contains($0.key) } || isOpen)
    }

    @Test("options come back as they were given")
    func options() throws {
        let event = try #require(TraceExamples.client.first)
        let options = TracedOptions(event)
        #expect(options.credential == .token)
        #expect(options.host == "phone")
        #expect(options.maxAttempts == 3)
        #expect(options.reconnectJitter == 0.1)
        #expect(options.autoReconnect == false)
        #expect(options.ackTimeoutNs == nil)
        #expect(TraceEvent.options(at: 0, who: "a", options) == event)
    }

    @Test("a peer's options come back as they were given")
    func peerOptions() throws {
        let event = try #require(TraceExamples.peer.first)
        let options = TracedPeerOptions(event)
        #expect(options.ladderDelaysNs == [0, 1_000_000_000])
        #expect(options.keepsConnectedLinks == true)
        #expect(options.giveUpAfterNs == nil)
        #expect(TraceEvent.peerOptions(at: 0, who: "a", options) == event)
    }

    @Test("a signal comes back as it was given")
    func signal() throws {
        let event = try #require(TraceExamples.peer.first { $0.kind == .signalSent })
        let signal = try #require(TracedSignal(event))
        #expect(signal == TraceExamples.offer)
        #expect(event[.repetition] == 1)
    }

    @Test("the README has the table as the code has it")
    func readme() throws {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let data = try Data(contentsOf: URL(fileURLWithPath: "/\(folder)/Sources/Trace/README.md"))
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains(TraceVocabulary.table), "the table is now:\n\(TraceVocabulary.table)")
    }
}
