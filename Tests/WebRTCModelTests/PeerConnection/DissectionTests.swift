import Foundation
import MeteredRealtime
import NIOCore
import NetworkModel
import Testing

@testable import WebRTCModel

/// Code that is not ours reads what a call puts on the wire.
@Suite("A call as tshark sees it", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/tshark"))) struct DissectionTests {
    @Test("a call from offer to close dissects without a malformed packet: STUN, DTLS handshake, data and alert")
    func dissects() throws {
        let call = try Call()
        var packets: [(time: NIODeadline, packet: IPPacket)] = []
        call.network.capture = { if $0.place == "alice/wifi" { packets.append(($0.time, $0.packet)) } }
        _ = try call.connections[0].addTrack(SimulatedMediaTrack(id: "camera", kind: .video), streamIDs: ["s"])
        let channel = try call.connections[0].createDataChannel(label: "chat", configuration: .init())
        channel.onEvent = { if case .open = $0 { try? channel.send(.text("hello")) } }
        call.run(.seconds(4))
        call.connections[0].close()
        call.run(.seconds(1))
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("call-\(ProcessInfo.processInfo.processIdentifier).pcap")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(Self.capture(packets)).write(to: file)
        #expect(try tshark(file, ["-Y", "_ws.malformed or _ws.expert.severity == error"]) == "")
        let types = Set(
            try tshark(file, ["-Y", "dtls", "-T", "fields", "-E", "occurrence=a", "-e", "dtls.handshake.type"]).split { ",\n".contains($0) }
        )
        #expect(types.isSuperset(of: ["1", "2", "11", "12", "13", "14", "15", "16"]))
        let records = Set(
            try tshark(file, ["-Y", "dtls", "-T", "fields", "-E", "occurrence=a", "-e", "dtls.record.content_type"]).split {
                ",\n".contains($0)
            })
        #expect(records == ["20", "21", "22", "23"])
        #expect(try tshark(file, ["-Y", "stun"]).split(separator: "\n").count > 4)
        #expect(
            try tshark(file, ["-d", "udp.port==50000-65535,rtp", "-Y", "rtp.version == 2 and !dtls"]).split(separator: "\n").count > 20)
    }

    private func tshark(_ file: URL, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/tshark")
        process.arguments = ["-n", "-r", file.path] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    /// A capture file of raw IP packets (LINKTYPE_RAW), UDP only.
    private static func capture(_ packets: [(time: NIODeadline, packet: IPPacket)]) -> [UInt8] {
        var file = ByteBuffer()
        file.writeMultipleIntegers(UInt32(0xA1B2_C3D4), UInt16(2), UInt16(4), UInt32(0), UInt32(0), UInt32(65_535), UInt32(101))
        for (time, packet) in packets {
            guard case .udp(let datagram) = packet.payload else { continue }
            let bytes = internetPacket(packet, datagram)
            let (nanoseconds, length) = (time.uptimeNanoseconds, UInt32(bytes.readableBytes))
            file.writeMultipleIntegers(UInt32(nanoseconds / 1_000_000_000), UInt32(nanoseconds % 1_000_000_000 / 1_000), length, length)
            file.writeImmutableBuffer(bytes)
        }
        return Array(buffer: file)
    }

    private static func internetPacket(_ packet: IPPacket, _ datagram: UDPDatagram) -> ByteBuffer {
        let length = UInt16(8 + datagram.payload.readableBytes)
        var addresses = ByteBuffer()
        for address in [packet.source, packet.destination] {
            switch address {
            case .v4(let bits): addresses.writeInteger(bits)
            case .v6(let high, let low): addresses.writeMultipleIntegers(high, low)
            }
        }
        var body = ByteBuffer()
        body.writeMultipleIntegers(datagram.sourcePort, datagram.destinationPort, length, UInt16(0))
        body.writeImmutableBuffer(datagram.payload)
        var pseudo = addresses
        pseudo.writeMultipleIntegers(UInt16(17), length)
        pseudo.writeImmutableBuffer(body)
        if pseudo.readableBytes % 2 == 1 { pseudo.writeInteger(UInt8(0)) }
        var sum: UInt32 = 0
        while let word = pseudo.readInteger(as: UInt16.self) { sum += UInt32(word) }
        while sum >> 16 > 0 { sum = sum & 0xFFFF + sum >> 16 }
        body.setInteger(~UInt16(sum), at: 6)
        var bytes = ByteBuffer()
        switch packet.source {
        case .v4: bytes.writeMultipleIntegers(UInt8(0x45), UInt8(0), 20 + length, UInt32(0), packet.hopLimit, UInt8(17), UInt16(0))
        case .v6: bytes.writeMultipleIntegers(UInt32(0x6000_0000), length, UInt8(17), packet.hopLimit)
        }
        bytes.writeImmutableBuffer(addresses)
        bytes.writeImmutableBuffer(body)
        return bytes
    }
}
