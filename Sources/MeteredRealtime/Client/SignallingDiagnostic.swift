public import CompactJSON
public import Logging
public import NIOCore

/// What the SDK's log of a field report needs: every decision, in the order in which it was made.
///
/// The callback is called synchronously on the client's event loop and never sees a credential: texts are scrubbed, and in payloads `credential`
/// and `ice-pwd` values are `***` and ICE user-name fragments are pseudonyms (``Redaction/pseudonym(forUsernameFragment:)``, SIG-17).
public enum SignallingDiagnostic: Hashable, Sendable {
    /// Something the application is told as well, there with its credentials. The diagnostic comes first.
    case event(SignallingEvent)

    /// `connect()` was called, and is legal.
    case connectCalled
    /// `close()` was called for the first time in this session.
    case closeCalled(code: CloseCode, reason: String)
    /// `close()` is done; nothing follows until the next `connect()`.
    case closeFinished
    /// `networkPathChanged(oldPathGone:)` was called.
    case networkPathChanged(oldPathGone: Bool)

    /// An attempt begins: the end of the wait, before the credential is fetched. `reconnectAttempt` is 0 for a first connect, else SIG-01's n;
    /// `ordinal` counts the attempts of this client from 1.
    case attemptStarted(reconnectAttempt: Int, ordinal: Int)
    /// The token provider is called.
    case tokenRequested(ordinal: Int)
    /// The token provider answered.
    case tokenReceived(ordinal: Int)
    /// The token provider failed.
    case tokenFailed(ordinal: Int, error: RedactedError)
    /// DNS, TCP, TLS and the upgrade begin.
    case dialling(host: String, port: Int, tls: Bool)
    /// The dial failed; `status` is the HTTP status of a rejected upgrade.
    case dialFailed(reason: String, status: Int?)
    /// The upgrade is done.
    case webSocketOpened

    /// A wait begins.
    case backoffScheduled(BackoffRecord)
    /// A wait was cut short by a network path change; the attempt begins after `remaining`.
    case backoffShortened(remaining: TimeAmount)

    /// A text frame was written.
    case frameSent(SentFrameRecord)
    /// A well-formed text frame came.
    case frameReceived(ReceivedFrameRecord)
    /// A frame was not used: malformed, binary, unknown, or a second welcome (WIRE-03, WIRE-04).
    case frameDropped(reason: String, bytes: Int)
    /// A close frame was written.
    case closeFrameSent(code: CloseCode?, reason: String)
    /// A close frame came; code nil if it had none (1005).
    case closeFrameReceived(code: CloseCode?, reason: String)
    /// Our close frame was not answered in time.
    case closeHandshakeAbandoned
    /// A socket that had opened is gone. (A dial that failed is a `dialFailed`.)
    case socketClosed(code: CloseCode, reason: String)

    /// A request entered the table.
    case requestStarted(requestID: String, kind: RequestKind, channel: String?, to: String?, isReplay: Bool)
    /// A call was refused before anything was sent: its arguments are not allowed, or there is no connection.
    case requestRefused(kind: RequestKind, channel: String?, error: SignallingError)
    /// A request left the table.
    case requestFinished(requestID: String, kind: RequestKind, outcome: RequestOutcome)
    /// An acknowledgement for no request in flight was ignored (SIG-10).
    case lateAcknowledgement(requestID: String)

    /// A ping was written.
    case pingSent(PingReason)
    /// No text frame came for too long (SIG-11), or no answer to a path probe (SIG-19).
    case watchdogFired(silence: TimeAmount)
    /// A slow consumer of events lost the oldest ones.
    case eventsDropped(count: Int)
    /// A line that also went to the logger.
    case log(level: Logger.Level, message: String)
}

/// Why a ping was sent.
public enum PingReason: String, Hashable, Sendable {
    /// The heartbeat's interval passed without a text frame (SIG-11).
    case heartbeat
    /// The operating system reported a change of the network path (SIG-19).
    case networkPathChanged
}

/// One wait before a reconnect attempt.
public struct BackoffRecord: Hashable, Sendable {
    /// Why there is an attempt.
    public enum Reason: Hashable, Sendable {
        /// The connection ended with this code.
        case connectionLost(CloseCode)
        /// The dial did not open a socket.
        case dialFailed
        /// The token provider failed.
        case tokenProviderFailed
        /// The network path changed: no wait, no jitter (SIG-19).
        case networkPathChanged
    }

    /// SIG-01's n.
    public var attempt: Int
    /// The ladder's value before floors and jitter.
    public var base: TimeAmount
    /// The floor that applied, if any (SIG-06, SIG-18).
    public var floor: TimeAmount?
    /// The wait.
    public var delay: TimeAmount
    /// Why there is an attempt.
    public var reason: Reason
}

/// A text frame as it was written.
public struct SentFrameRecord: Hashable, Sendable {
    /// The frame's `type`.
    public var type: String
    /// The frame's `requestId`.
    public var requestID: String?
    /// The frame's `channel`.
    public var channel: String?
    /// The frame's `to`.
    public var to: String?
    /// For a subscribe: whether the senders' metadata were asked for.
    public var includeSenderMetadata: Bool?
    /// The frame's `data`, redacted.
    public var payload: JSONValue?
    /// The size of the frame's text.
    public var bytes: Int
}

/// A text frame as it came.
public struct ReceivedFrameRecord: Hashable, Sendable {
    /// The frame's `type`.
    public var type: String
    /// The frame's `requestId`.
    public var requestID: String?
    /// The frame's `channel`.
    public var channel: String?
    /// The frame's `from`.
    public var from: String?
    /// The `code` of an error frame.
    public var code: String?
    /// The `retryAfterMs` of a `going_away`, as it was sent.
    public var retryAfter: JSONValue?
    /// The size of the frame's text.
    public var bytes: Int
}

/// The kinds of request the server acknowledges.
public enum RequestKind: String, Hashable, Sendable {
    /// Joins a channel.
    case subscribe
    /// Leaves a channel.
    case unsubscribe
    /// Sends to a channel.
    case publish
    /// Sends to a peer.
    case send
}

/// How a request ended.
public enum RequestOutcome: Hashable, Sendable {
    /// Acknowledged.
    case acknowledged
    /// No answer in time.
    case timedOut
    /// The connection was lost, or `close()` ended it.
    case disconnected(CloseCode)
    /// The server answered with an error.
    case rejected(code: String)
}
