import MeteredRealtime
import NIOCore
import NetworkModel
import SimulationKernel

/// STUN and TURN servers.
extension GatheringRound {
    /// `RTCPeerConnectionIceErrorEvent.errorCode` for a server that was not reached.
    private static let notReached = 701

    private var urls: [(server: ICEServer, url: ICEServerURL)] {
        configuration.iceServers.flatMap { server in server.urls.compactMap { ICEServerURL($0) }.map { (server, $0) } }
    }

    var stunURLs: [ICEServerURL] {
        guard configuration.transportPolicy == .all else { return [] }
        var found: [ICEServerURL] = []
        for (_, url) in urls {
            switch url.service {
            case .stun: found.append(url)
            case .turn(.udp):
                if profile.gathering.asksTURNServersForSTUN, !found.contains(where: { $0.host == url.host && $0.port == url.port }) {
                    found.append(url)
                }
            case .turn(.tcp), .turn(.tls): break
            }
        }
        return found
    }

    var turnServers: [(credentials: TURNCredentials, url: ICEServerURL, transport: TURNTransport)] {
        urls.compactMap { server, url in
            guard case .turn(let transport) = url.service, let username = server.username, let credential = server.credential else {
                return nil
            }
            return (TURNCredentials(username: username, password: credential), url, transport)
        }
    }

    /// Looks up a server in the family of a place.
    private func resolve(_ url: ICEServerURL, _ task: Task, _ place: Place, then use: @escaping (TransportAddress) -> Void) {
        let family = place.network.address.family
        host.resolve(url.host, family: family) { [weak self] answer in
            guard let self, isLooking, !task.isDone else { return }
            switch answer {
            case .success(let addresses):
                guard let address = addresses.first else {
                    return fail(task, code: Self.notReached, "the server has no address of family \(family.rawValue)")
                }
                use(TransportAddress(address, url.port))
            case .failure: fail(task, code: Self.notReached, "the server's name could not be looked up")
            }
        }
    }

    // MARK: STUN

    func ask(_ url: ICEServerURL, from place: Place) {
        guard let transport = place.host else { return }
        let task = begin(url)
        resolve(url, task, place) { [unowned self] server in
            let probe = STUNServerProbe(
                server: server, url: url.description, transport: transport, profile: profile.gathering,
                keepaliveLifetime: place.network.kind == .cellular ? profile.gathering.mobileKeepaliveLifetime : nil, loop: loop,
                random: gatherer.random)
            place.probes.append(probe)
            task.cancel = { [unowned probe] in probe.stop() }
            probe.onOutcome = { [unowned self] in probed($0, url, task, transport, place) }
            probe.ask()
        }
    }

    private func probed(
        _ outcome: STUNServerProbe.Outcome, _ url: ICEServerURL, _ task: Task, _ transport: HostTransport, _ place: Place
    ) {
        switch outcome {
        case .mapped(let address):
            foundReflexive(address, url.description, transport, place)
            finish(task)
        case .refused(let code, let reason): fail(task, code: code.rawValue, reason)
        case .timedOut: fail(task, code: Self.notReached, "the STUN server did not answer")
        }
    }

    /// Told for the first answer and whenever the mapping has changed; one that is the base itself is redundant (RFC 8445 section 5.1.3).
    private func foundReflexive(_ address: TransportAddress, _ url: String, _ transport: HostTransport, _ place: Place) {
        let isKnown = place.candidates.contains { $0.candidate.kind == .serverReflexive && $0.candidate.address == address }
        guard isLooking, !isKnown, address != transport.candidate.address, !transport.isReleased else { return }
        var candidate = transport.candidate
        candidate.kind = .serverReflexive
        candidate.address = address
        candidate.relatedAddress = transport.candidate.address
        candidate.serverURL = url
        found(candidate, transport, place)
    }

    // MARK: TURN

    func allocate(on credentials: TURNCredentials, _ url: ICEServerURL, _ transport: TURNTransport, _ place: Place) {
        let task = begin(url)
        resolve(url, task, place) { [unowned self] server in
            let client = TURNClient(
                server: server, credentials: credentials, profile: profile.turn, isStream: transport != .udp, random: gatherer.random)
            let unknown = TransportAddress(place.network.shown, 0)
            let candidate = ICELocalCandidate(
                kind: .relayed, address: unknown, base: unknown, relayTransport: transport, serverURL: url.description,
                interface: place.network.interface, interfaceKind: place.network.kind, networkIndex: place.index)
            let relay = RelayTransport(id: gatherer.nextTransport(), candidate: candidate, client: client, loop: loop)
            place.relays.append(relay)
            task.cancel = { [unowned relay] in relay.close() }
            relay.onEvent = { [unowned self, unowned relay] in turnEvent($0, relay, task, place) }
            relay.onLinkClosed = { [unowned self, unowned relay] reason in
                gatherer.observe?(.turn(server: relay.client.server, phase: "lost", code: nil))
                fail(task, code: Self.notReached, reason)
            }
            connect(relay, task, place, needsOwnSocket: false)
        }
    }

    private func connect(_ relay: RelayTransport, _ task: Task, _ place: Place, needsOwnSocket: Bool) {
        let server = relay.client.server
        switch relay.candidate.relayTransport {
        case .udp?, nil:
            if let shared = place.host, profile.gathering.sharesSocketWithTURN, !needsOwnSocket, !shared.hasTURNClient(of: server),
                !shared.isReleased
            {
                relay.start(over: SharedSocketLink(shared, server: server))
            } else if let socket = try? host.bindUDP(place.network.address) {
                relay.start(over: OwnSocketLink(socket))
            } else {
                fail(task, code: Self.notReached, "no socket could be opened")
            }
        case .tcp?: connectStream(relay, to: server, tls: false, task, place)
        case .tls?: connectStream(relay, to: server, tls: true, task, place)
        }
    }

    private func connectStream(_ relay: RelayTransport, to server: TransportAddress, tls: Bool, _ task: Task, _ place: Place) {
        let source = place.network.address.isUnspecified ? nil : place.network.address
        let options = ConnectOptions(timeout: profile.turn.streamTimeout, localAddress: source)
        let wanted = loop.makePromise(of: Void.self)
        task.cancel = { [unowned relay] in
            relay.close()
            wanted.succeed()
        }
        let connected = host.tcp.connect(
            host: "\(server.address)", port: Int(server.port), tls: tls, options: options, abandoned: wanted.futureResult)
        connected.assumeIsolated().whenComplete { [weak self] result in
            wanted.succeed()
            guard let self, isLooking, !task.isDone else { return (try? result.get())?.close(promise: nil) ?? () }
            do {
                relay.start(over: try StreamLink(try result.get()))
            } catch { fail(task, code: Self.notReached, "the connection to the TURN server failed") }
        }
    }

    private func turnEvent(_ event: TURNClient.Event, _ relay: RelayTransport, _ task: Task, _ place: Place) {
        let server = relay.client.server
        func tell(_ phase: String, _ code: STUNErrorCode? = nil) {
            gatherer.observe?(.turn(server: server, phase: phase, code: code?.rawValue))
        }
        switch event {
        case .allocated(let relayed, let mapped, _):
            tell("allocated")
            relay.allocated(relayed: relayed, mapped: mapped)
            found(relay.candidate, relay, place)
            if profile.gathering.learnsReflexiveFromAllocate, configuration.transportPolicy == .all, relay.hasHostSocket,
                let transport = place.host
            {
                foundReflexive(mapped, task.url, transport, place)
            }
            finish(task)
        case .failed(let code, let reason):
            tell("refused", code)
            fail(task, code: code?.rawValue ?? Self.notReached, code == nil ? "the TURN server did not answer" : reason)
            relay.close()
        case .redirected:
            tell("redirected", .tryAlternate)
            // In a later tick: the client is in the middle of its events.
            loop.schedule(at: loop.now) { [weak self] in self?.connectAgain(relay, task, place, needsOwnSocket: false) }
        case .needsOtherPort:
            tell("mismatch", .allocationMismatch)
            loop.schedule(at: loop.now) { [weak self] in self?.connectAgain(relay, task, place, needsOwnSocket: true) }
        case .refreshed: tell("refreshed")
        case .lost(let code): tell("lost", code)
        case .peerRefused(_, let code): tell("peer-refused", code)
        }
    }

    private func connectAgain(_ relay: RelayTransport, _ task: Task, _ place: Place, needsOwnSocket: Bool) {
        guard isLooking, !task.isDone else { return }
        connect(relay, task, place, needsOwnSocket: needsOwnSocket)
    }
}
