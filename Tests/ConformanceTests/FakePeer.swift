import CompactJSON
import Trace

/// Writes the trace of a peer that behaves as ``FakePeerValues`` say, one step after the other in virtual time.
///
/// Its own id is `peer-1`: `bob` is smaller and polite, `zoe` is not.
final class FakePeer {
    let client: FakeClient
    var values: FakePeerValues
    let channel = "room"
    var state = "idle"
    /// In the roster: id, object.
    var roster: [(id: String, object: Int)] = []
    var links: [String: FakeLink] = [:]
    var serverList = 1
    private var objects = 0
    private var requests = 0

    init(_ values: FakePeerValues = FakePeerValues(), options: TracedPeerOptions = TracedPeerOptions()) {
        self.values = values
        client = FakeClient()
        add(.peerOptions(at: now, who: who, options))
    }

    var now: Int64 { client.now }
    var who: String { client.who }

    func add(_ event: TraceEvent) { client.add(event) }
    func wait(_ seconds: Double) { client.wait(seconds * 1_000) }

    func to(_ state: String) {
        add(.peerState(at: now, who: who, from: self.state, to: state))
        self.state = state
    }

    func finish(after seconds: Double = 1) -> TraceLog { client.finish(after: seconds * 1_000) }

    func newObject() -> Int {
        objects += 1
        return objects
    }
}

// MARK: - The room

extension FakePeer {
    /// Connects, joins, and finds these members.
    func join(_ members: [String] = ["bob"]) {
        add(.join(at: now, who: who, phase: .called, channel: channel))
        to("joining")
        client.connect()
        client.openAndWelcome()
        add(.iceServers(at: now, who: who, phase: .taken, urls: ["turn:t.example"], list: serverList))
        let id = subscribe(.subscribe)
        wait(0.03)
        acknowledge(id, .subscribe)
        to("joined")
        add(.joined(at: now, who: who, peerID: "peer-1", channel: channel))
        add(.join(at: now, who: who, phase: .done, channel: channel))
        presence(joined: members + ["peer-1"])
        add(.snapshot(at: now, who: who, channel: channel, members: members + ["peer-1"]))
        for member in members { joined(member) }
    }

    func subscribe(_ kind: TraceEvent.RequestKind) -> String {
        requests += 1
        let id = "r\(requests)"
        add(.request(at: now, who: who, id: id, kind: kind, channel: channel))
        client.send("subscribe", id: id, channel: channel)
        return id
    }

    func acknowledge(_ id: String, _ kind: TraceEvent.RequestKind) {
        client.receive("ack", id: id)
        add(.requestDone(at: now, who: who, id: id, kind: kind, outcome: .ok))
    }

    func presence(joined: [String] = [], left: [String] = [], channel: String? = nil) {
        client.receive("presence", channel: channel ?? self.channel)
        add(.presence(at: now, who: who, channel: channel ?? self.channel, joined: joined, left: left))
    }

    /// A remote peer joins, with its link.
    func joined(_ id: String, metadata: JSONValue? = nil) {
        let object = newObject()
        roster.append((id, object))
        add(.peerJoined(at: now, who: who, remote: id, object: object, metadata: metadata))
        let link = FakeLink(self, id, object: object)
        links[id] = link
        link.connection(.first)
    }

    func left(_ id: String) {
        guard let place = roster.firstIndex(where: { $0.id == id }) else { return }
        links[id]?.close()
        add(.peerLeft(at: now, who: who, remote: id, object: roster[place].object))
        roster.remove(at: place)
        links[id] = nil
    }
}

// MARK: - A drop

extension FakePeer {
    /// The connection is lost.
    func drop(_ code: Int = 1006) {
        client.drop(code)
        to("reconnecting")
        for member in roster { links[member.id]?.to("reconnecting") }
        if !values.keepsPeersDuringDrop, let first = roster.first?.id { left(first) }
    }

    /// The connection is back; a subscribe was acknowledged unless told otherwise.
    @discardableResult
    func reconnect(acknowledged: Bool = true) -> String {
        wait(20)
        client.n = 0
        client.backoff()
        client.openAndWelcome()
        if !values.waitsForSnapshot { to("joined") }
        let id = subscribe(.replay)
        guard acknowledged else { return id }
        wait(0.03)
        acknowledge(id, .replay)
        return id
    }

    /// The snapshot and what comes of it.
    func reconcile(_ members: [String], metadata: JSONObject? = nil) {
        presence(joined: members)
        add(.snapshot(at: now, who: who, channel: channel, members: members, metadata: metadata))
        let known = roster
        let goes = { [self] in
            for member in known where !members.contains(member.id) && values.removesAbsent { left(member.id) }
        }
        if values.leftFirst { goes() }
        for member in known where members.contains(member.id) { refresh(member, metadata) }
        if state != "joined", values.joinedBeforeNewcomers { to("joined") }
        for id in members where !roster.contains(where: { $0.id == id }) && (id != "peer-1" || !values.ignoresSelf) {
            joined(id)
            if !values.joinedOnce { add(.peerJoined(at: now, who: who, remote: id, object: newObject())) }
        }
        if !values.leftFirst { goes() }
        if state != "joined" { to("joined") }
        if values.swaps {
            for member in known where members.contains(member.id) { links[member.id]?.complete() }
        }
    }

    private func refresh(_ member: (id: String, object: Int), _ metadata: JSONObject?) {
        let object = values.sameObject ? member.object : newObject()
        let told = values.refreshesMetadata ? metadata?[member.id] : "old"
        if values.refreshes { add(.peerRefreshed(at: now, who: who, remote: member.id, object: object, metadata: told)) }
        if values.rejoinsSurvivors {
            left(member.id)
            joined(member.id)
        } else if values.swaps {
            links[member.id]?.swap()
        }
    }

    /// The connection ended for good.
    func terminate(_ code: Int = 4020) {
        client.drop(code)
        end { [self] in
            add(.peerError(at: now, who: who, error: .disconnected, code: code, name: values.errorName))
        }
    }

    private func end(_ error: () -> Void) {
        if values.errorFirst { error() }
        for member in roster.reversed() where values.removesAtEnd { left(member.id) }
        to("closed")
        if !values.errorFirst { error() }
        if values.reportsLeft { add(.left(at: now, who: who)) }
    }

    /// The application closes.
    func close() {
        add(.leave(at: now, who: who, phase: .called))
        add(.closeCalled(at: now, who: who))
        add(.closeSent(at: now, who: who, code: 1000, reason: ""))
        add(.socketClosed(at: now, who: who, code: 1000, reason: "", opened: true))
        client.to("closed")
        end {}
        add(.closedDone(at: now, who: who))
        add(.leave(at: now, who: who, phase: .done))
    }
}
