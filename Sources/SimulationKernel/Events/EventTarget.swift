/// Something that receives scheduled events without a closure being allocated for each.
public protocol EventTarget: AnyObject {
    /// Called at the event's time with the argument given to `schedule`: an index, a timer kind, whatever tells the target's events apart.
    func fire(_ argument: UInt64)
}

/// Names one scheduled event so that it can be cancelled. A handle whose event has fired or was cancelled is harmless for ever.
public struct EventHandle: Hashable, Sendable {
    let index: UInt32
    let generation: UInt32

    /// Names no event, ever.
    static let stale = EventHandle(index: .max, generation: .max)
}

/// What an event does.
enum EventAction {
    case target(any EventTarget, UInt64)
    case closure(() -> Void)
}
