import ScenarioKit
import Testing

@Suite("mistakes are answered with what to write")
struct ValidationTests {
    @Test("the three mistakes of a first scenario are reported at once, sorted by line")
    func severalMistakes() {
        let text = world(
            """
            timeline:
              - at: 30 s
                name: doors close
                blackot: { host: phone, for: 20 s }
            expect:
              - { peer: alice, state: reconnecting, within: 7.8, after: doors close }
              - { peer: alice, state: connected, within: 2 s, after: doors closed }
            """)
        #expect(
            problems(text) == [
                "a.yaml:12:5: \"blackot\" is not a fault or action. Did you mean \"blackout\"?",
                "a.yaml:14:49: \"7.8\" has no unit. Write \"7.8 s\" or \"7800 ms\".",
                "a.yaml:15:58: there is no instant \"doors closed\". Known here: start, doors close.",
            ])
    }

    @Test(
        "names that do not exist suggest those that do",
        arguments: [
            ("timeline: [{ at: 1 s, blackout: { host: fone } }]", "a.yaml:9:41: there is no host \"fone\". Known here: phone."),
            ("timeline: [{ at: 1 s, connect: alicee }]", "a.yaml:9:32: there is no peer \"alicee\". Did you mean \"alice\"?"),
            (
                "timeline: [{ at: 1 s, link-down: { host: phone, interface: wify } }]",
                "a.yaml:9:60: the host \"phone\" has no interface \"wify\". Did you mean \"wifi\"?"
            ),
            ("timeline: [{ at: 1 s, silent: acks }]", "a.yaml:9:31: \"acks\" is not a value of \"what\". Did you mean \"ack\"?"),
            ("networks: { cafe: home-wfi }", "a.yaml:9:19: \"home-wfi\" is not a preset. Did you mean \"home-wifi\"?"),
            ("spec: [SIG-22]", "a.yaml:9:8: the specification has no rule \"SIG-22\". There are SIG-01 to SIG-21."),
            ("spec: [sig-1]", "a.yaml:9:8: the specification has no rule \"sig-1\". Did you mean \"SIG-01\"?"),
            ("spec: [SIG-01, SIG-01]", "a.yaml:9:16: the rule SIG-01 is listed twice."),
            (
                "expect: [{ conforms: backof }]",
                "a.yaml:9:22: \"backof\" is neither a checker nor a rule of the specification. Did you mean \"backoff\"?"
            ),
            (
                "expect: [{ peer: alice, event: disconected }]",
                "a.yaml:9:32: \"disconected\" is not an event. Did you mean \"disconnected\"?"
            ),
            ("expect: [{ peer: alice, event: wake }]", "a.yaml:9:32: \"wake\" is an event of a host. Write \"host: ...\" with it."),
            ("expect: [{ peer: alice, event: accept }]", "a.yaml:9:32: \"accept\" is an event of the service. Write \"service: accept\"."),
            ("expect: [{ service: accept, of: alcie }]", "a.yaml:9:33: there is no peer \"alcie\". Did you mean \"alice\"?"),
            ("tokenEndpoint: { latncy: 80 ms }", "a.yaml:9:18: \"latncy\" is not a key of the token endpoint. Did you mean \"latency\"?"),
        ])
    func unknownNames(text: String, message: String) {
        #expect(problems(world(text)) == [message])
    }

    @Test(
        "an entry that does not say one thing is refused",
        arguments: [
            ("{ at: 30 s }", "a.yaml:9:12: this entry says when, but not what happens."),
            ("{ connect: alice }", "a.yaml:9:12: an entry needs its instant: \"at: 30 s\" or \"after: doors close + 5 s\"."),
            ("{ at: 1 s, after: start, connect: alice }", "a.yaml:9:12: an entry has either \"at\" or \"after\", not both."),
            (
                "{ at: 1 s, connect: alice, close: alice }",
                "a.yaml:9:39: two actions in one entry: connect and close. Write an entry for each."
            ),
            ("{ at: start + 1 s, connect: alice }", "a.yaml:9:18: \"at\" counts from the start. Write \"after: start + 1 s\"."),
            (
                "{ after: 1 s, connect: alice }",
                "a.yaml:9:21: \"after\" needs the name of an instant. Write \"at: 1 s\" or \"after: start + 1 s\"."
            ),
            (
                "{ at: 1 s, name: 5 s, connect: alice }",
                "a.yaml:9:29: \"5 s\" cannot name an instant: it must not begin with a digit or hold \" + \" or \" - \"."
            ),
            ("{ at: 1 s, crash: reset }", "a.yaml:9:30: a crash is a mapping, not a single value. Its keys: connections, for."),
        ])
    func entries(text: String, message: String) {
        #expect(problems(world("timeline: [\(text)]")) == [message])
    }

    @Test(
        "actions that cannot be are refused",
        arguments: [
            ("blackout: { for: 3 s }", "a blackout needs either \"host\" or \"between\"."),
            ("blackout: { between: [phone, phone] }", "the two parties are the same."),
            ("blackout: { between: [phone] }", "\"between\" is a list of two parties, for example [phone, service]."),
            ("roam: { host: phone, from: wifi, to: wifi }", "a roam goes from one interface to another."),
            (
                "link: { host: phone }",
                "this link change changes nothing. Its figures are rate, delay, jitter, loss, burst, queue, reordering, duplication."
            ),
            (
                "service-close: { code: 1006 }",
                "1006 never stands in a close frame (RFC 6455, section 7.4.1). For a connection that ends without one use \"crash\"."
            ),
            ("service-close: { code: 2000 }", "2000 is reserved (RFC 6455, section 7.4.2). Use 1000 to 1014 or 3000 to 4999."),
            (
                "service-close: { code: 1001, times: 3 }",
                "\"now\" closes the one connection that is there; \"times\" goes with connections to come."
            ),
            ("http: { status: 503, times: 3, for: 3 s }", "give either \"times\" or \"for\"."),
            ("http: { status: 99 }", "\"status\" is 99; it must be from 200 to 599."),
            ("sleep: { host: phone }", "a sleep needs \"for\". How long."),
            ("wall-clock: { host: [phone, service], jump: 1 s }", "the service's clock jumps in an entry of its own."),
            (
                "deploy: { announce: off, retryAfter: 1 s, down: 1 s }",
                "without the announcement there is no frame to carry \"retryAfter\"."
            ),
            ("new-id: { peer: alice, id: alice }", "\"alice\" is the id of a peer already."),
            (
                "new-id: { peer: alice, id: a b }",
                "\"a b\" cannot be the name of a peer: use letters, digits, \"-\", \"_\" and \".\", at most 64."
            ),
            ("retry: alice", "\"alice\" has no retry button. Write \"app: [chat, manual-retry]\"."),
            ("reject: { request: send, code: x, channel: y }", "a send has no channel."),
        ])
    func impossibleActions(text: String, message: String) {
        #expect(actionProblems(text).map { $0.drop { $0 != " " }.dropFirst() } == [message[...]])
    }

    @Test("an interface without a network cannot be roamed to")
    func roamToNothing() {
        let text = world(
            "timeline: [{ at: 1 s, roam: { host: phone, from: wifi, to: lte } }]", host: "interfaces: { wifi: home-wifi, lte: off }")
        #expect(
            problems(text) == [
                "a.yaml:9:60: the interface \"lte\" of \"phone\" is off and has no network. Give it a network: \"lte: { network: lte, up: false }\"."
            ])
    }

    @Test(
        "an expectation that can never be judged is a mistake",
        arguments: [
            (
                "{ peer: alice, state: connected, within: 40 s }",
                "this window ends at 40 s, after the end of the scenario (10 s). Give the scenario a longer \"duration\"."
            ),
            ("{ peer: alice, state: connected, after: 11 s }", "this window begins at 11 s, after the end of the scenario (10 s)."),
            ("{ peer: alice, state: connected, after: 3 s, before: 2 s }", "this window is empty: it begins at 3 s and ends at 2 s."),
            (
                "{ peer: alice, state: connected, from: 3 s, within: 4 s }",
                "\"from\" and \"within\" do not go together. A state holds all the while with from, until or at; at some moment with after, within or before."
            ),
            (
                "{ state: connected }",
                "this expectation needs one of \"peer\", \"link\" and \"media\"; \"peer: all\" means every one."
            ),
            (
                "{ peer: alice }",
                "this expectation does not say what must be. Give one of: state, signalling, pair, keeps, recoveredAtRung, event, shows, hides, prompts, service, never, order, conforms, outcome."
            ),
            ("{ peer: alice, state: connected, event: open }", "two expectations in one entry: state and event. Write an entry for each."),
            ("{ peer: alice, event: message }", "\"message\" cannot happen here: nobody publishes."),
            ("{ peer: alice, event: direct }", "\"direct\" cannot happen here: nobody sends."),
            ("{ peer: alice, event: going-away }", "\"going-away\" cannot happen here: the service never says it."),
            (
                "{ never: { peer: alice, shows: banner } }",
                "\"alice\" never shows the reconnecting banner (APP-01): its app is chat. Write \"app: [chat, banner]\"."
            ),
            ("{ peer: alice, event: open, count: 0 }", "to say that something must not be, write \"never\" instead of \"count: 0\"."),
            ("{ peer: alice, event: open, count: 3...1 }", "the count \"3...1\" runs backwards."),
            ("{ peer: alice, event: backoff, delay: 3...5 s }", "\"3\" has no unit. Write \"3 s\" or \"3000 ms\"."),
            ("{ service: accept, atMost: 3 }", "\"atMost\" and \"per\" go together: { atMost: 30, per: 1 s }."),
            ("{ peer: alice, order: [open] }", "an order needs at least two events."),
            (
                "{ peer: alice, outcome: dead }",
                "\"dead\" is not an outcome. Write a state (idle, connecting, connected, reconnecting, closed) or for example \"terminal 4001\"."
            ),
        ])
    func impossibleExpectations(text: String, message: String) {
        #expect(problems(world("duration: 10 s\nexpect: [\(text)]")).map { $0.drop { $0 != " " }.dropFirst() } == [message[...]])
    }

    @Test("what cannot happen may be expected never to happen")
    func neverImpossible() { #expect(problems(world("expect: [{ never: { peer: alice, event: direct } }]")) == []) }

    @Test("a key that says nothing about the event is refused, with those that do")
    func meaninglessKeys() {
        #expect(
            problems(world("expect: [{ peer: alice, event: open, code: 3 }]")) == [
                "a.yaml:9:38: \"code\" has no meaning with \"event: open\". What goes with it: peer, count, atMost, per, after, within, before, from, until, at."
            ])
    }

    @Test("wrong kinds of values and missing keys are named")
    func wrongKinds() {
        #expect(problems("faultline: 1").map { $0.prefix { $0 != "." } } == ["a", "a", "a"])
        #expect(problems(world("timeline: 3")) == ["a.yaml:9:11: \"timeline\" is a list, not a single value."])
        #expect(
            problems(world("service: [x]")) == [
                "a.yaml:9:10: the service is a mapping, not a list. Its keys: network, tokenLifetime, sessions, pingInterval, pingGrace, connectionCap, messageRate, messageBurst, messageQuota, maxMessageSize, deniedChannel, keys, processingDelay, tls, wallClockOffset, iceServers, ...."
            ])
        #expect(problems(world("name: again")) == ["a.yaml:2:1: the key \"name\" is given twice."])
        #expect(
            problems("faultline: 2\nname: x\nhosts: { a: { interfaces: { e: lte } } }\npeers: { b: { on: a } }") == [
                "a.yaml:1:12: \"2\" is not a version of the language that this program reads. Write \"faultline: 1\"."
            ])
    }
}
