#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
import NIOCore
import SimulationKernel

extension KernelBenchmark {
    /// A WebSocket over a pipe of 10 ms latency: connect, upgrade, ten text frames each way, closing handshake; the mean of `count` in sequence.
    public static func webSocketMicroseconds(count: Int) throws -> Double {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        let (client, server) = (simulation.makeEventLoop(name: "client"), simulation.makeEventLoop(name: "server"))
        let total = try self.nanoseconds {
            for _ in 0..<count {
                let pair = try WebSocketPair(client: client, server: server, latency: .milliseconds(10))
                simulation.run(until: simulation.now + .milliseconds(20))
                for _ in 0..<10 {
                    pair.client.send(text: "{\"type\":\"publish\",\"channel\":\"room\",\"data\":{\"n\":1}}")
                    pair.server.send(text: "{\"type\":\"message\",\"channel\":\"room\",\"data\":{\"n\":1}}")
                    simulation.run(until: simulation.now + .milliseconds(10))
                }
                pair.client.close(code: 1000)
                simulation.run(until: simulation.now + .milliseconds(30))
                precondition(pair.client.isClosed && pair.server.received.count == 11, "the conversation went wrong")
            }
        }
        return total / Double(count) / 1000
    }

    /// Resident memory of an upgraded connection: both channels with their pipelines.
    public static func webSocketBytes(count: Int) throws -> Double {
        let simulation = Simulation(seed: 1)
        defer { simulation.shutdown() }
        let (client, server) = (simulation.makeEventLoop(name: "client"), simulation.makeEventLoop(name: "server"))
        var pairs: [WebSocketPair] = []
        pairs.reserveCapacity(count)
        func open(_ number: Int) throws {
            // One after the other, so that what only the handshake needs is used again.
            for _ in 0..<number {
                pairs.append(try WebSocketPair(client: client, server: server))
                simulation.run(until: simulation.now)
            }
        }
        try open(count / 10)
        let before = residentBytes()
        try open(count - count / 10)
        return Double(residentBytes() - before) / Double(count - count / 10)
    }
}

/// The resident set of this process, from /proc; 0 where there is none.
private func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fields = text.split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
    return pages * Int(getpagesize())
}
