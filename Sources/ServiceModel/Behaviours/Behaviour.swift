import CompactJSON
import NIOCore

/// One way in which the service departs from the rules, for some clients, and for some number of times (SRV-07).
public struct Behaviour: Sendable {
    /// What happens.
    public var effect: Effect
    /// To whom.
    public var clients: ClientSelector
    /// How often, over all selected clients; nil: until it is removed.
    public var times: Int?

    /// A behaviour: `Behaviour(.reject(.kinds(.subscribe), code: "internal_error"), clients: .peers("alice"), times: 2)`.
    public init(_ effect: Effect, clients: ClientSelector = .everyone, times: Int? = nil) {
        self.effect = effect
        self.clients = clients
        self.times = times
    }

    /// What the service does instead of what it should.
    public enum Effect: Sendable {
        /// The upgrade is answered this much later.
        case delayUpgrade(TimeAmount)
        /// The upgrade is answered with an HTTP status, and optionally `Retry-After` in whole seconds.
        case rejectUpgrade(status: Int, retryAfter: TimeAmount? = nil)
        /// The upgrade is never answered.
        case ignoreUpgrade
        /// The welcome comes this much later.
        case delayWelcome(TimeAmount)
        /// The socket is accepted and no welcome ever comes.
        case withholdWelcome
        /// Members that replace those of the welcome; one that is null is taken out.
        case amendWelcome(JSONObject)
        /// A malformed frame takes the place of the welcome.
        case malformedWelcome(MalformedFrame)
        /// A close takes the place of the welcome.
        case closeBeforeWelcome(ServiceCloseCode, reason: String)
        /// The welcome is followed by a close this much later.
        case closeAfterWelcome(ServiceCloseCode, reason: String, after: TimeAmount)
        /// A slow service: requests wait this long before they are looked at, those of one connection in their order.
        case delayRequests(RequestSelector, TimeAmount)
        /// Requests take effect at once, and their replies come this much later, those of one connection in their order.
        case delayReplies(RequestSelector, TimeAmount)
        /// Requests vanish.
        case ignoreRequests(RequestSelector)
        /// Requests take effect and are not answered.
        case withholdReplies(RequestSelector)
        /// Requests are rejected with a code and have no effect.
        case reject(RequestSelector, code: String, message: String = "")
        /// Requests are answered by a close.
        case closeOnRequest(RequestSelector, ServiceCloseCode, reason: String)
        /// Requests take effect, and a malformed frame takes the place of the reply.
        case malformedReplies(RequestSelector, MalformedFrame)
        /// The presence that follows the ack of a subscribe comes this much later; deltas do not wait for it.
        case delaySnapshot(TimeAmount)
        /// The presence that follows the ack of a subscribe never comes.
        case withholdSnapshot
        /// Something is wrong with the presence that follows the ack of a subscribe.
        case alterSnapshot(SnapshotAlteration)
        /// Nothing is read and nothing is sent, pings and pongs included, while the socket stays; what arrives meanwhile is lost.
        /// `times` has no meaning.
        case stall
        /// Close frames of clients are not answered.
        case ignoreClose
    }
}

/// What can be wrong with a snapshot (ROS-02, ROS-06).
public enum SnapshotAlteration: Hashable, Sendable {
    /// It comes twice.
    case twice
    /// Each member stands in it twice.
    case duplicated
    /// Another channel's snapshot, with a stranger in it, comes first.
    case foreign(channel: String)
    /// So many strangers stand in it, before the members.
    case padded(Int)
}

/// Names a behaviour that was added.
public struct BehaviourID: Hashable, Sendable {
    let number: Int
}
