import MeteredRealtime

/// The data channels to one remote peer (APP-03).
///
/// They die with a connection that is replaced (ROS-11): who wants them back opens them again on `connected`.
actor RemoteChannels {
    private let remote: RemotePeer
    private let plan: CallApp.DataChannels?
    private let screen: CallScreen
    /// The newest of each label that this side opened.
    private var channels: [(label: String, channel: DataChannel)] = []
    private var openedOnce: [String] = []
    private var tasks: [Task<Void, Never>] = []
    private var isStopped = false

    init(_ remote: RemotePeer, _ plan: CallApp.DataChannels?, screen: @escaping CallScreen) {
        self.remote = remote
        self.plan = plan
        self.screen = screen
    }

    /// Follows the remote peer until its events end.
    func run(_ events: AsyncStream<RemotePeerEvent>, opensAtOnce: Bool) async {
        if opensAtOnce || remote.state == .connected { await openPlanned() }
        for await event in events {
            switch event {
            case .stateChanged(_, .connected): await openPlanned()
            case .dataChannel(let channel): listen(to: channel)
            case .stateChanged, .metadataChanged, .negotiationFailed, .iceCandidateFailed, .trackAdded, .trackRemoved,
                .trackMetadataChanged,
                .streamAdded, .streamRemoved:
                continue
            }
        }
    }

    /// Ends what goes on by itself.
    func stop() {
        isStopped = true
        for task in tasks { task.cancel() }
    }

    private func openPlanned() async {
        guard let plan else { return }
        for label in plan.labels where !isUsable(label) && (plan.reopens || !openedOnce.contains(label)) {
            let isFirst = !openedOnce.contains(label)
            await open(label, plan.configuration)
            if isFirst, let messages = plan.messages { repeatMessages(messages, on: label) }
        }
    }

    private func isUsable(_ label: String) -> Bool {
        switch channels.first(where: { $0.label == label })?.channel.state {
        case .connecting, .open: true
        case .closing, .closed, nil: false
        }
    }

    /// Opens a channel, in the place of one of the same label.
    func open(_ label: String, _ configuration: DataChannelConfiguration) async {
        guard let channel = try? await remote.createDataChannel(label, configuration: configuration) else { return }
        channels.removeAll { $0.label == label }
        channels.append((label, channel))
        if !openedOnce.contains(label) { openedOnce.append(label) }
        listen(to: channel)
    }

    /// Sends on the newest channel of that label.
    func send(_ text: String, on label: String) async {
        guard let channel = channels.first(where: { $0.label == label })?.channel else {
            return screen(.sendFailed(label: label, to: remote.id, reason: "there is no such channel"))
        }
        do throws(DataChannelError) {
            try await channel.send(.text(text))
            screen(.sent(label: label, to: remote.id))
        } catch {
            screen(.sendFailed(label: label, to: remote.id, reason: error.description))
        }
    }

    private func listen(to channel: DataChannel) {
        let events = channel.events()
        let (screen, remote) = (screen, remote)
        keep(
            Task {
                for await event in events {
                    guard case .message(let message) = event else { continue }
                    screen(.received(label: channel.label, from: remote.id, message))
                }
            })
    }

    private func repeatMessages(_ messages: CallApp.Messages, on label: String) {
        keep(
            Task { [weak self] in
                while (try? await Task.sleep(for: messages.interval)) != nil {
                    // Not awaited, so that a full buffer does not hold up the next message.
                    Task { await self?.send(messages.text, on: label) }
                }
            })
    }

    private func keep(_ task: Task<Void, Never>) {
        if isStopped { task.cancel() } else { tasks.append(task) }
    }
}
