import NIOCore
import SimulationKernel

/// A host's resolver: part of its operating system, so that it goes on while the application is suspended.
final class StubResolver {
    private final class Running {
        var lookup: DNSLookup
        let socket: UDPSocket
        let completion: (Result<[IPAddress], DNSError>) -> Void
        var timer: EventHandle?

        init(_ lookup: DNSLookup, _ socket: UDPSocket, _ completion: @escaping (Result<[IPAddress], DNSError>) -> Void) {
            self.lookup = lookup
            self.socket = socket
            self.completion = completion
        }
    }

    private struct CacheKey: Hashable {
        let name: String
        let family: IPFamily
    }

    private struct CacheEntry {
        let addresses: [IPAddress]
        let expiry: NIODeadline
    }

    private unowned let host: Host
    private var running: [Running] = []
    private var cache: [CacheKey: CacheEntry] = [:]
    private var failures: [(mark: FaultMark, failure: NameDirectory.Failure)] = []
    private lazy var identifiers = host.simulation.random("\(host.name)/dns")

    init(host: Host) {
        self.host = host
    }

    func resolve(_ name: String, family: IPFamily, completion: @escaping (Result<[IPAddress], DNSError>) -> Void) {
        if let result = immediateResult(name, family) { return complete(name, family, result, fromCache: false, completion) }
        let key = CacheKey(name: name.lowercased(), family: family)
        if let entry = cache[key], entry.expiry > host.simulation.now {
            return complete(name, family, .success(entry.addresses), fromCache: true, completion)
        }
        guard let socket = try? host.udp.bindForSystem(serverFamily) else {
            return complete(name, family, .failure(.networkUnreachable(name)), fromCache: false, completion)
        }
        let identifier = UInt16(truncatingIfNeeded: identifiers.next())
        let lookup = DNSLookup(name: name, family: family, identifier: identifier, servers: servers, waits: host.profile.resolver.waits)
        let started = Running(lookup, socket, completion)
        running.append(started)
        socket.onReceive = { [unowned self, unowned started] in received($0, started) }
        socket.onFailure = { [unowned self, unowned started] in failed($0, started) }
        perform(started.lookup.askNext(), started)
    }

    /// What needs no query: an address as text, localhost (RFC 6761 section 6.3), and what is no name at all.
    private func immediateResult(_ name: String, _ family: IPFamily) -> Result<[IPAddress], DNSError>? {
        if let literal = IPAddress(name) { return .success(literal.family == family ? [literal] : []) }
        if name.lowercased() == "localhost" { return .success([family == .v4 ? .v4(0x7F00_0001) : .v6(high: 0, low: 1)]) }
        return DNSMessage.isValidName(name) ? nil : .failure(.invalidName(name))
    }

    /// The resolvers that the preferred interface's network names, of one family: IPv4 if the interface has it.
    private var servers: [IPAddress] {
        for interface in host.preferredInterfaces {
            let resolvers = interface.accessNetwork?.resolvers ?? []
            for family in IPFamily.allCases where interface.address(family) != nil {
                let reachable = resolvers.filter { $0.family == family }
                if !reachable.isEmpty { return reachable }
            }
        }
        return []
    }

    private var serverFamily: IPFamily { servers.first?.family ?? .v4 }

    // MARK: Inputs

    private func received(_ datagram: UDPSocket.Received, _ started: Running) {
        guard let message = DNSMessage(datagram.payload), let answer = asFailing(message) else { return }
        perform(started.lookup.received(answer, from: datagram.source), started)
    }

    /// What the resolvers of this host answer while they fail on purpose; nil for nothing.
    private func asFailing(_ message: DNSMessage) -> DNSMessage? {
        guard let failure = failures.last?.failure else { return message }
        var answer = message
        answer.answers = []
        switch failure {
        case .noAnswer: return nil
        case .serverFailure: answer.responseCode = .serverFailure
        case .nameNotFound: answer.responseCode = .nameNotFound
        }
        return answer
    }

    func begin(_ mark: FaultMark, _ failure: NameDirectory.Failure) { failures.append((mark, failure)) }

    func end(_ mark: FaultMark) { failures.removeAll { $0.mark == mark } }

    private func failed(_ failure: UDPSocket.Failure, _ started: Running) {
        switch failure {
        case .unreachable: perform(started.lookup.refused(), started)
        case .tooBig: break
        case .closed: finish(started, .failure(.cancelled(started.lookup.name)))
        }
    }

    /// The operating system closed its applications' sockets, or the machine went down.
    func cancelAll() {
        for started in running { finish(started, .failure(.cancelled(started.lookup.name))) }
    }

    /// A restarted machine has an empty cache.
    func forgetCache() { cache = [:] }

    // MARK: Actions

    private func perform(_ action: DNSLookup.Action, _ started: Running) {
        switch action {
        case .ask(let server, let attempt, let wait): ask(server, attempt, wait, started)
        case .succeed(let addresses, let timeToLive):
            remember(addresses, timeToLive, started.lookup)
            finish(started, .success(addresses))
        case .fail(let error): finish(started, .failure(error))
        case .ignore: break
        }
    }

    private func ask(_ server: IPAddress, _ attempt: Int, _ wait: TimeAmount, _ started: Running) {
        let lookup = started.lookup
        host.report(.dns(.query(name: lookup.name, family: lookup.family, server: server, attempt: attempt)))
        switch started.socket.send(lookup.query.encoded(), to: TransportAddress(server, DNSServer.port)) {
        case .sent, .notPermitted, .messageTooLong: break
        case .noRoute, .noAddress: return finish(started, .failure(.networkUnreachable(lookup.name)))
        }
        cancelTimer(started)
        started.timer = host.systemLoop.schedule(at: host.systemLoop.now + wait) { [weak self, weak started] in
            guard let self, let started else { return }
            started.timer = nil
            perform(started.lookup.timedOut(attempt: attempt), started)
        }
    }

    private func remember(_ addresses: [IPAddress], _ timeToLive: TimeAmount, _ lookup: DNSLookup) {
        guard host.profile.resolver.isCaching, timeToLive > .zero else { return }
        let key = CacheKey(name: lookup.name.lowercased(), family: lookup.family)
        cache[key] = CacheEntry(addresses: addresses, expiry: host.simulation.now + timeToLive)
    }

    private func finish(_ started: Running, _ result: Result<[IPAddress], DNSError>) {
        cancelTimer(started)
        started.socket.close()
        running.removeAll { $0 === started }
        complete(started.lookup.name, started.lookup.family, result, fromCache: false, started.completion)
    }

    private func cancelTimer(_ started: Running) {
        if let timer = started.timer { host.systemLoop.cancel(timer) }
        started.timer = nil
    }

    private func complete(
        _ name: String, _ family: IPFamily, _ result: Result<[IPAddress], DNSError>, fromCache: Bool,
        _ completion: @escaping (Result<[IPAddress], DNSError>) -> Void
    ) {
        switch result {
        case .success(let addresses): host.report(.dns(.answer(name: name, family: family, addresses: addresses, fromCache: fromCache)))
        case .failure(let error): host.report(.dns(.failure(error, family: family)))
        }
        host.eventLoop.schedule(at: host.eventLoop.now) { completion(result) }
    }
}
