import CompactJSON

// What diagnostics show of events and values that the application gets whole: the same without credentials (SIG-17).

extension SignallingEvent {
    /// The event without credentials. The texts of errors and close reasons are scrubbed where they come in.
    var redacted: SignallingEvent {
        switch self {
        case .connected(let welcome, let isReconnect): .connected(welcome.redacted, isReconnect: isReconnect)
        case .presence(let channel, let joined, let left):
            .presence(channel: channel, joined: joined.map(\.redacted), left: left.map(\.redacted))
        case .message(let channel, let from, let data, let metadata):
            .message(channel: channel, from: from, data: Redaction.scrub(data), fromMetadata: metadata.map(Redaction.scrub))
        case .direct(let from, let data, let metadata):
            .direct(from: from, data: Redaction.scrub(data), fromMetadata: metadata.map(Redaction.scrub))
        case .stateChanged, .disconnected, .serverError, .goingAway, .tokenProviderFailed, .subscriptionReplayFailed, .upgradeRejected:
            self
        }
    }
}

extension Welcome {
    /// The welcome with `***` for TURN credentials.
    var redacted: Welcome {
        Welcome(
            peerID: peerID, expiresAt: expiresAt, serverTime: serverTime, maximumMessageBytes: maximumMessageBytes,
            metadata: metadata.map(Redaction.scrub))
    }
}

extension PresencePeer {
    /// The member without credentials in its metadata.
    var redacted: PresencePeer { PresencePeer(peerID: peerID, metadata: metadata.map(Redaction.scrub)) }
}

extension ICECandidateError {
    /// The error without credentials in the library's words.
    var redacted: ICECandidateError {
        ICECandidateError(url: Redaction.scrub(url), errorCode: errorCode, errorText: Redaction.scrub(errorText))
    }
}
