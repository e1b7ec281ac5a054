import CompactJSON
import MeteredRealtime

/// How a failed call reads in a `result` line.
enum FailureMembers {
    static func members(of error: any Error) -> JSONObject {
        switch error {
        case let error as SignallingError: members(of: error)
        case let error as MeteredPeerError: members(of: error)
        case let error as UnplayableCall: ["error": .string(error.kind.rawValue), "text": .string(error.text)]
        default: ["error": .string(String(describing: type(of: error)))]
        }
    }

    /// Of a peer's call, or of an error event.
    private static func members(of error: MeteredPeerError) -> JSONObject {
        func failure(_ kind: ErrorKind, code: String? = nil) -> JSONObject {
            var members: JSONObject = ["error": .string(kind.rawValue), "text": .string(error.description)]
            if let code { members["code"] = .string(code) }
            return members
        }
        switch error {
        case .signalling(let cause):
            var members = members(of: cause)
            // The official peer refuses these itself, with a code of its own.
            if case .invalidPeerID = cause { members["code"] = "invalid_args" }
            if case .reservedChannel = cause { members["code"] = "reserved_channel" }
            return members
        case .invalidState: return failure(.invalidState, code: "invalid_state")
        case .notJoined: return failure(.notJoined, code: "not_joined")
        case .sendToSelf: return failure(.sendToSelf, code: "self_send")
        case .closed: return failure(.invalidState)
        case .trackAlreadyAttached: return failure(.invalidState, code: "track_already_attached")
        case .remotePeerClosed, .trackNotAttached, .invalidMedia, .dataChannel:
            return failure(.invalidArgument)
        case .disconnected: return failure(.endedForGood)
        case .serverError(let code, _): return failure(.serverError, code: code)
        case .tokenProviderFailed: return failure(.tokenProvider)
        case .resubscribeFailed(_, let cause):
            var members = failure(.resubscribe)
            if case .rejectedByServer(let code, _) = cause { members["code"] = .string(code) }
            return members
        case .reconcileTimedOut: return failure(.reconcileTimeout)
        }
    }

    /// Of a remote peer's NegotiationError.
    static func members(of error: NegotiationError) -> JSONObject {
        let kind: ErrorKind =
            switch error {
            case .recoveryGaveUp: .gaveUp
            case .notDelivered(_, let cause): kind(of: cause)
            case .connectionNotMade, .descriptionNotMade, .descriptionRefused, .trackRefused: .peerConnection
            }
        return ["error": .string(kind.rawValue), "text": .string(error.description)]
    }

    private static func members(of error: SignallingError) -> JSONObject {
        var members: JSONObject = ["error": .string(kind(of: error).rawValue), "text": .string(error.description)]
        switch error {
        case .connectFailed(let code, _): members["closeCode"] = .integer(Int64(code.rawValue))
        case .upgradeRejected(let status): members["closeCode"] = .integer(Int64(status))
        case .rejectedByServer(let code, _): members["code"] = .string(code)
        case .payloadTooLarge(let size, let cap):
            members["size"] = .integer(Int64(size))
            members["cap"] = .integer(Int64(cap))
        case .invalidURL, .invalidOptions, .invalidCredential, .invalidState, .tokenProviderFailed, .closed, .notConnected, .disconnected,
            .requestTimedOut, .invalidChannel, .invalidPeerID, .reservedChannel, .invalidPayload:
            break
        }
        return members
    }

    private static func kind(of error: SignallingError) -> ErrorKind {
        switch error {
        case .connectFailed, .upgradeRejected: .connectFailed
        case .invalidState, .closed: .invalidState
        case .tokenProviderFailed: .tokenProvider
        case .notConnected: .notConnected
        case .disconnected: .disconnected
        case .requestTimedOut: .timeout
        case .rejectedByServer: .rejected
        case .payloadTooLarge: .oversized
        case .invalidURL, .invalidOptions, .invalidCredential, .invalidChannel, .invalidPeerID, .reservedChannel, .invalidPayload:
            .invalidArgument
        }
    }
}

/// A call of a case that our API does not take.
struct UnplayableCall: Error {
    let kind: ErrorKind
    let text: String
}
