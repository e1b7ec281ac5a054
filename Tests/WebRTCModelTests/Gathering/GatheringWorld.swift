import MeteredRealtime
import NIOCore
import NetworkModel
import SimulationKernel

@testable import WebRTCModel

/// A client and TURN servers on a simulated network, and everything that gathering told.
final class GatheringWorld {
    static let user = TURNCredentials(username: "ann", password: "secret")
    static let epoch: Int64 = 1_700_000_000

    let simulation: Simulation
    let network: Network
    let client: Host
    let gatherer: ICEGatherer
    private(set) var turn: [TURNServerHost] = []
    private(set) var candidates: [(time: TimeAmount, candidate: ICELocalCandidate, transport: any LocalTransport)] = []
    private(set) var removed: [ICELocalCandidate] = []
    private(set) var errors: [(time: TimeAmount, error: ICECandidateError)] = []
    private(set) var events: [WebRTCEvent.Kind] = []
    private(set) var received: [(payload: ByteBuffer, from: TransportAddress, by: ICELocalCandidate)] = []
    private(set) var failures: [(time: TimeAmount, failure: LocalTransportFailure)] = []
    private(set) var completed: TimeAmount?

    init(
        profile: WebRTCProfile = .libwebrtc, on networks: [(interface: String, profile: AccessProfile)] = [("wifi", .homeWiFi)],
        servers: Int = 1, options: TURNServerOptions = TURNServerOptions(users: [user])
    ) throws {
        simulation = Simulation(seed: 1)
        network = Network(simulation: simulation)
        network.addResolvers()
        client = network.addClient("client", on: networks)
        gatherer = ICEGatherer(host: client, profile: profile, random: simulation.random("client/gatherer"))
        for number in 0..<servers {
            let host = network.addServer("turn\(number)", hostNames: ["turn\(number).example"])
            turn.append(try TURNServerHost(on: host, options: options, wallClockAtZero: Self.epoch))
        }
        gatherer.onCandidate = { [unowned self] in found($0, $1) }
        gatherer.onCandidateRemoved = { [unowned self] candidate, _ in removed.append(candidate) }
        gatherer.onError = { [unowned self] in errors.append((elapsed, $0)) }
        gatherer.onComplete = { [unowned self] in completed = elapsed }
        gatherer.observe = { [unowned self] in events.append($0) }
    }

    deinit {
        gatherer.close()
        simulation.shutdown()
    }

    private func found(_ candidate: ICELocalCandidate, _ transport: any LocalTransport) {
        candidates.append((elapsed, candidate, transport))
        transport.onReceive = { [unowned self, unowned transport] in received.append(($0, $1, transport.candidate)) }
        transport.onFailure = { [unowned self] in failures.append((elapsed, $0)) }
    }

    var elapsed: TimeAmount { simulation.now - .uptimeNanoseconds(0) }

    func run(for time: TimeAmount) { simulation.run(until: simulation.now + time) }

    func gather(
        _ urls: [String], credentials: TURNCredentials = user, policy: PeerConnectionConfiguration.ICETransportPolicy = .all,
        _ gathering: ICETransportConfiguration.GatheringPolicy = .once, bindsAnyAddress: Bool = false
    ) {
        let servers = urls.map { ICEServer(urls: [$0], username: credentials.username, credential: credentials.password) }
        gatherer.gather(
            ICETransportConfiguration(iceServers: servers, transportPolicy: policy, gathering: gathering, bindsAnyAddress: bindsAnyAddress))
    }

    func candidates(_ kind: ICECandidateKind) -> [ICELocalCandidate] { candidates.map(\.candidate).filter { $0.kind == kind } }

    func transport(_ kind: ICECandidateKind, _ place: Int = 0) -> (any LocalTransport)? {
        let found = candidates.filter { $0.candidate.kind == kind }
        return place < found.count ? found[place].transport : nil
    }

    var turnPhases: [String] {
        events.compactMap { if case .turn(_, let phase, _) = $0 { phase } else { nil } }
    }
}
