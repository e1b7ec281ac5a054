import NIOCore

extension SCTPChunk {
    private enum Kind {
        static let data: UInt8 = 0
        static let initiation: UInt8 = 1
        static let initiationAcknowledgement: UInt8 = 2
        static let selectiveAcknowledgement: UInt8 = 3
        static let heartbeat: UInt8 = 4
        static let heartbeatAcknowledgement: UInt8 = 5
        static let abort: UInt8 = 6
        static let cookieEcho: UInt8 = 10
        static let cookieAcknowledgement: UInt8 = 11
        static let reconfiguration: UInt8 = 130
        static let forward: UInt8 = 192
    }

    private enum Parameter {
        static let heartbeatInformation: UInt16 = 1
        static let cookie: UInt16 = 7
        static let outgoingReset: UInt16 = 13
        static let reconfigurationResponse: UInt16 = 16
        static let zeroChecksum: UInt16 = 0x8001
        static let extensions: UInt16 = 0x8008
        static let forwardSupported: UInt16 = 0xC000
    }

    // MARK: Writing

    /// Appends the chunk with its padding.
    func write(to packet: inout ByteBuffer) {
        let start = packet.writerIndex
        switch self {
        case .data(let data): Self.write(data, to: &packet)
        case .initiation(let initiation):
            packet.writeMultipleIntegers(Kind.initiation, UInt8(0), UInt16(0))
            Self.write(initiation, to: &packet)
        case .initiationAcknowledgement(let initiation):
            packet.writeMultipleIntegers(Kind.initiationAcknowledgement, UInt8(0), UInt16(0))
            Self.write(initiation, to: &packet)
        case .selectiveAcknowledgement(let cumulative, let window, let gaps):
            packet.writeMultipleIntegers(
                Kind.selectiveAcknowledgement, UInt8(0), UInt16(0), cumulative, window, UInt16(truncatingIfNeeded: gaps.count), UInt16(0))
            for gap in gaps { packet.writeMultipleIntegers(gap.lowerBound, gap.upperBound) }
        case .heartbeat(let information): Self.write(information, kind: Kind.heartbeat, to: &packet)
        case .heartbeatAcknowledgement(let information): Self.write(information, kind: Kind.heartbeatAcknowledgement, to: &packet)
        case .abort(let reason):
            // User-Initiated Abort (section 3.3.10.12).
            packet.writeMultipleIntegers(Kind.abort, UInt8(0), UInt16(0), UInt16(12), UInt16(truncatingIfNeeded: 4 + reason.utf8.count))
            packet.writeString(reason)
        case .cookieEcho(let cookie):
            packet.writeMultipleIntegers(Kind.cookieEcho, UInt8(0), UInt16(0))
            packet.writeImmutableBuffer(cookie)
        case .cookieAcknowledgement: packet.writeMultipleIntegers(Kind.cookieAcknowledgement, UInt8(0), UInt16(0))
        case .reconfiguration(let parameters):
            packet.writeMultipleIntegers(Kind.reconfiguration, UInt8(0), UInt16(0))
            for parameter in parameters { Self.write(parameter, to: &packet) }
        case .forward(let cumulative, let streams):
            packet.writeMultipleIntegers(Kind.forward, UInt8(0), UInt16(0), cumulative)
            for stream in streams { packet.writeMultipleIntegers(stream.stream, stream.streamSequenceNumber) }
        }
        Self.finish(&packet, from: start)
    }

    /// The length of a chunk or parameter is at its third byte, and excludes the padding.
    private static func finish(_ packet: inout ByteBuffer, from start: Int) {
        let length = packet.writerIndex - start
        packet.setInteger(UInt16(truncatingIfNeeded: length), at: start + 2)
        packet.writeRepeatingByte(0, count: -length & 3)
    }

    private static func write(_ data: SCTPData, to packet: inout ByteBuffer) {
        let flags: UInt8 = (data.isUnordered ? 4 : 0) | (data.isBeginning ? 2 : 0) | (data.isEnd ? 1 : 0)
        packet.writeMultipleIntegers(
            Kind.data, flags, UInt16(0), data.transmissionSequenceNumber, data.stream, data.streamSequenceNumber, data.payloadProtocol)
        packet.writeImmutableBuffer(data.payload)
    }

    private static func write(_ initiation: SCTPInitiation, to packet: inout ByteBuffer) {
        packet.writeMultipleIntegers(
            initiation.tag, initiation.window, initiation.outgoingStreams, initiation.incomingStreams, initiation.transmissionSequenceNumber
        )
        packet.writeMultipleIntegers(Parameter.zeroChecksum, UInt16(8), UInt32(1), Parameter.forwardSupported, UInt16(4))
        // RE-CONFIG and FORWARD-TSN, and two bytes of padding.
        packet.writeMultipleIntegers(Parameter.extensions, UInt16(6), Kind.reconfiguration, Kind.forward, UInt16(0))
        guard let cookie = initiation.cookie else { return }
        let start = packet.writerIndex
        packet.writeMultipleIntegers(Parameter.cookie, UInt16(0))
        packet.writeImmutableBuffer(cookie)
        finish(&packet, from: start)
    }

    private static func write(_ information: ByteBuffer, kind: UInt8, to packet: inout ByteBuffer) {
        packet.writeMultipleIntegers(
            kind, UInt8(0), UInt16(0), Parameter.heartbeatInformation, UInt16(truncatingIfNeeded: 4 + information.readableBytes))
        packet.writeImmutableBuffer(information)
    }

    private static func write(_ parameter: SCTPReconfiguration, to packet: inout ByteBuffer) {
        let start = packet.writerIndex
        switch parameter {
        case .outgoingReset(let request, let response, let last, let streams):
            packet.writeMultipleIntegers(Parameter.outgoingReset, UInt16(0), request, response, last)
            for stream in streams { packet.writeInteger(stream) }
        case .response(let request, let result):
            packet.writeMultipleIntegers(Parameter.reconfigurationResponse, UInt16(0), request, result)
        }
        finish(&packet, from: start)
    }

    // MARK: Reading

    /// What comes next in a packet.
    enum Reading {
        case chunk(SCTPChunk)
        /// A chunk of a kind that is not used here.
        case unknown
        /// No more chunks, or the rest is malformed.
        case end
    }

    static func next(in packet: inout ByteBuffer) -> Reading {
        guard let (kind, flags, length) = packet.readMultipleIntegers(as: (UInt8, UInt8, UInt16).self), length >= 4,
            var body = packet.readSlice(length: Int(length) - 4)
        else { return .end }
        packet.moveReaderIndex(forwardBy: min(-Int(length) & 3, packet.readableBytes))
        switch kind {
        case Kind.data: return readData(&body, flags: flags)
        case Kind.initiation: return readInitiation(&body).map { .chunk(.initiation($0)) } ?? .end
        case Kind.initiationAcknowledgement: return readInitiation(&body).map { .chunk(.initiationAcknowledgement($0)) } ?? .end
        case Kind.selectiveAcknowledgement: return readAcknowledgement(&body)
        case Kind.heartbeat: return readParameter(&body).map { .chunk(.heartbeat($0.content)) } ?? .end
        case Kind.heartbeatAcknowledgement: return readParameter(&body).map { .chunk(.heartbeatAcknowledgement($0.content)) } ?? .end
        case Kind.abort:
            let reason = readParameter(&body).map {
                String(buffer: $0.content.getSlice(at: $0.content.readerIndex, length: min($0.content.readableBytes, 200)) ?? ByteBuffer())
            }
            return .chunk(.abort(reason: reason ?? ""))
        case Kind.cookieEcho: return .chunk(.cookieEcho(body))
        case Kind.cookieAcknowledgement: return .chunk(.cookieAcknowledgement)
        case Kind.reconfiguration: return readReconfiguration(&body)
        case Kind.forward: return readForward(&body)
        default: return .unknown
        }
    }

    private static func readData(_ body: inout ByteBuffer, flags: UInt8) -> Reading {
        guard let (number, stream, sequence, payloadProtocol) = body.readMultipleIntegers(as: (UInt32, UInt16, UInt16, UInt32).self),
            body.readableBytes > 0
        else { return .end }
        return .chunk(
            .data(
                SCTPData(
                    transmissionSequenceNumber: number, stream: stream, streamSequenceNumber: sequence, isUnordered: flags & 4 != 0,
                    isBeginning: flags & 2 != 0, isEnd: flags & 1 != 0, payloadProtocol: payloadProtocol, payload: body)))
    }

    private static func readInitiation(_ body: inout ByteBuffer) -> SCTPInitiation? {
        guard let (tag, window, outgoing, incoming, number) = body.readMultipleIntegers(as: (UInt32, UInt32, UInt16, UInt16, UInt32).self),
            tag != 0
        else { return nil }
        var initiation = SCTPInitiation(
            tag: tag, window: window, outgoingStreams: outgoing, incomingStreams: incoming, transmissionSequenceNumber: number)
        while let parameter = readParameter(&body) {
            if parameter.kind == Parameter.cookie { initiation.cookie = parameter.content }
        }
        return initiation
    }

    private static func readParameter(_ body: inout ByteBuffer) -> (kind: UInt16, content: ByteBuffer)? {
        guard let (kind, length) = body.readMultipleIntegers(as: (UInt16, UInt16).self), length >= 4,
            let content = body.readSlice(length: Int(length) - 4)
        else { return nil }
        body.moveReaderIndex(forwardBy: min(-Int(length) & 3, body.readableBytes))
        return (kind, content)
    }

    private static func readAcknowledgement(_ body: inout ByteBuffer) -> Reading {
        guard let (cumulative, window, count, _) = body.readMultipleIntegers(as: (UInt32, UInt32, UInt16, UInt16).self) else { return .end }
        var gaps: [ClosedRange<UInt16>] = []
        for _ in 0..<count {
            guard let (first, last) = body.readMultipleIntegers(as: (UInt16, UInt16).self), first <= last else { return .end }
            gaps.append(first...last)
        }
        return .chunk(.selectiveAcknowledgement(cumulative: cumulative, window: window, gaps: gaps))
    }

    private static func readReconfiguration(_ body: inout ByteBuffer) -> Reading {
        var parameters: [SCTPReconfiguration] = []
        while parameters.count < 2, var (kind, content) = readParameter(&body) {
            if kind == Parameter.outgoingReset,
                let (request, response, last) = content.readMultipleIntegers(as: (UInt32, UInt32, UInt32).self)
            {
                var streams: [UInt16] = []
                while let stream = content.readInteger(as: UInt16.self) { streams.append(stream) }
                parameters.append(
                    .outgoingReset(request: request, response: response, lastTransmissionSequenceNumber: last, streams: streams))
            } else if kind == Parameter.reconfigurationResponse,
                let (request, result) = content.readMultipleIntegers(as: (UInt32, UInt32).self)
            {
                parameters.append(.response(request: request, result: result))
            }
            kind = 0
        }
        return .chunk(.reconfiguration(parameters))
    }

    private static func readForward(_ body: inout ByteBuffer) -> Reading {
        guard let cumulative = body.readInteger(as: UInt32.self) else { return .end }
        var streams: [SkippedStream] = []
        while let (stream, sequence) = body.readMultipleIntegers(as: (UInt16, UInt16).self) {
            streams.append(SkippedStream(stream: stream, streamSequenceNumber: sequence))
        }
        return .chunk(.forward(cumulative: cumulative, streams: streams))
    }
}
