import NIOCore
@testable import ScenarioKit
import Testing

@Suite("calls")
struct CallTests {
    @Test("a call that says nothing has camera and microphone, libwebrtc, and every TURN server")
    func defaults() throws {
        let scenario = try scenario(callWorld())
        let call = try #require(scenario.peer("bob")?.call)
        #expect(call.profile == .libwebrtc && call.gathering == .once && call.icePolicy == .all)
        #expect(call.media == [.camera, .microphone])
        #expect(call.data == nil)
        #expect(scenario.service.iceServers == ["turn-a", "turn-b"])
        #expect(scenario.service.iceServerRefresh == .everyWelcome)
    }

    @Test("everything of a call is read as it is written")
    func everything() throws {
        let text = callWorld(
            alice: """
                on: phone, app: call, joins: room at 5 s, profile: pion, gather: continually, icePolicy: relay, media: none, metadata: { role: "7" }, \
                data: { labels: [chat, files], reopens: off, ordered: off, retransmits: 2, every: 1 s, size: 20 B }, \
                peerOptions: { ladderDelays: [0 s, 500 ms], stableAfter: 1 s, keepsConnectedLinks: on, maximumRemotePeers: 3 }
                """)
        let peer = try #require(try scenario(text).peer("alice"))
        let call = try #require(peer.call)
        #expect(peer.joins.map(\.at) == [.seconds(5)])
        #expect(peer.metadata == ["role": "7"])
        #expect(call.profile == .pion && call.gathering == .continually && call.icePolicy == .relay && call.media == [])
        #expect(
            call.data
                == .init(
                    labels: ["chat", "files"], reopens: false, isOrdered: false, maximumRetransmits: 2,
                    messages: .init(every: .seconds(1), size: DataSize(bytes: 20))))
        #expect(call.settings.ladderDelays == [.zero, .milliseconds(500)])
        #expect(call.settings.keepsConnectedLinks == true && call.settings.stuckTimeout == nil)
    }

    @Test("a TURN server has every transport and the usual ports unless it says otherwise")
    func turnServers() throws {
        let text = callWorld(
            "service: { iceServers: [turn-b], iceServerRefresh: first-only }",
            turn: "{ turn-a: { transports: [udp, tls], ports: { tls: 443 }, urls: tls, quota: 2 }, turn-b: { kind: stun } }")
        let scenario = try scenario(text)
        let first = try #require(scenario.turnServer("turn-a"))
        #expect(first.transports == [.udp, .tls] && first.urls == [.tls] && first.ports[.tls] == 443 && first.ports[.udp] == 3478)
        #expect(first.quota == 2 && first.allocationLifetime == .minutes(10) && first.hostName == "turn-a.turn.example")
        let second = try #require(scenario.turnServer("turn-b"))
        #expect(second.isSTUNOnly && second.transports == [.udp])
        #expect(scenario.service.iceServers == ["turn-b"])
    }

    @Test(
        "what cannot be in a call is refused, with what to write",
        arguments: [
            ("on: phone, app: chat, media: camera", "\"media\" is for calls. Write \"app: call\"."),
            ("on: phone, app: [chat, call]", "a peer is either a chat or a call, not both."),
            ("on: phone, app: call, profile: chrome", "\"chrome\" is not a value of \"profile\"."),
            ("on: phone, app: call, connects: 3 s", "a call connects when it joins. Write \"joins: room at 5 s\"."),
            ("on: phone, app: call, joins: [a, b]", "a call joins one channel."),
            ("on: phone, app: call, media: [camera, camera]", "\"camera\" is listed twice."),
            ("on: phone, app: call, data: { reopens: off }", "data channels needs \"labels\"."),
            ("on: phone, app: call, metadata: 7", "\"metadata\" is a mapping, not a single value."),
        ])
    func impossiblePeers(alice: String, message: String) {
        let found = problems(callWorld(alice: alice))
        #expect(found.contains { $0.contains(message) }, "\(found)")
    }

    @Test(
        "faults that cannot be are refused, with what to write",
        arguments: [
            ("turn: { server: turn-c, does: die }", "there is no turn server \"turn-c\". Did you mean \"turn-a\"?"),
            ("turn: { server: turn-a, does: drain, to: turn-a }", "a server does not send clients to itself."),
            ("turn: { does: restart, for: 3 s }", "\"restart\" is over at once and has no \"for\"."),
            ("turn: { does: quota, to: turn-b }", "\"to\" goes with \"does: drain\"."),
            ("snapshot: { does: late }", "a late snapshot needs \"by\": how much later it comes."),
            ("snapshot: { does: twice, with: 3 }", "\"with\" goes with \"does: padded\"."),
            ("replace-track: { peer: alice, track: camera, with: microphone }", "a track is replaced by one of its kind"),
            ("connect: alice", "\"alice\" is a call, and \"connect\" is not for it. Write \"join: { peer: alice, channel: room }\"."),
            ("publish: { peer: alice, channel: room }", "Write \"send: { peer: alice }\", which goes to everyone in its room."),
            ("silent: { what: accept, peer: alice }", "\"silent: accept\" has no \"peer\"."),
            ("refuse: { peer: alice }", "\"peer\" is not a key of a refusal."),
            ("blackout: { between: [media, [phone, laptop, turn-a, turn-b]] }", "one of the two parties is nobody"),
        ])
    func impossibleFaults(action: String, message: String) {
        let found = problems(callWorld("timeline: [{ at: 30 s, \(action) }]"))
        #expect(found.contains { $0.contains(message) }, "\(found)")
    }

    @Test("a call's words are refused where there is none")
    func notACall() {
        #expect(actionProblems("join: { peer: alice, channel: room }").contains { $0.contains("\"alice\" is not a call") })
        #expect(actionProblems("turn: { does: die }").contains { $0.contains("the scenario has no turn servers") })
        #expect(
            problems(world("expect: [{ link: alice -> alice, state: connected }]")).contains {
                $0.contains("is not a call and has no links")
            })
    }

    @Test("expectations about peers, links, pairs and media are read as they are written")
    func expectations() throws {
        let text = callWorld(
            """
            duration: 60 s
            expect:
              - { peer: all, state: joined, within: 5 s }
              - { peer: alice, signalling: connected, at: 9 s }
              - { link: alice <-> bob, state: connected, from: 5 s, until: end }
              - { link: alice -> all, pair: direct, at: end }
              - { link: bob -> alice, keeps: object }
              - { link: bob -> alice, recoveredAtRung: 2...4, after: 9 s }
              - { media: alice -> bob, track: camera, state: flowing, at: end }
              - { peer: alice, event: rung, rung: 4, remote: bob }
              - { link: alice -> bob, outcome: connected }
              - { peer: alice, outcome: terminal 4020 }
            """)
        let link = Scenario.Link(peer: "alice", remote: "bob")
        let back = Scenario.Link(peer: "bob", remote: "alice")
        let kinds = try scenario(text).expectations.map(\.kind)
        guard case .reaches(let peers, "joined", _) = kinds[0], case .stays(let clients, "connected", _) = kinds[1],
            case .stays(let links, "connected", _) = kinds[2], case .stays(let pairs, "direct", _) = kinds[3],
            case .sameObject(let same, _) = kinds[4], case .recovers(let recovered, let rung, _) = kinds[5],
            case .stays(let media, "flowing", _) = kinds[6], case .occurs(let pattern, _, _) = kinds[7]
        else {
            Issue.record("\(kinds)")
            return
        }
        #expect(peers == [.call("alice"), .call("bob")])
        #expect(clients == [.signalling("alice")])
        #expect(links == [.link(link), .link(back)])
        #expect(pairs == [.pair(link)])
        #expect(same == [back] && recovered == [back] && rung == .init(least: 2, most: 4))
        #expect(media == [.media(back, track: "camera")])
        #expect(pattern.kind == "ladder" && pattern.conditions.filter(\.isImplied).map(\.field) == ["phase"])
        #expect(kinds[8] == .outcome([.link(link)], .state("connected")))
        #expect(kinds[9] == .outcome([.call("alice")], .terminal(code: 4020)))
    }

    @Test(
        "expectations that say nothing are refused",
        arguments: [
            ("{ peer: alice, state: connected }", "\"connected\" is not a value of \"state\"."),
            ("{ link: alice - bob, state: connected }", "is not a link. Write \"alice -> bob\""),
            ("{ link: alice -> alice, state: connected }", "a link has two ends."),
            ("{ link: alice -> bob, state: joined }", "\"joined\" is not a value of \"state\"."),
            ("{ media: alice -> bob, state: connected }", "\"connected\" is not a value of \"state\"."),
            ("{ pair: relay }", "this expectation needs \"link\", for example \"alice -> bob\"."),
            ("{ peer: bob, event: data-sent, remote: bob }", "\"bob\" is not a remote peer of itself."),
            ("{ link: alice -> bob, outcome: terminal 4020 }", "a link ends with its peer, not by a close code."),
        ])
    func emptyExpectations(text: String, message: String) {
        let found = problems(callWorld("expect: [\(text)]"))
        #expect(found.contains { $0.contains(message) }, "\(found)")
    }

    @Test("one name may stand for an event of a call and for one of a chat, and the peer decides")
    func twoKindsOfEvents() throws {
        func kind(_ text: String) throws -> String? {
            guard case .occurs(let pattern, _, _)? = try scenario(text).expectations.first?.kind else { return nil }
            return pattern.kind
        }
        #expect(try kind(callWorld("expect: [{ peer: alice, event: peer-left, remote: bob }]")) == "peer-left")
        #expect(try kind(world("expect: [{ peer: alice, event: peer-left, id: bob }]")) == "presence")
        #expect(problems(world("expect: [{ peer: alice, event: rung }]")).contains { $0.contains("\"rung\" is an event of calls") })
    }
}
