import NIOCore

/// Notices a link that stays in `connecting` or `disconnected` (BEY-15), or that does not connect after a restart outside the ladder.
///
/// `new` counts as connecting once an offer is answered: BEY-15 is about a link that nobody helps, and webrtc-pc (section 4.3.3) leaves a connection in `new` for
/// ever if neither side has found a candidate, because then no transport has anything to check. Its 20 s run from the answer on, before which there is nothing
/// to connect; leaving `new` for `connecting` begins them anew, since from then on the state says by itself how long it takes. A link with nothing to negotiate
/// is never stuck (BEY-24).
struct StuckWatch: Hashable, Sendable {
    private let timeout: TimeAmount
    /// When the link counts as stuck, or nil.
    private(set) var deadline: NIODeadline?
    /// The deadline is of a link in `new`.
    private var isForNew = false

    init(_ options: PeerOptions) { timeout = options.stuckTimeout }

    /// The connection state changed. Going from one of the two states to the other does not start the time anew; leaving `new` for one of them does.
    mutating func changed(to state: PeerConnectionState, at now: NIODeadline) {
        if isForNew { deadline = nil }
        isForNew = false
        switch state {
        case .connecting, .disconnected: deadline = deadline ?? limit(from: now)
        case .new, .connected, .failed, .closed: deadline = nil
        }
    }

    /// ICE was restarted outside the ladder: a connection that had failed already will not say so again.
    mutating func restarted(at now: NIODeadline, from state: PeerConnectionState) {
        switch state {
        case .connecting, .disconnected, .failed: deadline = limit(from: now)
        case .new, .connected, .closed: break
        }
    }

    /// An offer is answered, here or there. A connection that finds no candidate has nothing to check: it stays in `new`, and says nothing.
    mutating func agreed(at now: NIODeadline, in state: PeerConnectionState) {
        switch state {
        case .new:
            deadline = deadline ?? limit(from: now)
            isForNew = true
        case .connecting, .connected, .disconnected, .failed, .closed: break
        }
    }

    /// The deadline has come: it is not noticed again until the state has changed to another.
    mutating func fired() { deadline = nil }

    private func limit(from now: NIODeadline) -> NIODeadline? { timeout > .zero ? now + timeout : nil }
}
