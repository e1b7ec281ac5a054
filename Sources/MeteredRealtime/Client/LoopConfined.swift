import NIOCore

/// A value that lives on an event loop: how the async faces of the SDK reach what is behind them, from any thread or task.
protocol LoopConfined: Sendable {
    associatedtype Value

    var eventLoop: any EventLoop { get }
    /// Only on the event loop.
    var value: Value { get }
}

extension NIOLoopBound: LoopConfined {}
extension NIOLoopBoundBox: LoopConfined {}

extension LoopConfined {
    /// Does something with the value on its event loop: at once if the caller is there.
    func perform(_ body: @escaping @Sendable (Value) -> Void) {
        if eventLoop.inEventLoop {
            body(value)
        } else {
            eventLoop.execute { body(value) }
        }
    }

    /// Asks the value for something, and waits for the completion.
    func call<Success: Sendable, Failure: Error>(
        _ body: @escaping @Sendable (Value, @escaping (Result<Success, Failure>) -> Void) -> Void
    ) async throws(Failure) -> Success {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Success, Failure>, Never>) in
            perform { value in body(value) { continuation.resume(returning: $0) } }
        }
        return try result.get()
    }
}
