import MeteredRealtime
import NIOCore

/// The peer connections of a play. The seam does not say whom a connection is for; the SDK's diagnostics do, right after it was made.
///
/// `@unchecked Sendable`: the seam demands it; a factory is confined to its simulation's thread.
final class ScriptedPeerConnectionFactory: PeerConnectionFactory, @unchecked Sendable {
    private let script: PeerConnectionScript
    private let generations: ScriptedGenerations
    private let server: ScriptedServer
    private var unassigned: [ScriptedPeerConnection] = []

    init(_ scripted: GoldenCase, server: ScriptedServer) {
        script = scripted.peerConnections
        generations = ScriptedGenerations(scripted, recorder: server.recorder)
        self.server = server
    }

    func makePeerConnection(_ configuration: PeerConnectionConfiguration, eventLoop: any EventLoop) throws -> any PeerConnection {
        let connection = ScriptedPeerConnection(script, generations, server)
        unassigned.append(connection)
        return connection
    }

    /// The connection made last is this remote peer's.
    func assign(to remoteID: String) {
        guard let connection = unassigned.popLast() else { return }
        connection.assign(to: remoteID)
    }
}
