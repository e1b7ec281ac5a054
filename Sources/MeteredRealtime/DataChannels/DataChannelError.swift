/// What a data channel's calls throw.
public enum DataChannelError: Error, Hashable, Sendable {
    /// The channel is not open yet, or it is closed; a channel dies with its connection (ROS-11).
    case notOpen(DataChannelState)
    /// The message is larger than ``DataChannelLimits/maximumBufferedBytes``, so it could never be sent.
    case messageTooLarge(sizeBytes: Int, capBytes: Int)
    /// As many sends wait already as may.
    case overflow(queued: Int, limit: Int)
    /// The library refused the message, or to make the channel.
    case transport(RedactedError)
    /// There is no connection to make a channel on.
    case noConnection
}

extension DataChannelError: CustomStringConvertible {
    /// A sentence for a person.
    public var description: String {
        switch self {
        case .notOpen(let state): "the data channel is \(state.rawValue)"
        case .messageTooLarge(let size, let cap): "the message is \(size) bytes, the data channel's limit is \(cap)"
        case .overflow(let queued, let limit): "\(queued) sends wait already, the limit is \(limit)"
        case .transport(let error): "the data channel failed: \(error)"
        case .noConnection: "there is no connection to the remote peer"
        }
    }
}
