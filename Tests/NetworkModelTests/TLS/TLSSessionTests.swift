import NIOCore
import Testing

@testable import NetworkModel

@Suite struct TLSSessionTests {
    /// Client and server, joined directly; each exchange is one trip of what one end has to say.
    struct Ends {
        var client: TLSSession
        var server: TLSSession
        var clientEvents: [String] = []
        var serverEvents: [String] = []

        init(version: TLSVersion, certificate: TLSCertificate = .valid) {
            client = TLSSession(role: .client(serverName: "rms.example.com"), version: version)
            server = TLSSession(role: .server(certificate), version: version)
            client.begin()
            server.begin()
        }

        /// Returns the size of the flight.
        mutating func clientSpeaks() -> Int {
            let bytes = client.takeOutgoing()
            server.receive(bytes)
            while let event = server.nextEvent() { serverEvents.append("\(event)") }
            return bytes.readableBytes
        }

        mutating func serverSpeaks() -> Int {
            let bytes = server.takeOutgoing()
            client.receive(bytes)
            while let event = client.nextEvent() { clientEvents.append("\(event)") }
            return bytes.readableBytes
        }
    }

    @Test("TLS 1.3 is open at the client after one round trip")
    func tls13() {
        var ends = Ends(version: .tls13)
        #expect(ends.clientSpeaks() == 517)
        #expect(ends.serverSpeaks() == 4_000)
        #expect(ends.client.isOpen && !ends.server.isOpen)
        #expect(ends.clientSpeaks() == 80)
        #expect(ends.server.isOpen)
    }

    @Test("TLS 1.2 takes two")
    func tls12() {
        var ends = Ends(version: .tls12)
        _ = ends.clientSpeaks()
        _ = ends.serverSpeaks()
        #expect(!ends.client.isOpen)
        #expect(ends.clientSpeaks() == 126)
        #expect(ends.serverSpeaks() == 258)
        #expect(ends.client.isOpen && ends.server.isOpen)
    }

    @Test("application bytes come out as they went in, and cost 22 bytes a record on the wire")
    func data() throws {
        var ends = Ends(version: .tls13)
        _ = ends.clientSpeaks()
        _ = ends.serverSpeaks()
        _ = ends.clientSpeaks()
        var text = ByteBuffer(string: "hello")
        let record = try #require(ends.client.protect(&text, room: 1_000))
        #expect(record.readableBytes == 5 + 22)
        // Byte by byte, as a stream may arrive.
        for byte in record.readableBytesView { ends.server.receive(ByteBuffer(bytes: [byte])) }
        guard case .received(let bytes)? = ends.server.nextEvent() else {
            Issue.record("nothing received")
            return
        }
        #expect(bytes == ByteBuffer(string: "hello"))
    }

    @Test("a certificate for another name fails the client, which tells the server")
    func wrongCertificate() {
        var ends = Ends(version: .tls13, certificate: .names(["portal.hotel.example"]))
        _ = ends.clientSpeaks()
        _ = ends.serverSpeaks()
        #expect(ends.clientEvents.count == 1)
        #expect(ends.clientEvents[0].contains("certificateNameMismatch"))
        _ = ends.clientSpeaks()
        #expect(ends.serverEvents == ["failed(NetworkModel.TLSError.alertReceived(42))"])
    }

    @Test("a wildcard covers one label", arguments: [("rms.example.com", true), ("a.rms.example.com", false), ("example.com", false)])
    func wildcard(name: String, isCovered: Bool) {
        #expect(TLSCertificate.names(["*.example.com"]).covers(name) == isCovered)
    }

    @Test("bytes that are not TLS fail the session and nothing else", arguments: 0..<256)
    func garbage(seed: Int) {
        var session = TLSSession(role: .server(.valid), version: .tls13)
        session.begin()
        var generator = SystemlessGenerator(state: UInt64(seed))
        session.receive(ByteBuffer(bytes: [UInt8(seed)] + (0..<600).map { _ in UInt8.random(in: 0...255, using: &generator) }))
        var failures = 0
        while let event = session.nextEvent() { if case .failed = event { failures += 1 } }
        #expect(failures <= 1)
        #expect(!session.isOpen)
    }
}

/// SplitMix64, seeded.
struct SystemlessGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
