import NIOCore
import NetworkModel

/// The rules that the captures of Chromium show.
extension WebRTCFidelity {
    func captureRows() throws -> [FidelityRow] {
        var (stable, weak, began) = (Sightings(), Sightings(), Sightings())
        var (disconnected, failed, apart, late) = (Sightings(), Sightings(), Sightings(), Sightings())
        try play(for: .seconds(22), fault: { $0.blackout(from: $1, for: .seconds(40)) }) { laboratory, start in
            for end in laboratory.ends {
                for (earlier, later) in zip(end.checks, end.checks.dropFirst()) where earlier > start - .seconds(3) && later < start {
                    stable.note(later - earlier)
                }
                let unanswered = end.checks.filter { $0 >= start }
                guard let first = unanswered.first else { continue }
                let dense = zip(unanswered, unanswered.dropFirst()).first { $1 - $0 < .milliseconds(100) }?.0
                if let dense, let heard = end.arrivals.last { began.note(dense - heard) }
                let rapid = unanswered.filter { $0 > first + .seconds(3) && $0 < first + .seconds(5) }
                for (earlier, later) in zip(rapid, rapid.dropFirst()) { weak.note(later - earlier) }
                disconnected.note(end.time(of: .disconnected, after: first))
                failed.note(end.time(of: .failed, after: first))
                if let early = end.time(of: .disconnected, after: start), let end = end.time(of: .failed, after: start) {
                    apart.note(end - early)
                }
                if let end = end.time(of: .failed, after: start) {
                    late.note(unanswered.last.flatMap { $0 > start + end ? $0 - start - end : nil })
                }
            }
        }
        return [
            stable.row(
                "captures: between checks of a stable pair", Self.range(2_656, 2_656), "chrome-*.pcap", resolution: .milliseconds(5)),
            weak.row("captures: between checks once nothing arrives", Self.range(62, 63), "chrome-*.pcap", resolution: .milliseconds(4)),
            began.row(
                "captures: rapid checks, after the last packet", Self.range(2_500, 2_500), "\(Self.source) (\"about 2.5 s\")",
                resolution: .milliseconds(200)),
            disconnected.row(
                "captures: disconnected, after the first unanswered check", Self.range(5_000, 5_050), "chrome-*.pcap",
                resolution: .milliseconds(25)),
            failed.row(
                "captures: failed, after the first unanswered check", Self.range(15_000, 15_050), "chrome-*.pcap",
                resolution: .milliseconds(25)),
            apart.row("captures: failed, after disconnected", Self.range(10_000, 10_000), Self.source, resolution: .milliseconds(50)),
            late.never("captures: a check after failed"),
        ]
    }
}
