import Foundation

/// coturn as a child process on 127.0.0.1, with made-up users.
final class CoturnServer: @unchecked Sendable {
    struct Unavailable: Error, CustomStringConvertible { let description: String }

    /// Where the binary is; `.ci/test` sets it.
    static let path = ProcessInfo.processInfo.environment["FAULTLINE_TURNSERVER"]

    private let process = Process()
    private let output = Pipe()
    private let directory: URL
    /// UDP and TCP.
    let port: UInt16

    /// Starts it and waits until it listens.
    ///
    /// - Parameters:
    ///   - port: a free one.
    ///   - arguments: users or a secret, quota.
    init(port: UInt16, _ arguments: [String]) throws {
        self.port = port
        directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "coturn-\(port)-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        process.executableURL = URL(fileURLWithPath: Self.path ?? "/usr/bin/turnserver")
        process.arguments =
            [
                "-n", "-v", "--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1", "--listening-port", "\(port)", "--realm",
                "turn.example",
                "--allow-loopback-peers", "--no-cli", "--no-tls", "--no-dtls", "--log-file", "stdout", "--simple-log",
                "--pidfile", directory.appendingPathComponent("pid").path, "--userdb", directory.appendingPathComponent("db").path,
            ] + arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try waitUntilItListens()
        // What it says later is read and dropped, so that it never waits for the pipe.
        output.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
    }

    private func waitUntilItListens() throws {
        var text = ""
        while !text.contains("UDP listener opened on") || !text.contains("TCP listener opened on") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Unavailable(description: "coturn does not start: \(text)") }
            text += String(decoding: more, as: UTF8.self)
        }
    }

    deinit {
        output.fileHandleForReading.readabilityHandler = nil
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: directory)
    }
}
