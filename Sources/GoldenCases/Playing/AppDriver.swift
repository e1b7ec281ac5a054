import CompactJSON
import DeterministicRuntime
import NIOCore
import SimulationKernel

/// What the application of a case uses: a client alone, or a peer. Confined to the simulation's thread.
protocol PlayedSubject: AnyObject {
    /// Makes a call; it throws as the SDK does.
    func make(_ call: AppCall) async throws
    /// The event listeners are registered again.
    func reattach()
    /// What a `dump` or `end` line says of it.
    var state: JSONObject { get }
    /// Ends what is still under way, when the play is over.
    func tidyUp() async
}

/// The application of a case: makes its calls when they are due, each in a task of its own. Confined to the simulation's thread.
final class AppDriver {
    private let entries: [AppEntry]
    private let subject: any PlayedSubject
    private let server: ScriptedServer
    private let recorder: LineRecorder
    /// How many lines each entry's trigger has matched.
    private var matches: [Int]

    init(_ entries: [AppEntry], subject: any PlayedSubject, server: ScriptedServer) {
        self.entries = entries
        self.subject = subject
        self.server = server
        recorder = server.recorder
        matches = Array(repeating: 0, count: entries.count)
    }

    /// Schedules the entries with a time and watches the lines for the others.
    func start() {
        recorder.onLine = { [unowned self] in lineRecorded($0) }
        for (index, entry) in entries.enumerated() {
            guard case .at(let time) = entry.trigger else { continue }
            server.after(time) { [self] in perform(index) }
        }
    }

    private func lineRecorded(_ line: GoldenLine) {
        for (index, entry) in entries.enumerated() {
            guard case .line(let match, let ordinal, let delay, let inline) = entry.trigger, line.fits(match) else { continue }
            matches[index] += 1
            guard matches[index] == ordinal else { continue }
            if inline {
                perform(index)
            } else {
                server.after(delay) { [self] in performBehindTheInstant(index, rounds: delay == .zero ? Self.rounds : 0) }
            }
        }
    }

    /// After so many rounds an instant brings nothing more by itself.
    private static let rounds = 8

    /// A reaction without a delay comes behind what the instant brings by itself, as the calls of an application do that hears of it in a task.
    private func performBehindTheInstant(_ index: Int, rounds: Int) {
        if rounds == 0 { perform(index) } else { server.after(.zero) { [self] in performBehindTheInstant(index, rounds: rounds - 1) } }
    }

    private func perform(_ index: Int) {
        let call = entries[index].call
        switch call {
        case .reattach: subject.reattach()
        case .dump: recordState("dump")
        case .connect, .close, .subscribe, .unsubscribe, .publish, .clientSend, .peer:
            let members: JSONObject = ["id": .integer(Int64(index + 1)), "do": .string(call.name)]
            recorder.record("app", "call", members)
            server.loop.spawn { [self] in await make(call, members) }
        }
    }

    private func make(_ call: AppCall, _ members: JSONObject) async {
        var result = members
        do {
            try await subject.make(call)
            result["ok"] = true
        } catch {
            result["ok"] = false
            for (key, value) in FailureMembers.members(of: error) { result[key] = value }
        }
        recorder.record("app", "result", result)
    }

    /// A `dump` or `end` line.
    func recordState(_ what: String) {
        var members = subject.state
        members["openSockets"] = .array(server.openSockets.map { .integer(Int64($0.ordinal)) })
        recorder.record("app", what, members)
    }
}

extension GoldenLine {
    /// Whether the line has these members, its time, subject and kind among them.
    func fits(_ match: JSONObject) -> Bool {
        let members = json
        return match.allSatisfy { key, value in members[key].map { $0.means(value) } ?? false }
    }
}
