import CompactJSON
import Logging
import NIOCore

/// The signalling layer on its event loop: performs what the pure machines decide. ``SignallingClient`` is its face for other threads.
///
/// Confined to the connector's event loop: make it anywhere, then call it only there. A call acts at once: a request's frame is on the channel when
/// the call returns, unless pacing holds it back. Calls made from inside a callback (diagnostics, observer, completion) take effect as soon as the
/// step that made the callback is complete, at the same instant.
package final class SignallingCore {
    /// What the layer above needs to know.
    package enum Notification {
        case event(SignallingEvent)
        /// The server acknowledged a subscribe on this connection: the application's, or a replay (ROS-02).
        case subscribeAcknowledged(channel: String)
    }

    package typealias Completion<Value> = (Result<Value, SignallingError>) -> Void

    let options: SignallingOptions
    let credential: Credential
    let baseURL: BaseURL
    let connector: any Connector
    let nonces: NonceSource
    let hub: EventHub<SignallingState, SignallingEvent>
    let timers: TimerSet
    let backoff: Backoff
    private let logger: Logger
    private let diagnostics: (@Sendable (SignallingDiagnostic) -> Void)?

    /// Told of everything, synchronously, after the diagnostics.
    package var observer: ((Notification) -> Void)?

    var lifecycle: ConnectionLifecycle
    var subscriptions: SubscriptionReplay
    var requests: RequestTable<(Result<Void, SignallingError>) -> Void>
    var queue: SendQueue<QueuedFrame>
    var watchdog: Watchdog?
    var connection: WebSocketConnection?
    var tokenTask: Task<Void, Never>?
    var connectCompletion: Completion<Welcome>?
    var closeCompletions: [() -> Void] = []
    var closing: (code: CloseCode, reason: String)?
    var attemptOrdinal = 0
    var lastAttemptStart: NIODeadline?
    var waitHasFloor = false
    var maximumMessageBytes = WireLimits.defaultMaximumMessageBytes

    /// The newest list of ICE servers that a welcome brought: a reconnect's welcome without one keeps it (WIRE-07).
    package internal(set) var iceServers: [ICEServer]?

    private var isRunning = false
    private var isReleased = false
    private var hasLoggedLoss = false
    private var deferred: CircularBuffer<() -> Void> = []

    /// Checks everything that a client is made with.
    init(
        url: String, credential: Credential, options: SignallingOptions, connector: any Connector, random: RandomSources,
        hub: EventHub<SignallingState, SignallingEvent>, logger: Logger, diagnostics: (@Sendable (SignallingDiagnostic) -> Void)?
    ) throws(SignallingError) {
        try options.validate()
        if case .publishableKey("") = credential { throw .invalidCredential }
        baseURL = try BaseURL(url)
        self.options = options
        self.credential = credential
        self.connector = connector
        self.hub = hub
        self.logger = logger
        self.diagnostics = diagnostics
        nonces = NonceSource(random)
        timers = TimerSet(connector.eventLoop)
        backoff = Backoff(options)
        subscriptions = SubscriptionReplay(options)
        requests = RequestTable(timeout: options.requestTimeout)
        queue = SendQueue(pacing: options.pacing, at: .uptimeNanoseconds(0))
        switch credential {
        case .publishableKey: lifecycle = ConnectionLifecycle(options, usesFixedKey: true)
        case .tokenProvider: lifecycle = ConnectionLifecycle(options, usesFixedKey: false)
        }
    }

    /// The public state.
    package var state: SignallingState { hub.state }

    var now: NIODeadline { connector.eventLoop.now }

    // MARK: One step at a time

    /// Runs one input to completion. An input that arrives meanwhile, from inside a callback, waits for its end.
    func step(_ body: @escaping () -> Void) {
        connector.eventLoop.assertInEventLoop()
        guard !isReleased else { return }
        guard !isRunning else { return deferred.append(body) }
        isRunning = true
        body()
        while let next = deferred.popFirst() { next() }
        isRunning = false
    }

    /// Sets a timer whose firing is a step of its own.
    func setTimer(_ purpose: TimerSet.Purpose, at deadline: NIODeadline, _ body: @escaping (SignallingCore) -> Void) {
        timers.set(purpose, at: deadline) { [weak self] in self?.step { [weak self] in self.map(body) } }
    }

    /// Sets a timer unless it is set to that moment already; cancels it for nil.
    func updateTimer(_ purpose: TimerSet.Purpose, to deadline: NIODeadline?, _ body: @escaping (SignallingCore) -> Void) {
        timers.update(purpose, to: deadline) { [weak self] in self?.step { [weak self] in self.map(body) } }
    }

    // MARK: Telling

    var hasDiagnostics: Bool { diagnostics != nil }

    func diagnose(_ diagnostic: @autoclosure () -> SignallingDiagnostic) {
        guard let diagnostics else { return }
        diagnostics(diagnostic())
    }

    func emit(_ event: SignallingEvent) {
        diagnose(.event(event.redacted))
        let dropped = hub.publish(event)
        if dropped > 0 {
            diagnose(.eventsDropped(count: dropped))
            if !hasLoggedLoss { log(.warning, "a slow consumer loses events; further losses are not logged") }
            hasLoggedLoss = true
        }
        observer?(.event(event))
    }

    func transition(to state: SignallingState) {
        let previous = hub.state
        guard previous != state else { return }
        hub.setState(state)
        emit(.stateChanged(from: previous, to: state))
    }

    func log(_ level: Logger.Level, _ message: @autoclosure () -> String) {
        guard hasDiagnostics || logger.logLevel <= level else { return }
        let text = Redaction.scrub(message())
        logger.log(level: level, "\(text)")
        diagnose(.log(level: level, message: text))
    }

    // MARK: Release

    /// The owner is gone: ends everything without a word, and the streams. Calls after it do nothing.
    func release() {
        step { [self] in endEverything() }
    }

    private func endEverything() {
        isReleased = true
        deferred.removeAll()
        timers.cancelAll()
        tokenTask?.cancel()
        tokenTask = nil
        connection?.abort()
        connection = nil
        let entries = requests.removeAll()
        let connecting = connectCompletion
        let closers = closeCompletions
        connectCompletion = nil
        closeCompletions = []
        observer = nil
        for entry in entries { entry.completion(.failure(.closed)) }
        connecting?(.failure(.closed))
        for closer in closers { closer() }
        hub.finish()
    }
}
