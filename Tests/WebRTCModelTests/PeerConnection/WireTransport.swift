import MeteredRealtime
import NIOCore
import NetworkModel
import SimulationKernel

@testable import WebRTCModel

/// ICE without a network: two ends that connect as soon as each knows the other's credentials and a candidate. For tests of what lies above.
final class Wire {
    let simulation: Simulation
    /// From one end to the other.
    var delay = TimeAmount.milliseconds(20)
    /// Whether a datagram is lost, by sender (0 or 1) and count.
    var loses: (_ sender: Int, _ datagram: ByteBuffer) -> Bool = { _, _ in false }
    private(set) var ends: [WireTransport] = []
    private(set) var datagrams: [(sender: Int, bytes: ByteBuffer)] = []
    var keepsDatagrams = false

    init(_ simulation: Simulation) { self.simulation = simulation }

    func makeEnd() -> WireTransport {
        var random = simulation.random("wire/\(ends.count)")
        let end = WireTransport(wire: self, index: ends.count, parameters: ICEParameters(random: &random))
        ends.append(end)
        return end
    }

    func carry(_ datagram: ByteBuffer, from sender: Int) {
        if keepsDatagrams { datagrams.append((sender, datagram)) }
        if loses(sender, datagram) { return }
        simulation.schedule(in: delay) { [self] in
            if ends[1 - sender].isUsable { ends[1 - sender].onData?(datagram) }
        }
    }

    /// Both ends connect one round trip after they know each other.
    func check() {
        guard ends.count == 2, ends.allSatisfy(\.knowsPeer), ends.contains(where: { !$0.isUsable }) else { return }
        for end in ends where end.state == .new || end.state == .failed { end.change(.checking) }
        simulation.schedule(in: .nanoseconds(delay.nanoseconds * 2)) { [self] in
            for end in ends where end.state != .closed { end.change(.connected) }
        }
    }

    func knows(_ end: WireTransport) -> Bool { end.remote == ends[1 - end.index].localParameters }
}

final class WireTransport: ConnectionTransport {
    let index: Int
    private let wire: Wire
    private(set) var localParameters: ICEParameters
    fileprivate var remote: ICEParameters?
    private(set) var state = ICEConnectionState.new
    private(set) var gatheringState = ICEGatheringState.new
    var selectedPair: ICESelectedPair?
    var configuration = ICETransportConfiguration()
    private(set) var isControlling: Bool?
    private(set) var remoteCandidates: [CandidateAttribute] = []
    private(set) var restarts = 0
    /// Gathering waits for ``finishGathering()``.
    var holdsGathering = false

    var onLocalCandidate: ((CandidateAttribute) -> Void)?
    var onCandidateError: ((ICECandidateError) -> Void)?
    var onGatheringState: ((ICEGatheringState) -> Void)?
    var onState: ((ICEConnectionState) -> Void)?
    var onData: ((ByteBuffer) -> Void)?

    init(wire: Wire, index: Int, parameters: ICEParameters) {
        self.wire = wire
        self.index = index
        localParameters = parameters
    }

    var knowsPeer: Bool { wire.knows(self) && !remoteCandidates.isEmpty }
    var isUsable: Bool { state == .connected || state == .disconnected }

    func restart(with parameters: ICEParameters) {
        localParameters = parameters
        restarts += 1
    }

    func gather() {
        gatheringState = .gathering
        onGatheringState?(.gathering)
        let candidate = CandidateAttribute(
            foundation: "1", priority: 2_130_706_431, address: TransportAddress(.v4(0xC000_0201 + UInt32(index)), 50_000), kind: .host,
            usernameFragment: localParameters.usernameFragment)
        wire.simulation.schedule(in: .milliseconds(1)) { [self] in
            onLocalCandidate?(candidate)
            if !holdsGathering { finishGathering() }
        }
    }

    func finishGathering() {
        guard gatheringState == .gathering else { return }
        gatheringState = .complete
        onGatheringState?(.complete)
    }

    func setRole(controlling: Bool) { isControlling = controlling }

    func setRemote(_ parameters: ICEParameters) {
        remote = parameters
        wire.check()
    }

    func addRemoteCandidate(_ candidate: CandidateAttribute) {
        remoteCandidates.append(candidate)
        wire.check()
    }

    func endOfRemoteCandidates() {}

    func change(_ new: ICEConnectionState) {
        guard state != new else { return }
        state = new
        onState?(new)
    }

    func send(_ payload: ByteBuffer) -> Bool {
        guard isUsable else { return false }
        wire.carry(payload, from: index)
        return true
    }

    func close() {
        state = .closed
        onData = nil
        onState = nil
    }
}
