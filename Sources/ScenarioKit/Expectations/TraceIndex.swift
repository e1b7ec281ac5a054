import Trace

/// A trace arranged for questions: events by kind and subject, states by client. Each part is made when the first question about it comes.
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

    /// The kinds that were asked for: most events of a long run are of one that nobody asks for.
    private var kinds: [String: Kind] = [:]

    private func kind(_ name: String) -> Kind {
        if let known = kinds[name] { return known }
        var kind = Kind()
        for place in events.indices where events[place].what == name {
            let who = events[place].who
            kind.all.append(place)
            if kind.bySubject[who] == nil, who.contains("/") { kind.parts.append(who) }
            kind.bySubject[who, default: []].append(place)
        }
        kinds[name] = kind
        return kind
    }

    private var statesBySubject: [Scenario.Subject: [StateChange]] = [:]

    /// The events of a kind about links, by link.
    private var placesByLink: [String: [Scenario.Link: [Int]]] = [:]

    /// The places of the events of a kind about these subjects (without any: about anyone), in order. What is about a part of a subject is about it.
    func places(ofKind kind: String, about subjects: [String]) -> [Int] {
        let kind = self.kind(kind)
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

    /// The places of the events of a kind that one peer has about a remote one.
    func places(ofKind kind: TraceKind, about link: Scenario.Link) -> [Int] {
        if let known = placesByLink[kind.rawValue] { return known[link] ?? [] }
        var byLink: [Scenario.Link: [Int]] = [:]
        for place in places(ofKind: kind.rawValue, about: []) {
            guard let remote = events[place][.remote] else { continue }
            byLink[Scenario.Link(peer: events[place].who, remote: remote), default: []].append(place)
        }
        placesByLink[kind.rawValue] = byLink
        return byLink[link] ?? []
    }

    /// The states of something in order, the first from before the start.
    func states(of subject: Scenario.Subject) -> [StateChange] {
        if let known = statesBySubject[subject] { return known }
        let states = StateReading(index: self).states(of: subject)
        statesBySubject[subject] = states
        return states
    }
}

extension [TraceIndex.StateChange] {
    /// The place of the state that is in force once everything of an instant has happened.
    func inForce(atNs time: Int64) -> Int { partitioningIndex { $0.timeNs > time } - 1 }
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
