import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@testable import WebRTCModel

@Suite struct TURNServerTests {
    /// The code of the answer to a request with the client's credentials and these attributes; nil for success.
    private func code(_ bench: TURNBench, _ method: STUNMethod, _ attributes: [STUNAttribute], user: TURNCredentials = TURNBench.user)
        -> STUNErrorCode?
    {
        var response = ask(bench, method, attributes, nonce: nil, user: user)
        if let nonce = response?.nonce { response = ask(bench, method, attributes, nonce: nonce, user: user) }
        return response?.errorCode
    }

    private func ask(_ bench: TURNBench, _ method: STUNMethod, _ attributes: [STUNAttribute], nonce: String?, user: TURNCredentials)
        -> STUNMessage?
    {
        var message = STUNMessage(.request, method, STUNTransactionID(high: 77, low: 77), attributes)
        var key: STUNIntegrityKey?
        if let nonce {
            message.attributes += [.username(user.username), .realm("turn.example"), .nonce(nonce)]
            key = .longTerm(username: user.username, realm: "turn.example", password: user.password)
        }
        var action = bench.server.receive(message.encoded(integrity: key, fingerprint: false), from: bench.fiveTuple, now: bench.now)
        if case .openRelay = action { action = bench.server.relayOpened(at: bench.relayedAddress, now: bench.now) }
        switch action {
        case .reply(let bytes, _), .closeRelay(_, let bytes, _): return try? STUNMessage(decoding: bytes)
        case .ignore, .openRelay, .relay: return nil
        }
    }

    private static let udp = STUNAttribute.requestedTransport(protocolNumber: 17)

    @Test("Binding needs no credentials and tells the client's address")
    func binding() throws {
        let bench = TURNBench()
        let response = ask(bench, .binding, [], nonce: nil, user: TURNBench.user)
        #expect(response?.mappedAddress == bench.fiveTuple.client)
        #expect(response?.messageClass == .successResponse)
    }

    @Test("Allocate without, or with another, transport is refused")
    func transport() {
        #expect(code(TURNBench(), .allocate, []) == .badRequest)
        #expect(code(TURNBench(), .allocate, [.requestedTransport(protocolNumber: 6)]) == .unsupportedTransport)
        #expect(code(TURNBench(), .allocate, [Self.udp]) == nil)
    }

    @Test("ports by wish are not to be had")
    func evenPort() {
        #expect(code(TURNBench(), .allocate, [Self.udp, .evenPort(reservesNext: false)]) == .insufficientCapacity)
        #expect(code(TURNBench(), .allocate, [Self.udp, .reservationToken(1)]) == .insufficientCapacity)
    }

    @Test("an attribute that must be understood and is not is refused by name")
    func unknownAttribute() {
        #expect(code(TURNBench(), .allocate, [Self.udp, .unknown(type: 0x7001, ByteBuffer())]) == .unknownAttribute)
        let binding = ask(TURNBench(), .binding, [.unknown(type: 0x7001, ByteBuffer())], nonce: nil, user: TURNBench.user)
        #expect(binding?.attributes.contains(.unknownAttributes([0x7001])) == true)
    }

    @Test("credentials without a user name are a bad request")
    func incomplete() {
        let bench = TURNBench()
        let message = STUNMessage(.request, .allocate, STUNTransactionID(high: 1, low: 1), [Self.udp])
        let bytes = message.encoded(integrity: .shortTerm(password: "x"), fingerprint: false)
        guard case .reply(let answer, _) = bench.server.receive(bytes, from: bench.fiveTuple, now: bench.now) else {
            return #expect(Bool(false), "no answer")
        }
        #expect((try? STUNMessage(decoding: answer))?.errorCode == .badRequest)
    }

    @Test("a request about no allocation is a mismatch")
    func noAllocation() {
        #expect(code(TURNBench(), .refresh, []) == .allocationMismatch)
        #expect(code(TURNBench(), .createPermission, [.xorPeerAddress(TURNBench.peer)]) == .allocationMismatch)
    }

    @Test("an allocation is its user's only")
    func otherUser() {
        let other = TURNCredentials(username: "bob", password: "other")
        let bench = TURNBench.allocated(options: TURNServerOptions(users: [TURNBench.user, other]))
        #expect(code(bench, .refresh, [], user: other) == .wrongCredentials)
    }

    @Test("Allocate sent again is answered again; another one on the same 5-tuple is a mismatch")
    func again() {
        let bench = TURNBench()
        #expect(code(bench, .allocate, [Self.udp]) == nil)
        #expect(code(bench, .allocate, [Self.udp]) == nil)
        #expect(bench.server.allocationCount == 1)
        bench.start()
        #expect(bench.events == [.needsOtherPort])
    }

    @Test("a permission needs a peer, of the allocation's family, that is not denied")
    func permissions() {
        let bench = TURNBench.allocated()
        #expect(code(bench, .createPermission, []) == .badRequest)
        #expect(code(bench, .createPermission, [.xorPeerAddress(TransportAddress(.anyV6, 1))]) == .peerAddressFamilyMismatch)
        #expect(code(bench, .createPermission, [.xorPeerAddress(TransportAddress(.v4(0x7F00_0001), 1))]) == .forbidden)
    }

    @Test("a channel is one peer's and a peer has one channel; its number is in the range")
    func channels() {
        let bench = TURNBench.allocated()
        let other = TransportAddress(TURNBench.peer.address, 5_001)
        #expect(code(bench, .channelBind, [.channelNumber(0x3FFF), .xorPeerAddress(other)]) == .badRequest)
        #expect(code(bench, .channelBind, [.channelNumber(0x5000), .xorPeerAddress(other)]) == .badRequest)
        #expect(code(bench, .channelBind, [.channelNumber(0x4000)]) == .badRequest)
        #expect(code(bench, .channelBind, [.channelNumber(0x4000), .xorPeerAddress(other)]) == nil)
        #expect(code(bench, .channelBind, [.channelNumber(0x4000), .xorPeerAddress(other)]) == nil)
        #expect(code(bench, .channelBind, [.channelNumber(0x4000), .xorPeerAddress(TURNBench.peer)]) == .badRequest)
        #expect(code(bench, .channelBind, [.channelNumber(0x4001), .xorPeerAddress(other)]) == .badRequest)
    }

    @Test("a peer without a permission is not heard, and not sent to")
    func noPermission() {
        let bench = TURNBench.allocated()
        bench.peerSends()
        #expect(bench.received.isEmpty)
        let indication = STUNMessage(
            .indication, .send, STUNTransactionID(high: 0, low: 0), [.xorPeerAddress(TURNBench.peer), .data(TURNBench.payload)])
        let action = bench.server.receive(indication.encoded(), from: bench.fiveTuple, now: bench.now)
        #expect(action == .ignore)
    }

    @Test("a permission ends after 5 minutes, a channel after 10")
    func expiries() {
        let bench = TURNBench.allocated(options: TURNServerOptions(users: [TURNBench.user], defaultLifetime: .hours(1)))
        #expect(code(bench, .channelBind, [.channelNumber(0x4000), .xorPeerAddress(TURNBench.peer)]) == nil)
        let channelData = TURNChannelData.encoded(channel: 0x4000, TURNBench.payload, padded: false)
        bench.now = bench.now + .seconds(301)
        bench.peerSends()
        #expect(bench.received.isEmpty)
        let relayed = bench.server.receive(channelData, from: bench.fiveTuple, now: bench.now)
        #expect(relayed != .ignore)
        bench.now = bench.now + .seconds(300)
        let late = bench.server.receive(channelData, from: bench.fiveTuple, now: bench.now)
        #expect(late == .ignore)
    }

    @Test("an allocation that nobody refreshes ends, and its relayed address is closed")
    func allocationExpiry() {
        let bench = TURNBench.allocated()
        bench.client.connectionLost()
        bench.advance(by: .seconds(599))
        #expect(bench.server.allocationCount == 1)
        bench.advance(by: .seconds(1))
        #expect(bench.server.allocationCount == 0)
        #expect(bench.closedRelays == [bench.relayedAddress])
        #expect(bench.server.deadline == .distantFuture)
    }

    @Test("a lifetime is at least the default and at most the maximum")
    func lifetimes() {
        for (asked, given) in [(TimeAmount.seconds(1), TimeAmount.minutes(10)), (.minutes(20), .minutes(20)), (.hours(9), .hours(1))] {
            let bench = TURNBench.allocated()
            var response = ask(bench, .refresh, [.lifetime(asked)], nonce: nil, user: TURNBench.user)
            response = ask(bench, .refresh, [.lifetime(asked)], nonce: response?.nonce, user: TURNBench.user)
            #expect(response?.lifetime == given)
        }
    }

    @Test("a server that is drained keeps its allocations and takes no new ones")
    func refusing() {
        let bench = TURNBench.allocated()
        bench.server.admission = .refusing
        bench.advance(by: .minutes(9))
        #expect(bench.events == [.refreshed(lifetime: .minutes(10))])
        bench.fiveTuple.client.port = 40_001
        #expect(code(bench, .allocate, [Self.udp]) == .insufficientCapacity)
    }

    @Test("a restarted server answers 438, then 437: the allocation is lost")
    func restart() {
        let bench = TURNBench.allocated()
        _ = bench.server.forgetAllocations()
        bench.server.invalidateNonces()
        bench.advance(by: .minutes(9))
        #expect(bench.methods == [.refresh, .refresh])
        #expect(bench.events == [.lost(.allocationMismatch)])
    }

    @Test("a nonce is taken for its lifetime")
    func nonceLifetime() {
        let bench = TURNBench.allocated(options: TURNServerOptions(users: [TURNBench.user], nonceLifetime: .minutes(5)))
        bench.advance(by: .minutes(9))
        #expect(bench.methods == [.refresh, .refresh])
        #expect(bench.events == [.refreshed(lifetime: .minutes(10))])
    }

    // MARK: Time-limited credentials

    private static let expiry: Int64 = 1_000_000 + 60

    private func timeLimited(checksExpiryOnRefresh: Bool = false) -> TURNBench {
        TURNBench(
            options: TURNServerOptions(sharedSecret: "north", checksExpiryOnRefresh: checksExpiryOnRefresh),
            credentials: TURNCredentials(expiringAt: Self.expiry, user: "ann", secret: "north"))
    }

    @Test("the password of a time-limited user is the HMAC of its name")
    func password() {
        let credentials = TURNCredentials(expiringAt: 1_433_065_916, user: "ann", secret: "north")
        #expect(credentials.username == "1433065916:ann")
        #expect(credentials.password == "bGHtoNmcwYwld2d/yRR54o2JiDk=")
    }

    @Test("time-limited credentials serve until their time and not after it")
    func timeLimit() {
        let before = timeLimited()
        before.start()
        #expect(before.client.state == .allocated)
        let after = timeLimited()
        after.now = .uptimeNanoseconds(60_000_000_000)
        after.start()
        #expect(after.events == [.failed(.unauthenticated, reason: "Unauthenticated")])
    }

    @Test("an allocation outlives its credentials, unless the server looks at them again")
    func refreshAfterExpiry() {
        let lenient = timeLimited()
        lenient.start()
        lenient.clear()
        lenient.advance(by: .minutes(9))
        #expect(lenient.events == [.refreshed(lifetime: .minutes(10))])
        let strict = timeLimited(checksExpiryOnRefresh: true)
        strict.start()
        strict.clear()
        strict.advance(by: .minutes(9))
        #expect(strict.events == [.lost(.unauthenticated)])
    }

    @Test("a user who is revoked gets nothing more")
    func revoked() {
        let bench = TURNBench.allocated()
        bench.server.revokedUsers = ["ann"]
        bench.advance(by: .minutes(9))
        #expect(bench.events == [.lost(.unauthenticated)])
    }

    @Test("credentials do not say what they are when they are printed")
    func redaction() {
        var text = ""
        dump(TURNBench.user, to: &text)
        text += "\(TURNBench.user) \(STUNIntegrityKey.shortTerm(password: "secret"))"
        #expect(!text.contains("ann") && !text.contains("secret"))
    }

    @Test("random bytes from clients and peers are survived, and leave no allocation")
    func hostile() {
        let bench = TURNBench()
        let random = RandomStream(seed: 8, name: "hostile")
        for round in 0..<20_000 {
            var bytes = ByteBuffer()
            if round & 1 == 0 {
                let words = UInt16(random.uniform(0...8))
                bytes.writeMultipleIntegers(UInt16(random.uniform(1...9)), words * 4, UInt32(0x2112_A442), UInt32(1), UInt64(2))
                for _ in 0..<words { bytes.writeInteger(UInt32(truncatingIfNeeded: random.next()) & 0x003F_0007) }
            } else {
                for _ in 0..<Int(random.uniform(0...20)) { bytes.writeInteger(UInt8(truncatingIfNeeded: random.next())) }
            }
            let action = bench.server.receive(bytes, from: bench.fiveTuple, now: bench.now)
            if case .openRelay = action { Issue.record("seed 8, round \(round)") }
            _ = bench.server.receiveFromPeer(bytes, at: bench.relayedAddress, from: TURNBench.peer, now: bench.now)
        }
        #expect(bench.server.allocationCount == 0)
    }
}
