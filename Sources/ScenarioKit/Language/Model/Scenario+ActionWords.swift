import NIOCore

extension Scenario {
    /// How a name lookup fails.
    public enum DNSFailure: String, CaseIterable, Sendable {
        /// SERVFAIL at once.
        case servfail
        /// The name does not exist.
        case nxdomain
        /// No answer.
        case timeout
    }

    /// What a captive portal does to TCP port 443; everything else is lost.
    public enum CaptivePortalKind: String, CaseIterable, Sendable {
        /// The connection hangs.
        case hang
        /// The connection is reset.
        case reset
        /// The portal answers with its own certificate.
        case wrongCertificate = "wrong-certificate"
        /// Every name resolves to the portal, whose certificate does not fit.
        case spoofedDNS = "spoofed-dns"
    }

    /// What happens to sockets in sleep.
    public enum SocketsInSleep: String, CaseIterable, Sendable {
        /// They are as they were.
        case kept
        /// The operating system has taken them back: the next use fails.
        case reclaimed
    }

    /// What happens to the timers of a suspended application.
    public enum SuspendedTimers: String, CaseIterable, Sendable {
        /// They keep their remaining time.
        case frozen
        /// The overdue ones fire on resume.
        case running
    }

    /// Whose wall clock.
    public enum ClockOwner: Hashable, Sendable {
        /// These hosts'.
        case hosts([String])
        /// The service's.
        case service
    }

    /// A deploy (SRV-05).
    public struct Deploy: Hashable, Sendable {
        /// `retryAfterMs` of the `going_away` frame.
        public var retryAfter: TimeAmount?
        /// Whether a `going_away` frame is sent at all.
        public var announces: Bool
        /// From the frame to the 1001.
        public var grace: TimeAmount
        /// How long connections are refused after the 1001.
        public var down: TimeAmount
    }

    /// What becomes of the connections of a service that crashed.
    public enum CrashedConnections: String, CaseIterable, Sendable {
        /// RST: its host lives on.
        case reset
        /// Silence: its host is gone.
        case silent
    }

    /// A close by the service.
    public struct ServiceClose: Hashable, Sendable {
        /// Whose connections.
        public var peers: [String]
        /// The close code, 1000 to 4999.
        public var code: Int
        /// The reason.
        public var reason: String
        /// When each connection is closed.
        public var moment: CloseMoment
        /// How many connections of each peer, counted from now.
        public var times: Int
    }

    /// When the service closes.
    public enum CloseMoment: String, CaseIterable, Sendable {
        /// The connection that is there, now.
        case now
        /// The next connections, after the upgrade and instead of the welcome.
        case beforeWelcome = "before-welcome"
        /// The next connections, right after the welcome.
        case afterWelcome = "after-welcome"
        /// The next connections, at the first subscribe, instead of its ack.
        case atSubscribe = "at-subscribe"
    }

    /// What the service keeps to itself.
    public enum Silence: String, CaseIterable, Sendable {
        /// Everything: accepted bytes are read, nothing is written.
        case everything
        /// The welcome.
        case welcome
        /// Acks and errors to requests.
        case ack
        /// The answer to the HTTP upgrade.
        case upgrade
        /// The answer to a `ping` frame.
        case pong
        /// Presence.
        case presence
        /// The accept: SYNs are lost.
        case accept
        /// The echo of a close frame.
        case closeEcho = "close-echo"
    }

    /// Requests answered with an error.
    public struct Rejection: Hashable, Sendable {
        /// Whose requests.
        public var peers: [String]
        /// Which requests.
        public var request: RequestKind
        /// The code of the error frame, for example `channel_not_authorized`.
        public var code: String
        /// How many of each peer; nil is every one.
        public var times: Int?
        /// Only requests for this channel.
        public var channel: String?
    }

    /// Requests of the client.
    public enum RequestKind: String, CaseIterable, Sendable {
        /// `subscribe`
        case subscribe
        /// `unsubscribe`
        case unsubscribe
        /// `publish`
        case publish
        /// `send`
        case send
    }

    /// What is wrong with a frame (WIRE-04, WIRE-05).
    public enum MalformedKind: String, CaseIterable, Sendable {
        /// Text that is not JSON.
        case notJSON = "not-json"
        /// An object whose `type` is not known.
        case unknownType = "unknown-type"
        /// A known type with a field missing.
        case missingField = "missing-field"
        /// A known type with a field of another type.
        case wrongType = "wrong-type"
        /// A binary frame.
        case binary
        /// Text that is not UTF-8.
        case invalidUTF8 = "invalid-utf8"
        /// A frame of more than 1 MiB.
        case oversized
        /// A second welcome.
        case secondWelcome = "second-welcome"
        /// Bytes that are no WebSocket frame.
        case garbage
    }

    /// How long a behaviour lasts.
    public enum Limit: Hashable, Sendable {
        /// This many times.
        case times(Int)
        /// This long.
        case duration(TimeAmount)
        /// To the end.
        case unlimited
    }
}
