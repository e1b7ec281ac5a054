import CompactJSON
import NIOCore

/// One thing that the application does. Entries are numbered from 1 in file order.
public struct AppEntry: Hashable, Sendable {
    /// When it starts.
    public enum Trigger: Hashable, Sendable {
        /// At this time, counted from the start.
        case at(TimeAmount)
        /// When the n-th line with these members is recorded: a time later, or (inline) in the same callback.
        case line(match: JSONObject, ordinal: Int, delay: TimeAmount, inline: Bool)
    }

    /// When it starts.
    public var trigger: Trigger
    /// What is called.
    public var call: AppCall
}

/// A call of the application.
public enum AppCall: Hashable, Sendable {
    case connect
    case close(code: UInt16?, reason: String?)
    case subscribe(channel: String, includeSenderMetadata: Bool)
    case unsubscribe(channel: String)
    case publish(channel: String, data: JSONValue)
    case clientSend(to: String, data: JSONValue)
    /// Registers the event listeners again.
    case reattach
    /// Records the state of everything.
    case dump
    /// A call that only a peer has.
    case peer(PeerCall)

    /// The call's name in a case file and in a golden line.
    public var name: String {
        switch self {
        case .connect: "connect"
        case .close: "close"
        case .subscribe: "subscribe"
        case .unsubscribe: "unsubscribe"
        case .publish: "publish"
        case .clientSend: "clientSend"
        case .reattach: "reattach"
        case .dump: "dump"
        case .peer(let call): call.name.rawValue
        }
    }
}

/// A call that only a peer has.
public enum PeerCall: Hashable, Sendable {
    case join(channel: String, includeSenderMetadata: Bool)
    case send(data: JSONValue)
    case sendTo(peer: String, data: JSONValue)
    case createDataChannel(peer: String, label: String)
    case addTrack(AppTrack)
    case removeTrack(id: String)
    /// A proactive rebuild of a link: our API does not have it.
    case rebuild(peer: String)

    /// The names in a case file.
    public enum Name: String, Sendable, CaseIterable {
        case join, send, sendTo, createDataChannel, addTrack, removeTrack, rebuild
    }

    /// The call's name in a case file and in a golden line.
    public var name: Name {
        switch self {
        case .join: .join
        case .send: .send
        case .sendTo: .sendTo
        case .createDataChannel: .createDataChannel
        case .addTrack: .addTrack
        case .removeTrack: .removeTrack
        case .rebuild: .rebuild
        }
    }
}

/// A track that the application of a case sends.
public struct AppTrack: Hashable, Sendable {
    /// Audio or video.
    public enum Kind: String, Sendable, CaseIterable { case audio, video }

    /// Its id.
    public var id: String
    /// Audio or video.
    public var kind: Kind
    /// The id of the stream that it is a part of, if it is part of one.
    public var stream: String?
    /// What goes with it.
    public var metadata: JSONObject?
}
