import Trace

/// A trace arranged for questions: events by kind and subject, states by client. Made once for a run, when the first question comes.
final class TraceIndex {
    /// One change of a client's state.
    struct StateChange {
        var timeNs: Int64
        /// The place in the trace; -1 for the state before anything happened.
        var index: Int
        var state: String
    }

    /// The places of the events of one kind, in order.
    private struct Kind {
        var all: [Int] = []
        var bySubject: [String: [Int]] = [:]
        /// Subjects that are parts of others: `phone/wifi` of `phone`.
        var parts: [String] = []
    }

    let events: [TraceEvent]

    init(_ log: TraceLog) { events = log.events }

    private lazy var kinds: [String: Kind] = {
        var kinds: [String: Kind] = [:]
        for (place, event) in events.enumerated() {
            kinds[event.what, default: Kind()].all.append(place)
            let isNew = kinds[event.what]?.bySubject[event.who] == nil
            kinds[event.what]?.bySubject[event.who, default: []].append(place)
            if isNew, event.who.contains("/") { kinds[event.what]?.parts.append(event.who) }
        }
        return kinds
    }()

    private lazy var statesByClient: [String: [StateChange]] = {
        var states: [String: [StateChange]] = [:]
        for place in places(ofKind: TraceKind.state.rawValue, about: []) {
            let event = events[place]
            guard let state = event[.to] else { continue }
            states[event.who, default: [Self.before]].append(StateChange(timeNs: event.timeNs, index: place, state: state))
        }
        return states
    }()

    private static let before = StateChange(timeNs: .min, index: -1, state: Scenario.PeerState.idle.rawValue)

    /// The places of the events of a kind about these subjects (without any: about anyone), in order. What is about a part of a subject is about it.
    func places(ofKind kind: String, about subjects: [String]) -> [Int] {
        guard let kind = kinds[kind] else { return [] }
        if subjects.isEmpty { return kind.all }
        let parts = kind.parts.filter { part in subjects.contains { part.hasPrefix($0 + "/") } }
        if subjects.count == 1, parts.isEmpty { return kind.bySubject[subjects[0]] ?? [] }
        let wanted = Set(subjects + parts)
        return kind.all.filter { wanted.contains(events[$0].who) }
    }

    /// The part of `places` from one instant to another, both included.
    func slice(_ places: [Int], fromNs: Int64, toNs: Int64) -> ArraySlice<Int> {
        let first = places.partitioningIndex { events[$0].timeNs >= fromNs }
        let end = places.partitioningIndex { events[$0].timeNs > toNs }
        return places[first..<max(first, end)]
    }

    /// The states of a client in order, the first from before the start.
    func states(of client: String) -> [StateChange] { statesByClient[client] ?? [Self.before] }

    /// The place in ``states(of:)`` that is in force once everything of an instant has happened.
    func stateInForce(of client: String, atNs time: Int64) -> Int { states(of: client).partitioningIndex { $0.timeNs > time } - 1 }
}

extension Array {
    /// The first index whose element satisfies a predicate that is false up to some element and true from there on.
    func partitioningIndex(where isAfter: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
