import MeteredRealtime

/// `RTCSignalingState` and its transitions (webrtc-pc section 4.3.1, RFC 8829 section 3.2).
struct SignalingMachine: Hashable, Sendable {
    /// Whose description.
    enum Side: Hashable, Sendable, CaseIterable {
        case local, remote
    }

    /// What applying a description means.
    enum Action: Hashable, Sendable {
        /// It becomes the pending description.
        case setPending
        /// The pending offer is taken back, then this offer becomes pending (webrtc-pc section 4.4.1.5, step 4.2: the implicit rollback).
        case rollBackAndSetPending
        /// It and the pending offer become current.
        case complete
        /// The pending offer is taken back.
        case rollBack
    }

    private(set) var state = SignalingState.stable

    /// Applies a description.
    /// - Throws: ``SimulatedPeerConnectionError/invalidState(_:)`` with the state unchanged.
    mutating func apply(_ kind: SessionDescription.Kind, from side: Side) throws(SimulatedPeerConnectionError) -> Action {
        switch kind {
        case .offer: try offer(from: side)
        case .answer: try answer(from: side)
        case .provisionalAnswer: try provisionalAnswer(from: side)
        case .rollback: try rollBack()
        }
    }

    /// `close()` was called.
    mutating func close() { state = .closed }

    private mutating func offer(from side: Side) throws(SimulatedPeerConnectionError) -> Action {
        switch (state, side) {
        case (.stable, .local), (.haveLocalOffer, .local):
            state = .haveLocalOffer
            return .setPending
        case (.stable, .remote), (.haveRemoteOffer, .remote):
            state = .haveRemoteOffer
            return .setPending
        case (.haveLocalOffer, .remote):
            state = .haveRemoteOffer
            return .rollBackAndSetPending
        case (.haveRemoteOffer, .local), (.haveLocalProvisionalAnswer, _), (.haveRemoteProvisionalAnswer, _), (.closed, _):
            throw .invalidState(state)
        }
    }

    private mutating func answer(from side: Side) throws(SimulatedPeerConnectionError) -> Action {
        guard takesAnswer(from: side) else { throw .invalidState(state) }
        state = .stable
        return .complete
    }

    private mutating func provisionalAnswer(from side: Side) throws(SimulatedPeerConnectionError) -> Action {
        guard takesAnswer(from: side) else { throw .invalidState(state) }
        switch side {
        case .local: state = .haveLocalProvisionalAnswer
        case .remote: state = .haveRemoteProvisionalAnswer
        }
        return .setPending
    }

    private func takesAnswer(from side: Side) -> Bool {
        switch (state, side) {
        case (.haveRemoteOffer, .local), (.haveLocalProvisionalAnswer, .local): true
        case (.haveLocalOffer, .remote), (.haveRemoteProvisionalAnswer, .remote): true
        case (.stable, _), (.closed, _), (.haveLocalOffer, .local), (.haveRemoteOffer, .remote), (.haveLocalProvisionalAnswer, .remote),
            (.haveRemoteProvisionalAnswer, .local):
            false
        }
    }

    private mutating func rollBack() throws(SimulatedPeerConnectionError) -> Action {
        switch state {
        case .haveLocalOffer, .haveRemoteOffer:
            state = .stable
            return .rollBack
        case .stable, .haveLocalProvisionalAnswer, .haveRemoteProvisionalAnswer, .closed: throw .invalidState(state)
        }
    }
}
