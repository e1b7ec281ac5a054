import MeteredRealtime
import NetworkModel

/// A peer of a scenario: the SDK, the app around it, and the host that both run on.
protocol Participant: AnyObject {
    /// What the scenario says of it.
    var peer: Scenario.Peer { get }
    /// Where it runs.
    var host: Host { get }
    /// The state of its signalling client, of the last one if the app made several.
    var state: SignallingState { get }

    /// Schedules what the app does by itself.
    func schedule()
    /// The user presses the retry button (APP-02).
    func retry()
    /// The app calls `close`; a call has no use for the code.
    func close(code: Int, reason: String)
    /// The app sends `times` messages to a peer; a call also to everyone.
    func send(to peerID: String?, bytes: Int, times: Int)
    /// The app reports a change of the network path.
    func networkPathChanged(oldPathGone: Bool)
    /// The app ends: it closes its client and follows it no longer.
    func stop()
}

/// Hands the operating system's path events to the SDK, as an app does (SIG-19).
enum PathEvents {
    /// - Parameters:
    ///   - host: whose events.
    ///   - changed: called on the host's loop.
    static func forward(from host: Host, to changed: @escaping (_ oldPathGone: Bool) -> Void) {
        var isFirst = true
        var isOldPathGone = false
        host.observePath { path in
            // A monitor's first event tells how things are, not that they changed.
            defer { isFirst = false }
            // Between two networks there may be none: what went is told with what came.
            isOldPathGone = isOldPathGone || !path.goneAddresses.isEmpty
            guard path.isSatisfied, !isFirst else { return }
            changed(isOldPathGone)
            isOldPathGone = false
        }
    }
}
