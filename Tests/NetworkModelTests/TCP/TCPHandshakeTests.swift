import NIOCore
import SimulationKernel
import Testing

@testable import NetworkModel

@Suite struct TCPHandshakeTests {
    @Test("a connection opens in one round trip at the client and one and a half at the server")
    func opens() throws {
        let pair = try TCPPair()
        pair.hosts.run(until: .milliseconds(20))
        #expect(pair.client.isConnected)
        #expect(!pair.server.isConnected)
        pair.run(for: .milliseconds(10))
        #expect(pair.server.isConnected)
        #expect(pair.hosts.left.events == [.synSent(attempt: 1), .established])
    }

    @Test("a port without a listener refuses at once")
    func refuses() throws {
        let pair = try TCPPair(isListening: false)
        try pair.connect()
        pair.hosts.run(until: .milliseconds(20))
        #expect(pair.client.error == .refused)
        #expect(pair.hosts.left.tcp.socketCount == 0)
    }

    @Test("a port whose listener was closed refuses")
    func refusesAfterClose() throws {
        let pair = try TCPPair.established()
        pair.listener.close()
        try pair.connect()
        pair.run(for: .milliseconds(20))
        #expect(pair.client.error == .refused)
    }

    @Test("bytes written before the handshake is done arrive after it")
    func earlyWrite() throws {
        let pair = try TCPPair()
        pair.client.send("hello")
        pair.run(for: .milliseconds(30))
        #expect(pair.server.text == "hello")
    }

    @Test("Linux sends eleven SYNs at about 0 1 2 3 4 5 7 11 19 35 67 s and gives up at 132 to 136 s")
    func linuxGivesUp() throws {
        let pair = try TCPPair(isListening: false)
        var seconds: [Int64] = []
        pair.hosts.filter = { packet, _ in
            if case .tcp = packet.payload { seconds.append(pair.now.nanoseconds / 1_000_000_000) }
            return .drop
        }
        try pair.connect()
        pair.run(for: .seconds(200))
        #expect(seconds.prefix(9) == [0, 1, 2, 3, 4, 5, 7, 11, 19])
        #expect(seconds.count == 11)
        let failedAt = try #require(pair.client.failedAt)
        #expect(failedAt > .seconds(132) && failedAt < .seconds(136))
        #expect(pair.client.error == .timedOut)
    }

    @Test("Linux before 6.5 doubles from the first SYN on: seven SYNs, 127 s and what the timer wheel adds")
    func oldLinuxGivesUp() throws {
        let pair = try TCPPair(profile: .linuxBefore6_5, isListening: false)
        pair.cut()
        try pair.connect()
        pair.run(for: .seconds(200))
        #expect(pair.hosts.left.events.filter { if case .synSent = $0 { true } else { false } }.count == 7)
        let failedAt = try #require(pair.client.failedAt)
        #expect(failedAt > .seconds(127) && failedAt < .seconds(133))
    }

    @Test("Darwin gives up after exactly 75 s")
    func darwinGivesUp() throws {
        let pair = try TCPPair(profile: .darwin, isListening: false)
        pair.cut()
        try pair.connect()
        pair.run(for: .seconds(200))
        #expect(pair.client.failedAt == .seconds(75))
    }

    @Test("an ICMP unreachable fails a connect at once on Linux, and is ignored at first on Darwin")
    func unreachable() throws {
        for (profile, immediately) in [(TCPProfile.linux, true), (.darwin, false)] {
            let pair = try TCPPair(profile: profile, isListening: false)
            pair.hosts.filter = { _, fromLeft in fromLeft ? .answer(.destinationUnreachable(.host)) : .pass }
            try pair.connect()
            pair.run(for: .milliseconds(100))
            #expect((pair.client.error == .hostUnreachable) == immediately)
            pair.run(for: .seconds(10))
            #expect(pair.client.error == .hostUnreachable)
        }
    }

    @Test("a lost SYN-ACK is sent again when the SYN is")
    func lostSynAck() throws {
        let pair = try TCPPair(isListening: false)
        _ = try pair.hosts.right.tcp.listen(port: 443) { pair.server.adopt($0) }
        var dropped = 0
        pair.hosts.filter = { _, fromLeft in
            if !fromLeft, dropped == 0 {
                dropped += 1
                return .drop
            }
            return .pass
        }
        try pair.connect()
        pair.run(for: .seconds(2))
        #expect(pair.client.isConnected && pair.server.isConnected)
    }

    @Test("SYNs over the backlog are dropped while the application is suspended, and succeed when it runs again")
    func backlog() throws {
        let pair = try TCPPair(backlog: 1)
        pair.hosts.right.eventLoop.suspend()
        pair.hosts.run(until: .milliseconds(500))
        #expect(pair.client.isConnected)
        let second = SocketRecorder()
        second.adopt(try pair.hosts.left.tcp.connect(to: TransportAddress(pair.hosts.right.address, 443)))
        pair.run(for: .milliseconds(500))
        #expect(!second.isConnected)
        pair.hosts.right.eventLoop.resume(clock: .continuesDuringSleep)
        pair.run(for: .seconds(2))
        #expect(second.isConnected)
    }

    @Test("a user timeout bounds the connect too")
    func connectUserTimeout() throws {
        let pair = try TCPPair(isListening: false)
        pair.cut()
        try pair.connect(options: TCPSocketOptions(userTimeout: .seconds(5)))
        pair.run(for: .seconds(20))
        let failedAt = try #require(pair.client.failedAt)
        #expect(failedAt >= .seconds(6) && failedAt < .milliseconds(6_100))
    }
}
