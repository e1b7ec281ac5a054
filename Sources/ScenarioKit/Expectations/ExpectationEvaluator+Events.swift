import NIOCore
import Trace

/// Events: how often, how densely, in which order.
extension ExpectationEvaluator {
    /// The places of the events of the window that match.
    private func matches(_ pattern: Scenario.EventPattern, _ window: Window) -> [Int] {
        let places = places(pattern)
        return index.slice(places, fromNs: window.start.time.nanoseconds, toNs: window.end.time.nanoseconds)
            .filter { pattern.unmet(by: index.events[$0]).isEmpty }
    }

    /// The places of the pattern's event, whatever its fields are.
    private func places(_ pattern: Scenario.EventPattern) -> [Int] {
        let places = index.places(ofKind: pattern.kind, about: pattern.who)
        let marks = pattern.conditions.filter(\.isImplied)
        return marks.isEmpty ? places : places.filter { place in marks.allSatisfy { $0.holds(for: index.events[place]) } }
    }

    /// The pattern for each of its subjects; itself if it has one or none.
    private func single(_ pattern: Scenario.EventPattern, _ name: String) -> Scenario.EventPattern {
        var pattern = pattern
        pattern.who = [name]
        return pattern
    }

    // MARK: - Counts

    func occurs(_ pattern: Scenario.EventPattern, _ count: Scenario.CountRange, _ window: Window) -> Miss? {
        guard pattern.who.count > 1 else { return wrongCount(pattern, count, window) }
        return forEach(pattern.who) { wrongCount(single(pattern, $0), count, window) }
    }

    private func wrongCount(_ pattern: Scenario.EventPattern, _ count: Scenario.CountRange, _ window: Window) -> Miss? {
        let places = matches(pattern, window)
        if places.count >= count.least, places.count <= count.most ?? .max { return nil }
        let subject = pattern.who.first
        let who = subject.map { "\($0): " } ?? ""
        if count.most == 0, let first = places.first {
            let event = index.events[first]
            let more = places.count > 1 ? " and \(places.count - 1) more" : ""
            let whose = subject == nil ? " (\(event.who))" : ""
            return Miss(
                "\(who)\(pattern.words) must not be \(Words.window(window)), but came at \(Words.time(event.timeNs))\(whose)\(more).",
                timeNs: event.timeNs, traceIndex: first)
        }
        let expected = "\(who)expected \(pattern.words) \(words(count)) \(Words.window(window))"
        guard places.isEmpty else {
            let times = places.prefix(5).map { Words.time(index.events[$0].timeNs) }.joined(separator: ", ")
            let evidence = count.most.map { places[min($0, places.count - 1)] } ?? places[places.count - 1]
            let message = "\(expected), but it came \(words(places.count)): at \(times)\(places.count > 5 ? ", ..." : "")."
            return Miss(message, timeNs: index.events[evidence].timeNs, traceIndex: evidence)
        }
        return nearest(pattern, window, expected)
    }

    private func words(_ count: Scenario.CountRange) -> String {
        guard let most = count.most else { return count.least <= 1 ? "at least once" : "at least \(words(count.least))" }
        return count.least == most ? words(most) : "\(count.least) to \(most) times"
    }

    private func words(_ count: Int) -> String { count == 1 ? "once" : count == 2 ? "twice" : "\(count) times" }

    /// What came closest: another such event in the window, or such an event at another time.
    private func nearest(_ pattern: Scenario.EventPattern, _ window: Window, _ expected: String) -> Miss {
        let (start, end) = (window.start.time.nanoseconds, window.end.time.nanoseconds)
        let own = places(pattern)
        let inWindow = index.slice(own, fromNs: start, toNs: end)
        if let close = inWindow.min(by: { pattern.unmet(by: index.events[$0]).count < pattern.unmet(by: index.events[$1]).count }) {
            let event = index.events[close]
            let found = pattern.unmet(by: event).map { $0.found(in: event) }.joined(separator: ", ")
            let message = "\(expected); there was one at \(Words.time(event.timeNs)), but with \(found)."
            return Miss(message, timeNs: event.timeNs, traceIndex: close)
        }
        let matching = own.filter { pattern.unmet(by: index.events[$0]).isEmpty }
        func distance(_ place: Int) -> Int64 {
            let time = index.events[place].timeNs
            return time < start ? start - time : time - end
        }
        guard let close = matching.min(by: { distance($0) < distance($1) }) else {
            return Miss("\(expected), but it never came.", timeNs: end)
        }
        let time = index.events[close].timeNs
        let side = time < start ? "too early" : "too late"
        return Miss(
            "\(expected); the nearest was at \(Words.time(time)), \(Words.time(distance(close))) \(side).", timeNs: time, traceIndex: close)
    }

    // MARK: - Density

    func tooMany(_ pattern: Scenario.EventPattern, _ most: Int, _ perNs: Int64, _ window: Window) -> Miss? {
        let places = matches(pattern, window)
        var worst: (count: Int, first: Int)?
        var first = 0
        for (last, place) in places.enumerated() {
            // A stretch is half open: what is exactly `per` apart is not in one.
            while index.events[place].timeNs - index.events[places[first]].timeNs >= perNs { first += 1 }
            if last - first + 1 > worst?.count ?? most { worst = (last - first + 1, first) }
        }
        guard let worst else { return nil }
        let start = places[worst.first]
        let message =
            "\(worst.count) times \(pattern.words) within \(QuantityText.duration(.nanoseconds(perNs))) from \(Words.time(index.events[start].timeNs)) on; at most \(most) are allowed."
        return Miss(message, timeNs: index.events[start].timeNs, traceIndex: start)
    }

    // MARK: - Order

    func outOfOrder(_ patterns: [Scenario.EventPattern], _ window: Window) -> Miss? {
        let subjects = patterns.map(\.who).max { $0.count < $1.count } ?? []
        guard subjects.count > 1 else { return brokenOrder(patterns, window) }
        return forEach(subjects) { name in brokenOrder(patterns.map { $0.who == subjects ? single($0, name) : $0 }, window) }
    }

    private func brokenOrder(_ patterns: [Scenario.EventPattern], _ window: Window) -> Miss? {
        let end = window.end.time.nanoseconds
        var previous: Int?
        for (position, pattern) in patterns.enumerated() {
            let from = previous.map { index.events[$0].timeNs } ?? window.start.time.nanoseconds
            let places = index.slice(places(pattern), fromNs: from, toNs: end)
            let found = places.first { $0 > previous ?? -1 && pattern.unmet(by: index.events[$0]).isEmpty }
            guard let found else { return missing(pattern, after: previous, patterns, position, window) }
            previous = found
        }
        return nil
    }

    private func missing(
        _ pattern: Scenario.EventPattern, after previous: Int?, _ patterns: [Scenario.EventPattern], _ position: Int, _ window: Window
    ) -> Miss {
        let who = pattern.who.count == 1 ? "\(pattern.who[0]): " : ""
        guard let previous, position > 0 else {
            return Miss("\(who)there was no \(pattern.words) \(Words.window(window)).", timeNs: window.end.time.nanoseconds)
        }
        let time = Words.time(index.events[previous].timeNs)
        let message = "\(who)after \(patterns[position - 1].words) at \(time) no \(pattern.words) came until \(Words.instant(window.end))."
        return Miss(message, timeNs: index.events[previous].timeNs, traceIndex: previous)
    }
}
