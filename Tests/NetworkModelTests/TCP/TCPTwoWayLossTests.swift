import SimulationKernel
import Testing

@testable import NetworkModel

/// Data in both directions at once, and losses in both.
@Suite struct TCPTwoWayLossTests {
    @Test("one lost segment in each direction of a burst of small messages is repaired: all is there after two seconds", arguments: 0..<24)
    func oneLossEachWay(index: Int) throws {
        for profile in [TCPProfile.linux, .darwin] {
            let pair = try TCPPair.established(oneWayDelay: .milliseconds(15), profile: profile)
            let lost = [true: 10 + 7 * index, false: 5 + 11 * index % 150]
            var counts = [true: 0, false: 0]
            pair.hosts.filter = { packet, fromLeft in
                guard case .tcp(let segment) = packet.payload, segment.payload.readableBytes > 0 else { return .pass }
                counts[fromLeft]! += 1
                return counts[fromLeft] == lost[fromLeft] ? .drop : .pass
            }
            let messages = pair.exchangeMessages(count: 300)
            pair.run(for: .seconds(2))
            #expect((pair.server.text == messages) as Bool, "\(profile.name)")
            #expect((pair.client.text == messages) as Bool, "\(profile.name)")
        }
    }

    @Test("no segment is longer than the MTU while it also reports a gap")
    func longestSegment() throws {
        let pair = try TCPPair.established()
        var longest = 0
        var counts = [true: 0, false: 0]
        pair.hosts.filter = { packet, fromLeft in
            guard case .tcp(let segment) = packet.payload, segment.payload.readableBytes > 0 else { return .pass }
            counts[fromLeft]! += 1
            if !segment.sackBlocks.isEmpty { longest = max(longest, packet.wireBytes) }
            return [3, 5, 7].contains(counts[fromLeft]) ? .drop : .pass
        }
        let up = pair.sendBulk(bytes: 100_000, from: pair.client)
        let down = pair.sendBulk(bytes: 100_000, from: pair.server)
        pair.run(for: .seconds(3))
        #expect(longest > 1_400 && longest <= 1_500)
        #expect((pair.server.bytes == up) as Bool)
        #expect((pair.client.bytes == down) as Bool)
        #expect(!pair.hosts.left.events.contains { if case .retransmitted(.some) = $0 { true } else { false } })
    }

    @Test("two-way bulk traffic over a path that loses at random both ways arrives whole and in a bounded time", arguments: 1...40)
    func randomLossBothWays(seed: UInt64) throws {
        let pair = try TCPPair(seed: seed, profile: seed % 2 == 0 ? .linux : .darwin)
        pair.run(for: .seconds(5))
        let random = pair.hosts.simulation.random("path")
        pair.hosts.filter = { _, _ in random.chance(0.05) ? .drop : .pass }
        let up = pair.sendBulk(bytes: 150_000, from: pair.client)
        let down = pair.sendBulk(bytes: 150_000, from: pair.server)
        pair.run(for: .seconds(180))
        #expect((pair.server.bytes == up) as Bool, "seed \(seed): \(pair.server.bytes.count) bytes")
        #expect((pair.client.bytes == down) as Bool, "seed \(seed): \(pair.client.bytes.count) bytes")
    }

    @Test("two-way bursts of messages over a path that loses at random both ways arrive whole and in a bounded time", arguments: 1...40)
    func burstsWithRandomLoss(seed: UInt64) throws {
        let pair = try TCPPair(seed: seed, oneWayDelay: .milliseconds(15), profile: seed % 2 == 0 ? .linux : .darwin)
        pair.run(for: .seconds(5))
        let random = pair.hosts.simulation.random("path")
        pair.hosts.filter = { _, _ in random.chance(0.04) ? .drop : .pass }
        let messages = pair.exchangeMessages(count: 300)
        pair.run(for: .seconds(120))
        #expect((pair.server.text == messages) as Bool, "seed \(seed): \(pair.server.bytes.count) bytes")
        #expect((pair.client.text == messages) as Bool, "seed \(seed): \(pair.client.bytes.count) bytes")
    }
}

extension TCPPair {
    /// Half of the messages are written at once at both ends, the rest one every few milliseconds. Returns what each end is to receive.
    fileprivate func exchangeMessages(count: Int) -> String {
        let messages = (0..<count).map { "message \($0) \(String(repeating: "x", count: 100))\n" }
        for (index, message) in messages.enumerated() {
            at(now + .milliseconds(5 * Int64(max(index - count / 2, 0)))) { [client, server] in
                client.send(message)
                server.send(message)
            }
        }
        return messages.joined()
    }
}
