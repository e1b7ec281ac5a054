/// SIG-13: which channels the client must remember, followed through its requests.
struct TrackedSubscriptions {
    enum Standing: Hashable {
        case tracked
        /// Forgotten, and why.
        case untracked(String)
        /// The spec does not say.
        case unknown
    }

    private enum Step {
        case begins(RequestHistory)
        case ends(RequestHistory)
        case welcome(place: Int)
        case session
    }

    /// How each channel stood before a subscribe that is under way, by the request's id.
    private var before: [String: Standing] = [:]

    private(set) var channels: [(name: String, standing: Standing)] = []

    /// The channels as they stood at the welcome of each attempt (by its place).
    static func atWelcomes(of client: ClientHistory) -> [(place: Int, channels: [(name: String, standing: Standing)])] {
        var steps: [(index: Int, step: Step)] = []
        for request in client.requests where request.channel != nil {
            steps.append((request.start.index, .begins(request)))
            if let done = request.done { steps.append((done.index, .ends(request))) }
        }
        for (place, attempt) in client.attempts.enumerated() {
            if attempt.n == 0 { steps.append((attempt.start.index, .session)) }
            if let welcome = attempt.welcome { steps.append((welcome.index, .welcome(place: place))) }
        }
        steps.sort { $0.index < $1.index }
        var tracked = TrackedSubscriptions()
        var result: [(place: Int, channels: [(name: String, standing: Standing)])] = []
        for (_, step) in steps {
            switch step {
            case .begins(let request): tracked.begin(request)
            case .ends(let request): tracked.end(request, client)
            case .welcome(let place): result.append((place, tracked.channels))
            // Whether a new session remembers what the one before had subscribed to, the spec does not say.
            case .session: tracked = TrackedSubscriptions()
            }
        }
        return result
    }

    private mutating func begin(_ request: RequestHistory) {
        guard let channel = request.channel else { return }
        switch request.kind {
        case "subscribe":
            before[request.id] = channels.first { $0.name == channel }?.standing ?? .untracked("its subscribe never left the client")
            set(channel, .tracked)
        case "unsubscribe": set(channel, .untracked("it was unsubscribed"))
        default: break
        }
    }

    private mutating func end(_ request: RequestHistory, _ client: ClientHistory) {
        guard let channel = request.channel, request.kind == "subscribe" || request.kind == "replay" else { return }
        let isOwn = request.kind == "subscribe"
        // What was unsubscribed meanwhile stays so.
        if case .untracked = channels.first(where: { $0.name == channel })?.standing { return }
        switch request.outcome {
        case "ok": set(channel, .tracked)
        case "refused": set(channel, isOwn ? before[request.id] ?? .unknown : .unknown)
        case "rejected" where !isOwn: set(channel, .unknown)
        case "rejected": set(channel, client.spec.untracksRejected ? .untracked("its subscribe was rejected") : .tracked)
        case "disconnected", "closed":
            if isOwn, client.reportsFrames, request.sent == nil { set(channel, before[request.id] ?? .unknown) }
        default: break
        }
    }

    private mutating func set(_ channel: String, _ standing: Standing) {
        if let place = channels.firstIndex(where: { $0.name == channel }) {
            channels[place].standing = standing
        } else {
            channels.append((channel, standing))
        }
    }
}
