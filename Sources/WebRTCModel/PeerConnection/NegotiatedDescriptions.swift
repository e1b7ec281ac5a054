import MeteredRealtime

/// A description as applied: the text and what it says.
struct AppliedDescription: Hashable, Sendable {
    var kind: SessionDescription.Kind
    var session: SDPSession
}

/// The four description slots of webrtc-pc section 4.4.1.1.
struct NegotiatedDescriptions: Hashable, Sendable {
    var currentLocal: AppliedDescription?
    var currentRemote: AppliedDescription?
    var pendingLocal: AppliedDescription?
    var pendingRemote: AppliedDescription?

    var local: AppliedDescription? { pendingLocal ?? currentLocal }
    var remote: AppliedDescription? { pendingRemote ?? currentRemote }

    /// Puts a description where the action says (webrtc-pc section 4.4.1.5, steps 4.6 and following).
    mutating func apply(_ description: AppliedDescription?, from side: SignalingMachine.Side, _ action: SignalingMachine.Action) {
        switch action {
        case .rollBack: rollBack()
        case .setPending: setPending(description, side)
        case .rollBackAndSetPending:
            rollBack()
            setPending(description, side)
        case .complete:
            setPending(description, side)
            currentLocal = pendingLocal
            currentRemote = pendingRemote
            rollBack()
        }
    }

    private mutating func rollBack() {
        pendingLocal = nil
        pendingRemote = nil
    }

    private mutating func setPending(_ description: AppliedDescription?, _ side: SignalingMachine.Side) {
        switch side {
        case .local: pendingLocal = description
        case .remote: pendingRemote = description
        }
    }
}
