import MeteredRealtime

/// A chat on one signalling client: connects, joins its channels, publishes at intervals, and runs the guide's patterns.
public actor ChatApp {
    /// A channel to join.
    public struct Channel: Sendable, Hashable {
        /// The channel's name.
        public var name: String
        /// Whether messages carry their sender's metadata.
        public var includeSenderMetadata: Bool

        /// A channel by its name.
        public init(name: String, includeSenderMetadata: Bool = false) {
            self.name = name
            self.includeSenderMetadata = includeSenderMetadata
        }
    }

    /// A message sent again and again.
    public struct Publication: Sendable, Hashable {
        /// Where to.
        public var channel: String
        /// When the first is sent, counted from the start of the app.
        public var start: Duration
        /// How long after one the next is sent.
        public var interval: Duration
        /// When the last may be sent, counted from the start of the app; nil is for ever.
        public var end: Duration?
        /// What is said.
        public var data: JSONValue

        /// A publication.
        public init(channel: String, start: Duration = .zero, interval: Duration, end: Duration? = nil, data: JSONValue) {
            self.channel = channel
            self.start = start
            self.interval = interval
            self.end = end
            self.data = data
        }
    }

    /// What this app does.
    public struct Configuration: Sendable {
        /// Run from the start.
        public var patterns: [Pattern]
        /// Sent all along, whatever the connection does: a message that cannot be sent is lost.
        public var publications: [Publication]

        /// A configuration.
        public init(patterns: [Pattern] = [], publications: [Publication] = []) {
            self.patterns = patterns
            self.publications = publications
        }
    }

    private let configuration: Configuration
    private let makeClient: @Sendable () throws -> SignallingClient
    private let screen: Screen
    private var session: Session?
    /// What the user wants to be in; kept over a retry.
    private var channels: [Channel] = []

    private struct Session {
        var client: SignallingClient
        var isConnected = false
        var tasks: [Task<Void, Never>]
    }

    /// - Parameters:
    ///   - configuration: what the app does.
    ///   - makeClient: builds a client; called once for each start and once for each manual retry.
    ///   - screen: where the app draws.
    public init(
        _ configuration: Configuration, makeClient: @escaping @Sendable () throws -> SignallingClient, screen: @escaping Screen
    ) {
        self.configuration = configuration
        self.makeClient = makeClient
        self.screen = screen
    }

    /// The client of the running session.
    public var client: SignallingClient? { session?.client }

    /// Builds a client, connects it and joins the channels; a client that is there and closed is connected again (SIG-15). A first connect that
    /// fails leads to an error screen (SIG-14: it does not retry).
    public func start() async {
        if session == nil {
            guard let client = try? makeClient() else { return }
            let tasks =
                configuration.patterns.map { $0.follow(client.events().compactMap { ConnectionNews($0) }, screen: screen) }
                + configuration.publications.map { publish($0, on: client) }
            session = Session(client: client, tasks: tasks)
        }
        guard let client, client.state == .idle || client.state == .closed else { return }
        do throws(SignallingError) {
            _ = try await client.connect()
            session?.isConnected = true
            for channel in channels { await subscribe(to: channel, on: client) }
        } catch {
            failed(error)
        }
    }

    /// Joins a channel: now, or as soon as the first connect has succeeded.
    public func join(_ channel: Channel) async {
        channels.append(channel)
        guard let session, session.isConnected else { return }
        await subscribe(to: channel, on: session.client)
    }

    /// Leaves a channel.
    public func leave(_ name: String) async {
        channels.removeAll { $0.name == name }
        try? await session?.client.unsubscribe(name)
    }

    /// What the retry button does (APP-02): closes the client, builds a fresh one and joins again.
    public func retry() async {
        await stop()
        await start()
    }

    /// Ends the session.
    public func stop() async {
        guard let ending = session else { return }
        session = nil
        await ending.client.close()
        for task in ending.tasks { task.cancel() }
    }

    /// A subscription that fails is the SDK's to report; an app would show it beside the channel.
    private func subscribe(to channel: Channel, on client: SignallingClient) async {
        try? await client.subscribe(channel.name, includeSenderMetadata: channel.includeSenderMetadata)
    }

    private func publish(_ publication: Publication, on client: SignallingClient) -> Task<Void, Never> {
        Task {
            var elapsed = publication.start
            var pause = publication.start
            while (try? await Task.sleep(for: pause)) != nil, publication.end.map({ elapsed <= $0 }) ?? true {
                // Not awaited, so that a slow ack does not hold up the next message.
                Task { try? await client.publish(publication.data, to: publication.channel) }
                pause = publication.interval
                elapsed += pause
            }
        }
    }

    private func failed(_ error: SignallingError) {
        guard configuration.patterns.contains(.errorScreens) else { return }
        ErrorScreens(screen: screen).connectFailed(error)
    }
}
