import NIOCore

/// The operations chain of webrtc-pc section 4.4.1.2: one operation at a time, in the order in which they were asked for.
struct OperationsChain<Operation> {
    private var waiting = CircularBuffer<Operation>()
    private(set) var isBusy = false

    var isEmpty: Bool { !isBusy }

    /// Takes an operation; returns it if it begins now.
    mutating func enqueue(_ operation: Operation) -> Operation? {
        guard isBusy else {
            isBusy = true
            return operation
        }
        waiting.append(operation)
        return nil
    }

    /// The running operation has ended; returns the one that begins now.
    mutating func finish() -> Operation? {
        precondition(isBusy, "an operation ended that had not begun")
        let next = waiting.popFirst()
        isBusy = next != nil
        return next
    }

    /// Gives up what waits and returns it.
    mutating func removeWaiting() -> [Operation] {
        defer { waiting.removeAll() }
        return Array(waiting)
    }
}
