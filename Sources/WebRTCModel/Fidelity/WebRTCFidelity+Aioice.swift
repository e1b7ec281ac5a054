import NIOCore
import NetworkModel

/// aioice: consent of RFC 7675, no `disconnected`, no restart.
extension WebRTCFidelity {
    private static var setup: Laboratory.Setup {
        var setup = Laboratory.Setup()
        setup.profile = .aioice
        return setup
    }

    func aioiceRows() throws -> [FidelityRow] {
        var rows: [FidelityRow] = []
        for seconds in [3, 10] as [Int64] {
            var (changed, resumed) = (Sightings(), Sightings())
            try play(Self.setup, for: .seconds(seconds + 40), fault: { $0.blackout(from: $1, for: .seconds(seconds)) }) {
                laboratory, start in
                for end in laboratory.ends {
                    changed.note(end.states.first { $0.time >= start }.map { $0.time - start })
                    resumed.note(end.arrival(after: start + .seconds(seconds)))
                }
            }
            rows += [
                changed.never("aioice, blackout \(seconds) s: any change of state"),
                resumed.row(
                    "aioice, blackout \(seconds) s: data again, from the heal", Self.range(0, 500), "\(Self.source) (\"within 0.5\")"),
            ]
        }
        rows.append(try closed("aioice, blackout 40 s: closed", Self.range(27_500, 34_500)) { $0.blackout(from: $1, for: .seconds(40)) })
        rows.append(try closed("aioice, roam: closed", Self.range(27_500, 34_500)) { laboratory, _ in laboratory.roam() })
        rows.append(
            try closed("aioice, coturn killed: pair dropped", Self.range(27_000, 33_000), turnServers: 1) { laboratory, _ in
                laboratory.servers[0].stopProcess()
            })
        return rows
    }

    private func closed(
        _ what: String, _ measured: ClosedRange<TimeAmount>, turnServers: Int = 0, fault: @escaping (Laboratory, NIODeadline) -> Void
    ) throws -> FidelityRow {
        var lost = Sightings()
        var setup = Self.setup
        setup.turnServers = turnServers
        try play(setup, for: .seconds(50), fault: fault) { laboratory, start in
            for end in laboratory.ends { lost.note(end.loss(after: start)) }
        }
        return lost.row(what, measured, Self.source)
    }
}
