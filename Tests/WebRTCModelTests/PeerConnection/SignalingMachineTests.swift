import MeteredRealtime
import Testing

@testable import WebRTCModel

@Suite("RTCSignalingState") struct SignalingMachineTests {
    typealias Input = (kind: SessionDescription.Kind, side: SignalingMachine.Side)

    /// The transitions of webrtc-pc section 4.3.1; everything else is illegal.
    private static let legal: [(from: SignalingState, input: Input, to: SignalingState, action: SignalingMachine.Action)] = [
        (.stable, (.offer, .local), .haveLocalOffer, .setPending),
        (.stable, (.offer, .remote), .haveRemoteOffer, .setPending),
        (.haveLocalOffer, (.offer, .local), .haveLocalOffer, .setPending),
        (.haveLocalOffer, (.offer, .remote), .haveRemoteOffer, .rollBackAndSetPending),
        (.haveLocalOffer, (.answer, .remote), .stable, .complete),
        (.haveLocalOffer, (.provisionalAnswer, .remote), .haveRemoteProvisionalAnswer, .setPending),
        (.haveLocalOffer, (.rollback, .local), .stable, .rollBack),
        (.haveLocalOffer, (.rollback, .remote), .stable, .rollBack),
        (.haveRemoteOffer, (.offer, .remote), .haveRemoteOffer, .setPending),
        (.haveRemoteOffer, (.answer, .local), .stable, .complete),
        (.haveRemoteOffer, (.provisionalAnswer, .local), .haveLocalProvisionalAnswer, .setPending),
        (.haveRemoteOffer, (.rollback, .local), .stable, .rollBack),
        (.haveRemoteOffer, (.rollback, .remote), .stable, .rollBack),
        (.haveLocalProvisionalAnswer, (.provisionalAnswer, .local), .haveLocalProvisionalAnswer, .setPending),
        (.haveLocalProvisionalAnswer, (.answer, .local), .stable, .complete),
        (.haveRemoteProvisionalAnswer, (.provisionalAnswer, .remote), .haveRemoteProvisionalAnswer, .setPending),
        (.haveRemoteProvisionalAnswer, (.answer, .remote), .stable, .complete),
    ]

    private static func machine(in state: SignalingState) throws -> SignalingMachine {
        var machine = SignalingMachine()
        switch state {
        case .stable: break
        case .haveLocalOffer: _ = try machine.apply(.offer, from: .local)
        case .haveRemoteOffer: _ = try machine.apply(.offer, from: .remote)
        case .haveLocalProvisionalAnswer:
            _ = try machine.apply(.offer, from: .remote)
            _ = try machine.apply(.provisionalAnswer, from: .local)
        case .haveRemoteProvisionalAnswer:
            _ = try machine.apply(.offer, from: .local)
            _ = try machine.apply(.provisionalAnswer, from: .remote)
        case .closed: machine.close()
        }
        return machine
    }

    @Test(
        "every input in every state does what the table of webrtc-pc says, or fails and changes nothing", arguments: SignalingState.allCases
    )
    func table(state: SignalingState) throws {
        for kind in SessionDescription.Kind.allCases {
            for side in SignalingMachine.Side.allCases {
                var machine = try Self.machine(in: state)
                #expect(machine.state == state)
                let expected = Self.legal.first { $0.from == state && $0.input.kind == kind && $0.input.side == side }
                if let expected {
                    #expect(try machine.apply(kind, from: side) == expected.action, "\(kind) \(side)")
                    #expect(machine.state == expected.to, "\(kind) \(side)")
                } else {
                    #expect(throws: SimulatedPeerConnectionError.invalidState(state)) { _ = try machine.apply(kind, from: side) }
                    #expect(machine.state == state)
                }
            }
        }
    }

    @Test("a rollback takes the pending descriptions back and keeps the current ones")
    func rollbackOfDescriptions() {
        let session = SDPSession(identifier: 1, version: 1, bundle: [], sections: [])
        let old = AppliedDescription(kind: .offer, session: session)
        var descriptions = NegotiatedDescriptions()
        descriptions.apply(old, from: .local, .setPending)
        descriptions.apply(AppliedDescription(kind: .answer, session: session), from: .remote, .complete)
        descriptions.apply(old, from: .local, .setPending)
        descriptions.apply(nil, from: .local, .rollBack)
        #expect(descriptions.pendingLocal == nil && descriptions.currentLocal == old && descriptions.remote?.kind == .answer)
    }

    @Test("operations run one at a time, in the order in which they were asked for")
    func operationsChain() {
        var chain = OperationsChain<Int>()
        #expect(chain.enqueue(1) == 1)
        #expect(chain.enqueue(2) == nil)
        #expect(chain.enqueue(3) == nil)
        #expect(chain.finish() == 2)
        #expect(chain.finish() == 3)
        #expect(chain.finish() == nil)
        #expect(chain.isEmpty && chain.enqueue(4) == 4)
    }
}

@Suite("States derived from transports") struct StateAggregationTests {
    @Test("iceConnectionState is the first match of the table of webrtc-pc section 4.3.4")
    func ice() {
        let table: [([ICEConnectionState], ICEConnectionState)] = [
            ([], .new), ([.new, .closed], .new), ([.connected, .failed], .failed), ([.connected, .disconnected, .checking], .disconnected),
            ([.connected, .new], .checking), ([.checking], .checking), ([.completed, .closed], .completed),
            ([.completed, .connected], .connected),
            ([.connected], .connected),
        ]
        for (states, expected) in table { #expect(StateAggregation.iceConnectionState(states) == expected, "\(states)") }
    }

    @Test("connectionState is the first match of the table of webrtc-pc section 4.3.3")
    func connection() {
        let table: [(ICEConnectionState, DTLSTransportState, PeerConnectionState)] = [
            (.failed, .connected, .failed), (.connected, .failed, .failed), (.disconnected, .connected, .disconnected), (.new, .new, .new),
            (.new, .closed, .new), (.checking, .new, .connecting), (.connected, .new, .connecting), (.connected, .connecting, .connecting),
            (.connected, .connected, .connected), (.completed, .connected, .connected), (.connected, .closed, .connected),
            (.new, .connected, .connecting), (.checking, .connected, .connecting),
        ]
        for (ice, dtls, expected) in table {
            #expect(StateAggregation.connectionState(ice: ice, dtls: [dtls]) == expected, "\(ice) \(dtls)")
        }
    }
}
