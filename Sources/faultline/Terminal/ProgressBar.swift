import Synchronization

/// A bar on standard error for work that takes more than two seconds; nothing where standard error is no terminal.
final class ProgressBar: Sendable {
    private let total: Int
    private let label: String
    private let isOn: Bool
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    private struct State {
        var done = 0
        var lastPercent = -1
    }

    private static let width = 32
    private static let patience = Duration.seconds(2)

    init(total: Int, label: String, isOn: Bool = Terminal.showsProgress) {
        self.total = max(1, total)
        self.label = label
        self.isOn = isOn
    }

    /// Counts one more piece of work as done. Any thread may call it.
    func advance() {
        state.withLock { state in
            state.done += 1
            let percent = state.done * 100 / total
            guard isOn, percent != state.lastPercent, ContinuousClock.now - start > Self.patience else { return }
            state.lastPercent = percent
            draw(state.done, percent)
        }
    }

    /// Removes the bar.
    func finish() {
        state.withLock { state in
            guard state.lastPercent >= 0 else { return }
            Terminal.write("\r\u{1B}[K", to: .standardError)
        }
    }

    private func draw(_ done: Int, _ percent: Int) {
        let filled = done * Self.width / total
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
        Terminal.write("\r\u{1B}[K  \(bar) \(percent) %  \(done) of \(total) \(label)", to: .standardError)
    }
}
