import NIOCore

/// One lookup of a name: which query to send when, and what ends it. Pure; `StubResolver` performs its actions.
struct DNSLookup {
    enum Action: Hashable {
        /// Send query number `attempt` (from 1) to `server`, and call `timedOut(attempt:)` after `wait`.
        case ask(server: IPAddress, attempt: Int, wait: TimeAmount)
        /// The lookup has ended with addresses, good for a time.
        case succeed([IPAddress], timeToLive: TimeAmount)
        case fail(DNSError)
        case ignore
    }

    let name: String
    let family: IPFamily
    /// What the answer must repeat.
    let identifier: UInt16
    private let servers: [IPAddress]
    private let waits: [TimeAmount]
    private var attempt = 0

    init(name: String, family: IPFamily, identifier: UInt16, servers: [IPAddress], waits: [TimeAmount]) {
        self.name = name
        self.family = family
        self.identifier = identifier
        self.servers = servers
        self.waits = waits
    }

    var query: DNSMessage { DNSMessage(identifier: identifier, isResponse: false, name: name, family: family) }

    /// Asks the first server, or the next one after a failure: each server once per wait of the profile.
    mutating func askNext() -> Action {
        guard !servers.isEmpty else { return .fail(.networkUnreachable(name)) }
        guard attempt < waits.count * servers.count else { return .fail(.timeout(name)) }
        attempt += 1
        let server = servers[(attempt - 1) % servers.count]
        return .ask(server: server, attempt: attempt, wait: waits[(attempt - 1) / servers.count])
    }

    mutating func timedOut(attempt expired: Int) -> Action { expired == attempt ? askNext() : .ignore }

    /// An ICMP error: nobody answers there, the next query need not wait.
    mutating func refused() -> Action { askNext() }

    mutating func received(_ message: DNSMessage, from source: TransportAddress) -> Action {
        guard message.isResponse, message.identifier == identifier, message.family == family, source.port == DNSServer.port,
            message.name.lowercased() == name.lowercased(), servers.contains(source.address)
        else { return .ignore }
        switch message.responseCode {
        case .noError:
            let answers = message.answers.filter { $0.address.family == family }
            let seconds = answers.map { Int64($0.timeToLiveSeconds) }.min() ?? 0
            return .succeed(answers.map(\.address), timeToLive: .seconds(seconds))
        case .nameNotFound: return .fail(.nameNotFound(name))
        case .formatError, .serverFailure, .notImplemented, .refused: return .fail(.serverFailure(name))
        }
    }
}
