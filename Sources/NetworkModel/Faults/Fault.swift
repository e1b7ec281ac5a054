import NIOCore

/// What identifies one injected fault: two of the same name are still two.
struct FaultMark: Hashable, Sendable {
    let name: String
    let number: UInt64
}

/// A fault that has begun. It ends once, by `end()` or after a time; faults that overlap end independently of each other.
public final class Fault {
    /// The name given to it: it appears in the reason of every drop that the fault causes.
    public var name: String { mark.name }
    /// Whether it has not ended yet.
    public private(set) var isActive = true

    let mark: FaultMark
    private let what: String
    private unowned let network: Network
    private var undo: (() -> Void)?

    init(_ mark: FaultMark, what: String, network: Network, undo: @escaping () -> Void) {
        self.mark = mark
        self.what = what
        self.network = network
        self.undo = undo
        network.report("timeline", .fault(name: mark.name, what: what, hasBegun: true))
    }

    /// Ends the fault. Ending it again does nothing.
    public func end() {
        guard isActive else { return }
        isActive = false
        undo?()
        undo = nil
        network.report("timeline", .fault(name: mark.name, what: what, hasBegun: false))
    }

    /// Ends the fault after a time, unless it has ended before.
    @discardableResult
    public func end(after time: TimeAmount) -> Fault {
        network.simulation.schedule(in: time) { self.end() }
        return self
    }
}
