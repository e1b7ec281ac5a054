import MeteredRealtime
import NIOCore
import NetworkModel
import SimulationKernel

/// One generation of candidates: host candidates at once, then servers by the profile's phases.
final class GatheringRound {
    /// Something whose outcome gathering waits for.
    final class Task {
        let url: String
        var isDone = false
        /// Ends it when time is up.
        var cancel: (() -> Void)?

        init(url: String) {
            self.url = url
        }
    }

    /// What was made on one address of the host.
    final class Place {
        let network: LocalNetwork
        let index: Int
        var host: HostTransport?
        var relays: [RelayTransport] = []
        var probes: [STUNServerProbe] = []
        var candidates: [(candidate: ICELocalCandidate, transport: any LocalTransport)] = []
        var isGone = false

        init(_ network: LocalNetwork, index: Int) {
            self.network = network
            self.index = index
        }
    }

    let generation: Int
    let configuration: ICETransportConfiguration
    unowned let gatherer: ICEGatherer
    private(set) var isLooking = true
    private var isComplete = false
    private var places: [Place] = []
    private var tasks: [Task] = []
    private var timers: [EventHandle] = []

    init(_ generation: Int, configuration: ICETransportConfiguration, gatherer: ICEGatherer) {
        self.generation = generation
        self.configuration = configuration
        self.gatherer = gatherer
    }

    var host: Host { gatherer.host }
    var profile: WebRTCProfile { gatherer.profile }
    var loop: SimulatedEventLoop { host.eventLoop }
    private var isRelayOnly: Bool { configuration.transportPolicy == .relay }

    // MARK: Phases

    func start() {
        guard isLooking else { return }
        let lastPhase = max(profile.gathering.relayDelay, profile.gathering.hostTCPDelay ?? .zero)
        let phases = Task(url: "")
        tasks.append(phases)
        networks.forEach(gather)
        after(lastPhase) { [unowned self] in finish(phases) }
        if let timeout = profile.gathering.timeout { after(timeout) { [unowned self] in giveUp() } }
    }

    private var networks: [LocalNetwork] {
        configuration.bindsAnyAddress
            ? host.anyNetworks : host.localNetworks(maximumIPv6Networks: profile.gathering.maximumIPv6Networks)
    }

    private func gather(on network: LocalNetwork) {
        let place = Place(network, index: places.count)
        places.append(place)
        openSocket(place)
        for url in stunURLs { ask(url, from: place) }
        after(profile.gathering.relayDelay) { [unowned self] in
            guard isLooking, !place.isGone else { return }
            for (server, url, transport) in turnServers { allocate(on: server, url, transport, place) }
        }
    }

    /// In a later tick even if the delay is zero: callbacks come when the caller has returned.
    private func after(_ delay: TimeAmount, _ body: @escaping () -> Void) {
        timers.append(loop.schedule(at: loop.now + delay, body))
    }

    // MARK: The end of looking

    func begin(_ url: ICEServerURL) -> Task {
        let task = Task(url: url.description)
        tasks.append(task)
        return task
    }

    func finish(_ task: Task) {
        guard !task.isDone else { return }
        task.isDone = true
        task.cancel = nil
        tasks.removeAll { $0 === task }
        guard tasks.isEmpty, isLooking, !isComplete, configuration.gathering == .once else { return }
        isComplete = true
        gatherer.onComplete?()
    }

    func fail(_ task: Task, code: Int, _ reason: String) {
        guard !task.isDone else { return }
        gatherer.report(task.url, code: code, reason)
        finish(task)
    }

    /// The profile does not wait any longer.
    private func giveUp() {
        for task in tasks {
            task.cancel?()
            fail(task, code: 701, "no answer within the gathering timeout")
        }
    }

    /// Looks for nothing more; what was found stays.
    func stopLooking() {
        isLooking = false
        let unfinished = tasks
        tasks = []
        for task in unfinished {
            task.isDone = true
            task.cancel?()
        }
        for timer in timers { loop.cancel(timer) }
        timers = []
    }

    func close() {
        stopLooking()
        for place in places {
            place.probes.forEach { $0.stop() }
            place.relays.forEach { $0.close() }
            place.host?.close()
        }
        places = []
    }

    // MARK: Candidates

    func found(_ candidate: ICELocalCandidate, _ transport: any LocalTransport, _ place: Place) {
        gatherer.observe?(
            .candidateGathered(
                type: candidate.kind.rawValue, address: candidate.address, relayProtocol: candidate.relayTransport?.rawValue))
        place.candidates.append((candidate, transport))
        gatherer.onCandidate?(candidate, transport)
    }

    private func openSocket(_ place: Place) {
        guard !isRelayOnly || profile.gathering.sharesSocketWithTURN, let socket = try? host.bindUDP(place.network.address) else { return }
        let network = place.network
        let address = TransportAddress(network.shown, socket.local.port)
        let candidate = ICELocalCandidate(
            kind: .host, address: address, base: socket.local, interface: network.interface, interfaceKind: network.kind,
            networkIndex: place.index)
        let transport = HostTransport(id: gatherer.nextTransport(), candidate: candidate, socket: socket)
        place.host = transport
        if !isRelayOnly { found(candidate, transport, place) }
    }

    // MARK: Changes of the interfaces

    func interfacesMayHaveChanged() {
        guard isLooking else { return }
        let present = networks
        for place in places where !place.isGone && !present.contains(place.network) {
            place.isGone = true
            place.probes.forEach { $0.stop() }
            for (candidate, transport) in place.candidates { gatherer.onCandidateRemoved?(candidate, transport) }
        }
        for network in present where !places.contains(where: { !$0.isGone && $0.network == network }) { gather(on: network) }
    }
}
