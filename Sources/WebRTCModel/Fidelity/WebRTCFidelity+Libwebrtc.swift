import NIOCore
import NetworkModel

/// libwebrtc: Chromium with interfaces enumerated and candidates gathered once.
extension WebRTCFidelity {
    func libwebrtcRows() throws -> [FidelityRow] {
        try shortBlackoutRows() + longBlackoutRows() + restartRows() + oneWayRows() + roamRows() + roamRestartRows() + anyAddressRows()
    }

    private func shortBlackoutRows() throws -> [FidelityRow] {
        var (disconnected, resumed) = (Sightings(), Sightings())
        try play(for: .seconds(10), fault: { $0.blackout(from: $1, for: .seconds(3)) }) { laboratory, start in
            for end in laboratory.ends {
                disconnected.note(end.time(of: .disconnected, after: start))
                resumed.note(end.arrival(after: start + .milliseconds(10)))
            }
        }
        var (tenDisconnected, failed, healed) = (Sightings(), Sightings(), Sightings())
        try play(for: .seconds(20), fault: { $0.blackout(from: $1, for: .seconds(10)) }) { laboratory, start in
            for end in laboratory.ends {
                tenDisconnected.note(end.time(of: .disconnected, after: start))
                failed.note(end.time(of: .failed, after: start))
                healed.note(end.time(of: .connected, after: start + .seconds(10)))
            }
        }
        return [
            disconnected.never("libwebrtc, blackout 3 s: disconnected"),
            resumed.row(
                "libwebrtc, blackout 3 s: data again", Self.range(3_200, 3_700),
                Self.source
            ).explained(by: Self.probe),
            tenDisconnected.row("libwebrtc, blackout 10 s: disconnected", Self.range(5_100, 6_500), Self.source),
            failed.never("libwebrtc, blackout 10 s: failed"),
            healed.row(
                "libwebrtc, blackout 10 s: connected, from the heal", Self.range(0, 60), "\(Self.source) (\"within 0.06\")",
                resolution: .milliseconds(5)),
        ]
    }

    private func longBlackoutRows() throws -> [FidelityRow] {
        var rows: [FidelityRow] = []
        for seconds in [20, 40] {
            var (disconnected, failed, recovered) = (Sightings(), Sightings(), Sightings())
            try play(for: .seconds(Int64(seconds) + 25), fault: { $0.blackout(from: $1, for: .seconds(Int64(seconds))) }) {
                laboratory, start in
                for end in laboratory.ends {
                    disconnected.note(end.time(of: .disconnected, after: start))
                    failed.note(end.time(of: .failed, after: start))
                    recovered.note(end.time(of: .connected, after: start))
                }
            }
            rows += [
                disconnected.row("libwebrtc, blackout \(seconds) s: disconnected", Self.range(5_800, 7_400), Self.source),
                failed.row("libwebrtc, blackout \(seconds) s: failed", Self.range(15_800, 17_400), Self.source),
                recovered.never("libwebrtc, blackout \(seconds) s: connected again"),
            ]
        }
        return rows
    }

    private func restartRows() throws -> [FidelityRow] {
        var rows: [FidelityRow] = []
        for seconds in [25, 40] {
            let restart = TimeAmount.seconds(Int64(seconds)) + .milliseconds(500)
            var (disconnected, failed, connected, resumed) = (Sightings(), Sightings(), Sightings(), Sightings())
            try play(
                for: restart + .seconds(5),
                fault: { laboratory, start in
                    laboratory.blackout(from: start, for: .seconds(Int64(seconds)))
                    laboratory.at(start + restart) { laboratory.left.restart() }
                }
            ) { laboratory, start in
                for end in laboratory.ends {
                    disconnected.note(end.time(of: .disconnected, after: start))
                    failed.note(end.time(of: .failed, after: start))
                    connected.note(end.time(of: .connected, after: start + restart))
                    resumed.note(end.arrival(after: start + restart))
                }
            }
            rows += [
                disconnected.row("libwebrtc, blackout \(seconds) s then restart: disconnected", Self.range(5_700, 7_200), Self.source),
                failed.row("libwebrtc, blackout \(seconds) s then restart: failed", Self.range(15_700, 17_200), Self.source),
                connected.row(
                    "libwebrtc, blackout \(seconds) s then restart: connected, from the restart", Self.range(10, 70), Self.source,
                    resolution: .milliseconds(5)),
                resumed.row(
                    "libwebrtc, blackout \(seconds) s then restart: data again, from the restart", Self.range(1_400, 1_400),
                    "\(Self.source) (\"about 1.4\")", resolution: .milliseconds(100)
                ).explained(by: Self.probe),
            ]
        }
        return rows
    }

    private func oneWayRows() throws -> [FidelityRow] {
        var (disconnected, failed, recovered) = (Sightings(), Sightings(), Sightings())
        try play(
            for: .seconds(40),
            fault: { laboratory, _ in laboratory.left.host.blackout(.down, name: "one way").end(after: .seconds(25)) }
        ) { laboratory, start in
            for end in laboratory.ends {
                disconnected.note(end.time(of: .disconnected, after: start))
                failed.note(end.time(of: .failed, after: start))
            }
            recovered.note(laboratory.left.time(of: .connected, after: start + .seconds(25)))
        }
        return [
            disconnected.row("libwebrtc, one way 25 s: disconnected", Self.range(5_200, 6_600), Self.source),
            failed.row("libwebrtc, one way 25 s: failed", Self.range(15_200, 16_600), Self.source),
            recovered.row(
                "libwebrtc, one way 25 s: connected by itself, from the heal", Self.range(60, 60),
                "\(Self.source): 1 run of 3 there, \(recovered.times.count) of \(recovered.runs) here: those in which the end that is heard fails first and is "
                    + "revived by the other's checks", resolution: .milliseconds(20)),
        ]
    }

    // MARK: Roams

    private func roamRows() throws -> [FidelityRow] {
        var (disconnected, failed, recovered) = (Sightings(), Sightings(), Sightings())
        try play(for: .seconds(40), fault: { laboratory, _ in laboratory.roam() }) { laboratory, start in
            for end in laboratory.ends {
                disconnected.note(end.time(of: .disconnected, after: start))
                failed.note(end.time(of: .failed, after: start))
                recovered.note(end.time(of: .connected, after: start))
            }
        }
        return [
            disconnected.row("libwebrtc, roam: disconnected", Self.range(5_100, 7_300), Self.source),
            failed.row("libwebrtc, roam: failed", Self.range(15_200, 17_300), Self.source),
            recovered.never("libwebrtc, roam: connected again"),
        ]
    }

    private func roamRestartRows() throws -> [FidelityRow] {
        var (disconnected, selected, resumed) = (Sightings(), Sightings(), Sightings())
        try play(
            for: .seconds(10),
            fault: { laboratory, start in
                laboratory.roam()
                laboratory.at(start + .seconds(1)) { laboratory.left.restart() }
            }
        ) { laboratory, start in
            for end in laboratory.ends {
                disconnected.note(end.time(of: .disconnected, after: start))
                selected.note(end.selection(after: start + .seconds(1)))
                resumed.note(end.arrival(after: start + .milliseconds(10)))
            }
        }
        return [
            disconnected.never("libwebrtc, roam, restart at 1.0 s: disconnected"),
            selected.row(
                "libwebrtc, roam, restart at 1.0 s: new pair, from the restart", Self.range(100, 400),
                "\(Self.source); until the loop has had its turns with the old pairs and the new one; Chromium gathers a little later"),
            resumed.row(
                "libwebrtc, roam, restart at 1.0 s: data again", Self.range(1_100, 1_800),
                Self.source
            ).explained(by: Self.probe),
        ]
    }

    private func anyAddressRows() throws -> [FidelityRow] {
        var (disconnected, selected, resumed) = (Sightings(), Sightings(), Sightings())
        var setup = Laboratory.Setup()
        setup.bindsAnyAddress = true
        try play(setup, for: .seconds(10), fault: { laboratory, _ in laboratory.roam() }) { laboratory, start in
            for end in laboratory.ends { disconnected.note(end.time(of: .disconnected, after: start)) }
            selected.note(laboratory.right.selection(after: start))
            resumed.note(laboratory.left.arrival(after: start + .milliseconds(10)))
        }
        return [
            disconnected.never("libwebrtc, roam, socket on \"any\": disconnected"),
            selected.row(
                "libwebrtc, roam, socket on \"any\": peer-reflexive pair", Self.range(2_500, 2_500),
                "\(Self.source) (\"at 2.5\"): the next check of a stable pair, at most 2.66 s later"),
            resumed.row(
                "libwebrtc, roam, socket on \"any\": data again", Self.range(1_500, 2_800),
                Self.source
            ).explained(by: Self.probe),
        ]
    }
}

extension Laboratory {
    /// The router between the ends drops everything.
    func blackout(from start: NIODeadline, for length: TimeAmount) {
        left.host.blackout(name: "blackout").end(after: length)
    }

    /// The left end's link and address go, and 14 ms later another is up.
    func roam() {
        guard let old = left.host.interface("eth0"), let new = left.host.interface("eth1") else { return }
        left.host.roam(from: old, to: new, deadWindow: .milliseconds(14))
    }
}
