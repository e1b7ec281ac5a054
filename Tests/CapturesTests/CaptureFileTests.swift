import Foundation
import Testing

@testable import Captures

@Suite("Capture files")
struct CaptureFileTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "faultline-captures-\(ProcessInfo.processInfo.globallyUniqueString)/"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test("what was written is read again, to the nanosecond")
    func roundTrip() throws {
        try withFolder { folder in
            let packets = [
                RawPacket(unixNanoseconds: 1_700_000_000_123_456_789, bytes: [0x45, 0, 0, 20] + [UInt8](repeating: 1, count: 16)),
                RawPacket(unixNanoseconds: 1_700_000_001_000_000_001, bytes: [UInt8](repeating: 0x60, count: 48)),
            ]
            try CaptureFileWriter.write(packets, to: folder + "a.pcap")
            let contents = try CaptureFileReader.read(folder + "a.pcap")
            #expect(contents.packets == packets)
            #expect(contents.linkLayer == .rawIP)
        }
    }

    @Test("a file that cannot be written leaves nothing")
    func unwritable() throws {
        try withFolder { folder in
            #expect(throws: CaptureError.self) { try CaptureFileWriter.write([], to: folder + "nowhere/a.pcap") }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.isEmpty)
        }
    }

    @Test("what is no capture is refused by name")
    func garbage() throws {
        try withFolder { folder in
            try Data("this is no capture".utf8).write(to: URL(fileURLWithPath: folder + "a.pcap"))
            let error = #expect(throws: CaptureError.self) { try CaptureFileReader.read(folder + "a.pcap") }
            #expect(error?.description.hasPrefix(folder + "a.pcap: not a capture file") == true)
        }
    }

    @Test("a capture that is cut short is an error")
    func cut() throws {
        try withFolder { folder in
            try CaptureFileWriter.write([RawPacket(unixNanoseconds: 0, bytes: [UInt8](repeating: 1, count: 40))], to: folder + "a.pcap")
            let whole = try Data(contentsOf: URL(fileURLWithPath: folder + "a.pcap"))
            try whole.dropLast(10).write(to: URL(fileURLWithPath: folder + "b.pcap"))
            #expect(throws: CaptureError.self) { try CaptureFileReader.read(folder + "b.pcap") }
        }
    }

    @Test("a file with too many packets is refused")
    func tooMany() throws {
        try withFolder { folder in
            let packets = (0..<11).map { RawPacket(unixNanoseconds: $0, bytes: [1]) }
            try CaptureFileWriter.write(packets, to: folder + "a.pcap")
            #expect(throws: CaptureError.self) { try CaptureFileReader.read(folder + "a.pcap", maximumPackets: 10) }
        }
    }
}
