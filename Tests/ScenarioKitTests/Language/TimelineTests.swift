import NIOCore
@testable import ScenarioKit
import Testing

@Suite("timeline")
struct TimelineTests {
    private static let samples: [(text: String, action: Scenario.Action)] = [
        (
            "blackout: { host: phone, for: 20 s, direction: up }",
            .blackout(.init(place: .hosts(["phone"]), direction: .up, duration: .seconds(20)))
        ),
        (
            "blackout: { host: phone, interface: wifi }",
            .blackout(.init(place: .interface(hosts: ["phone"], interface: "wifi"), direction: .both, duration: nil))
        ),
        (
            "blackout: { between: [phone, service] }",
            .blackout(.init(place: .between([.host("phone")], [.service]), direction: .both, duration: nil))
        ),
        ("link-down: { host: phone, interface: wifi, for: 1 s }", .linkDown(hosts: ["phone"], interface: "wifi", duration: .seconds(1))),
        (
            "roam: { host: phone, from: wifi, to: lte, dead: 1 s }",
            .roam(.init(hosts: ["phone"], from: "wifi", to: "lte", dead: .seconds(1)))
        ),
        ("nat-rebind: phone", .natRebind(hosts: ["phone"])),
        ("dns: servfail", .dns(hosts: ["phone"], failure: .servfail, duration: nil)),
        ("captive-portal: { host: phone, kind: hang, for: 9 s }", .captivePortal(hosts: ["phone"], kind: .hang, duration: .seconds(9))),
        ("vpn: { host: phone, state: on }", .vpn(hosts: ["phone"], isOn: true)),
        (
            "sleep: { host: phone, for: 1 min, sockets: reclaimed }",
            .sleep(hosts: ["phone"], duration: .minutes(1), clock: nil, sockets: .reclaimed)
        ),
        (
            "suspend-app: { host: phone, for: 40 s, timers: frozen }",
            .suspendApp(peers: ["alice"], duration: .seconds(40), sockets: .kept, timers: .frozen)
        ),
        ("wall-clock: { host: phone, jump: -90 s }", .wallClock(of: .hosts(["phone"]), jump: .seconds(-90))),
        ("wall-clock: { host: service, jump: +1 h }", .wallClock(of: .service, jump: .hours(1))),
        ("half-open: alice", .halfOpen(peers: ["alice"])),
        (
            "deploy: { retryAfter: 5 s, grace: 1 s, down: 8 s }",
            .deploy(.init(retryAfter: .seconds(5), announces: true, grace: .seconds(1), down: .seconds(8)))
        ),
        ("crash: {}", .crash(connections: .reset, duration: nil)),
        (
            "service-close: { peer: alice, code: 4002, reason: bye, when: before-welcome, times: 2 }",
            .serviceClose(.init(peers: ["alice"], code: 4002, reason: "bye", moment: .beforeWelcome, times: 2))
        ),
        ("refuse: { for: 3 s }", .refuse(duration: .seconds(3))),
        ("slow: { delay: 2 s }", .slow(peers: ["alice"], delay: .seconds(2), duration: nil)),
        ("silent: welcome", .silent(peers: ["alice"], what: .welcome, duration: nil)),
        ("silent:", .silent(peers: ["alice"], what: .everything, duration: nil)),
        (
            "reject: { request: subscribe, code: over_quota, times: 3 }",
            .reject(.init(peers: ["alice"], request: .subscribe, code: "over_quota", times: 3, channel: nil))
        ),
        (#"raw: '{"type":"pong"}'"#, .raw(peers: ["alice"], text: #"{"type":"pong"}"#)),
        ("malformed: not-json", .malformed(peers: ["alice"], kind: .notJSON, times: 1)),
        ("flap: { every: 1 s, times: 5 }", .flap(peers: ["alice"], after: .seconds(1), code: 1011, times: 5)),
        ("http: 503", .http(peers: ["alice"], status: 503, limit: .unlimited)),
        ("http: { status: 401, times: 3 }", .http(peers: ["alice"], status: 401, limit: .times(3))),
        ("going-away: 5 s", .goingAway(peers: ["alice"], retryAfter: .seconds(5))),
        ("token-endpoint: { does: fails, times: 3 }", .tokenEndpoint(.fails(times: 3), latency: nil, duration: nil)),
        ("token-endpoint: works", .tokenEndpoint(.works, latency: nil, duration: nil)),
        ("token-endpoint: { does: hangs, for: 20 s }", .tokenEndpoint(.hangs(times: nil), latency: nil, duration: .seconds(20))),
        ("new-id: { peer: alice, id: alice-2 }", .newID(peer: "alice", id: "alice-2")),
        ("connect: alice", .connect(peers: ["alice"])),
        ("retry: alice", .retry(peers: ["alice"])),
        ("close: { peer: alice, code: 3000, reason: done }", .close(peers: ["alice"], code: 3000, reason: "done")),
        ("subscribe: { peer: alice, channel: lobby }", .subscribe(peers: ["alice"], channel: "lobby", includeSenderMetadata: false)),
        ("unsubscribe: { peer: alice, channel: room }", .unsubscribe(peers: ["alice"], channel: "room")),
        (
            "publish: { peer: alice, channel: room, size: 1 kB, times: 10 }",
            .publish(peers: ["alice"], channel: "room", size: DataSize(bytes: 1_000), times: 10)
        ),
        ("send: { peer: alice, to: stranger }", .send(peers: ["alice"], to: "stranger", size: DataSize(bytes: 100), times: 1)),
        ("network-path-changed: { peer: alice, oldPathGone: on }", .networkPathChanged(peers: ["alice"], oldPathGone: true)),
    ]

    /// In a room with alice and bob, both in a call, and two TURN servers.
    private static let callSamples: [(text: String, action: Scenario.Action)] = [
        (
            "turn: { server: turn-a, does: crash, for: 30 s }", .turn(servers: ["turn-a"], .crash, duration: .seconds(30))
        ),
        ("turn: { does: die }", .turn(servers: ["turn-a", "turn-b"], .die, duration: nil)),
        (
            "turn: { server: turn-a, does: drain, to: turn-b }",
            .turn(servers: ["turn-a"], .drain(alternate: "turn-b"), duration: nil)
        ),
        ("turn: { does: expire-credentials }", .turn(servers: ["turn-a", "turn-b"], .expireCredentials, duration: nil)),
        ("turn: { server: turn-b, does: quota, for: 1 min }", .turn(servers: ["turn-b"], .quota, duration: .minutes(1))),
        ("turn: { server: turn-b, does: capacity }", .turn(servers: ["turn-b"], .capacity, duration: nil)),
        ("turn: { server: turn-b, does: stale-nonce }", .turn(servers: ["turn-b"], .staleNonce, duration: nil)),
        ("turn: { server: turn-b, does: restart }", .turn(servers: ["turn-b"], .restart, duration: nil)),
        (
            "udp-blocked: phone", .udpBlocked(.init(hosts: ["phone"], allowed: .tcp, answers: false, duration: nil))
        ),
        (
            "udp-blocked: { host: phone, allows: tcp-443, answers: on, for: 40 s }",
            .udpBlocked(.init(hosts: ["phone"], allowed: .tcp443, answers: true, duration: .seconds(40)))
        ),
        (
            "snapshot: { peer: alice, does: late, by: 3 s, times: 1 }",
            .snapshot(peers: ["alice"], .late(.seconds(3)), times: 1, duration: nil)
        ),
        ("snapshot: { does: twice }", .snapshot(peers: ["alice", "bob"], .twice, times: nil, duration: nil)),
        (
            "snapshot: { does: duplicated, for: 9 s }",
            .snapshot(peers: ["alice", "bob"], .duplicated, times: nil, duration: .seconds(9))
        ),
        (
            "snapshot: { does: foreign, channel: lobby }",
            .snapshot(peers: ["alice", "bob"], .foreign(channel: "lobby"), times: nil, duration: nil)
        ),
        ("snapshot: { does: padded, with: 300 }", .snapshot(peers: ["alice", "bob"], .padded(300), times: nil, duration: nil)),
        ("ice-servers: turn-b", .iceServers(["turn-b"])),
        ("ice-servers: none", .iceServers([])),
        ("join: { peer: alice, channel: lobby }", .join(peers: ["alice"], channel: "lobby")),
        ("restart: bob", .restart(.init(peers: ["bob"], down: .zero, metadata: nil))),
        (
            "restart: { peer: bob, down: 2 s, metadata: { name: Robert, age: 7 } }",
            .restart(.init(peers: ["bob"], down: .seconds(2), metadata: ["name": "Robert", "age": 7]))
        ),
        (
            "add-track: { peer: alice, track: screen, metadata: { title: slides } }",
            .addTrack(.init(peers: ["alice"], source: .screen, metadata: ["title": "slides"]))
        ),
        ("remove-track: { peer: alice, track: camera }", .removeTrack(peers: ["alice"], source: .camera)),
        (
            "replace-track: { peer: alice, track: camera, with: screen }",
            .replaceTrack(peers: ["alice"], source: .camera, with: .screen)
        ),
        (
            "open-channel: { peer: alice, to: bob, label: chat, retransmits: 0 }",
            .openChannel(.init(peers: ["alice"], to: ["bob"], label: "chat", isOrdered: true, maximumRetransmits: 0))
        ),
        (
            "send-data: { peer: alice, label: chat, size: 1 kB, times: 3 }",
            .sendData(.init(peers: ["alice"], to: ["alice", "bob"], label: "chat", size: DataSize(bytes: 1_000), times: 3))
        ),
        ("send: { peer: alice }", .send(peers: ["alice"], to: nil, size: DataSize(bytes: 100), times: 1)),
        ("close: { peer: alice, reason: bye }", .close(peers: ["alice"], code: 1000, reason: "bye")),
        (
            "blackout: { between: [phone, media], for: 20 s }",
            .blackout(
                .init(
                    place: .between([.host("phone")], [.host("laptop"), .turn("turn-a"), .turn("turn-b")]), direction: .both,
                    duration: .seconds(20)))
        ),
        (
            "blackout: { between: [[phone, laptop], [turn-a, service]], direction: up }",
            .blackout(
                .init(
                    place: .between([.host("phone"), .host("laptop")], [.turn("turn-a"), .service]), direction: .up, duration: nil))
        ),
    ]

    @Test("every action on a call is read as it is written", arguments: callSamples.indices)
    func callActions(index: Int) throws {
        let sample = Self.callSamples[index]
        #expect(try scenario(callWorld("timeline: [{ at: 30 s, \(sample.text) }]")).timeline.first?.action == sample.action)
    }

    @Test("every action is read as it is written", arguments: samples.indices)
    func actions(index: Int) throws {
        let sample = Self.samples[index]
        #expect(try acting(sample.text, peer: "on: phone, joins: room, app: [chat, manual-retry]") == sample.action)
    }

    @Test("the samples above have every action of the language")
    func completeness() {
        let actions = Vocabulary.timelineEntry.fields.map(\.key).filter { !Vocabulary.timelineWords.contains($0) }
        let sampled = Set((Self.samples + Self.callSamples).map { String($0.text.prefix { $0 != ":" }) } + ["link"])
        #expect(actions.filter { !sampled.contains($0) } == [])
    }

    @Test("a link change gives one value for both directions or one for each")
    func linkChange() throws {
        guard case .link(let change) = try acting("link: { host: phone, delay: 300 ms, loss: { up: 20 % }, for: 5 s }") else {
            Issue.record("this is a link change")
            return
        }
        #expect(change.down.delay == .milliseconds(300) && change.up.delay == .milliseconds(300))
        #expect(change.down.loss == nil && change.up.loss == 0.2)
        #expect(change.duration == .seconds(5))
    }

    @Test("several offsets are added up")
    func offsets() throws {
        let scenario = try scenario(
            world(
                """
                timeline:
                  - { at: 10 s + 500 ms, name: out of the door, close: alice }
                  - { after: out of the door + 2 s - 500 ms, connect: alice }
                """))
        #expect(scenario.timeline.map(\.at) == [.milliseconds(10_500), .seconds(12)])
    }

    @Test("entries refer to others in any order and are sorted by time, equal times in the order of the file")
    func instants() throws {
        let text = """
            timeline:
              - { after: second + 5 s, name: third, connect: alice }
              - { after: first + 1 min, name: second, close: alice }
              - { at: 10 s, name: first, halt-free: x }
            """
        #expect(problems(world(text)).count == 1)
        let scenario = try scenario(
            world(
                text.replacingOccurrences(of: "halt-free: x", with: "close: alice")
                    + "\n  - { at: 75 s, half-open: alice }\n  - { after: third - 5 s, connect: alice }"))
        #expect(scenario.timeline.map(\.at) == [.seconds(10), .seconds(70), .seconds(70), .seconds(75), .seconds(75)])
        #expect(
            scenario.timeline.map(\.action) == [
                .close(peers: ["alice"], code: 1000, reason: ""), .close(peers: ["alice"], code: 1000, reason: ""),
                .connect(peers: ["alice"]), .connect(peers: ["alice"]), .halfOpen(peers: ["alice"]),
            ])
    }

    @Test("instants that refer to each other in a circle are refused")
    func circles() {
        #expect(
            problems(world("timeline: [{ after: b, name: a, connect: alice }, { after: a, name: b, connect: alice }]")).allSatisfy {
                $0.contains("must not refer to each other in a circle")
            })
        #expect(
            problems(world("timeline: [{ at: 5 s, name: a, connect: alice }, { after: a - 6 s, connect: alice }]")) == [
                "a.yaml:9:59: \"a - 6 s\" is before the start of the scenario."
            ])
    }

    @Test("without a duration the world runs 30 s past the last thing that happens or is expected")
    func duration() throws {
        #expect(try scenario(world("timeline: [{ at: 30 s, crash: { for: 20 s } }]")).duration == .seconds(80))
        #expect(try scenario(world("expect: [{ peer: alice, state: connected, within: 100 s }]")).duration == .seconds(130))
        #expect(try scenario(world("expect: [{ never: { peer: alice, event: disconnected, before: 1 min } }]")).duration == .seconds(90))
        #expect(
            try scenario(world("duration: 7 s\nexpect: [{ peer: alice, state: connected, from: 5 s, until: end }]")).duration == .seconds(7)
        )
    }
}
