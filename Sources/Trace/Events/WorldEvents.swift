import CompactJSON

// How a producer makes the events of what stands around a client: hosts, network, service, the scenario's own timeline.

extension TraceEvent {
    /// A host's interface went up or down.
    public static func interface(at timeNs: Int64, who: String, name: String, up: Bool, address: String? = nil) -> Self {
        make(.interface, timeNs, who) {
            $0.add(.name, name)
            $0.add(.up, up)
            $0.add(.address, address)
        }
    }

    /// The operating system's view of the path changed.
    public static func path(at timeNs: Int64, who: String, satisfied: Bool, interface: String? = nil) -> Self {
        make(.path, timeNs, who) {
            $0.add(.satisfied, satisfied)
            $0.add(.interface, interface)
        }
    }

    /// What a host's clock does while the host sleeps or an application is suspended.
    public enum ClockDuringSleep: String, Sendable {
        /// Timers keep what is left of them.
        case stops
        /// Timers that are overdue fire on waking.
        case continues
    }

    /// A host falls asleep.
    public static func sleep(at timeNs: Int64, who: String, clock: ClockDuringSleep) -> Self {
        make(.sleep, timeNs, who) { $0.add(.clock, clock.rawValue) }
    }

    /// A host wakes.
    public static func wake(at timeNs: Int64, who: String) -> Self { make(.wake, timeNs, who) }

    /// The applications of a host stop being run.
    public static func appSuspended(at timeNs: Int64, who: String, clock: ClockDuringSleep) -> Self {
        make(.appSuspended, timeNs, who) { $0.add(.clock, clock.rawValue) }
    }

    /// The applications of a host are run again.
    public static func appResumed(at timeNs: Int64, who: String) -> Self { make(.appResumed, timeNs, who) }

    /// A host's wall clock jumped.
    public static func wallClock(at timeNs: Int64, who: String, jumpNs: Int64) -> Self {
        make(.wallClock, timeNs, who) { $0.add(.jump, jumpNs) }
    }

    /// A link or host dropped packets. `count` packets of together `bytes` bytes when the producer aggregates.
    public static func packetDropped(
        at timeNs: Int64, who: String, link: String? = nil, reason: String, fault: String? = nil, transport: String? = nil,
        count: Int? = nil, bytes: Int? = nil
    ) -> Self {
        make(.packetDropped, timeNs, who) {
            $0.add(.link, link)
            $0.add(.reason, reason)
            $0.add(.fault, fault)
            $0.add(.transport, transport)
            $0.add(.count, count)
            $0.add(.bytes, bytes)
        }
    }

    /// What TCP, a NAT or DNS did (`kind`: ``TraceKind/tcp``, ``TraceKind/nat`` or ``TraceKind/dns``), with whatever details the model has.
    public static func network(_ kind: TraceKind, at timeNs: Int64, who: String, event: String, details: JSONObject = JSONObject()) -> Self
    {
        assert(kind.source == .network, "\(kind.rawValue) is not reported by the network")
        return make(kind, timeNs, who) {
            $0.add(.event, event)
            $0.add(details)
        }
    }

    /// The service accepted a WebSocket. `peer` is the peer id that the connection will get.
    public static func accept(at timeNs: Int64, who: String = "service", connection: Int64, peer: String) -> Self {
        make(.accept, timeNs, who) {
            $0.add(.connection, connection)
            $0.add(.peer, peer)
        }
    }

    /// A connection ended at the service: by its own close, the client's, or a loss that it noticed.
    public static func serviceClose(
        at timeNs: Int64, who: String = "service", connection: Int64, peer: String, code: Int, reason: String
    ) -> Self {
        make(.serviceClose, timeNs, who) {
            $0.add(.connection, connection)
            $0.add(.peer, peer)
            $0.add(.code, code)
            $0.add(.reason, reason)
        }
    }

    /// The service refused a connection: by TCP (no status) or by HTTP.
    public static func serviceRefused(at timeNs: Int64, who: String = "service", reason: String, status: Int? = nil) -> Self {
        make(.serviceRefused, timeNs, who) {
            $0.add(.reason, reason)
            $0.add(.status, status)
        }
    }

    /// The service as a whole changed: up, draining, down, slow ...
    public static func serviceState(at timeNs: Int64, who: String = "service", state: String) -> Self {
        make(.serviceState, timeNs, who) { $0.add(.serviceState, state) }
    }

    /// Where an action of the scenario's timeline stands.
    public enum TimelinePhase: String, Sendable {
        case begin, end
    }

    /// The scenario's timeline did something. Whatever else the action has follows as `details`.
    public static func timeline(
        at timeNs: Int64, name: String? = nil, action: String, phase: TimelinePhase, details: JSONObject = JSONObject()
    ) -> Self {
        make(.timeline, timeNs, "timeline") {
            $0.add(.name, name)
            $0.add(.action, action)
            $0.add(.phase, phase.rawValue)
            $0.add(details)
        }
    }
}
