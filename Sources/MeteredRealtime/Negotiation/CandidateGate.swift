/// Which of the remote peer's candidates may act, and when (ICE-09, ICE-10).
///
/// A candidate acts on the generation it names, or, if it names none, on that of the description that came last before it. Candidates that come before
/// their description is applied are held; those of an earlier generation are dropped.
struct CandidateGate: Hashable, Sendable {
    /// What becomes of a candidate.
    enum Action: Hashable, Sendable {
        /// Hand it to the connection.
        case add
        /// Its description has not been applied yet.
        case hold
        /// It is not used.
        case drop(reason: String)
    }

    private struct Held: Hashable, Sendable {
        /// Nil: the end of candidates.
        let candidate: ICECandidate?
        /// Nil: that of the next description.
        var generation: String?
    }

    /// The fragments of the remote description that is in force; the first names it. Nil: there is none.
    private var current: [String]?
    /// How many candidates have acted in it.
    private var count = 0
    /// The names of the descriptions that came and have not been applied, in order.
    private var announced: [String] = []
    /// The fragments of earlier generations, oldest first.
    private var earlier: [String] = []
    /// The name of the description that came last.
    private var latest: String?
    private var held: [Held] = []

    /// A candidate came; nil is the end of candidates.
    mutating func receive(_ candidate: ICECandidate?) -> Action {
        if let candidate {
            guard candidate.candidate.unicodeScalars.count <= SignalLimits.candidateCharacters else { return .drop(reason: "too long") }
            guard candidate.isWellFormed else { return .drop(reason: "malformed") }
        }
        let generation = candidate?.generation ?? latest
        guard let generation else { return hold(candidate, nil) }
        if let current, current.contains(generation) { return candidate == nil ? .add : admit() }
        guard !earlier.contains(generation) else { return .drop(reason: "of an earlier generation") }
        return hold(candidate, generation)
    }

    /// A description came; it has not been applied yet. One that was discarded may come again.
    mutating func announce(_ summary: DescriptionSummary) {
        let name = Self.name(of: summary)
        latest = name
        earlier.removeAll { $0 == name || summary.usernameFragments.contains($0) }
        for index in held.indices where held[index].generation == nil { held[index].generation = name }
        guard current?.contains(name) != true, !announced.contains(name) else { return }
        announced.append(name)
        if announced.count > SignalLimits.waitingDescriptions { announced.removeFirst() }
    }

    /// A description is in force. Returns the candidates that waited for it, in order.
    mutating func applied(_ summary: DescriptionSummary) -> [ICECandidate?] {
        let name = Self.name(of: summary)
        let fragments = summary.usernameFragments.isEmpty ? [name] : summary.usernameFragments
        if current?.first != name {
            let former = current ?? []
            count = 0
            current = fragments
            retire(former + announced.prefix { $0 != name })
            earlier.removeAll { fragments.contains($0) }
            announced.removeFirst(announced.firstIndex(of: name).map { $0 + 1 } ?? 0)
        } else {
            current = fragments
        }
        return release(fragments)
    }

    /// A description that came will not be applied: its candidates do not act, unless it is the one in force.
    mutating func discarded(_ summary: DescriptionSummary) {
        let name = Self.name(of: summary)
        announced.removeAll { $0 == name }
        guard current?.contains(name) != true else { return }
        let fragments = summary.usernameFragments.isEmpty ? [name] : summary.usernameFragments
        retire(fragments.filter { current?.contains($0) != true })
    }

    /// The connection was given up for a new one: nothing of what was in force acts on it.
    mutating func connectionReplaced() {
        retire(current ?? [])
        current = nil
        count = 0
    }

    private mutating func admit() -> Action {
        guard count < SignalLimits.candidatesPerGeneration else { return .drop(reason: "over the limit of the generation") }
        count += 1
        return .add
    }

    private mutating func hold(_ candidate: ICECandidate?, _ generation: String?) -> Action {
        if held.count >= SignalLimits.heldCandidates { held.removeFirst() }
        held.append(Held(candidate: candidate, generation: generation))
        return .hold
    }

    private mutating func release(_ fragments: [String]) -> [ICECandidate?] {
        var released: [ICECandidate?] = []
        held.removeAll { entry in
            guard let generation = entry.generation, fragments.contains(generation) else { return false }
            released.append(entry.candidate)
            return true
        }
        return released.filter { $0 == nil || admit() == .add }
    }

    private mutating func retire(_ fragments: [String]) {
        for fragment in fragments where !earlier.contains(fragment) { earlier.append(fragment) }
        held.removeAll { entry in entry.generation.map(fragments.contains) ?? false }
        earlier.removeFirst(max(0, earlier.count - SignalLimits.rememberedGenerations))
    }

    /// A description without a fragment is named by the empty string.
    private static func name(of summary: DescriptionSummary) -> String { summary.usernameFragment ?? "" }
}
