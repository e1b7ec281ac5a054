import NIOCore

/// The timers of a client, one per purpose, on its event loop. Cancelling all of them leaves nothing behind.
final class TimerSet {
    enum Purpose: Hashable, CaseIterable {
        case backoff, token, open, welcome, watchdog, stability, requests, pacing, replay, closing
    }

    private let eventLoop: any EventLoop
    private var timers: [Purpose: (deadline: NIODeadline, scheduled: Scheduled<Void>)] = [:]

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// When the timer fires, or nil if it is not set.
    func deadline(_ purpose: Purpose) -> NIODeadline? { timers[purpose]?.deadline }

    /// Sets the timer, in place of the one that was set before.
    func set(_ purpose: Purpose, at deadline: NIODeadline, _ body: @escaping () -> Void) {
        cancel(purpose)
        let scheduled = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            self?.timers[purpose] = nil
            body()
        }
        timers[purpose] = (deadline, scheduled)
    }

    /// Sets the timer to fire at `deadline`, or cancels it for nil. A timer that is already set to that moment is left alone.
    func update(_ purpose: Purpose, to deadline: NIODeadline?, _ body: @escaping () -> Void) {
        guard let deadline else { return cancel(purpose) }
        guard self.deadline(purpose) != deadline else { return }
        set(purpose, at: deadline, body)
    }

    func cancel(_ purpose: Purpose) { timers.removeValue(forKey: purpose)?.scheduled.cancel() }

    func cancelAll() { for purpose in Purpose.allCases { cancel(purpose) } }
}
