import NIOCore

/// Which channels are subscribed, and what is due for them after a reconnect (SIG-12, SIG-13).
struct SubscriptionReplay: Hashable, Sendable {
    struct Subscription: Hashable, Sendable {
        let channel: String
        var includeSenderMetadata: Bool
        /// Tells one subscribe call for the channel from the next.
        fileprivate var generation: UInt64
    }

    /// What a subscribe call changed, for undoing it if its frame never left.
    struct Ticket: Hashable, Sendable {
        fileprivate let channel: String
        fileprivate let generation: UInt64
        fileprivate let previous: Subscription?
    }

    enum FailureAction: Hashable, Sendable {
        /// It is repeated when its time comes.
        case retry(attempt: Int)
        /// The retries of this connection are spent.
        case giveUp
        /// The application has unsubscribed meanwhile.
        case forget
    }

    private let retries: Int
    private let retryDelay: TimeAmount
    /// In the order in which the channels were first subscribed, which is the order of the replay.
    private(set) var tracked: [Subscription] = []
    private var nextGeneration: UInt64 = 0
    /// Failed replays of this connection, per channel.
    private var failures: [String: Int] = [:]
    private var waiting: [Waiting] = []

    private struct Waiting: Hashable, Sendable {
        let channel: String
        let due: NIODeadline
    }

    init(_ options: SignallingOptions) {
        retries = options.replayRetries
        retryDelay = options.replayRetryDelay
    }

    func subscription(for channel: String) -> Subscription? { tracked.first { $0.channel == channel } }

    /// A subscribe is about to be sent: tracked first, so that a drop between the frame and its ack does not lose it.
    mutating func track(_ channel: String, includeSenderMetadata: Bool) -> Ticket {
        let previous = subscription(for: channel)
        let subscription = Subscription(channel: channel, includeSenderMetadata: includeSenderMetadata, generation: nextGeneration)
        nextGeneration += 1
        replace(channel, with: subscription)
        return Ticket(channel: channel, generation: subscription.generation, previous: previous)
    }

    /// The subscribe never left this client: as if it had not been called.
    mutating func neverSent(_ ticket: Ticket) {
        guard isCurrent(ticket) else { return }
        replace(ticket.channel, with: ticket.previous)
    }

    /// The server rejected the subscribe: it is not replayed (BEY-26).
    mutating func rejected(_ ticket: Ticket) {
        guard isCurrent(ticket) else { return }
        untrack(ticket.channel)
    }

    /// The application unsubscribes.
    mutating func untrack(_ channel: String) {
        replace(channel, with: nil)
        waiting.removeAll { $0.channel == channel }
    }

    /// The connection is gone, and with it the failures and waits that belonged to it.
    mutating func connectionEnded() {
        failures.removeAll()
        waiting.removeAll()
    }

    /// The replay of a channel was rejected or timed out on a connection that lives on.
    mutating func replayFailed(_ channel: String, at now: NIODeadline) -> FailureAction {
        guard subscription(for: channel) != nil else { return .forget }
        let count = (failures[channel] ?? 0) + 1
        failures[channel] = count
        guard count <= retries else { return .giveUp }
        waiting.append(Waiting(channel: channel, due: now + retryDelay))
        return .retry(attempt: count)
    }

    /// When ``takeDue(at:)`` must be called, or nil for never. All waits have the same length, so the first in is the first out.
    var nextDue: NIODeadline? { waiting.first?.due }

    /// Takes out the channels whose replay is to be repeated now.
    mutating func takeDue(at now: NIODeadline) -> [Subscription] {
        let due = waiting.prefix { $0.due <= now }.map(\.channel)
        waiting.removeFirst(due.count)
        return due.compactMap(subscription(for:))
    }

    private func isCurrent(_ ticket: Ticket) -> Bool { subscription(for: ticket.channel)?.generation == ticket.generation }

    private mutating func replace(_ channel: String, with subscription: Subscription?) {
        let index = tracked.firstIndex { $0.channel == channel }
        switch (index, subscription) {
        case (let index?, let subscription?): tracked[index] = subscription
        case (let index?, nil): tracked.remove(at: index)
        case (nil, let subscription?): tracked.append(subscription)
        case (nil, nil): break
        }
    }
}
