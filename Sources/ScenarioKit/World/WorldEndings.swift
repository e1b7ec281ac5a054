import MeteredRealtime

/// What is left when the scenario's time is over, for the invariants.
struct WorldEndings {
    /// Strings that must not be in the trace: every key and every token that was in use.
    var secrets: [String]
    /// What should be gone and is not, by name.
    var leaks: [(name: String, count: Int)]
}

extension World {
    /// Read when the run is over and before anything is shut down.
    var endings: WorldEndings {
        let keys = scenario.peers.compactMap { peer -> String? in
            guard case .key(let name) = peer.credential else { return nil }
            return ServiceHost.key(name, of: peer.name)
        }
        // A host that somebody else on it still uses has sockets for a reason.
        let used = Set(participants.filter { $0.state != .closed }.map { $0.host.name })
        let closed = participants.filter { $0.state == .closed && !used.contains($0.host.name) }
        let sockets = closed.reduce(0) { $0 + $1.host.tcp.socketCount + $1.host.udpSocketCount }
        return WorldEndings(secrets: keys + iceServers.passwords, leaks: [("sockets of closed clients", sockets)])
    }

    /// Figures worth a line in the report.
    var notes: [String] {
        guard participants.count >= 50 else { return [] }
        let peak = service.service.statistics.peakPerSecond
        return ["\(participants.count) clients, at most \(peak) connections in one second"]
    }
}
