/// Whether a machine and its application run.
struct HostPower {
    enum Machine: Hashable {
        case running
        case asleep
        case off
    }

    var machine = Machine.running
    var isAppSuspended = false

    /// What a sleep that takes the interfaces down has to undo.
    var sleepMark: FaultMark?
    var interfacesDownDuringSleep: [Interface] = []

    var isRunning: Bool { machine == .running }

    /// Why packets that arrive now are dropped.
    var refusal: DropReason? {
        switch machine {
        case .running: nil
        case .asleep: .hostAsleep
        case .off: .hostDown
        }
    }
}

/// The blackouts and partitions of one host.
struct HostOutages {
    var up: [FaultMark] = []
    var down: [FaultMark] = []
    private var partitions: [(mark: FaultMark, other: HostIdentifier)] = []

    func partition(from origin: HostIdentifier) -> FaultMark? {
        partitions.isEmpty ? nil : partitions.first { $0.other == origin }?.mark
    }

    mutating func begin(_ mark: FaultMark, partitionFrom other: HostIdentifier) { partitions.append((mark, other)) }

    mutating func end(_ mark: FaultMark) {
        up.removeAll { $0 == mark }
        down.removeAll { $0 == mark }
        partitions.removeAll { $0.mark == mark }
    }
}
