// The fields of what a peer and the WebRTC library below it report.

extension TraceVocabulary {
    private static func oneOf<Value: RawRepresentable<String> & CaseIterable>(_ type: Value.Type) -> String {
        type.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
    }

    private static let remote = must(.remote, "peer id")
    private static let object = must(.object, "counts the objects met, by identity")
    private static let connection = [remote, must(.ordinal, "of the peer connection: counts those of this link")]
    private static let servers = [
        must(.iceServers, "URLs"), may(.serverList, "counts the lists that differ, credentials included"),
    ]

    static func peerFields(of kind: TraceKind) -> [Field] {
        switch kind {
        case .peerOptions: return TracedPeerOptions.vocabularyFields
        case .join: return [must(.phase, oneOf(TraceEvent.JoinPhase.self)), must(.channel), may(.error), may(.serverCode)]
        case .leave: return [must(.phase, oneOf(TraceEvent.LeavePhase.self))]
        case .peerState:
            return [must(.from), must(.to, "`idle`, `joining`, `joined`, `reconnecting`, `leaving`, `closed`")]
        case .joined: return [must(.peerID), must(.channel)]
        case .left: return [may(.reason)]
        case .peerJoined: return [remote, object, may(.metadata, "what the object has")]
        case .peerRefreshed: return [remote, object, may(.metadata, "what the object has now"), may(.kept, "its connection stays")]
        case .peerLeft: return [remote, object]
        case .memberIgnored: return [remote, must(.reason, oneOf(TraceEvent.MemberIgnoredReason.self))]
        case .peerError:
            return [
                must(.error, oneOf(TraceEvent.PeerErrorKind.self)), may(.code, "close code"),
                may(.name, "the code's, or the server's code"),
                may(.text),
            ]
        case .peerData:
            return [
                must(.dataKind, oneOf(TraceEvent.PeerDataKind.self)), must(.from, "peer id"), may(.label, "of a data channel"),
                may(.shape, "the data's `type`, or `__meteredTrackMeta`"),
            ]
        case .peerDataDropped: return [must(.dataKind, oneOf(TraceEvent.PeerDataKind.self)), must(.from, "peer id"), must(.reason)]
        case .iceServers: return [must(.phase, oneOf(TraceEvent.ICEServersPhase.self))] + servers
        case .snapshot: return [must(.channel), must(.members, "peer ids"), may(.metadata, "an object: each member's")]
        case .reconcile: return [must(.phase, oneOf(TraceEvent.ReconcilePhase.self)), may(.attemptNumber, "forced subscribes, from 1")]
        default: return linkFields(of: kind)
        }
    }

    private static func linkFields(of kind: TraceKind) -> [Field] {
        switch kind {
        case .remoteState:
            return [remote, object, must(.from), must(.to, "`idle`, `connecting`, `connected`, `reconnecting`, `closed`")]
        case .connection: return connection + [must(.reason, oneOf(TraceEvent.ConnectionReason.self))] + servers
        case .configuration: return connection + servers
        case .connectionClosed: return connection
        case .pcState:
            return connection + [must(.machine, oneOf(TraceEvent.PeerConnectionMachine.self)), must(.state, "as webrtc-pc names it")]
        case .ladder:
            return [
                remote, must(.phase, oneOf(TraceEvent.LadderPhase.self)), may(.cause, oneOf(TraceEvent.LadderCause.self)),
                may(.outcome, oneOf(TraceEvent.RungOutcome.self)),
                may(.rung, "from 1; of `resumed` the next, of `gave-up` how many there were"),
                may(.delay, "the wait that begins: to the next rung or the give-up"),
            ]
        case .iceRestart: return [remote, must(.cause, "`path-changed`, `answer-mismatch`")]
        case .signalSent: return [remote] + signal + [may(.repetition, "how often it was sent before"), may(.requestID, "of its `send`")]
        case .signalReceived: return [remote] + signal
        case .signalDropped: return [remote] + signal + [must(.reason, oneOf(TraceEvent.SignalDropReason.self) + ", or words")]
        case .signalFailed: return [remote] + signal + [must(.error)]
        case .negotiationError: return [remote, must(.error), must(.isGiveUp, "the ladder is at its end"), may(.attempts)]
        case .iceCandidateError: return [remote, must(.url), must(.code, "STUN's, or 701"), may(.text)]
        default: return mediaFields(of: kind)
        }
    }

    private static let signal = [
        must(.signal, oneOf(TracedSignal.Kind.self)), may(.ufrag, "pseudonym of the ICE user name fragment"),
        may(.fingerprint, "of the DTLS certificate, or a pseudonym"), may(.sections, "media of a description, in order"),
        may(.tracks, "ids that a description announces"), may(.trackID, "of metadata"), may(.characters, "of a candidate"),
    ]

    private static func mediaFields(of kind: TraceKind) -> [Field] {
        let media = [must(.track, "its id"), must(.mediaKind, "`audio`, `video`"), may(.stream, "its id")]
        switch kind {
        case .localTrack:
            return [must(.phase, oneOf(TraceEvent.LocalTrackPhase.self))] + media
                + [may(.remote, "of `attached`, `detached`"), may(.ordinal, "of that peer connection")]
        case .stream: return [remote, must(.phase, oneOf(TraceEvent.RemoteMediaPhase.self)), must(.stream, "its id"), object]
        case .track: return [remote, must(.phase, oneOf(TraceEvent.RemoteMediaPhase.self))] + media + [may(.metadata)]
        case .dataChannel:
            return [
                remote, must(.label), must(.state, "as webrtc-pc names it"), must(.origin, oneOf(TraceEvent.DataChannelOrigin.self)),
                may(.object, "counts the objects met, by identity"),
            ]
        default: return []
        }
    }

    static func webrtcFields(of kind: TraceKind) -> [Field] {
        let remote = may(.remote, "peer id")
        switch kind {
        case .candidate:
            return [
                remote, must(.candidateType, "`host`, `srflx`, `prflx`, `relay`"), must(.address),
                must(.transport, "`udp`, `tcp`, `tls`; of a relay: to its server"),
            ]
        case .pair:
            return [
                remote, must(.phase, oneOf(TraceEvent.PairPhase.self)), must(.localCandidate, "type and address"),
                must(.remoteCandidate, "type and address"),
            ]
        case .ice, .dtls, .sctp: return [remote, must(.event, "more fields as the library has them")]
        case .turn: return [remote, must(.server, "URL"), must(.event), may(.code, "STUN's error code")]
        case .media:
            return [
                Self.remote, must(.track, "its id"), may(.mediaKind, "`audio`, `video`"),
                must(.phase, oneOf(TraceEvent.MediaPhase.self)), may(.duration, "how long the phase lasted that ends now"),
            ]
        default: return []
        }
    }
}
