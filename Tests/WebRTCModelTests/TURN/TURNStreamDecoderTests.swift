import NIOCore
import SimulationKernel
import Testing
import WebRTCModel

@Suite struct TURNStreamDecoderTests {
    private static let message = STUNMessage(.request, .allocate, STUNTransactionID(high: 1, low: 2), [.software("abc")]).encoded()
    private static let channelData = TURNChannelData.encoded(channel: 0x4001, ByteBuffer(string: "hello"), padded: true)
    private static let stream = {
        var bytes = message
        bytes.writeImmutableBuffer(channelData)
        bytes.writeImmutableBuffer(message)
        return bytes
    }()

    @Test("messages come out whole wherever the stream is cut")
    func cuts() throws {
        for cut in 0...Self.stream.readableBytes {
            var decoder = TURNStreamDecoder()
            var found: [ByteBuffer] = []
            for part in [
                Self.stream.getSlice(at: 0, length: cut)!, Self.stream.getSlice(at: cut, length: Self.stream.readableBytes - cut)!,
            ] {
                decoder.append(part)
                while let next = try decoder.next() { found.append(next) }
            }
            #expect(found.count == 3)
            #expect(found.first == Self.message && found.last == Self.message)
            #expect(TURNChannelData.decode(found[1])?.payload == ByteBuffer(string: "hello"))
        }
    }

    @Test("ChannelData loses its padding")
    func padding() throws {
        var decoder = TURNStreamDecoder()
        decoder.append(Self.channelData)
        #expect(Self.channelData.readableBytes == 12)
        let first = try decoder.next()
        let second = try decoder.next()
        #expect(first?.readableBytes == 9)
        #expect(second == nil)
    }

    @Test(
        "what is neither STUN nor ChannelData is the end of the stream",
        arguments: ["POST / HTTP/1.1", "\u{16}\u{3}\u{1}\u{0}", "P\u{0}\u{0}\u{0}"])
    func outOfStep(text: String) {
        var decoder = TURNStreamDecoder()
        decoder.append(ByteBuffer(string: text))
        #expect(throws: TURNStreamDecoder.OutOfStep.self) {
            while try decoder.next() != nil {}
        }
    }

    @Test("ChannelData that is shorter than it says is nothing")
    func short() {
        #expect(TURNChannelData.decode(ByteBuffer(hex: "40000005 61626364")) == nil)
        #expect(TURNChannelData.decode(ByteBuffer(hex: "4000")) == nil)
    }
}
