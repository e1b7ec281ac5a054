import Logging
import NIOCore

/// The room on its event loop: performs what the pure machines decide. ``MeteredPeer`` is its face for other threads.
///
/// Confined to the connector's event loop: make it anywhere, then call it only there. A call acts at once; calls made from inside a callback
/// (diagnostics, observer, completion) take effect as soon as the step that made the callback is complete, at the same instant. Two exceptions: media
/// and data channels are changed at once, and after `close` not even the rest of the step is told any more.
package final class MeteredPeerCore {
    /// What the application is told.
    package enum Notification {
        case event(PeerEvent)
        case remote(RemotePeer, RemotePeerEvent)
    }

    package typealias Completion<Value> = (Result<Value, MeteredPeerError>) -> Void

    package let eventLoop: any EventLoop
    package let signalling: SignallingCore
    let options: PeerOptions
    let peerConnections: any PeerConnectionFactory
    let shared: PeerShared
    private let logger: Logger
    private let diagnostics: (@Sendable (PeerDiagnostic) -> Void)?

    /// Told of everything, synchronously, after the diagnostics.
    package var observer: ((Notification) -> Void)?

    var reconcile: Reconcile
    var entries: [String: RosterEntry] = [:]
    /// Signals of members who are there and are told of later (BEY-19): they wait for their links.
    var earlySignals: [(peerID: String, signal: PeerSignal)] = []
    var localMedia = LocalMedia()
    var includesSenderMetadata = false
    var joinCompletion: Completion<Void>?
    var closeCompletions: [() -> Void] = []
    private var deadline: (at: NIODeadline, timer: Scheduled<Void>)?

    private var hasToldOptions = false
    private var hasLoggedLoss = false
    private var isRunning = false
    private var deferred: CircularBuffer<() -> Void> = []
    /// `close` was called: nothing is told any more but what it leads to (SIG-16).
    var isCloseRequested = false
    var isReleased = false

    init(
        signalling: SignallingCore, options: PeerOptions, peerConnections: any PeerConnectionFactory, shared: PeerShared, logger: Logger,
        diagnostics: (@Sendable (PeerDiagnostic) -> Void)?
    ) {
        eventLoop = signalling.connector.eventLoop
        self.signalling = signalling
        self.options = options
        self.peerConnections = peerConnections
        self.shared = shared
        self.logger = logger
        self.diagnostics = diagnostics
        reconcile = Reconcile(
            timeout: options.snapshotTimeout > .zero ? options.snapshotTimeout : nil, forcedSubscribes: options.forcedSubscribes,
            maximumRemotePeers: options.maximumRemotePeers)
        signalling.observer = { [weak self] notification in
            self?.step { [weak self] in self?.received(notification) }
        }
    }

    /// The public state.
    package var state: MeteredPeerState { shared.hub.state }

    /// The channel, from `join` on.
    package var channel: String? { shared.channel }

    /// This peer's identifier.
    package var peerID: String? { shared.peerID }

    /// The others, in the order in which they entered the roster.
    package var remotePeers: [RemotePeer] { shared.remotePeers }

    /// The entry of a remote peer that is still in the roster.
    func entry(of remote: RemotePeer) -> RosterEntry? {
        guard let entry = entries[remote.id], entry.remote === remote else { return nil }
        return entry
    }

    /// All entries, in the order of the roster.
    var orderedEntries: [RosterEntry] { shared.remotePeers.compactMap(entry(of:)) }

    // MARK: One step at a time

    /// Runs one input to completion. An input that arrives meanwhile, from inside a callback, waits for its end.
    func step(_ body: @escaping () -> Void) {
        eventLoop.assertInEventLoop()
        guard !isReleased else { return }
        guard !isRunning else { return deferred.append(body) }
        isRunning = true
        body()
        while let next = deferred.popFirst() { next() }
        isRunning = false
    }

    /// Runs what belongs to the step that is under way, or else a step of its own.
    func inStep(_ body: @escaping () -> Void) {
        guard !isReleased else { return }
        if isRunning { body() } else { step(body) }
    }

    /// Sets the timer for the reconcile's deadline.
    func updateTimer() {
        let next = isReleased ? nil : reconcile.deadline
        guard next != deadline?.at else { return }
        deadline?.timer.cancel()
        deadline = next.map { next in
            let timer = eventLoop.assumeIsolated().scheduleTask(deadline: next) { [weak self] in
                self?.deadline = nil
                self?.step { [weak self] in self?.deadlinePassed() }
            }
            return (next, timer)
        }
    }

    // MARK: Telling

    /// Whether the application still hears something: not the rest of a step in which it called `close` (SIG-16).
    var isTelling: Bool {
        switch state {
        case .idle, .joining, .joined, .reconnecting: !isCloseRequested
        case .leaving: true
        case .closed: false
        }
    }

    var hasDiagnostics: Bool { diagnostics != nil }

    func diagnose(_ diagnostic: @autoclosure () -> PeerDiagnostic) {
        guard let diagnostics else { return }
        diagnostics(diagnostic())
    }

    func tellOptions() {
        guard !hasToldOptions else { return }
        hasToldOptions = true
        diagnose(.options(options))
    }

    func emit(_ event: PeerEvent, _ diagnostic: @autoclosure () -> PeerDiagnostic) {
        diagnose(diagnostic())
        count(dropped: shared.hub.publish(event))
        observer?(.event(event))
    }

    func emit(_ event: RemotePeerEvent, of remote: RemotePeer, _ diagnostic: @autoclosure () -> PeerDiagnostic?) {
        if hasDiagnostics, let diagnostic = diagnostic() { diagnose(diagnostic) }
        count(dropped: remote.shared.hub.publish(event))
        observer?(.remote(remote, event))
    }

    func report(_ error: MeteredPeerError) {
        guard isTelling else { return }
        log(.warning, "\(error)")
        emit(.error(error), .error(error))
    }

    func transition(to state: MeteredPeerState) {
        let previous = self.state
        guard previous != state else { return }
        shared.hub.setState(state)
        emit(.stateChanged(from: previous, to: state), .stateChanged(from: previous, to: state))
    }

    private func count(dropped: Int) {
        guard dropped > 0 else { return }
        diagnose(.eventsDropped(count: dropped))
        if !hasLoggedLoss { log(.warning, "a slow consumer loses events; further losses are not logged") }
        hasLoggedLoss = true
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
        guard !isReleased else { return }
        isReleased = true
        deferred.removeAll()
        updateTimer()
        observer = nil
        signalling.observer = nil
        let joining = joinCompletion
        let closers = closeCompletions
        joinCompletion = nil
        closeCompletions = []
        for entry in orderedEntries {
            entry.link.close()
            entry.remote.shared.hub.setState(.closed)
            entry.remote.shared.hub.finish()
        }
        entries.removeAll()
        signalling.release()
        joining?(.failure(.closed))
        for closer in closers { closer() }
        shared.hub.finish()
    }
}
