import NIOCore

/// What the world's resolvers know: the addresses of names. Names compare without case (RFC 4343).
public final class NameDirectory {
    /// How a lookup fails on purpose.
    public enum Failure: String, Hashable, Sendable, CaseIterable {
        /// The resolver answers SERVFAIL.
        case serverFailure
        /// The resolver answers NXDOMAIN.
        case nameNotFound
        /// The resolver does not answer.
        case noAnswer
    }

    struct Record {
        var addresses: [IPAddress]
        var timeToLive: TimeAmount
    }

    enum Answer {
        case record(Record)
        case failure(Failure)
    }

    private var records: [String: Record] = [:]
    private var failures: [(mark: FaultMark, name: String?, failure: Failure)] = []

    /// Sets the addresses of a name (A records for IPv4, AAAA for IPv6), in the order of the answer.
    public func set(_ name: String, to addresses: [IPAddress], timeToLive: TimeAmount = .seconds(60)) {
        records[name.lowercased()] = Record(addresses: addresses, timeToLive: timeToLive)
    }

    /// Makes a name unknown.
    public func remove(_ name: String) { records[name.lowercased()] = nil }

    func begin(_ mark: FaultMark, _ failure: Failure, of name: String?) { failures.append((mark, name?.lowercased(), failure)) }

    func end(_ mark: FaultMark) { failures.removeAll { $0.mark == mark } }

    /// The last failure that began and concerns the name, else its record.
    func lookUp(_ name: String) -> Answer {
        let name = name.lowercased()
        if let failure = failures.last(where: { $0.name == nil || $0.name == name }) { return .failure(failure.failure) }
        return records[name].map(Answer.record) ?? .failure(.nameNotFound)
    }
}
