import NIOCore
import SimulationKernel
import Testing

@testable import NetworkModel

@Suite struct TCPEndTests {
    @Test("close delivers everything written before it, then the end of file")
    func orderlyClose() throws {
        let pair = try TCPPair.established()
        pair.client.send("last words")
        pair.client.socket.close()
        pair.run(for: .milliseconds(10))
        #expect(pair.server.text == "last words")
        #expect(pair.server.isAtEnd)
        #expect(pair.server.error == nil)
        pair.server.socket.close()
        pair.run(for: .seconds(2))
        #expect(pair.hosts.left.tcp.socketCount == 0)
        #expect(pair.hosts.right.tcp.socketCount == 0)
    }

    @Test("both ends may close at the same time")
    func simultaneousClose() throws {
        let pair = try TCPPair.established()
        pair.client.socket.close()
        pair.server.socket.close()
        pair.run(for: .seconds(2))
        #expect(pair.hosts.left.tcp.socketCount == 0)
        #expect(pair.hosts.right.tcp.socketCount == 0)
    }

    @Test("after a half close the other direction still carries data")
    func halfClose() throws {
        let pair = try TCPPair.established()
        pair.client.socket.close(bothDirections: false)
        pair.run(for: .milliseconds(50))
        #expect(pair.server.isAtEnd)
        pair.server.send("still here")
        pair.run(for: .milliseconds(50))
        #expect(pair.client.text == "still here")
    }

    @Test("an abort reaches the other end as a reset")
    func abort() throws {
        let pair = try TCPPair.established()
        pair.client.socket.abort()
        pair.run(for: .milliseconds(10))
        #expect(pair.server.error == .reset)
        #expect(pair.hosts.right.events.contains(.resetReceived))
        #expect(pair.hosts.right.events.last == .closed(error: "ECONNRESET"))
    }

    @Test("data for an application that has closed is answered with a reset")
    func dataAfterClose() throws {
        let pair = try TCPPair.established()
        pair.client.socket.close()
        pair.run(for: .milliseconds(50))
        pair.server.send("too late")
        pair.run(for: .milliseconds(50))
        #expect(pair.server.error == .reset)
    }

    @Test("closing with unread bytes resets the connection")
    func closeUnread() throws {
        let pair = try TCPPair.established()
        pair.server.socket.isReading = false
        pair.client.send("unread")
        pair.run(for: .milliseconds(50))
        pair.server.socket.close()
        pair.run(for: .milliseconds(50))
        #expect(pair.client.error == .reset)
    }

    @Test("silence after a write ends in ETIMEDOUT after 924.6 s of Linux's doubling, plus the timer wheel")
    func retriesExhausted() throws {
        let pair = try TCPPair.established()
        pair.cut()
        pair.client.send("anyone?")
        pair.run(for: .seconds(1_200))
        let failedAt = try #require(pair.client.failedAt)
        #expect(pair.client.error == .timedOut)
        #expect(failedAt > .seconds(1 + 924) && failedAt < .seconds(1 + 1_060))
        #expect(pair.server.error == nil)
    }

    @Test("an idle connection notices nothing of a dead path")
    func idle() throws {
        let pair = try TCPPair.established()
        pair.cut()
        pair.run(for: .hours(24))
        #expect(pair.client.error == nil)
        #expect(pair.hosts.simulation.pendingEvents == 0)
    }

    @Test("keepalive finds a dead path")
    func keepalive() throws {
        let options = TCPSocketOptions(keepalive: .init(idle: .seconds(20), interval: .seconds(5), probes: 3))
        let pair = try TCPPair.established(options: options)
        pair.run(for: .seconds(100))
        #expect(pair.client.error == nil)
        pair.cut()
        pair.run(for: .seconds(60))
        let failedAt = try #require(pair.client.failedAt)
        #expect(failedAt > .seconds(101 + 15) && failedAt < .seconds(101 + 37))
    }

    @Test("the two errors of a network on the way are soft: the connection survives them")
    func softErrors() throws {
        let pair = try TCPPair.established()
        pair.hosts.filter = { _, fromLeft in fromLeft ? .answer(.destinationUnreachable(.network)) : .pass }
        pair.client.send("through")
        pair.run(for: .seconds(2))
        pair.heal()
        pair.run(for: .seconds(3))
        #expect(pair.server.text == "through")
    }

    @Test("after soft errors the connection is given up with the error, not with a timeout")
    func softErrorReported() throws {
        let pair = try TCPPair.established(profile: .linux(retries: 3))
        pair.hosts.filter = { _, _ in .refuse(.noRoute) }
        pair.client.send("no route")
        pair.run(for: .seconds(30))
        #expect(pair.client.error == .networkUnreachable)
    }

    @Test("a local firewall is silence to TCP")
    func localFirewall() throws {
        let pair = try TCPPair.established()
        pair.hosts.filter = { _, _ in .refuse(.notPermitted) }
        pair.client.send("blocked")
        pair.run(for: .seconds(1))
        pair.heal()
        pair.run(for: .seconds(2))
        #expect(pair.server.text == "blocked")
    }

    @Test("a host that has restarted answers with a reset")
    func halfOpen() throws {
        let pair = try TCPPair.established()
        for observer in pair.hosts.right.onLifecycle { observer(.crashed) }
        for observer in pair.hosts.right.onLifecycle { observer(.booted) }
        pair.client.send("remember me?")
        pair.run(for: .milliseconds(20))
        #expect(pair.client.error == .reset)
        #expect(pair.server.error == nil)
    }

    @Test("a process that dies closes its sockets and its listeners")
    func processExit() throws {
        let pair = try TCPPair.established()
        for observer in pair.hosts.right.onLifecycle { observer(.processExited) }
        pair.run(for: .milliseconds(20))
        #expect(pair.client.isAtEnd)
        try pair.connect()
        pair.run(for: .milliseconds(20))
        #expect(pair.client.error == .refused)
    }

    @Test("a removed address ends a Darwin socket at once and leaves a Linux one trying")
    func addressRemoved() throws {
        for (profile, isAborted) in [(TCPProfile.darwin, true), (.linux, false)] {
            let pair = try TCPPair.established(profile: profile)
            for observer in pair.hosts.left.onAddressRemoved { observer(pair.hosts.left.address) }
            pair.run(for: .milliseconds(1))
            #expect((pair.client.error == .aborted) == isAborted)
        }
    }

    @Test("a suspended application keeps its connection, acknowledges into its buffer and reads when it runs again")
    func suspended() throws {
        let pair = try TCPPair.established()
        pair.hosts.right.eventLoop.suspend()
        pair.client.send("while you slept")
        pair.run(for: .seconds(1))
        #expect(pair.server.text.isEmpty)
        #expect(pair.client.socket.unacknowledgedBytes == 0)
        pair.hosts.right.eventLoop.resume(clock: .continuesDuringSleep)
        pair.run(for: .nanoseconds(1))
        #expect(pair.server.text == "while you slept")
    }

    @Test("sockets that the operating system reclaimed during sleep fail on waking")
    func reclaimed() throws {
        let pair = try TCPPair.established()
        for observer in pair.hosts.left.onLifecycle { observer(.woke(socketsReclaimed: true)) }
        pair.run(for: .milliseconds(50))
        #expect(pair.client.error == .aborted)
        #expect(pair.server.error == nil && !pair.server.isAtEnd)
    }

    @Test("a reclaimed socket fails on resume without the bytes that had arrived, whether it was open, ended or reset", arguments: 0..<3)
    func reclaimedWithUnreadBytes(ending: Int) throws {
        let pair = try TCPPair.established()
        pair.hosts.left.eventLoop.suspend()
        pair.server.send("never read")
        pair.run(for: .milliseconds(50))
        if ending == 1 { pair.server.socket.close() }
        if ending == 2 { pair.server.socket.abort() }
        pair.run(for: .seconds(1))
        pair.hosts.left.eventLoop.resume(clock: .continuesDuringSleep)
        for observer in pair.hosts.left.onLifecycle { observer(.appResumed(socketsReclaimed: true)) }
        pair.run(for: .nanoseconds(1))
        #expect(pair.client.bytes.isEmpty && !pair.client.isAtEnd)
        #expect(pair.client.error == (ending == 2 ? .reset : .aborted))
        #expect(pair.hosts.left.tcp.socketCount == 0)
    }

    @Test("a listener survives the reclaiming of its host's sockets, with the connections that wait in it")
    func reclaimedListener() throws {
        let pair = try TCPPair()
        pair.hosts.right.eventLoop.suspend()
        pair.run(for: .milliseconds(500))
        pair.hosts.right.eventLoop.resume(clock: .continuesDuringSleep)
        for observer in pair.hosts.right.onLifecycle { observer(.appResumed(socketsReclaimed: true)) }
        pair.client.send("still there?")
        pair.run(for: .milliseconds(50))
        #expect(pair.listener.isOpen)
        #expect(pair.server.text == "still there?")
        #expect(pair.server.error == nil)
    }
}
