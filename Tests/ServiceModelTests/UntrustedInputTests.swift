import CompactJSON
import NIOCore
import SimulationKernel
import Testing

@testable import ServiceModel

@Suite("Whatever a client sends")
struct UntrustedInputTests {
    @Test(
        "a frame that is no proper request is rejected by code, and the connection lives on",
        arguments: [
            ("", "malformed_message"), ("{", "malformed_message"), ("[]", "malformed_message"), ("{}", "malformed_message"),
            (#"{"type":1}"#, "malformed_message"), (#"{"type":"dance"}"#, "unknown_type"),
            (#"{"type":"subscribe"}"#, "invalid_channel"), (#"{"type":"subscribe","channel":""}"#, "invalid_channel"),
            (#"{"type":"subscribe","channel":"a\u0007"}"#, "invalid_channel"), (#"{"type":"subscribe","channel":7}"#, "invalid_channel"),
            (#"{"type":"publish","channel":"room"}"#, "missing_data"), (#"{"type":"send","to":"","data":1}"#, "invalid_peer_id"),
            (#"{"type":"send","to":"bob"}"#, "missing_data"), (#"{"type":"ping","requestId":""}"#, "malformed_message"),
            (#"{"type":"ping","requestId":5}"#, "malformed_message"),
            (#"{"type":"publish","channel":"room","data":1e999}"#, "malformed_message"),
        ])
    func badRequests(text: String, code: String) throws {
        let world = World()
        let alice = try world.connect("alice")
        alice.send(text)
        world.run()
        #expect(alice.errors == [code])
        alice.request(["type": "ping"])
        world.run()
        #expect(alice.frames("pong").count == 1)
    }

    @Test("JSON nested without end is rejected")
    func nesting() throws {
        let world = World()
        let alice = try world.connect("alice")
        alice.send(#"{"type":"publish","channel":"room","data":"# + String(repeating: "[", count: 60_000))
        world.run()
        #expect(alice.errors == ["malformed_message"])
    }

    @Test("a binary frame is rejected, and the connection lives on")
    func binary() throws {
        let world = World()
        let alice = try world.connect("alice")
        alice.sendFrame(0x2, [1, 2, 3])
        world.run()
        #expect(alice.errors == ["malformed_message"])
        #expect(alice.isConnected)
    }

    @Test("breaches of the WebSocket protocol close with 1002, text that is not UTF-8 with 1007")
    func protocolBreaches() throws {
        let breaches: [(UInt16, (TestClient) -> Void)] = [
            (1002, { $0.sendFrame(0x1, [0x7B, 0x7D], masked: false) }),
            (1002, { $0.sendFrame(0x1, [0x7B, 0x7D], reservedBits: 4) }),
            (1002, { $0.sendFrame(0x3, []) }),
            (1002, { $0.sendFrame(0x0, [0x7B]) }),
            (1002, { $0.sendFrame(0x9, [UInt8](repeating: 0, count: 126)) }),
            (1002, { $0.sendFrame(0x9, [], isFinal: false) }),
            (1002, { $0.sendFrame(0x8, [3]) }),
            (1002, { $0.sendClose(1005) }),
            (
                1002,
                { client in
                    client.sendFrame(0x1, [0x7B], isFinal: false)
                    client.sendFrame(0x1, [0x7D])
                }
            ),
            (1007, { $0.sendFrame(0x1, [0xC3, 0x28]) }),
        ]
        for (code, breach) in breaches {
            let world = World()
            let alice = try world.connect("alice")
            breach(alice)
            world.run(for: .seconds(1))
            #expect(alice.close?.code == code)
            #expect(!alice.isConnected)
        }
    }

    @Test("a message in many fragments is put together, control frames in between included")
    func fragments() throws {
        let world = World()
        let alice = try world.connect("alice")
        for (place, byte) in Array(#"{"type":"ping"}"#.utf8).enumerated() {
            alice.sendFrame(place == 0 ? 0x1 : 0x0, [byte], isFinal: false)
            alice.sendFrame(0x9, [byte])
        }
        alice.sendFrame(0x0, [])
        world.run()
        #expect(alice.frames("pong").count == 1)
        #expect(alice.pongs.count == 15)
    }

    @Test("a request that is not an upgrade, or half of one, is answered and closed")
    func notUpgrades() {
        let world = World()
        let requests: [(String, Int)] = [
            ("GET /v1?key=pk_test HTTP/1.1\r\nHost: x\r\n\r\n", 426),
            ("POST /v1?key=pk_test HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405),
            (
                "GET /v1?key=pk_test HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n\r\n",
                426
            ),
            (
                "GET /v1?key=pk_test HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",
                400
            ),
            ("GET /v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 400),
            ("nonsense\r\n\r\n", 400),
        ]
        for (request, status) in requests {
            let client = TestClient(world)
            world.run(for: .zero)
            client.sendRaw(Array(request.utf8))
            world.run()
            #expect(client.status == status, "\(request)")
            #expect(!client.isConnected)
        }
    }

    @Test("a client that never finishes its request is answered by 408 after 10 s")
    func slowRequest() {
        let world = World()
        let client = TestClient(world)
        world.run(for: .zero)
        client.sendRaw(Array("GET /v1 HT".utf8))
        world.run(for: .seconds(10))
        #expect(client.status == 408)
    }

    @Test("a header that lists thousands of protocols costs nothing")
    func protocolList() {
        let world = World()
        let client = world.dial("/v1?key=pk_test", headers: [("Upgrade", String(repeating: "a,", count: 20_000) + "websocket")])
        world.run()
        #expect(client.status == 101)
    }

    @Test("frames sent before the welcome are dropped")
    func beforeWelcome() throws {
        let world = World()
        world.act { _ = $0.add(Behaviour(.delayWelcome(.seconds(1)))) }
        let client = world.dial("/v1?key=pk_test")
        world.run()
        client.subscribe()
        world.run(for: .seconds(2))
        #expect(client.acks.isEmpty)
        #expect(client.frames("welcome").count == 1)
    }

    @Test("requests that wait while the service is slow are bounded")
    func waitingRequests() throws {
        let world = World {
            $0.limits.maximumWaitingRequests = 50
            $0.limits.messageRate = nil
        }
        world.act { _ = $0.add(Behaviour(.delayRequests(.all, .hours(1)))) }
        let alice = try world.connect("alice")
        for _ in 0..<51 { alice.request(["type": "ping"]) }
        world.run()
        #expect(alice.close?.code == 4011)
    }

    @Test("random bytes never crash the service or leave anything behind", arguments: [UInt64](1...20))
    func noise(seed: UInt64) throws {
        let world = World(seed: seed)
        let random = world.simulation.random("noise")
        var generator = random
        for round in 0..<40 {
            let client = round % 2 == 0 ? TestClient(world) : try world.connect("alice")
            world.run(for: .zero)
            for _ in 0..<5 {
                let bytes = (0..<Int.random(in: 0...300, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
                if round % 4 == 1 { client.sendFrame(UInt8.random(in: 0...15, using: &generator), bytes) } else { client.sendRaw(bytes) }
                world.run(for: .milliseconds(1))
            }
            client.disconnect()
            world.run()
        }
        world.run(for: .seconds(60))
        #expect(world.act { $0.connections().isEmpty }, "seed \(seed)")
        #expect(world.service.sessions.isEmpty && world.service.servedConnections == 0, "seed \(seed)")
    }
}
