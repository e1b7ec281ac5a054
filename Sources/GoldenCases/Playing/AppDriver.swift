import CompactJSON
import DeterministicRuntime
import MeteredRealtime
import NIOCore
import SimulationKernel

/// The application of a case: makes its calls when they are due, each in a task of its own. Confined to the simulation's thread.
final class AppDriver {
    /// Close code and reason of the official SDK's close() without arguments.
    private static let defaultClose = (code: UInt16(1000), reason: "client requested close")

    private let entries: [AppEntry]
    private let client: SignallingClient
    private let server: ScriptedServer
    private let recorder: LineRecorder
    private let lines: ClientLines
    /// How many lines each entry's trigger has matched.
    private var matches: [Int]

    init(_ entries: [AppEntry], client: SignallingClient, server: ScriptedServer, lines: ClientLines) {
        self.entries = entries
        self.client = client
        self.server = server
        self.lines = lines
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
            if inline { perform(index) } else { server.after(delay) { [self] in perform(index) } }
        }
    }

    private func perform(_ index: Int) {
        let call = entries[index].call
        switch call {
        case .reattach: lines.reattach()
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
            try await make(call)
            result["ok"] = true
        } catch {
            result["ok"] = false
            for (key, value) in FailureMembers.members(of: error) { result[key] = value }
        }
        recorder.record("app", "result", result)
    }

    private func make(_ call: AppCall) async throws {
        switch call {
        case .connect: _ = try await client.connect()
        case .close(let code, let reason):
            await client.close(
                code: CloseCode(rawValue: code ?? Self.defaultClose.code), reason: reason ?? Self.defaultClose.reason)
            lines.closeReturned()
        case .subscribe(let channel, let includeSenderMetadata):
            try await client.subscribe(channel, includeSenderMetadata: includeSenderMetadata)
        case .unsubscribe(let channel): try await client.unsubscribe(channel)
        case .publish(let channel, let data): try await client.publish(data, to: channel)
        case .clientSend(let to, let data): try await client.send(data, to: to)
        case .reattach, .dump, .peer: preconditionFailure("\(call.name) is not a call of the client")
        }
    }

    /// A `dump` or `end` line.
    func recordState(_ what: String) {
        let sockets = server.openSockets.map { JSONValue.integer(Int64($0.ordinal)) }
        recorder.record("app", what, ["client": .string(client.state.rawValue), "openSockets": .array(sockets)])
    }
}

extension GoldenLine {
    /// Whether the line has these members, its time, subject and kind among them.
    func fits(_ match: JSONObject) -> Bool {
        let members = json
        return match.allSatisfy { key, value in members[key].map { $0.means(value) } ?? false }
    }
}
