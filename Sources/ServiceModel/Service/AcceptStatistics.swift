import NIOCore

/// How many connections came when: the shape of a reconnect herd.
public struct AcceptStatistics: Sendable {
    /// All connections so far.
    public private(set) var total = 0
    /// The most connections within any window of one second.
    public private(set) var peakPerSecond = 0
    /// When that window ended.
    public private(set) var peakAt: NIODeadline?
    private var recent: [NIODeadline] = []
    private var oldest = 0
    private var buckets: [(second: Int64, count: Int)] = []

    init() {}

    /// Connections in each second that had any, by the second of the service's uptime, in order.
    public var perSecond: [(second: Int64, count: Int)] { buckets }

    mutating func connectionAccepted(at now: NIODeadline) {
        total += 1
        recent.append(now)
        while now - recent[oldest] >= .seconds(1) { oldest += 1 }
        if recent.count - oldest > peakPerSecond {
            peakPerSecond = recent.count - oldest
            peakAt = now
        }
        if oldest > 1_024, oldest * 2 > recent.count {
            recent.removeFirst(oldest)
            oldest = 0
        }
        let second = Int64(now.uptimeNanoseconds / 1_000_000_000)
        if buckets.last?.second == second { buckets[buckets.count - 1].count += 1 } else { buckets.append((second, 1)) }
    }
}
