import Testing

@testable import MeteredRealtime

@Suite("The public state of a remote peer (ICE-06, ROS-01, BEY-24)")
struct LinkStateTests {
    private func to(_ change: LinkState.Change?) -> RemotePeerState? { change?.to }

    private func states(_ transports: [PeerConnectionState], from state: LinkState = LinkState()) -> [RemotePeerState] {
        var state = state
        return transports.compactMap { state.transport($0)?.to }
    }

    @Test("a first connection goes through connecting")
    func first() { #expect(states([.new, .connecting, .connected]) == [.connecting, .connected]) }

    @Test("a lost connection is reconnecting at disconnected, without the hop through connecting")
    func hop() {
        #expect(
            states([.connecting, .connected, .disconnected, .failed, .connecting, .connected]) == [
                .connecting, .connected, .reconnecting, .connected,
            ])
    }

    @Test("a connection that heals by itself comes back")
    func heals() { #expect(states([.connected, .disconnected, .connected]) == [.connected, .reconnecting, .connected]) }

    @Test("a connection that the remote peer ended is closed, and comes back through connecting")
    func closed() { #expect(states([.connected, .closed, .connecting, .connected]) == [.connected, .closed, .connecting, .connected]) }

    @Test("without signalling it is reconnecting whatever the connection does")
    func held() {
        var state = LinkState()
        _ = state.transport(.connected)
        #expect(to(state.signallingLost()) == .reconnecting)
        #expect(state.transport(.disconnected) == nil)
        #expect(state.transport(.connected) == nil)
        #expect(state.state == .reconnecting)
    }

    @Test("a kept connection shows its state again when signalling is back")
    func kept() {
        var state = LinkState()
        _ = state.transport(.connected)
        _ = state.signallingLost()
        #expect(to(state.signallingReady(.connected)) == .connected)
    }

    @Test(
        "every state becomes reconnecting when signalling is lost", arguments: [PeerConnectionState.new, .connecting, .connected, .closed])
    func everyState(transport: PeerConnectionState) {
        var state = LinkState()
        _ = state.transport(transport)
        #expect(to(state.signallingLost()) == .reconnecting)
    }

    @Test("a swap stays reconnecting until the new connection is up")
    func swap() {
        var state = LinkState()
        _ = state.transport(.connected)
        _ = state.signallingLost()
        #expect(state.swapped(carriesSomething: true) == nil)
        #expect(state.transport(.connecting) == nil)
        #expect(to(state.transport(.connected)) == .connected)
    }

    @Test("a swap of a link that carries nothing ends in idle")
    func swapOfNothing() {
        var state = LinkState()
        _ = state.signallingLost()
        #expect(to(state.swapped(carriesSomething: false)) == .idle)
    }

    @Test("nothing follows closed")
    func end() {
        var state = LinkState()
        #expect(to(state.close()) == .closed)
        #expect(state.transport(.connected) == nil)
    }
}
