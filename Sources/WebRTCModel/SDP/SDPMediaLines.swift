/// The attributes of a media section that say what it carries, as they are met.
struct SDPMediaLines {
    var formats: [SDPFormat] = []
    private var direction: MediaDirection?
    private var streams: [SDPStream] = []
    private var synchronizationSources: [UInt32] = []
    private var candidates: [String] = []
    private var isEndOfCandidates = false
    private var sctpPort: UInt16?
    private var maximumMessageBytes: UInt64?

    /// Takes one attribute; unknown ones are skipped.
    mutating func take(_ name: String, _ value: String, line: Int) throws(SDPError) {
        switch name {
        case "sendrecv", "sendonly", "recvonly", "inactive": direction = MediaDirection(rawValue: name)
        case "msid": try takeStream(value, line: line)
        case "ssrc": try takeSource(value, line: line)
        case "rtpmap": try takeMap(value, line: line)
        case "candidate":
            guard candidates.count < SDPLimits.candidates else { throw .tooMany("candidates") }
            candidates.append(value)
        case "end-of-candidates": isEndOfCandidates = true
        case "sctp-port":
            guard let port = UInt16(value), port != 0 else { throw .malformedValue(name: "sctp-port", line: line) }
            sctpPort = port
        case "max-message-size":
            guard let bytes = UInt64(value) else { throw .malformedValue(name: "max-message-size", line: line) }
            maximumMessageBytes = bytes
        default: break
        }
    }

    private mutating func takeStream(_ value: String, line: Int) throws(SDPError) {
        guard streams.count < SDPLimits.entries else { throw .tooMany("streams") }
        let parts = value.words()
        guard (1...2).contains(parts.count), parts.allSatisfy({ $0.utf8.count <= 256 }) else {
            throw .malformedValue(name: "msid", line: line)
        }
        streams.append(SDPStream(stream: String(parts[0]), track: parts.count > 1 ? String(parts[1]) : nil))
    }

    /// One source has several lines, one for each of its attributes.
    private mutating func takeSource(_ value: String, line: Int) throws(SDPError) {
        guard let source = value.words(atMost: 2).first.flatMap({ UInt32($0) }) else {
            throw .malformedValue(name: "ssrc", line: line)
        }
        if synchronizationSources.contains(source) { return }
        guard synchronizationSources.count < SDPLimits.entries else { throw .tooMany("synchronisation sources") }
        synchronizationSources.append(source)
    }

    private mutating func takeMap(_ value: String, line: Int) throws(SDPError) {
        let parts = value.words(atMost: 2)
        guard parts.count == 2, let type = UInt8(parts[0]), parts[1].utf8.count <= 64 else {
            throw .malformedValue(name: "rtpmap", line: line)
        }
        guard let index = formats.firstIndex(where: { $0.payloadType == type }) else { return }
        formats[index].map = String(parts[1])
    }

    /// Puts what was met into the section.
    func fill(_ section: inout SDPMediaSection) {
        section.formats = formats
        section.direction = direction ?? .sendrecv
        section.streams = streams
        section.synchronizationSources = synchronizationSources
        section.candidates = candidates
        section.isEndOfCandidates = isEndOfCandidates
        section.sctpPort = sctpPort
        section.maximumMessageBytes = maximumMessageBytes
    }
}
