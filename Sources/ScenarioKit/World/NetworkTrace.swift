import CompactJSON
import NIOCore
import NetworkModel
import Trace

/// Puts into the trace what the network models did, as far as it explains a run: what was dropped and why, paths, translators, names, and what TCP did
/// beyond sending.
struct NetworkTrace {
    /// Hosts whose path at the start is known; it is no news.
    private var started: Set<String> = []

    mutating func event(for event: NetworkEvent) -> TraceEvent? {
        let time = Int64(event.time.uptimeNanoseconds)
        let who = event.subject
        switch event.kind {
        case .packetDropped(let packet, let reason):
            return .packetDropped(
                at: time, who: who, reason: reason.word, fault: reason.fault, transport: packet.transportProtocol.word, bytes: packet.bytes)
        case .interface(let name, let isUp, let addresses):
            return .interface(at: time, who: who, name: name, up: isUp, address: addresses.first?.description)
        case .path(let path):
            if started.insert(who).inserted { return nil }
            return .path(at: time, who: who, satisfied: path.isSatisfied, interface: path.interface)
        case .wallClockJumped(let nanoseconds): return .wallClock(at: time, who: who, jumpNs: nanoseconds)
        case .nat(let event): return .network(.nat, at: time, who: who, event: event.word, details: event.details)
        case .dns(let event): return .network(.dns, at: time, who: who, event: event.word, details: event.details)
        case .tcp(let event): return .network(.tcp, at: time, who: who, event: event.kind.word, details: event.details)
        case .packetDisturbed, .lifecycle, .fault: return nil
        }
    }
}

extension IPProtocol {
    fileprivate var word: String {
        switch self {
        case .tcp: return "TCP"
        case .udp: return "UDP"
        case .icmp: return "ICMP"
        }
    }
}

extension DropReason {
    fileprivate var word: String {
        switch self {
        case .queueFull: return "queue full"
        case .loss: return "random loss"
        case .blackout: return "blackout"
        case .partition: return "partition"
        case .captivePortal: return "captive portal"
        case .blocked: return "blocked"
        case .tooBig(let limit): return "over the MTU of \(limit) bytes"
        case .hopLimitExceeded: return "hop limit"
        case .noRoute: return "no route"
        case .interfaceDown: return "interface down"
        case .hostAsleep: return "host asleep"
        case .hostDown: return "host down"
        case .noMapping: return "no NAT mapping"
        case .filtered: return "filtered by NAT"
        case .outOfState: return "unknown to NAT"
        case .portsExhausted: return "NAT out of ports"
        case .hairpinningOff: return "no hairpinning"
        case .noReceiver: return "nobody listens"
        case .receiveBufferFull: return "receive buffer full"
        case .firewall: return "firewall"
        }
    }

    fileprivate var fault: String? {
        switch self {
        case .loss(let fault): return fault
        case .blackout(let fault), .partition(let fault), .captivePortal(let fault), .blocked(let fault): return fault
        case .queueFull, .tooBig, .hopLimitExceeded, .noRoute, .interfaceDown, .hostAsleep, .hostDown, .noMapping, .filtered, .outOfState,
            .portsExhausted, .hairpinningOff, .noReceiver, .receiveBufferFull, .firewall:
            return nil
        }
    }
}

extension NATEvent {
    fileprivate var word: String {
        switch self {
        case .created: return "mapping created"
        case .expired: return "mapping expired"
        case .rebound: return "rebound"
        }
    }

    fileprivate var details: JSONObject {
        switch self {
        case .created(let transport, let inside, let outside), .expired(let transport, let inside, let outside):
            return ["protocol": .string(transport.word), "inside": .string("\(inside)"), "outside": .string("\(outside)")]
        case .rebound(let lost, let addresses):
            return ["lostMappings": .integer(Int64(lost)), "addresses": .array(addresses.map { .string("\($0)") })]
        }
    }
}

extension DNSEvent {
    fileprivate var word: String {
        switch self {
        case .query: return "query"
        case .answer: return "answer"
        case .failure: return "failed"
        }
    }

    fileprivate var details: JSONObject {
        switch self {
        case .query(let name, let family, let server, let attempt):
            return [
                "name": .string(name), "family": .string("\(family)"), "server": .string("\(server)"), "attempt": .integer(Int64(attempt)),
            ]
        case .answer(let name, let family, let addresses, let fromCache):
            return [
                "name": .string(name), "family": .string("\(family)"), "addresses": .array(addresses.map { .string("\($0)") }),
                "fromCache": .bool(fromCache),
            ]
        case .failure(let error, let family): return ["error": .string("\(error)"), "family": .string("\(family)")]
        }
    }
}

extension TCPEvent {
    fileprivate var details: JSONObject {
        var details: JSONObject = [:]
        switch kind {
        case .synSent(let attempt): details["attempt"] = .integer(Int64(attempt))
        case .retransmitted(let timeout): details["timeoutNs"] = timeout.map { .integer($0.nanoseconds) }
        case .closed(let error): details["error"] = error.map(JSONValue.string)
        case .established, .resetSent, .resetReceived, .timedOut: break
        }
        details["remote"] = .string("\(remote)")
        details["localPort"] = .integer(Int64(local.port))
        return details
    }
}

extension TCPEvent.Kind {
    fileprivate var word: String {
        switch self {
        case .synSent: return "SYN sent"
        case .established: return "established"
        case .retransmitted(let timeout): return timeout == nil ? "fast retransmission" : "retransmission"
        case .resetSent: return "reset sent"
        case .resetReceived: return "reset received"
        case .timedOut: return "timed out"
        case .closed: return "closed"
        }
    }
}
