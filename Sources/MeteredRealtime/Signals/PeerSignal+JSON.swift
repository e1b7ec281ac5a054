import CompactJSON

/// The wire's names (WIRE-09).
private enum Name {
    static let description = "rtc-description"
    static let candidate = "rtc-ice"
    static let trackMetadata = "__meteredTrackMeta"
}

extension PeerSignal {
    /// The signal as `data` of a `send` frame.
    var json: JSONValue {
        switch self {
        case .description(let description):
            [
                "type": .string(Name.description),
                "description": ["type": .string(description.kind.rawValue), "sdp": .string(description.sdp)],
            ]
        case .candidate(let candidate): ["type": .string(Name.candidate), "candidate": .object(candidate.json)]
        case .endOfCandidates: ["type": .string(Name.candidate), "candidate": .null]
        case .trackMetadata(let metadata): [Name.trackMetadata: .object(metadata.json)]
        }
    }

    /// Reads the `data` of a `direct` frame: an untrusted peer's word.
    static func read(_ data: JSONValue) -> SignalReading {
        guard case .object(let object) = data else { return .data }
        if let body = object[Name.trackMetadata] { return reading("track metadata", TrackMetadata(body).map(PeerSignal.trackMetadata)) }
        switch object["type"] {
        case .string(Name.description)?:
            return reading("description", SessionDescription(object["description"]).map(PeerSignal.description))
        case .string(Name.candidate)?:
            if object["candidate"] ?? .null == .null { return .signal(.endOfCandidates) }
            return reading("candidate", ICECandidate(object["candidate"]).map(PeerSignal.candidate))
        case .string?, .null?, .bool?, .integer?, .double?, .array?, .object?, nil: return .data
        }
    }

    /// What data would be taken for: its `type`, or the member that marks track metadata. At most 64 characters of it.
    static func shape(of data: JSONValue) -> String? {
        guard case .object(let object) = data else { return nil }
        if object[Name.trackMetadata] != nil { return Name.trackMetadata }
        return object["type"]?.stringValue.map { String($0.prefix(64)) }
    }

    private static func reading(_ name: String, _ signal: PeerSignal?) -> SignalReading {
        signal.map(SignalReading.signal) ?? .malformed("malformed \(name)")
    }
}

extension SessionDescription {
    /// Only offers and answers travel.
    fileprivate init?(_ value: JSONValue?) {
        guard case .object(let object)? = value, case .string(let sdp)? = object["sdp"], sdp.utf8.count <= SignalLimits.sdpBytes else {
            return nil
        }
        switch object["type"]?.stringValue {
        case "offer": self.init(kind: .offer, sdp: sdp)
        case "answer": self.init(kind: .answer, sdp: sdp)
        default: return nil
        }
    }
}

extension ICECandidate {
    fileprivate var json: JSONObject {
        var object: JSONObject = ["candidate": .string(candidate)]
        object["sdpMid"] = .some(sdpMid.map(JSONValue.string) ?? .null)
        object["sdpMLineIndex"] = .some(sdpMLineIndex.map { .integer(Int64($0)) } ?? .null)
        if let usernameFragment { object["usernameFragment"] = .string(usernameFragment) }
        return object
    }

    fileprivate init?(_ value: JSONValue?) {
        guard case .object(let object)? = value, case .string(let candidate)? = object["candidate"],
            let mid = optionalIdentifier(object["sdpMid"]), let fragment = optionalIdentifier(object["usernameFragment"])
        else { return nil }
        var line: Int?
        switch object["sdpMLineIndex"] {
        case nil, .null?: break
        case .integer(let number)?:
            guard (0..<Int64(SignalLimits.sections)).contains(number) else { return nil }
            line = Int(number)
        case .bool?, .double?, .string?, .array?, .object?: return nil
        }
        self.init(candidate: candidate, sdpMid: mid, sdpMLineIndex: line, usernameFragment: fragment)
    }
}

extension TrackMetadata {
    /// An object that is taken back travels as the track's id alone.
    fileprivate var json: JSONObject {
        var object: JSONObject = ["trackId": .string(trackID)]
        guard let metadata else { return object }
        object["metadata"] = .object(metadata)
        if let kind { object["kind"] = .string(kind) }
        if let streamID { object["streamId"] = .string(streamID) }
        return object
    }

    fileprivate init?(_ value: JSONValue) {
        guard case .object(let object) = value, let id = optionalIdentifier(object["trackId"]), let trackID = id, !trackID.isEmpty,
            let streamID = optionalIdentifier(object["streamId"]), let kind = optionalIdentifier(object["kind"])
        else { return nil }
        switch object["metadata"] {
        case nil, .null?: self.init(trackID: trackID, metadata: nil, streamID: streamID, kind: kind)
        case .object(let metadata)?: self.init(trackID: trackID, metadata: metadata, streamID: streamID, kind: kind)
        case .bool?, .integer?, .double?, .string?, .array?: return nil
        }
    }
}

/// `.some(nil)` for an absent or null member, nil for a malformed one.
private func optionalIdentifier(_ value: JSONValue?) -> String?? {
    switch value {
    case nil, .null?: .some(nil)
    case .string(let text)?: text.unicodeScalars.count <= SignalLimits.identifierCharacters ? .some(text) : nil
    case .bool?, .integer?, .double?, .array?, .object?: nil
    }
}
