import CompactJSON
import Trace

/// Whole runs of the fake client: each shows the situation of some rules.
enum FakeRuns {
    static func connected(_ values: FakeValues, seed: UInt64 = 1, options: TracedOptions = TracedOptions()) -> FakeClient {
        let client = FakeClient(values, seed: seed, options: options)
        client.connect()
        client.openAndWelcome()
        return client
    }

    /// A connection that held, then so many refusals, then a connection.
    static func refusals(_ values: FakeValues, count: Int = 8, seed: UInt64 = 1) -> TraceLog {
        let client = connected(values, seed: seed)
        client.live(10_000)
        for _ in 0..<count {
            client.backoff()
            client.refuse()
        }
        client.backoff()
        client.openAndWelcome()
        return client.finish()
    }

    /// Connections that die young, then one that holds.
    static func flapping(_ values: FakeValues) -> TraceLog {
        let client = connected(values)
        for _ in 0..<4 {
            client.live(1_000, code: 1011)
            client.backoff()
            client.openAndWelcome()
        }
        client.live(6_000, code: 1012)
        client.backoff()
        client.openAndWelcome()
        return client.finish()
    }

    /// A budget spent on dials that never open.
    static func exhausted(_ values: FakeValues) -> TraceLog {
        let client = connected(values)
        client.live(10_000)
        for _ in 0..<values.attempts {
            client.backoff()
            client.refuse()
        }
        if values.reportsExhaustion {
            client.add(.disconnected(at: client.now, who: client.who, code: 1006, reason: "", willReconnect: false))
        }
        client.to("closed")
        return client.finish()
    }

    /// One close with a code, and a reconnect if the client goes on.
    static func closes(with code: Int, _ values: FakeValues) -> TraceLog {
        let client = connected(values)
        client.live(10_000, code: code)
        if client.state != "closed" {
            client.backoff(slow: code == 4010)
            client.openAndWelcome()
        }
        return client.finish()
    }

    /// Over capacity, then refusals: the floor holds for one delay.
    static func overCapacity(_ values: FakeValues) -> TraceLog {
        let client = connected(values)
        client.live(10_000, code: 4010)
        for place in 0..<3 {
            client.backoff(slow: place < values.slowFloorHolds)
            client.refuse()
        }
        client.backoff()
        client.openAndWelcome()
        return client.finish()
    }

    /// A deploy: `going_away`, then 1001.
    static func goingAway(_ values: FakeValues, asks milliseconds: JSONValue, seed: UInt64 = 1) -> TraceLog {
        let client = connected(values, seed: seed)
        client.wait(10_000)
        client.add(
            .received(at: client.now, who: client.who, frame: "going_away", bytes: 50, rawRetryAfter: milliseconds))
        var told = milliseconds.doubleValue ?? 0
        told = told > 0 ? min(told, values.retryAfterLimit) : values.retryAfterDefault
        client.add(.goingAway(at: client.now, who: client.who, retryAfterNs: Int64(told * 1e6)))
        client.live(500, code: 1001)
        client.n = 0
        client.backoff(retryAfter: told)
        client.openAndWelcome()
        return client.finish()
    }

    /// A wait that a path change ends.
    static func pathChangeWhileWaiting(_ values: FakeValues, after milliseconds: Double) -> TraceLog {
        let client = connected(values)
        client.live(10_000)
        for _ in 0..<6 {
            client.backoff()
            client.refuse()
        }
        client.n += 1
        client.announce(base: 30_000, delay: 30_000)
        client.wait(milliseconds)
        client.add(.pathChanged(at: client.now, who: client.who, oldPathGone: false))
        client.wait(values.shortensOnPathChange ? max(0, values.pathChangeSpacing - milliseconds) : 30_000 - milliseconds)
        client.begin()
        client.openAndWelcome()
        return client.finish()
    }
}
