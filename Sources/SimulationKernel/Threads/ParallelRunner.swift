#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
import Synchronization

/// Runs independent simulations side by side on real threads: the only place of the kernel that has any.
public enum ParallelRunner {
    /// Calls `body` once for each input, on `threads` threads at a time, and returns the results in the order of the inputs. Each call makes,
    /// runs and shuts down a simulation of its own. Blocks the calling thread.
    ///
    /// - Parameters:
    ///   - inputs: for instance seeds.
    ///   - threads: at least 1; no more than there are inputs are started.
    ///   - body: must not share mutable state between calls.
    public static func map<Input: Sendable, Output: Sendable>(
        _ inputs: [Input], threads: Int, _ body: @escaping @Sendable (Input) -> Output
    ) -> [Output] {
        precondition(threads > 0, "at least one thread is needed")
        let work = Work(inputs: inputs, body: body)
        let started = (0..<min(threads, inputs.count)).map { _ in startThread(work.run) }
        for thread in started { pthread_join(thread, nil) }
        return work.results()
    }

    /// `@unchecked Sendable`: each slot of `outputs` is written by the one thread that drew its index, and read after all threads have ended.
    private final class Work<Input: Sendable, Output: Sendable>: @unchecked Sendable {
        private let inputs: [Input]
        private let body: @Sendable (Input) -> Output
        private let outputs: UnsafeMutableBufferPointer<Output?>
        private let next = Atomic<Int>(0)

        init(inputs: [Input], body: @escaping @Sendable (Input) -> Output) {
            self.inputs = inputs
            self.body = body
            self.outputs = .allocate(capacity: inputs.count)
            self.outputs.initialize(repeating: nil)
        }

        deinit {
            self.outputs.deinitialize()
            self.outputs.deallocate()
        }

        func run() {
            while true {
                let index = self.next.add(1, ordering: .relaxed).oldValue
                guard index < self.inputs.count else { return }
                self.outputs[index] = self.body(self.inputs[index])
            }
        }

        func results() -> [Output] {
            self.outputs.map { output in
                guard let output else { preconditionFailure("a simulation did not run") }
                return output
            }
        }
    }

    private static func startThread(_ run: @escaping @Sendable () -> Void) -> pthread_t {
        let body = ThreadBody(run)
        #if canImport(Glibc)
            var thread: pthread_t = 0
            let status = pthread_create(&thread, nil, threadMain, Unmanaged.passRetained(body).toOpaque())
            precondition(status == 0, "cannot start a thread: error \(status)")
            return thread
        #else
            var thread: pthread_t?
            let status = pthread_create(&thread, nil, threadMain, Unmanaged.passRetained(body).toOpaque())
            guard status == 0, let thread else { preconditionFailure("cannot start a thread: error \(status)") }
            return thread
        #endif
    }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
    return nil
}
