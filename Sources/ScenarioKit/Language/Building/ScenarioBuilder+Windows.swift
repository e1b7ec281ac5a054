import NIOCore

/// When expectations look.
extension ScenarioBuilder {
    static let windowKeys = Vocabulary.windowFields.map(\.key)

    /// The window that the keys describe; nil if it is not known. Without an end it ends at `defaultEnd`, or where it begins.
    func window(_ fields: Fields, defaultEnd: TimeAmount?, _ diagnostics: Diagnostics) -> Window? {
        guard isConsistent(fields, diagnostics) else { return nil }
        if fields.has("at") { return moment(fields, "at").map { Window(start: $0, end: $0) } }
        let start: Instant
        if let key = ["after", "from"].first(where: fields.has) {
            guard let instant = moment(fields, key) else { return nil }
            start = instant
        } else {
            start = Instant(time: .zero, text: "start")
        }
        if fields.has("within") {
            guard let length = fields.interval("within") else { return nil }
            let end = MomentExpression(anchor: nil, offset: start.time + length, text: "\(start.text) + \(QuantityText.duration(length))")
            guard case .success(let instant) = instants.resolve(end) else { return nil }
            return Window(start: start, end: instant)
        }
        if let key = ["before", "until"].first(where: fields.has) { return moment(fields, key).map { Window(start: start, end: $0) } }
        return Window(start: start, end: defaultEnd.map { Instant(time: $0, text: "end") } ?? start)
    }

    private func isConsistent(_ fields: Fields, _ diagnostics: Diagnostics) -> Bool {
        for alternatives in [["after", "from", "at"], ["within", "before", "until", "at"]] {
            let given = alternatives.filter(fields.has)
            guard given.count > 1 else { continue }
            diagnostics.report(fields.keyPosition(given[1]), "give either \"\(given[0])\" or \"\(given[1])\", not both.")
            return false
        }
        return true
    }

    private func moment(_ fields: Fields, _ key: String) -> Instant? {
        guard let text = fields.scalar(key) else { return nil }
        switch MomentExpression.parse(text).flatMap(instants.resolve) {
        case .success(let instant): return instant
        case .failure(let problem):
            fields.report(key, problem.message)
            return nil
        }
    }

    /// The window, if it lies within the scenario and is not empty.
    func usableWindow(_ fields: Fields, duration: TimeAmount) -> Window? {
        guard let window = window(fields, defaultEnd: duration, diagnostics) else { return nil }
        let position = Self.windowKeys.first(where: fields.has).map(fields.keyPosition) ?? fields.position
        let end = QuantityText.duration(duration)
        if window.start.time > duration {
            diagnostics.report(position, "this window begins at \(QuantityText.duration(window.start.time)), after the end of the scenario (\(end)).")
        } else if window.start.time > window.end.time {
            let (from, to) = (QuantityText.duration(window.start.time), QuantityText.duration(window.end.time))
            diagnostics.report(position, "this window is empty: it begins at \(from) and ends at \(to).")
        } else if window.end.time > duration {
            let words = "this window ends at \(QuantityText.duration(window.end.time)), after the end of the scenario (\(end))."
            diagnostics.report(position, "\(words) Give the scenario a longer \"duration\".")
        } else {
            return window
        }
        return nil
    }
}
