import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@testable import WebRTCModel

@Suite struct TURNClientTests {
    private let libwebrtc = WebRTCProfile.libwebrtc.turn

    // MARK: Allocate

    @Test("the first Allocate has no credentials, the second those of the challenge")
    func allocate() {
        let bench = TURNBench()
        bench.start()
        #expect(bench.methods == [.allocate, .allocate])
        #expect(bench.sent[0]?.hasIntegrity == false)
        #expect(bench.sent[1]?.username == "ann")
        #expect(bench.events == [.allocated(relayed: bench.relayedAddress, mapped: bench.fiveTuple.client, lifetime: .minutes(10))])
        #expect(bench.client.state == .allocated)
    }

    @Test("a second 401 is final")
    func wrongPassword() {
        let bench = TURNBench(credentials: TURNCredentials(username: "ann", password: "wrong"))
        bench.start()
        #expect(bench.methods == [.allocate, .allocate])
        #expect(bench.events == [.failed(.unauthenticated, reason: "Unauthenticated")])
        #expect(bench.client.deadline == .distantFuture)
    }

    @Test("quota and capacity are the server's last word")
    func limits() {
        let quota = TURNBench(options: TURNServerOptions(users: [TURNBench.user], quotaPerUser: 0))
        quota.start()
        #expect(quota.events == [.failed(.allocationQuotaReached, reason: "Allocation Quota Reached")])
        let capacity = TURNBench(options: TURNServerOptions(users: [TURNBench.user], capacity: 0))
        capacity.start()
        #expect(capacity.events == [.failed(.insufficientCapacity, reason: "Insufficient Capacity")])
    }

    @Test("a server that does not answer is given up after the profile's schedule: 9 sends in 39.75 s for libwebrtc")
    func silence() {
        let bench = TURNBench()
        bench.isCut = true
        bench.start()
        bench.advance(by: .milliseconds(39_749))
        #expect(bench.events.isEmpty)
        bench.advance(by: .milliseconds(1))
        #expect(bench.sent.count == 9)
        #expect(bench.events == [.failed(nil, reason: "no answer")])
    }

    @Test("over a stream nothing is sent twice")
    func silentStream() {
        let bench = TURNBench(transport: .tcp)
        bench.isCut = true
        bench.start()
        bench.advance(by: .milliseconds(39_750))
        #expect(bench.sent.count == 1)
        #expect(bench.events == [.failed(nil, reason: "no answer")])
    }

    @Test("300 leads to another server, which is asked from the start")
    func redirected() {
        let other = TransportAddress(.v4(0xCB00_7102), 3478)
        let bench = TURNBench()
        bench.server.admission = .redirecting(to: other)
        bench.start()
        #expect(bench.events == [.redirected(to: other)])
        #expect(bench.client.server == other)
        bench.server.admission = .open
        bench.clear()
        bench.start()
        #expect(bench.sent.map { $0?.hasIntegrity } == [false, true])
        #expect(bench.client.state == .allocated)
    }

    @Test("a redirection back to a server that was asked is the end")
    func redirectionLoop() {
        let bench = TURNBench()
        bench.server.admission = .redirecting(to: TURNBench.serverAddress)
        bench.start()
        #expect(bench.client.state == .ended)
        guard case .failed(.tryAlternate, _) = bench.events.first else { return #expect(Bool(false), "\(bench.events)") }
    }

    @Test("437 on Allocate asks for another port, as often as the profile says, then fails")
    func mismatch() {
        let bench = TURNBench.allocated()
        for attempt in 0...libwebrtc.mismatchRetries {
            var second = TURNClient(
                server: TURNBench.serverAddress, credentials: TURNBench.user, profile: libwebrtc, isStream: false,
                random: RandomStream(seed: 2, name: "second"))
            if attempt > 0 { second = bench.client }
            bench.client = second
            bench.start()
            let isLast = attempt == libwebrtc.mismatchRetries
            #expect(bench.events.last == (isLast ? .failed(.allocationMismatch, reason: "Allocation Mismatch") : .needsOtherPort))
        }
    }

    @Test("a success response that was not made with the password is not believed")
    func forged() {
        let bench = TURNBench()
        bench.start()
        bench.clear()
        bench.isCut = true
        bench.advance(by: .minutes(9))
        let refresh = bench.sent.compactMap { $0 }.first { $0.method == .refresh }
        let forged = refresh?.success([.lifetime(.hours(1))]).encoded(fingerprint: false) ?? ByteBuffer()
        let received = bench.client.receive(forged, now: bench.now)
        #expect(received == .handled)
        bench.exchange()
        #expect(bench.events.isEmpty)
        #expect(bench.client.deadline < bench.now + .seconds(1))
    }

    // MARK: Refresh

    @Test(
        "an allocation of 10 minutes is refreshed by the profile's rule",
        arguments: [("libwebrtc", 540), ("pion", 300), ("aioice", 500), ("libnice", 540)])
    func refresh(profile: String, seconds: Int64) throws {
        let bench = TURNBench.allocated(try #require(WebRTCProfile.named(profile)).turn)
        bench.advance(by: .seconds(seconds) - .nanoseconds(1))
        #expect(bench.sent.isEmpty)
        bench.advance(by: .nanoseconds(1))
        #expect(bench.methods == [.refresh])
        #expect(bench.events == [.refreshed(lifetime: .minutes(10))])
    }

    @Test("a stale nonce costs one more round trip")
    func staleNonce() {
        let bench = TURNBench.allocated()
        bench.server.invalidateNonces()
        bench.advance(by: .minutes(9))
        #expect(bench.methods == [.refresh, .refresh])
        #expect(bench.events == [.refreshed(lifetime: .minutes(10))])
    }

    @Test("a server for which every nonce is stale is given up")
    func alwaysStale() {
        let bench = TURNBench.allocated(options: TURNServerOptions(users: [TURNBench.user], nonceLifetime: .zero))
        #expect(bench.client.state == .ended)
    }

    @Test("a refresh that is refused loses the allocation, with the server's code")
    func refreshRefused() {
        let bench = TURNBench.allocated()
        _ = bench.server.forgetAllocations()
        bench.advance(by: .minutes(9))
        #expect(bench.events == [.lost(.allocationMismatch)])
        let isSent = bench.client.send(TURNBench.payload, to: TURNBench.peer, now: bench.now)
        #expect(!isSent)
    }

    @Test("a refresh without an answer loses the allocation when the schedule is over")
    func refreshUnanswered() {
        let bench = TURNBench.allocated()
        bench.isCut = true
        bench.advance(by: .minutes(9) + .milliseconds(39_750))
        #expect(bench.events == [.lost(nil)])
    }

    @Test("release is a Refresh with lifetime 0")
    func release() {
        let bench = TURNBench.allocated()
        bench.client.release(now: bench.now)
        bench.exchange()
        #expect(bench.methods == [.refresh])
        #expect(bench.sent[0]?.lifetime == .zero)
        #expect(bench.server.allocationCount == 0)
        #expect(bench.closedRelays == [bench.relayedAddress])
        #expect(bench.client.deadline == .distantFuture)
    }

    // MARK: Data

    @Test("libwebrtc: a check makes a permission and goes as a Send indication; the first payload binds a channel, the next uses it")
    func libwebrtcData() {
        let bench = TURNBench.allocated()
        bench.send(TURNBench.check)
        #expect(bench.methods == [.createPermission, .send])
        bench.send()
        #expect(bench.methods == [.createPermission, .send, .channelBind, .send])
        bench.send()
        #expect(bench.methods.last == .some(nil))
        #expect(bench.relayed.map(\.payload) == [TURNBench.check, TURNBench.payload, TURNBench.payload])
        #expect(bench.relayed.allSatisfy { $0.from == bench.relayedAddress && $0.to == TURNBench.peer })
    }

    @Test("pion: data waits for the permission, and none is lost")
    func pionData() {
        let bench = TURNBench.allocated(WebRTCProfile.pion.turn)
        bench.isCut = true
        bench.send(TURNBench.check)
        bench.send()
        #expect(bench.methods == [.createPermission, .channelBind])
        bench.isCut = false
        bench.advance(by: .milliseconds(200))
        #expect(bench.relayed.map(\.payload) == [TURNBench.check, TURNBench.payload])
    }

    @Test("aioice: a channel takes the place of the permission")
    func aioiceData() {
        let bench = TURNBench.allocated(WebRTCProfile.aioice.turn)
        bench.send(TURNBench.check)
        #expect(bench.methods == [.channelBind, nil])
        #expect(bench.relayed.map(\.payload) == [TURNBench.check])
    }

    @Test("what a peer sends arrives from it, as Data indication and over its channel")
    func receive() {
        let bench = TURNBench.allocated()
        bench.send(TURNBench.check)
        bench.peerSends()
        bench.send()
        bench.peerSends()
        #expect(bench.received.map(\.payload) == [TURNBench.payload, TURNBench.payload])
        #expect(bench.received.allSatisfy { $0.peer == TURNBench.peer })
    }

    @Test("over a stream ChannelData is padded, and read without its padding")
    func paddedChannelData() throws {
        let bench = TURNBench(transport: .tls)
        bench.start()
        bench.send()
        bench.send()
        #expect(bench.relayed.map(\.payload) == [TURNBench.payload, TURNBench.payload])
        bench.peerSends()
        #expect(bench.received.map(\.payload) == [TURNBench.payload])
    }

    @Test("a permission is refreshed after 240 s, so that a silent peer can still reach the client")
    func permissionRefresh() {
        let bench = TURNBench.allocated()
        bench.send(TURNBench.check)
        bench.advance(by: .seconds(240))
        #expect(bench.methods.filter { $0 == .createPermission }.count == 2)
        bench.advance(by: .seconds(200))
        bench.peerSends()
        #expect(bench.received.count == 1)
    }

    @Test("a bound channel is bound again after 240 s, and its permission is left to that")
    func channelRefresh() {
        let bench = TURNBench.allocated()
        bench.send()
        bench.clear()
        bench.advance(by: .seconds(241))
        #expect(bench.methods == [.channelBind])
    }

    @Test("a peer that the server refuses is told, and nothing of it is refreshed")
    func peerRefused() {
        let bench = TURNBench.allocated()
        let loopback = TransportAddress(.v4(0x7F00_0001), 5_000)
        bench.send(TURNBench.check, to: loopback)
        #expect(bench.events == [.peerRefused(loopback, .forbidden)])
        bench.clear()
        bench.advance(by: .seconds(300))
        #expect(bench.sent.isEmpty)
    }

    @Test("a peer that is forgotten costs no more requests")
    func forget() {
        let bench = TURNBench.allocated()
        bench.send()
        bench.client.forget(TURNBench.peer)
        bench.clear()
        bench.advance(by: .seconds(500))
        #expect(bench.sent.isEmpty)
    }

    @Test("data for more peers than the limit is refused")
    func tooManyPeers() {
        let bench = TURNBench.allocated()
        for number in 0..<UInt32(TURNClient.peerLimit) {
            _ = bench.client.send(TURNBench.check, to: TransportAddress(.v4(0x0A00_0000 + number), 1), now: bench.now)
        }
        let isSent = bench.client.send(TURNBench.check, to: TURNBench.peer, now: bench.now)
        #expect(!isSent)
    }

    @Test("random bytes from the server's address change nothing")
    func hostile() {
        let bench = TURNBench.allocated()
        bench.send()
        bench.clear()
        let random = RandomStream(seed: 7, name: "hostile")
        for round in 0..<20_000 {
            var bytes = ByteBuffer()
            if round & 1 == 0 {
                bytes.writeMultipleIntegers(
                    UInt16(0x0113), UInt16(8), UInt32(0x2112_A442), UInt32(truncatingIfNeeded: random.next()), random.next())
            }
            for _ in 0..<Int(random.uniform(0...6)) { bytes.writeInteger(UInt32(truncatingIfNeeded: random.next())) }
            if case .data = bench.client.receive(bytes, now: bench.now), round & 1 == 0 { Issue.record("seed 7, round \(round)") }
        }
        bench.exchange()
        #expect(bench.events.isEmpty)
        #expect(bench.sent.isEmpty)
        #expect(bench.client.state == .allocated)
    }
}
