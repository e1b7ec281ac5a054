import CompactJSON
import NIOCore
import SimulationKernel

@testable import MeteredRealtime

/// A client and a scripted server in one simulation. Times are milliseconds of virtual time.
final class TestWorld {
    let simulation: Simulation
    let server: TestServer
    let log = DiagnosticLog()
    private(set) var client: SignallingClient!

    /// A generator for jitter that always gives the middle: a factor of exactly 1.
    struct MiddleJitter: RandomNumberGenerator, Sendable {
        mutating func next() -> UInt64 { 1 << 63 }
    }

    struct ConstantJitter: RandomNumberGenerator, Sendable {
        let unit: Double
        mutating func next() -> UInt64 { UInt64(unit * 9_007_199_254_740_992) << 11 }
    }

    struct TestConnector: Connector {
        let server: NIOLoopBound<TestServer>
        let eventLoop: any EventLoop
        func connect(host: String, port: Int, tls: Bool) -> EventLoopFuture<any Channel> { server.value.connect() }

        func connect(host: String, port: Int, tls: Bool, abandoned: EventLoopFuture<Void>) -> EventLoopFuture<any Channel> {
            abandoned.whenSuccess { [server] in server.value.abandonedDials += 1 }
            return server.value.connect()
        }
    }

    init(
        _ options: SignallingOptions = SignallingOptions(), credential: Credential = .publishableKey("pk_secret"),
        jitter: any RandomNumberGenerator & Sendable = MiddleJitter(), seed: UInt64 = 1
    ) throws {
        simulation = Simulation(seed: seed)
        server = TestServer(loop: simulation.mainLoop)
        let loop = simulation.mainLoop
        let bound = simulation.enter { NIOLoopBound(server, eventLoop: loop) }
        let log = log
        client = try SignallingClient(
            credential: credential, options: options, connector: TestConnector(server: bound, eventLoop: loop),
            random: RandomSources(jitter: jitter, nonces: simulation.random("nonces")),
            diagnostics: { log.append($0, at: loop.now) })
    }

    deinit {
        server.finish()
        client = nil
        simulation.shutdown()
    }

    /// Does something on the client's loop at a moment.
    func at(_ milliseconds: Int64, _ body: @escaping (SignallingCore) -> Void) {
        simulation.mainLoop.schedule(at: .milliseconds(milliseconds)) { [unowned self] in body(client.core.value) }
    }

    func connect(at milliseconds: Int64 = 0) {
        at(milliseconds) { [log] core in core.connect { log.finished("connect", $0.map { _ in () }, at: core.now) } }
    }

    func close(at milliseconds: Int64, code: CloseCode = .normalClosure) {
        at(milliseconds) { [log] core in core.close(code: code, reason: "bye") { log.finished("close", .success(()), at: core.now) } }
    }

    func subscribe(_ channel: String, at milliseconds: Int64, includeSenderMetadata: Bool = false) {
        at(milliseconds) { [log] core in
            core.subscribe(channel, includeSenderMetadata: includeSenderMetadata) { log.finished("subscribe \(channel)", $0, at: core.now) }
        }
    }

    func unsubscribe(_ channel: String, at milliseconds: Int64) {
        at(milliseconds) { [log] core in core.unsubscribe(channel) { log.finished("unsubscribe \(channel)", $0, at: core.now) } }
    }

    func publish(_ data: JSONValue = 1, to channel: String = "room", at milliseconds: Int64) {
        at(milliseconds) { [log] core in core.publish(data, to: channel) { log.finished("publish", $0, at: core.now) } }
    }

    func run(until milliseconds: Int64) { simulation.run(until: .milliseconds(milliseconds)) }

    /// Lets the application's last reference go.
    func releaseClient() { client = nil }

    var state: SignallingState { client.state }
}

extension NIODeadline {
    static func milliseconds(_ value: Int64) -> NIODeadline { .uptimeNanoseconds(UInt64(value) * 1_000_000) }
    var milliseconds: Double { Double(uptimeNanoseconds) / 1_000_000 }
}

/// What the client said, with times in milliseconds.
final class DiagnosticLog: @unchecked Sendable {
    struct Finish: Equatable {
        let call: String
        let result: Result<Void, SignallingError>
        let at: Double

        static func == (left: Finish, right: Finish) -> Bool {
            left.call == right.call && left.at == right.at && left.error == right.error
        }

        var error: SignallingError? {
            if case .failure(let error) = result { return error }
            return nil
        }
    }

    private(set) var entries: [(at: Double, diagnostic: SignallingDiagnostic)] = []
    private(set) var finishes: [Finish] = []

    func append(_ diagnostic: SignallingDiagnostic, at time: NIODeadline) { entries.append((time.milliseconds, diagnostic)) }

    func finished(_ call: String, _ result: Result<Void, SignallingError>, at time: NIODeadline) {
        finishes.append(Finish(call: call, result: result, at: time.milliseconds))
    }

    /// How a call ended; the first of several by that name.
    func finish(of call: String) -> Finish? { finishes.first { $0.call == call } }

    /// The moments of the diagnostics that match.
    func times(_ matches: (SignallingDiagnostic) -> Bool) -> [Double] { entries.filter { matches($0.diagnostic) }.map(\.at) }

    var events: [SignallingEvent] {
        entries.compactMap { if case .event(let event) = $0.diagnostic { event } else { nil } }
    }

    var attempts: [Double] { times { if case .attemptStarted = $0 { true } else { false } } }
    var dials: [Double] { times { if case .dialling = $0 { true } else { false } } }
    var pings: [Double] { times { if case .pingSent = $0 { true } else { false } } }

    var backoffs: [BackoffRecord] {
        entries.compactMap { if case .backoffScheduled(let record) = $0.diagnostic { record } else { nil } }
    }

    /// The states that were reported, with their moments.
    var states: [String] {
        entries.compactMap { if case .event(.stateChanged(_, let to)) = $0.diagnostic { "\($0.at) \(to)" } else { nil } }
    }

    /// The disconnects that were reported.
    var disconnects: [String] {
        entries.compactMap {
            guard case .event(.disconnected(let code, let reason, let willReconnect)) = $0.diagnostic else { return nil }
            return "\($0.at) \(code.rawValue) \(reason) \(willReconnect)"
        }
    }

    var socketsClosed: [String] {
        entries.compactMap {
            if case .socketClosed(let code, let reason) = $0.diagnostic { "\($0.at) \(code.rawValue) \(reason)" } else { nil }
        }
    }
}
