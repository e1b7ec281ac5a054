import CompactJSON
import MeteredRealtime
import NIOCore

/// The SDK's source of byte streams in a play: every dial goes to the scripted service.
///
/// `@unchecked Sendable`: the SDK demands it; a connector is confined to its simulation's thread.
final class ScriptedConnector: Connector, @unchecked Sendable {
    private let server: ScriptedServer
    private let credential: () -> String

    /// - Parameter credential: what a `connectAttempt` line says of the credential of the attempt that starts.
    init(server: ScriptedServer, credential: @escaping () -> String) {
        self.server = server
        self.credential = credential
    }

    var eventLoop: any EventLoop { server.loop }

    func connect(host: String, port: Int, tls: Bool) -> EventLoopFuture<any Channel> {
        server.recorder.record(
            "client", "connectAttempt", ["n": .integer(Int64(server.lastAttempt + 1)), "cred": .string(credential())])
        return server.attempt()
    }
}
