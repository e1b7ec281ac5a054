import CompactJSON
import Trace

extension FakeRuns {
    static var tokenOptions: TracedOptions {
        var options = TracedOptions()
        options.credential = .token
        return options
    }

    /// Token calls that fail so many times in a row after a drop.
    static func tokenFailures(_ values: FakeValues, count: Int = 5) -> TraceLog {
        let client = FakeClient(values, options: tokenOptions)
        client.connect()
        token(client, nil)
        client.openAndWelcome()
        client.live(10_000)
        for failure in 1...count {
            client.backoff()
            if !values.tokenFailuresCount { client.n = 0 }
            token(client, "no network")
            if failure >= values.tokenThreshold {
                client.add(.tokenProviderError(at: client.now, who: client.who, count: failure))
            }
        }
        client.backoff()
        token(client, nil)
        client.openAndWelcome()
        return client.finish()
    }

    static func token(_ client: FakeClient, _ error: String?, after milliseconds: Double = 30) {
        client.add(.token(at: client.now, who: client.who, phase: .call, n: client.n))
        client.wait(milliseconds)
        client.add(.token(at: client.now, who: client.who, phase: error == nil ? .ok : .failed, n: client.n, error: error))
    }

    /// A provider that never answers.
    static func tokenHangs(_ values: FakeValues) -> TraceLog {
        let client = FakeClient(values, options: tokenOptions)
        client.connect()
        token(client, nil)
        client.openAndWelcome()
        client.live(10_000)
        client.backoff()
        token(client, "timeout", after: values.tokenTimeout)
        client.backoff()
        token(client, nil)
        client.openAndWelcome()
        return client.finish()
    }

    /// A dial that never opens.
    static func dialHangs(_ values: FakeValues) -> TraceLog {
        let client = connected(values)
        client.live(10_000)
        client.backoff()
        client.refuse(after: values.openTimeout, error: "timeout")
        client.backoff()
        client.openAndWelcome()
        return client.finish()
    }

    /// A socket that opens and is never welcomed.
    static func noWelcome(_ values: FakeValues) -> TraceLog {
        let client = connected(values)
        client.live(10_000)
        client.backoff()
        client.open()
        client.wait(values.welcomeTimeout)
        client.add(.closeSent(at: client.now, who: client.who, code: 1000, reason: "no welcome"))
        client.wait(values.ownCloseWait)
        client.drop(1000, by: false)
        client.backoff()
        client.openAndWelcome()
        return client.finish()
    }

    /// A link that dies silently.
    static func silence(_ values: FakeValues) -> TraceLog {
        let client = connected(values)
        client.wait(5_000)
        client.receive("presence", channel: "room")
        let last = client.now
        while client.now + Int64(values.pingInterval * 1e6) < last + Int64(values.inactivity * 1e6) {
            client.wait(values.pingInterval)
            client.send("ping")
        }
        client.now = last
        client.wait(values.inactivity)
        client.add(.watchdog(at: client.now, who: client.who))
        client.add(.closeSent(at: client.now, who: client.who, code: values.watchdogCode, reason: "inactivity"))
        client.wait(values.ownCloseWait)
        client.n = 0
        client.drop(values.ownCloseWait > 0 ? 1006 : values.watchdogCode, by: false)
        client.backoff()
        client.openAndWelcome()
        return client.finish()
    }

    /// A request that nobody answers, and one that is in flight when the connection drops.
    static func requests(_ values: FakeValues) -> TraceLog {
        let client = connected(values)
        request(client, "r1", .publish, "room")
        client.wait(values.ackTimeout)
        done(client, "r1", .publish, .timeout)
        client.add(.lateAck(at: client.now, who: client.who, requestID: "r1"))
        request(client, "r2", .publish, "room")
        client.live(300, code: 1011)
        if !values.failsAtDrop { client.wait(200) }
        done(client, "r2", .publish, .disconnected)
        client.n = 0
        client.announce(base: 500, delay: values.failsAtDrop ? 500 : 300)
        client.wait(values.failsAtDrop ? 500 : 300)
        client.n = 1
        client.begin()
        client.openAndWelcome()
        return client.finish()
    }

    static func request(_ client: FakeClient, _ id: String, _ kind: TraceEvent.RequestKind, _ channel: String) {
        client.add(.request(at: client.now, who: client.who, id: id, kind: kind, channel: channel))
        client.send(kind == .replay ? "subscribe" : kind.rawValue, id: id, channel: channel)
    }

    static func done(
        _ client: FakeClient, _ id: String, _ kind: TraceEvent.RequestKind, _ outcome: TraceEvent.RequestOutcome, code: String? = nil
    ) {
        client.add(.requestDone(at: client.now, who: client.who, id: id, kind: kind, outcome: outcome, code: code))
    }

    /// Two subscriptions, one rejected; after a drop the other is replayed and fails for good.
    static func replay(_ values: FakeValues, replays: [String] = ["room"], kind: TraceEvent.RequestKind = .replay) -> TraceLog {
        let client = connected(values)
        request(client, "r1", .subscribe, "room")
        request(client, "r2", .subscribe, "hall")
        client.wait(30)
        done(client, "r1", .subscribe, .ok)
        done(client, "r2", .subscribe, .rejected, code: "channel_not_authorized")
        client.live(10_000)
        client.backoff()
        client.openAndWelcome()
        for channel in replays {
            for attempt in 0...values.replayRetries {
                if attempt > 0 { client.wait(values.replayDelay) }
                request(client, "p-\(channel)-\(attempt)", kind, channel)
                client.wait(30)
                done(client, "p-\(channel)-\(attempt)", kind, .rejected, code: "internal_error")
            }
            client.add(.replayFailed(at: client.now, who: client.who, channel: channel, error: "internal_error"))
        }
        return client.finish(after: 5_000)
    }

    /// `close()` towards a server that does not answer.
    static func close(_ values: FakeValues) -> TraceLog {
        let client = connected(values)
        client.wait(3_000)
        client.add(.closeCalled(at: client.now, who: client.who))
        client.add(.closeSent(at: client.now, who: client.who, code: 1000, reason: ""))
        client.wait(values.closeTimeout)
        client.add(.closeAbandoned(at: client.now, who: client.who))
        client.add(.socketClosed(at: client.now, who: client.who, code: 1000, reason: "", opened: true))
        client.to("closed")
        client.add(.closedDone(at: client.now, who: client.who))
        return client.finish(after: 5_000)
    }

    /// A path change on a live connection that nothing answers.
    static func probe(_ values: FakeValues) -> TraceLog {
        let client = connected(values)
        client.wait(10_000)
        client.add(.pathChanged(at: client.now, who: client.who, oldPathGone: false))
        client.send("ping")
        client.wait(values.probeTimeout)
        client.add(.watchdog(at: client.now, who: client.who))
        client.add(.closeSent(at: client.now, who: client.who, code: 4000, reason: "inactivity"))
        client.n = 0
        client.drop(4000, by: false)
        client.n = 1
        client.begin()
        client.openAndWelcome()
        return client.finish()
    }

    /// More frames than the burst allows.
    static func burst(_ values: FakeValues, count: Int = 400) -> TraceLog {
        let client = connected(values)
        client.wait(1_000)
        let start = client.now
        for place in 0..<count {
            client.add(.request(at: client.now, who: client.who, id: "b\(place)", kind: .publish, channel: "room"))
        }
        for place in 0..<count {
            client.now = start
            client.wait(max(0, Double(place - values.pacingBurst + 1)) * 1_000 / values.pacingPerSecond)
            client.send("publish", id: "b\(place)", channel: "room")
            done(client, "b\(place)", .publish, .ok)
        }
        return client.finish()
    }
}
