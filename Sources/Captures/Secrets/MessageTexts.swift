/// The texts of one direction of an HTTP or WebSocket stream: heads and bodies as they are, WebSocket text frames without their mask.
///
/// Only enough of RFC 9112 and RFC 6455 to find them: what is written comes from the simulation's own clients and servers.
struct MessageTexts {
    private static let endOfHead: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]

    /// Gives each text to `body`, which may change it; what it gives back is put in the text's place, masked again.
    static func rewrite(_ stream: inout [UInt8], _ body: (inout [UInt8]) -> Void) {
        guard let head = endOfHead(of: stream), isUpgrade(stream[..<head]) else {
            body(&stream)
            return
        }
        var text = Array(stream[..<head])
        body(&text)
        stream.replaceSubrange(..<head, with: text)
        var index = head
        while let frame = WebSocketFrame(in: stream, at: index) {
            if frame.isText {
                var text = frame.unmasked(stream)
                body(&text)
                frame.put(text, in: &stream)
            }
            index = frame.payload.upperBound
        }
    }

    private static func endOfHead(of stream: [UInt8]) -> Int? {
        guard stream.count >= 4 else { return nil }
        return (0...(stream.count - 4)).first { stream[$0..<$0 + 4].elementsEqual(endOfHead) }.map { $0 + 4 }
    }

    private static func isUpgrade(_ head: ArraySlice<UInt8>) -> Bool {
        String(decoding: head, as: UTF8.self).lowercased().contains("upgrade: websocket")
    }
}

/// Where a WebSocket frame is in a stream (RFC 6455 section 5.2).
private struct WebSocketFrame {
    let isText: Bool
    let mask: [UInt8]
    let payload: Range<Int>

    /// The whole frame that begins there; nil if there is none, or not all of it.
    init?(in stream: [UInt8], at start: Int) {
        guard start + 2 <= stream.count else { return nil }
        isText = stream[start] & 0x0F == 1
        let isMasked = stream[start + 1] & 0x80 != 0
        var length = Int(stream[start + 1] & 0x7F)
        var index = start + 2
        let extra = length == 126 ? 2 : length == 127 ? 8 : 0
        guard index + extra + (isMasked ? 4 : 0) <= stream.count else { return nil }
        if extra > 0 {
            let wide = stream[index..<index + extra].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard wide <= UInt64(stream.count) else { return nil }
            length = Int(wide)
            index += extra
        }
        mask = isMasked ? Array(stream[index..<index + 4]) : []
        index += mask.count
        guard index + length <= stream.count else { return nil }
        payload = index..<index + length
    }

    func unmasked(_ stream: [UInt8]) -> [UInt8] { apply(Array(stream[payload])) }

    func put(_ text: [UInt8], in stream: inout [UInt8]) { stream.replaceSubrange(payload, with: apply(text)) }

    private func apply(_ bytes: [UInt8]) -> [UInt8] {
        guard !mask.isEmpty else { return bytes }
        return bytes.enumerated().map { $0.element ^ mask[$0.offset % 4] }
    }
}
