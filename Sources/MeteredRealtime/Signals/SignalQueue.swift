/// Our own signals to one peer, in order (WIRE-11): pipelined, or each after the acknowledgement of the one before it.
///
/// Candidates follow their description: those that come earlier wait, those of a generation whose description the server rejected are not sent.
/// A new generation does not wait for what became of an older one: each ICE restart goes out at its time (ICE-01). Nothing waits for track metadata, and they
/// wait for no acknowledgement.
struct SignalQueue: Hashable, Sendable {
    /// A signal on its way.
    struct Item: Hashable, Sendable {
        let signal: PeerSignal
        /// The local generation it belongs to; nil for track metadata.
        let generation: String?
        var isRepeat = false
    }

    private let isSerial: Bool
    private var waiting: [Item] = []
    /// Serial: what must be acknowledged before the next leaves.
    private var awaited: Item?
    /// Candidates of a description that has not been sent.
    private var early: [Item] = []
    /// The generation whose description was sent last; nil if the server rejected it, or there was none.
    private var openGeneration: String?

    /// Signalling is not ready: nothing leaves.
    var isPaused = false

    /// - Parameter isSerial: Whether each signal waits for an acknowledgement.
    init(isSerial: Bool) { self.isSerial = isSerial }

    /// A description, with the candidates that waited for it.
    mutating func append(_ description: SessionDescription, generation: String?, isRepeat: Bool) {
        let name = generation ?? ""
        if let former = awaited?.generation, former != name {
            awaited = nil
            waiting.removeAll { $0.generation == former && $0.signal.urgency == .candidate }
        }
        append(Item(signal: .description(description), generation: name, isRepeat: isRepeat))
        openGeneration = name
        for item in early where item.generation == nil || item.generation == name {
            append(Item(signal: item.signal, generation: name))
        }
        early = []
    }

    /// What a track is about.
    mutating func append(_ metadata: TrackMetadata) { append(Item(signal: .trackMetadata(metadata), generation: nil)) }

    /// A candidate; nil is the end of candidates. Returns false if it is of no use any more.
    /// - Parameter isDescriptionPending: Whether a local description is being made, or waits to be sent.
    mutating func append(_ candidate: ICECandidate?, isDescriptionPending: Bool) -> Bool {
        let signal = candidate.map(PeerSignal.candidate) ?? .endOfCandidates
        let generation = candidate?.generation
        if let openGeneration, generation == openGeneration || (generation == nil && !isDescriptionPending) {
            append(Item(signal: signal, generation: openGeneration))
            return true
        }
        guard isDescriptionPending, early.count < SignalLimits.waitingSignals else { return false }
        early.append(Item(signal: signal, generation: generation))
        return true
    }

    /// Takes out what is to be sent now, if anything.
    mutating func next() -> Item? {
        guard !isPaused, let place = awaited == nil ? waiting.indices.first : waiting.firstIndex(where: { $0.generation == nil }) else {
            return nil
        }
        let item = waiting.remove(at: place)
        if isSerial, item.generation != nil { awaited = item }
        return item
    }

    /// The signal that was taken out was acknowledged, or never will be.
    mutating func finished(_ item: Item) {
        if awaited == item { awaited = nil }
    }

    /// The server rejected a description: its candidates are of no use (WIRE-11). Returns those that waited.
    mutating func rejected(_ generation: String?) -> [Item] {
        guard let generation else { return [] }
        if openGeneration == generation { openGeneration = nil }
        let isDead = { (item: Item) in item.generation == generation && item.signal.urgency == .candidate }
        defer { waiting.removeAll(where: isDead) }
        return waiting.filter(isDead)
    }

    /// The connection was given up for a new one: nothing of the old one is sent any more.
    mutating func removeAll() {
        waiting = []
        early = []
        openGeneration = nil
    }

    /// Beyond the limit the oldest go: it takes a long time without acknowledgements to get there.
    private mutating func append(_ item: Item) {
        waiting.append(item)
        if waiting.count > SignalLimits.waitingSignals { waiting.removeFirst() }
    }
}
