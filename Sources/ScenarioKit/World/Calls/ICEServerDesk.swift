import CompactJSON
import NIOCore
import SimulationKernel
import WebRTCModel

/// Decides which STUN and TURN servers a peer is told of, and makes its credentials (WIRE-07): what an app's server does when it mints a token.
final class ICEServerDesk {
    private let simulation: Simulation
    private let servers: [Scenario.TURNServer]
    private let refresh: Scenario.ICEServerRefresh
    private var handed: [String]
    /// The first list that each peer got.
    private var first: [String: JSONValue] = [:]
    /// Every password that was handed out.
    private(set) var passwords: [String] = []
    /// Every user name that was handed out.
    private(set) var usernames: [String] = []

    init(scenario: Scenario, simulation: Simulation) {
        self.simulation = simulation
        servers = scenario.turnServers
        refresh = scenario.service.iceServerRefresh
        handed = scenario.service.iceServers
    }

    /// What the TURN servers and the desk share: who is redirected from one to another keeps the credentials (RFC 8489 section 10).
    static let secret = "the secret of the fleet"

    /// From now on these servers are handed out.
    func hand(out names: [String]) {
        handed = names
        first = [:]
    }

    /// The members of the welcome's metadata for a peer; nil for none.
    func metadata(for peer: String) -> JSONObject? {
        guard !handed.isEmpty else { return nil }
        switch (refresh, first[peer]) {
        case (.firstOnly, _?): return nil
        case (.never, let list?): return ["iceServers": list]
        case (.everyWelcome, _), (.never, nil), (.firstOnly, nil):
            let list = JSONValue.array(servers.filter { handed.contains($0.name) }.map { entry($0, for: peer) })
            // A list that is made anew each time need not be kept.
            if refresh != .everyWelcome { first[peer] = list }
            return ["iceServers": list]
        }
    }

    private func entry(_ server: Scenario.TURNServer, for peer: String) -> JSONValue {
        if server.isSTUNOnly { return ["urls": .string("stun:\(server.hostName):\(server.ports.udp)")] }
        let expiry = (simulation.wallClock + server.credentialLifetime.nanoseconds) / 1_000_000_000
        let credentials = TURNCredentials(expiringAt: expiry, user: peer, secret: Self.secret)
        if passwords.last != credentials.password { passwords.append(credentials.password) }
        if usernames.last != credentials.username { usernames.append(credentials.username) }
        return [
            "urls": .array(server.urls.map { .string(Self.url(of: server, over: $0)) }), "username": .string(credentials.username),
            "credential": .string(credentials.password),
        ]
    }

    private static func url(of server: Scenario.TURNServer, over transport: Scenario.TURNTransport) -> String {
        let address = "\(server.hostName):\(server.ports[transport])"
        switch transport {
        case .udp: return "turn:\(address)?transport=udp"
        case .tcp: return "turn:\(address)?transport=tcp"
        case .tls: return "turns:\(address)?transport=tcp"
        }
    }
}
