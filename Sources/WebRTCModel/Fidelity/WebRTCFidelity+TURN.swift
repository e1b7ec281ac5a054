import NIOCore
import NetworkModel

/// libwebrtc over coturn only, and the server's process killed: its host answers with ICMP.
extension WebRTCFidelity {
    func turnRows() throws -> [FidelityRow] { try killedRows() + replacedRows() + standbyRows() }

    private func killedRows() throws -> [FidelityRow] {
        var (disconnected, failed, recovered) = (Sightings(), Sightings(), Sightings())
        var setup = Laboratory.Setup()
        setup.turnServers = 1
        try play(setup, for: .seconds(40), fault: { laboratory, _ in laboratory.servers[0].stopProcess() }) { laboratory, start in
            for end in laboratory.ends {
                disconnected.note(end.time(of: .disconnected, after: start))
                failed.note(end.time(of: .failed, after: start))
                recovered.note(end.time(of: .connected, after: start))
            }
        }
        return [
            disconnected.row("libwebrtc, coturn killed: disconnected", Self.range(5_600, 7_400), Self.source),
            failed.row("libwebrtc, coturn killed: failed", Self.range(15_700, 17_400), Self.source),
            recovered.never("libwebrtc, coturn killed: connected again"),
        ]
    }

    private func replacedRows() throws -> [FidelityRow] {
        var (disconnected, failed, connected, resumed) = (Sightings(), Sightings(), Sightings(), Sightings())
        var setup = Laboratory.Setup()
        setup.turnServers = 2
        setup.usedTURNServers = 1
        try play(
            setup, for: .seconds(25),
            fault: { laboratory, _ in
                laboratory.servers[0].stopProcess()
                laboratory.left.onFirstDisconnection = { [unowned laboratory] in laboratory.left.restart(servers: 1..<2) }
            }
        ) { laboratory, start in
            let restart = laboratory.left.time(of: .disconnected, after: start).map { start + $0 }
            for end in laboratory.ends {
                failed.note(end.time(of: .failed, after: start))
                if let restart { connected.note(end.time(of: .connected, after: restart)) }
                resumed.note(end.arrival(after: start + .milliseconds(10)))
            }
            disconnected.note(laboratory.left.time(of: .disconnected, after: start))
        }
        return [
            disconnected.row("libwebrtc, coturn killed, restart with another: disconnected", Self.range(5_600, 7_700), Self.source)
                .explained(by: "a phase of the checks that the few runs there did not meet"),
            failed.never("libwebrtc, coturn killed, restart with another: failed"),
            connected.row(
                "libwebrtc, coturn killed, restart with another: connected, from the restart", Self.range(100, 130), Self.source,
                resolution: .milliseconds(5)
            ).explained(
                by:
                    "a permission is asked for with the first datagram, one round of checks later: with it asked for at once no standby would be left"
            ),
            resumed.row(
                "libwebrtc, coturn killed, restart with another: data again", Self.range(6_000, 9_100),
                Self.source
            ).explained(by: Self.probe),
        ]
    }

    private func standbyRows() throws -> [FidelityRow] {
        var (disconnected, switched) = (Sightings(), Sightings())
        var setup = Laboratory.Setup()
        setup.turnServers = 2
        try play(
            setup, for: .seconds(12),
            fault: { laboratory, _ in
                // Whichever carries the data.
                let used = laboratory.left.transport.selectedPair?.local.address.address
                laboratory.servers.first { $0.host.interfaces[0].addresses.contains { $0 == used } }?.stopProcess()
            }
        ) { laboratory, start in
            for end in laboratory.ends {
                disconnected.note(end.time(of: .disconnected, after: start))
                switched.note(end.selection(after: start))
            }
        }
        return [
            disconnected.never("libwebrtc, two coturns, one killed: disconnected"),
            switched.row(
                "libwebrtc, two coturns, one killed: another pair", Self.range(3_600, 4_000),
                "\(Self.source); 2.5 s without a packet, then both pairs' receiving steady for 1 s. Only within 30 s of pruning: later the standby is gone"
            ).explained(by: "the phase of the checks against the end of the server, of which the few runs there met the middle"),
        ]
    }
}
