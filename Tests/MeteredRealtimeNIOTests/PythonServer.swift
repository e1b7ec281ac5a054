import CompactJSON
import Foundation
import Testing

/// The Python server as a child process, and what it says.
final class PythonServer: @unchecked Sendable {
    struct Unavailable: Error, CustomStringConvertible { let description: String }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let errors = Pipe()
    private var unread = Data()

    /// The port on 127.0.0.1.
    let port: Int
    /// Where its self-signed certificate is, if it speaks TLS.
    let certificate: String?

    /// Starts the server and waits until it listens.
    ///
    /// Python is `FAULTLINE_PYTHON` or `python3`; it needs the packages `websockets` and, for TLS, `cryptography`.
    init(port: Int = 0, tls: Bool = false) throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Server/server.py").path
        let python = ProcessInfo.processInfo.environment["FAULTLINE_PYTHON"] ?? "python3"
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python, script, "--port", "\(port)"] + (tls ? ["--tls"] : [])
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        guard let line = Self.readLine(output.fileHandleForReading, &unread), let port = line["port"]?.int64Value else {
            let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            throw Unavailable(description: "the test server does not start with '\(python)': \(text)")
        }
        self.port = Int(port)
        certificate = line["certificate"]?.stringValue
    }

    deinit { kill() }

    /// Closes every client.
    func closeClients(code: Int, reason: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data("{\"do\":\"close\",\"code\":\(code),\"reason\":\"\(reason)\"}\n".utf8))
    }

    /// Ends the process without a word to its clients.
    func kill() {
        if process.isRunning {
            Foundation.kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        if let certificate { try? FileManager.default.removeItem(atPath: certificate) }
    }

    /// The next line of what happens, or nil at the end.
    func next() -> JSONValue? { Self.readLine(output.fileHandleForReading, &unread) }

    private static func readLine(_ file: FileHandle, _ unread: inout Data) -> JSONValue? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(unread[unread.startIndex..<end])
                unread = Data(unread[unread.index(after: end)...])
                return try? JSONValue(parsing: line)
            }
            let more = file.availableData
            guard !more.isEmpty else { return nil }
            unread.append(more)
        }
    }
}
