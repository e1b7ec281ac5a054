import NIOCore
@testable import ScenarioKit
import Testing

@Suite("hosts, peers and groups")
struct GroupTests {
    private let herd = """
        faultline: 1
        name: Herd
        hosts:
          phones: { count: 3, interfaces: { lte: lte } }
          laptop: { interfaces: { eth: fibre } }
        peers:
          crowd: { count: 3, on: phones, joins: [room, lobby at 2 s], spread: 3 s }
          bob: { on: laptop, auth: key, connects: manually }
        """

    @Test("a group has numbered members, one on each host of a group of the same size")
    func members() throws {
        let scenario = try scenario(herd)
        #expect(scenario.hosts.map(\.name) == ["phones-001", "phones-002", "phones-003", "laptop"])
        #expect(scenario.peers.map(\.name) == ["crowd-001", "crowd-002", "crowd-003", "bob"])
        #expect(scenario.peers.map(\.host) == ["phones-001", "phones-002", "phones-003", "laptop"])
        #expect(scenario.peers.map(\.group) == ["crowd", "crowd", "crowd", nil])
        #expect(scenario.peers.map(\.connectsAt) == [.zero, .seconds(1), .seconds(2), nil])
        #expect(scenario.peers[1].joins.map(\.at) == [.seconds(1), .seconds(3)])
        #expect(scenario.peers[3].credential == .key("default"))
    }

    @Test("the name of a group, of a member, a list and all stand for their members, each once")
    func references() throws {
        for (reference, members) in [
            ("crowd", ["crowd-001", "crowd-002", "crowd-003"]), ("crowd-002", ["crowd-002"]),
            ("[bob, crowd-002, bob]", ["bob", "crowd-002"]),
            ("[crowd-002, crowd]", ["crowd-002", "crowd-001", "crowd-003"]), ("all", ["crowd-001", "crowd-002", "crowd-003", "bob"]),
        ] {
            let scenario = try scenario(herd + "\ntimeline: [{ at: 1 s, connect: { peer: \(reference) } }]")
            #expect(scenario.timeline.map(\.action) == [.connect(peers: members)])
        }
    }

    @Test("names that collide, do not fit or cannot be are refused")
    func wrongNames() {
        #expect(
            problems(herd + "\n  crowd-001: { on: laptop }") == [
                "a.yaml:9:3: the name \"crowd-001\", or that of a member of this group, exists already."
            ])
        #expect(
            problems(herd + "\n  pair: { on: phones, count: 2 }") == [
                "a.yaml:9:15: \"phones\" has 3 members and \"pair\" 2. A group of peers runs on one host, or on a group of the same size, one each."
            ])
        #expect(
            problems(herd + "\n  all: { on: laptop }") == [
                "a.yaml:9:3: \"all\" is a word of the language and cannot be the name of a peer."
            ])
        #expect(
            problems(herd + "\n  \"a b\": { on: laptop }") == [
                "a.yaml:9:3: \"a b\" cannot be the name of a peer: use letters, digits, \"-\", \"_\" and \".\", at most 64."
            ])
    }

    @Test("what is not written has its default")
    func defaults() throws {
        let scenario = try scenario(world())
        #expect(scenario.seeds == [1])
        #expect(scenario.service.tls == .v1_3)
        #expect(scenario.service.keys.map(\.name) == ["default"])
        #expect(scenario.service.maxMessageSize == DataSize(bytes: 65_536))
        #expect(scenario.tokenEndpoint == Scenario.TokenEndpoint(latency: .milliseconds(80), behaviour: .works))
        #expect(
            scenario.hosts[0].interfaces == [
                .init(name: "wifi", network: "home-wifi", isUp: true), .init(name: "lte", network: "lte", isUp: false),
            ])
        #expect(scenario.networks.map(\.name) == ["home-wifi", "lte", "datacentre"])
        #expect(scenario.peers[0].options == Scenario.SignallingSettings())
    }

    @Test("the options of the SDK are read by their names")
    func options() throws {
        let fields = Vocabulary.options.fields.map { field in
            switch field.type {
            case .duration: "\(field.key): 3 s"
            case .flag: "\(field.key): off"
            default: "\(field.key): 1"
            }
        }
        let options = try scenario(world("", peer: "on: phone, options: { \(fields.joined(separator: ", ")) }")).peers[0].options
        let unset = Mirror(reflecting: options).children.filter { "\($0.value)" == "nil" }.compactMap(\.label)
        #expect(unset == [])
        #expect(options.watchdog == .seconds(3))
    }

    @Test("a network that is declared is one place; a preset is each host's own")
    func sharing() throws {
        let text = world(
            "networks: { cafe: home-wifi, mine: { preset: lte, shared: off, nat: none } }",
            host: "interfaces: { wifi: cafe, lte: mine, eth: fibre }")
        let networks = try scenario(text).networks
        #expect(networks.map(\.isShared) == [true, false, false, false])
        #expect(networks.map { $0.nat != nil } == [true, false, true, false])
    }
}
