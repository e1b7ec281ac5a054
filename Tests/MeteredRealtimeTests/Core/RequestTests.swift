import CompactJSON
import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Requests (SIG-10, 13, WIRE-01, 05, 06, BEY-18, 20)")
struct RequestTests {
    private func world(_ options: SignallingOptions = SignallingOptions(), answer: ((TestConnection, JSONValue) -> Void)? = nil) throws
        -> TestWorld
    {
        let world = try TestWorld(options)
        world.server.onOpen = { connection, _ in
            if let answer { connection.answer = answer }
            connection.welcomeSoon()
        }
        world.connect()
        return world
    }

    @Test("a frame is on its way when the call returns, and the ack ends the call")
    func acknowledged() throws {
        let world = try world()
        world.publish(["x": 1], to: "room", at: 1_000)
        world.run(until: 2_000)
        let frame = try #require(world.server.connections[0].received.first)
        #expect(frame.at == .milliseconds(1_000))
        #expect(frame.json["data"] == ["x": 1])
        #expect(world.log.finish(of: "publish") == .init(call: "publish", result: .success(()), at: 1_030))
    }

    @Test("a request without an ack fails after 15 s, the connection lives on, and a late ack is ignored")
    func timeout() throws {
        let world = try world { connection, frame in connection.acknowledge(frame, after: .seconds(16)) }
        world.publish(at: 1_000)
        world.run(until: 18_000)
        guard case .requestTimedOut(let id, .seconds(15))? = world.log.finish(of: "publish")?.error else {
            Issue.record("\(world.log.finishes)")
            return
        }
        #expect(world.log.finish(of: "publish")?.at == 16_000)
        #expect(world.log.times { $0 == .lateAcknowledgement(requestID: id) } == [17_000])
        #expect(world.state == .connected)
        #expect(world.log.finishes.count == 2)
    }

    @Test("a drop fails every request in flight at once")
    func drop() throws {
        let world = try world { _, _ in }
        world.publish(at: 1_000)
        world.publish(at: 1_100)
        world.at(1_500) { [server = world.server] _ in server.connections[0].drop() }
        world.run(until: 1_501)
        #expect(
            world.log.finishes.dropFirst().map(\.error) == Array(repeating: .disconnected(code: .abnormalClosure, reason: ""), count: 2))
        #expect(world.log.finishes.last?.at == 1_500)
    }

    @Test("the server's error ends its request with the code as it came, and is no event")
    func rejected() throws {
        let world = try world { connection, frame in connection.reject(frame, code: "brand_new_code") }
        world.publish(at: 1_000)
        world.run(until: 2_000)
        #expect(world.log.finish(of: "publish")?.error == .rejectedByServer(code: "brand_new_code", message: "no"))
        #expect(world.log.events.count == 3, "two states and connected")
    }

    @Test("without a connection nothing is sent and nothing is remembered")
    func notConnected() throws {
        let world = try TestWorld()
        world.publish(at: 0)
        world.connect(at: 10)
        world.subscribe("early", at: 20)
        world.at(1_000) { [server = world.server] _ in server.connections[0].drop() }
        world.subscribe("late", at: 1_200)
        world.run(until: 5_000)
        #expect(world.log.finishes.map(\.error) == [.notConnected(.idle), .notConnected(.connecting), nil, .notConnected(.reconnecting)])
        #expect(world.server.connections.last?.received.isEmpty == true)
    }

    @Test("bad arguments fail at the call, whatever the state")
    func badArguments() throws {
        let world = try TestWorld()
        world.publish(.double(.nan), at: 0)
        world.publish(to: "", at: 0)
        world.subscribe("_metered/x", at: 0)
        world.run(until: 1)
        #expect(world.log.finishes.map(\.error) == [.invalidPayload, .invalidChannel("it is empty"), .reservedChannel("_metered/x")])
    }

    @Test("data larger than the welcome's limit is refused locally with both numbers")
    func oversize() throws {
        let world = try TestWorld()
        world.server.onOpen = { connection, _ in connection.welcomeSoon(["maxMessageSize": 12]) }
        world.publish(.string(String(repeating: "x", count: 70_000)), at: 0)
        world.connect(at: 1)
        world.publish(.string("ééééé"), at: 500)
        world.publish(.string("éééééx"), at: 500)
        world.run(until: 1_000)
        #expect(
            world.log.finishes.map(\.error) == [
                .payloadTooLarge(sizeBytes: 70_002, capBytes: 65_536), nil, .payloadTooLarge(sizeBytes: 13, capBytes: 12), nil,
            ])
    }

    @Test("errors that answer no request are events; a server that knows no ping is not")
    func uncorrelated() throws {
        let world = try world()
        world.at(1_000) { [server = world.server] _ in
            let connection = server.connections[0]
            connection.send(["type": "error", "code": "over_message_quota", "message": "see ?token=s3cret"])
            connection.send(["type": "error", "code": "internal_error", "requestId": "unknown"])
            connection.send(["type": "error", "code": "unknown_type"])
            connection.send(["type": "error", "code": "unknown_type", "requestId": "unknown"])
        }
        world.run(until: 1_001)
        #expect(
            world.log.events.suffix(3) == [
                .serverError(code: "over_message_quota", message: "see ?token=***", requestID: nil),
                .serverError(code: "internal_error", message: nil, requestID: "unknown"),
                .serverError(code: "unknown_type", message: nil, requestID: "unknown"),
            ])
    }

    @Test("only the errors of SIG-21 require the application to act")
    func requiresAction() {
        let codes = [
            "account_suspended", "channel_not_authorized", "action_not_permitted", "invalid_token", "token_expired", "internal_error", "",
        ]
        let acting = codes.filter { SignallingEvent.serverError(code: $0, message: nil, requestID: nil).requiresAction }
        #expect(acting == Array(codes.prefix(5)))
        #expect(!SignallingEvent.goingAway(retryAfter: .seconds(1)).requiresAction)
    }

    @Test("malformed and binary frames are dropped and the connection lives on")
    func malformed() throws {
        let world = try world()
        world.at(1_000) { [server = world.server] _ in
            let connection = server.connections[0]
            for text in ["", "{", "[]", #"{"type":"new"}"#, #"{"type":"ack"}"#] { connection.send(text: text) }
            connection.send(opcode: .text, ByteBuffer(bytes: [0xFF, 0xFE]))
            connection.send(opcode: .binary, ByteBuffer(bytes: [1, 2, 3]))
            connection.send(["type": "message", "channel": "c", "from": "f", "data": nil])
        }
        world.run(until: 1_001)
        #expect(world.log.times { if case .frameDropped = $0 { true } else { false } }.count == 7)
        #expect(world.log.events.last == .message(channel: "c", from: "f", data: nil, fromMetadata: nil))
        #expect(world.state == .connected)
    }

    @Test("an inbound message of 1 MiB is taken, one byte more closes with 1009, which is reported", arguments: [0, 1])
    func inboundOversize(extra: Int) throws {
        let world = try world()
        world.at(1_000) { [server = world.server] _ in
            let envelope = #"{"type":"message","channel":"c","from":"f","data":""}"#
            let padding = String(repeating: "x", count: 1_048_576 + extra - envelope.utf8.count)
            server.connections[0].send(text: envelope.replacingLast("\"}", with: padding + "\"}"))
        }
        world.run(until: 1_400)
        if extra == 0 {
            #expect(world.log.disconnects.isEmpty)
            #expect(world.log.events.count == 4)
        } else {
            #expect(world.log.disconnects == ["1000.0 1009  true"])
            #expect(world.server.connections[0].closeFrames.first?.code == 1_009)
        }
    }

    @Test("a fragmented message over 1 MiB closes with 1009")
    func fragmentedOversize() throws {
        let world = try world()
        world.at(1_000) { [server = world.server] _ in
            let half = ByteBuffer(repeating: UInt8(ascii: "x"), count: 600_000)
            server.connections[0].send(opcode: .text, half, fin: false)
            server.connections[0].send(opcode: .continuation, half)
        }
        world.run(until: 1_400)
        #expect(world.log.disconnects == ["1000.0 1009  true"])
    }

    @Test("the server's pings are answered")
    func ping() throws {
        let world = try world()
        world.at(1_000) { [server = world.server] _ in server.connections[0].send(opcode: .ping, ByteBuffer(string: "p")) }
        world.run(until: 1_001)
        #expect(world.server.connections[0].pongs == [ByteBuffer(string: "p")])
    }

    @Test("beyond a burst of 150, frames leave at 80 per second; none is lost")
    func paced() throws {
        let world = try world()
        for _ in 0..<230 { world.publish(at: 1_000) }
        world.run(until: 3_000)
        let received = world.server.connections[0].received
        #expect(received.filter { $0.at == .milliseconds(1_000) }.count == 150)
        #expect(received.count == 230)
        #expect(received.last?.at == .milliseconds(2_000))
        #expect(world.log.finishes.filter { $0.error == nil }.count == 231)
    }

    @Test("a subscribe that pacing still held back at a drop never left: it is not tracked")
    func pacedSubscribe() throws {
        var options = SignallingOptions()
        options.pacing = .init(framesPerSecond: 1, burst: 1)
        let world = try world(options)
        world.publish(at: 1_000)
        world.subscribe("late", at: 1_000)
        world.at(1_500) { [server = world.server] _ in server.connections[0].drop() }
        world.run(until: 10_000)
        #expect(world.log.finish(of: "subscribe late")?.error == .disconnected(code: .abnormalClosure, reason: ""))
        #expect(world.server.connections.count == 2)
        #expect(world.server.connections[1].frames("subscribe").isEmpty)
    }
}

extension String {
    fileprivate func replacingLast(_ suffix: String, with replacement: String) -> String { String(dropLast(suffix.count)) + replacement }
}
