import MeteredRealtime

extension CallApp {
    /// What this app does.
    public struct Configuration: Sendable {
        /// The patterns that run from the start.
        public var patterns: [Pattern]
        /// Data channels that it opens to everyone.
        public var dataChannels: DataChannels?
        /// Whether it takes the data channels that others open. Costs a task for each remote peer.
        public var takesDataChannels: Bool
        /// Whether data carries its sender's metadata.
        public var includeSenderMetadata: Bool

        /// A configuration.
        public init(
            patterns: [Pattern] = [], dataChannels: DataChannels? = nil, takesDataChannels: Bool = true,
            includeSenderMetadata: Bool = false
        ) {
            self.patterns = patterns
            self.dataChannels = dataChannels
            self.takesDataChannels = takesDataChannels
            self.includeSenderMetadata = includeSenderMetadata
        }
    }

    /// Data channels that are opened to every remote peer when its link is connected (APP-03).
    public struct DataChannels: Sendable {
        /// Their labels.
        public var labels: [String]
        /// How they deliver.
        public var configuration: DataChannelConfiguration
        /// Whether one that has died with its connection is opened again when the link is connected again.
        public var reopens: Bool
        /// A message for each of them, again and again.
        public var messages: Messages?

        /// Data channels.
        public init(
            labels: [String], configuration: DataChannelConfiguration = .init(), reopens: Bool = true, messages: Messages? = nil
        ) {
            self.labels = labels
            self.configuration = configuration
            self.reopens = reopens
            self.messages = messages
        }
    }

    /// A message sent again and again.
    public struct Messages: Sendable {
        /// How long after one the next is sent.
        public var interval: Duration
        /// What is said.
        public var text: String

        /// A message.
        public init(interval: Duration, text: String) {
            self.interval = interval
            self.text = text
        }
    }

    /// Something that the user shares.
    public struct Share: Sendable {
        /// What the app calls it.
        public var name: String
        /// The track.
        public var track: any MediaStreamTrack
        /// The stream it is part of.
        public var streamID: String
        /// What the others shall know of it.
        public var metadata: JSONObject?

        /// A share.
        public init(name: String, track: any MediaStreamTrack, streamID: String, metadata: JSONObject? = nil) {
            self.name = name
            self.track = track
            self.streamID = streamID
            self.metadata = metadata
        }
    }
}
