import CompactJSON

extension TraceText {
    static func worldText(of event: TraceEvent, _ kind: TraceKind) -> String {
        switch kind {
        case .app: return appText(event)
        case .interface: return "\(event[.name] ?? "?") \(event[.up] == true ? "up" : "down")" + (event[.address].map { ", \($0)" } ?? "")
        case .path: return (event[.satisfied] == true ? "satisfied" : "unsatisfied") + (event[.interface].map { " by \($0)" } ?? "")
        case .sleep: return "falls asleep" + clockText(event)
        case .wake: return "wakes"
        case .appSuspended: return "applications suspended" + clockText(event)
        case .appResumed: return "applications resumed"
        case .wallClock: return "jumps by \(event[.jump].map { SecondsText.text(ns: $0) } ?? "?")"
        case .packetDropped: return packetText(event)
        case .tcp, .nat, .dns:
            let rest = generic(event.fields, without: [TraceField<String>.event.name])
            return (event[.event] ?? "?") + (rest.isEmpty ? "" : " (\(rest))")
        case .accept: return "\(event[.peer] ?? "?"), connection \(connection(event))"
        case .serviceClose:
            return "\(event[.peer] ?? "?"), connection \(connection(event)) ended, \(number(event[.code]))" + colon(event[.reason])
        case .serviceRefused: return "refused: \(event[.reason] ?? "?")" + (event[.status].map { " (HTTP \($0))" } ?? "")
        case .serviceState: return event[.serviceState] ?? "?"
        case .timeline: return timelineText(event)
        default: return generic(event.fields)
        }
    }

    private static func appText(_ event: TraceEvent) -> String {
        if let text = event[.shows] { return "shows \(text)" }
        if let text = event[.hides] { return "hides \(text)" }
        if let text = event[.prompts] { return "prompts: \(text)" }
        guard let note = event[.note] else { return generic(event.fields) }
        let remote = event[.remote].map { " \($0)" } ?? ""
        let label = event[.label].map { " on \($0)" } ?? ""
        let phase = event[.phase].map { " \($0)" } ?? ""
        return note + remote + phase + label + (event[.object].map { " (object \($0))" } ?? "") + colon(event[.error])
    }

    private static func clockText(_ event: TraceEvent) -> String {
        switch event[.clock].flatMap(TraceEvent.ClockDuringSleep.init(rawValue:)) {
        case .stops: return ", its clock stops"
        case .continues: return ", its clock goes on"
        case nil: return ""
        }
    }

    private static func packetText(_ event: TraceEvent) -> String {
        var text = "dropped"
        if let count = event[.count] { text += " \(count)" }
        if let transport = event[.transport] { text += " \(transport)" }
        if let link = event[.link] { text += " on \(link)" }
        text += colon(event[.reason])
        if let fault = event[.fault] { text += " (\(fault))" }
        return text
    }

    private static func timelineText(_ event: TraceEvent) -> String {
        let known = [TraceField<String>.name.name, TraceField<String>.action.name, TraceField<String>.phase.name]
        let rest = generic(event.fields, without: known)
        let ended = event[.phase] == TraceEvent.TimelinePhase.end.rawValue ? " ends" : ""
        return (event[.name].map { "\($0): " } ?? "") + (event[.action] ?? "?") + ended + (rest.isEmpty ? "" : " (\(rest))")
    }

    private static func connection(_ event: TraceEvent) -> String { event[.connection].map(String.init) ?? "?" }
}
