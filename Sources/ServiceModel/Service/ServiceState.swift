import NIOCore

/// How the service turns connections away while it is down.
public enum RefusalMode: Hashable, Sendable {
    /// The listener is closed: a SYN is answered by a reset.
    case reset
    /// The host is gone: a SYN is not answered.
    case silent
    /// A load balancer answers the upgrade with a status.
    case http(status: Int)
}

/// What the service is doing.
public enum ServiceState: Hashable, Sendable {
    /// Serving.
    case running
    /// Told its clients to go, and still serving (SRV-05).
    case goingAway
    /// Down. A host model maps it to its listener.
    case refusing(RefusalMode)
}

/// A planned restart (SRV-05).
public struct Deploy: Hashable, Sendable {
    /// `retryAfterMs` in the `going_away` frame; nil: none is sent.
    public var retryAfter: TimeAmount?
    /// From `going_away` to the close with 1001.
    public var grace: TimeAmount
    /// From the close until connections are accepted again; zero: at once.
    public var refusal: TimeAmount
    /// How connections are refused meanwhile.
    public var refusing: RefusalMode

    /// A deploy.
    public init(retryAfter: TimeAmount?, grace: TimeAmount, refusal: TimeAmount, refusing: RefusalMode = .reset) {
        self.retryAfter = retryAfter
        self.grace = grace
        self.refusal = refusal
        self.refusing = refusing
    }
}

/// What clients see of a crash (SRV-05).
public enum CrashMode: Hashable, Sendable {
    /// The process died: every connection is reset.
    case reset
    /// The host died: nothing is heard of it again.
    case silent
}
