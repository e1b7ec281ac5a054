import MeteredRealtime
import NIOCore

/// The peer connections of a play. The seam does not say whom a connection is for; the SDK's diagnostics do, right before it is made, or (of a
/// remote peer that the application does not know yet) after.
///
/// `@unchecked Sendable`: the seam demands it; a factory is confined to its simulation's thread.
final class ScriptedPeerConnectionFactory: PeerConnectionFactory, @unchecked Sendable {
    private let script: PeerConnectionScript
    private let generations: ScriptedGenerations
    private let server: ScriptedServer
    private var unassigned: ScriptedPeerConnection?
    private var expected: String?

    init(_ scripted: GoldenCase, server: ScriptedServer) {
        script = scripted.peerConnections
        generations = ScriptedGenerations(scripted, recorder: server.recorder)
        self.server = server
    }

    func makePeerConnection(_ configuration: PeerConnectionConfiguration, eventLoop: any EventLoop) throws -> any PeerConnection {
        let connection = ScriptedPeerConnection(script, generations, server)
        if let remoteID = expected { connection.assign(to: remoteID) } else { unassigned = connection }
        expected = nil
        return connection
    }

    /// The connection that was made last and is nobody's, or else the next one, is this remote peer's.
    func assign(to remoteID: String) {
        if let connection = unassigned { connection.assign(to: remoteID) } else { expected = remoteID }
        unassigned = nil
    }
}
