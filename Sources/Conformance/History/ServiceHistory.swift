/// What the service did, if the trace has it at all (a device's log has not).
struct ServiceHistory {
    struct Connection {
        var number: Int64
        var peer: String
        var accepted: Mark
        var closed: Mark?
    }

    var connections: [Connection] = []
    /// The last thing that happened to the world: a fault, a host, the service as a whole.
    var lastDisturbance: Nanoseconds = .zero
    private var places: [Int64: Int] = [:]

    mutating func accept(_ number: Int64, peer: String, _ mark: Mark) {
        places[number] = connections.count
        connections.append(Connection(number: number, peer: peer, accepted: mark))
    }

    mutating func close(_ number: Int64, _ mark: Mark) {
        guard let place = places[number] else { return }
        connections[place].closed = mark
    }
}
