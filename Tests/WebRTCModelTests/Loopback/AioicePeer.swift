import Foundation
import NetworkModel

@testable import WebRTCModel

/// aioice as a child process.
final class AioicePeer {
    struct Unavailable: Error, CustomStringConvertible { let description: String }

    /// A Python that has `aioice`; `.ci/test` sets it.
    static let python = ProcessInfo.processInfo.environment["FAULTLINE_PYTHON"]

    private struct Message: Codable {
        var ufrag: String?
        var pwd: String?
        var candidates: [String]?
        var connected: Bool?
        var error: String?
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()
    let parameters: ICEParameters
    let candidates: [CandidateAttribute]

    /// Starts it and waits for its candidates.
    init(isControlling: Bool, turnPort: UInt16? = nil, user: String = "", password: String = "") throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("aioice_peer.py").path
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [Self.python ?? "python3", script] + (isControlling ? ["--controlling"] : [])
        if let turnPort { process.arguments? += ["--turn-port", "\(turnPort)", "--user", user, "--password", password] }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        guard let line = Self.readLine(output.fileHandleForReading, &unread), let ufrag = line.ufrag, let password = line.pwd else {
            throw Unavailable(description: "aioice does not start with '\(Self.python ?? "python3")'")
        }
        parameters = ICEParameters(usernameFragment: ufrag, password: password)
        candidates = try (line.candidates ?? []).map { try CandidateAttribute(parsing: $0) }
    }

    deinit {
        if process.isRunning {
            // Not a signal that the child may have inherited as blocked.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    /// What signalling does.
    func tell(_ parameters: ICEParameters, _ candidates: [CandidateAttribute]) throws {
        let message = Message(
            ufrag: parameters.usernameFragment, pwd: parameters.password,
            candidates: candidates.map { String($0.description.dropFirst("candidate:".count)) })
        try input.fileHandleForWriting.write(contentsOf: try JSONEncoder().encode(message) + Data("\n".utf8))
    }

    /// What became of its `connect()`; waits for it.
    func outcome() -> String {
        guard let line = Self.readLine(output.fileHandleForReading, &unread) else { return "aioice ended" }
        return line.error ?? (line.connected == true ? "connected" : "nothing")
    }

    private static func readLine(_ file: FileHandle, _ unread: inout Data) -> Message? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Data(unread[unread.startIndex..<end])
                unread = Data(unread[unread.index(after: end)...])
                return try? JSONDecoder().decode(Message.self, from: line)
            }
            let more = file.availableData
            guard !more.isEmpty else { return nil }
            unread.append(more)
        }
    }
}
