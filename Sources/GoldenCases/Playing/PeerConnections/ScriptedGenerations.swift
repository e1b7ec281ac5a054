import MeteredRealtime

/// The `gens` of a case: which script the next generation of a link follows. Confined to the simulation's thread.
///
/// In the official SDK every generation is a peer connection of its own. Ours restarts ICE on the same connection, so that each restart of its own and
/// each new user-name fragment in an offer of the remote peer takes the next entry; so does a new connection (SPEC section 6, "The golden comparison").
final class ScriptedGenerations {
    /// One generation of a link.
    struct Generation {
        /// Its ordinal, from 1 over the whole case.
        let ordinal: Int
        /// The local user-name fragment.
        let userFragment: String
        /// What becomes of the link.
        let script: RemoteScript.Generation
    }

    private let scripted: GoldenCase
    private let recorder: LineRecorder
    private var ordinals: [String: Int] = [:]

    init(_ scripted: GoldenCase, recorder: LineRecorder) {
        self.scripted = scripted
        self.recorder = recorder
    }

    /// Takes the next entry of a remote peer.
    func next(for remoteID: String) -> Generation {
        let ordinal = ordinals[remoteID, default: 0] + 1
        ordinals[remoteID] = ordinal
        let userFragment = "l-\(remoteID)-\(ordinal)"
        recorder.show(userFragment: userFragment)
        return Generation(ordinal: ordinal, userFragment: userFragment, script: scripted.remote(remoteID).generation(ordinal))
    }
}
