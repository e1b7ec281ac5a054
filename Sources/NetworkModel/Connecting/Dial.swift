import NIOCore
import SimulationKernel

/// One attempt to reach a name: lookup, addresses in parallel, TLS. It lives as long as something of it is under way.
final class Dial: EventTarget {
    private enum Timer: UInt64 { case nextAttempt, overall }

    private let stack: TCPStack
    private let host: String
    private let port: UInt16
    private let usesTLS: Bool
    private let options: ConnectOptions
    private let promise: EventLoopPromise<any Channel>
    private var eyeballs: HappyEyeballs
    private var attempts: [Attempt] = []
    private var transport: SocketTransport?
    private var attemptTimer: EventHandle?
    private var overallTimer: EventHandle?
    private var isDone = false

    init(stack: TCPStack, host: String, port: UInt16, usesTLS: Bool, options: ConnectOptions) {
        self.stack = stack
        self.host = host
        self.port = port
        self.usesTLS = usesTLS
        self.options = options
        promise = stack.ip.eventLoop.makePromise()
        eyeballs = HappyEyeballs(families: [])
    }

    /// Ends everything of the attempt; does nothing once it has ended.
    func abandon() { finish(.failure(.abandoned)) }

    private var loop: SimulatedEventLoop { stack.ip.eventLoop }

    func start() -> EventLoopFuture<any Channel> {
        if let timeout = options.timeout {
            overallTimer = loop.schedule(at: loop.now + timeout, target: self, argument: Timer.overall.rawValue)
        }
        let families = families
        eyeballs = HappyEyeballs(families: families)
        for family in families {
            stack.ip.resolve(host, family: family) { [self] answer in perform(eyeballs.answered(family, answer)) }
        }
        return promise.futureResult
    }

    /// Those that the host has a route for (`AI_ADDRCONFIG`); IPv4 if it has none, so that the lookup says what is wrong.
    private var families: [IPFamily] {
        if let literal = IPAddress(host) { return [literal.family] }
        let routed = [IPFamily.v6, .v4].filter { stack.ip.hasRoute($0) }
        return routed.isEmpty ? [.v4] : routed
    }

    func fire(_ argument: UInt64) {
        switch Timer(rawValue: argument) {
        case .nextAttempt?:
            attemptTimer = nil
            perform(eyeballs.timerFired())
        case .overall?:
            overallTimer = nil
            finish(.failure(.timedOut(after: options.timeout ?? .zero)))
        case nil:
            preconditionFailure("a dial was woken for an unknown reason")
        }
    }

    // MARK: Attempts

    private func perform(_ actions: [HappyEyeballs.Action]) {
        for action in actions where !isDone {
            switch action {
            case .attempt(let address): attempt(address)
            case .setTimer(let delay):
                cancelAttemptTimer()
                attemptTimer = loop.schedule(at: loop.now + delay, target: self, argument: Timer.nextAttempt.rawValue)
            case .cancelTimer: cancelAttemptTimer()
            case .fail(.lookup(let error)): finish(.failure(.dnsFailure(error)))
            case .fail(.noAddress): finish(.failure(.noAddress(host)))
            case .fail(.connection(let error, let address)): finish(.failure(.tcp(error, TransportAddress(address, port))))
            }
        }
    }

    private func attempt(_ address: IPAddress) {
        do throws(TCPError) {
            let socket = try stack.connect(
                to: TransportAddress(address, port), from: options.localAddress, options: options.socket)
            let attempt = Attempt(socket: socket, dial: self)
            attempts.append(attempt)
            socket.owner = attempt
        } catch {
            // In a later tick: the machine's other actions come first.
            loop.schedule(at: loop.now) { [self] in perform(eyeballs.attemptFailed(address, error)) }
        }
    }

    fileprivate func failed(_ attempt: Attempt, _ error: TCPError) {
        attempts.removeAll { $0 === attempt }
        perform(eyeballs.attemptFailed(attempt.socket.remote.address, error))
    }

    fileprivate func connected(_ winner: Attempt) {
        guard !isDone, transport == nil else { return }
        perform(eyeballs.end())
        attempts.removeAll { $0 === winner }
        abandonAttempts()
        let session = usesTLS ? TLSSession(role: .client(serverName: host), version: options.tlsVersion) : nil
        let transport = SocketTransport(socket: winner.socket, loop: loop, session: session)
        self.transport = transport
        let remote = winner.socket.remote
        transport.start { [self] result in
            switch result {
            case .success(let transport): succeed(transport)
            case .failure(.tcp(let error)): finish(.failure(.tcp(error, remote)))
            case .failure(.tls(let error)): finish(.failure(.tls(error, remote)))
            }
        }
    }

    // MARK: The end

    private func succeed(_ transport: SocketTransport) {
        guard !isDone else { return }
        do {
            let channel = try transport.makeChannel()
            self.transport = nil
            finish(.success((channel, transport)))
        } catch {
            preconditionFailure("an address of a connection is not an address: \(error)")
        }
    }

    private func finish(_ result: Result<(SimulatedChannel, SocketTransport), ConnectError>) {
        guard !isDone else { return }
        isDone = true
        if let overallTimer { loop.cancel(overallTimer) }
        cancelAttemptTimer()
        abandonAttempts()
        switch result {
        case .success((let channel, let transport)):
            channel.register()
            transport.activate()
            promise.succeed(channel)
        case .failure(let error):
            transport?.cancel()
            transport = nil
            promise.fail(error)
        }
    }

    private func abandonAttempts() {
        let abandoned = attempts
        attempts = []
        for attempt in abandoned { attempt.socket.abort() }
    }

    private func cancelAttemptTimer() {
        if let attemptTimer { loop.cancel(attemptTimer) }
        attemptTimer = nil
    }
}

/// One address being tried.
private final class Attempt: TCPSocketOwner {
    let socket: TCPSocket
    private let dial: Dial

    init(socket: TCPSocket, dial: Dial) {
        self.socket = socket
        self.dial = dial
    }

    func socketConnected() { dial.connected(self) }
    func socketFailed(_ error: TCPError) { dial.failed(self, error) }
    // A socket that is not connected has nothing else to say, and a connected one has another owner.
    func socketReceived(_ bytes: ByteBuffer) {}
    func socketReachedEndOfFile() {}
    func socketBecameWritable() {}
}
