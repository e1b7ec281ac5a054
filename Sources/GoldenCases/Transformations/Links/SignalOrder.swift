import CompactJSON

/// The order in which links began: what goes to several remote peers at one instant goes out in it, because their timers were set in it.
///
/// At a snapshot survivors come before newcomers (ROS-07), each in the order of the snapshot.
struct SignalOrder {
    /// A beginning of a link.
    private struct Beginning {
        let time: Int64
        let id: String
        let rank: Int
    }

    private var beginnings: [Beginning] = []
    /// The snapshots that had survivors and newcomers: the members in their order there.
    private(set) var mixed: [(time: Int64, members: [String])] = []

    init(_ lines: [GoldenLine]) {
        var roster: [String] = []
        var newcomers: [String] = []
        var listed: [String] = []
        for line in lines {
            switch (line.who, line.what) {
            case ("client", "Presence"): listed = (line.fields["joined"]?.arrayValue ?? []).compactMap(\.stringValue)
            case ("peer", "PeerJoined"):
                guard let id = line.string("id") else { continue }
                roster.append(id)
                newcomers.append(id)
                begin([id], at: line.milliseconds)
            case ("peer", "PeerLeft"): roster.removeAll { $0 == line.string("id") }
            case ("peer", "state") where line.string("to") == "reconnecting": newcomers = []
            case ("peer", "state") where line.string("from") == "reconnecting" && line.string("to") == "joined":
                let members = listed.filter(roster.contains)
                let survivors = members.filter { !newcomers.contains($0) }
                begin(survivors + newcomers, at: line.milliseconds)
                if !survivors.isEmpty, !newcomers.isEmpty { mixed.append((line.milliseconds, members)) }
            default: break
            }
        }
    }

    private mutating func begin(_ ids: [String], at time: Int64) {
        for id in ids { beginnings.append(Beginning(time: time, id: id, rank: beginnings.count)) }
    }

    private func rank(_ line: GoldenLine) -> Int {
        let id = line.string("to") ?? line.string("from")
        return beginnings.last { $0.id == id && $0.time <= line.milliseconds }?.rank ?? .max
    }

    /// The lines with the signals of these instants in order; those to one peer keep theirs, and so do those of one kind among those of others.
    func sorted(_ lines: [GoldenLine], at instants: Set<Int64>) -> [GoldenLine] {
        var result = lines
        for instant in instants.sorted() {
            for kind in SignalKind.allCases {
                let indices = lines.indices.filter { lines[$0].milliseconds == instant && lines[$0].signalKind == kind }
                let ranked = indices.map { (rank: rank(lines[$0]), index: $0) }.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }
                for (target, source) in zip(indices, ranked) { result[target] = lines[source.index] }
            }
        }
        return result
    }
}

/// What goes between us and a remote peer.
private enum SignalKind: CaseIterable {
    /// What we say about a track; it goes out as soon as the track is added.
    case metadata
    /// Our descriptions and the ends of our candidates.
    case signal
    /// The remote peer's answers and what follows them: in the order of the offers.
    case answer
}

extension GoldenLine {
    fileprivate var signalKind: SignalKind? {
        if isAbout("client", "send"), fields["sig"] != nil { return .signal }
        if isAbout("client", "send"), fields["to"] != nil, fields["data"]?["__meteredTrackMeta"] != nil { return .metadata }
        if isAbout("client", "Direct"), let sig = string("sig"), ["answer", "ice-end"].contains(sig) { return .answer }
        return nil
    }

    fileprivate var partner: String { string("to") ?? string("from") ?? "" }
}

extension Transformation {
    /// Survivors are refreshed before newcomers are met, so their signals go out first; in the official SDK both come in the order of the snapshot.
    static let survivorsComeFirst = Transformation(name: "survivors are refreshed before newcomers join", rule: "ROS-07") { lines, _ in
        let order = SignalOrder(lines)
        var instants: Set<Int64> = []
        for (snapshot, members) in order.mixed {
            for kind in SignalKind.allCases {
                let signals = lines.filter { $0.milliseconds >= snapshot && $0.signalKind == kind && members.contains($0.partner) }
                let times = Set(signals.map(\.milliseconds))
                instants.formUnion(
                    times.filter { time in
                        let places = signals.filter { $0.milliseconds == time }.compactMap { members.firstIndex(of: $0.partner) }
                        return places == places.sorted()
                    })
            }
        }
        let result = order.sorted(lines, at: instants)
        return result == lines ? nil : result
    }
}
