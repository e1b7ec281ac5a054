/// The tasks started for a simulation and not yet finished, in order of start, so that a shutdown can cancel them.
///
/// `@unchecked Sendable`: confined to the simulation's thread.
package final class RootTasks: @unchecked Sendable {
    private var cancellations: [(id: UInt64, cancel: () -> Void)] = []
    private var nextID: UInt64 = 0

    init() {}

    package var count: Int { self.cancellations.count }

    package func reserve() -> UInt64 {
        self.nextID += 1
        return self.nextID
    }

    package func add(_ id: UInt64, cancel: @escaping () -> Void) { self.cancellations.append((id, cancel)) }

    package func remove(_ id: UInt64) {
        // Identifiers ascend; most tasks that end are young or there are few.
        guard let index = self.cancellations.lastIndex(where: { $0.id == id }) else { return }
        self.cancellations.remove(at: index)
    }

    func cancelAll() { for entry in self.cancellations { entry.cancel() } }
}
