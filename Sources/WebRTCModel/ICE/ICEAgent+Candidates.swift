public import NIOCore
public import NetworkModel

/// Candidates and the pairs made of them (RFC 8445 sections 5.1, 6.1.2).
extension ICEAgent {
    // MARK: Local

    /// Takes a local candidate of a generation and pairs it.
    ///
    /// - Parameters:
    ///   - candidate: A host or relayed candidate begins the use of its transport; a reflexive one is another address of it.
    ///   - transport: The local transport's identifier, unique over all generations.
    ///   - generation: Which of ours; the newest if nil.
    /// - Returns: what the peer is to be told.
    @discardableResult
    public mutating func addLocal(
        _ candidate: ICELocalCandidate, transport: Int, generation: Int? = nil, now: NIODeadline
    ) -> CandidateAttribute? {
        let number = generation ?? self.generation
        guard let parameters = generations.first(where: { $0.number == number })?.parameters else { return nil }
        let attribute = attribute(of: candidate, generation: number, fragment: parameters.usernameFragment)
        if let index = locals.firstIndex(where: { $0.transport == transport }) {
            if !locals[index].addresses.contains(candidate.address) { locals[index].addresses.append(candidate.address) }
            return attribute
        }
        let preference = localPreference(of: candidate, generation: number)
        let network = "\(candidate.interface ?? "any") \(candidate.interfaceKind == nil ? "" : "\(candidate.base.address)")"
        let networkID = networkID(of: network)
        locals.append(
            Local(
                transport: transport, generation: number, candidate: candidate, priority: attribute.priority,
                reflexivePriority: ICEPriority.candidate(
                    typePreference: profile.typePreferences.peerReflexive, localPreference: preference),
                addresses: [candidate.address], foundation: attribute.foundation, networkCost: attribute.networkCost,
                network: network, networkID: networkID))
        let newest = remotes.count - 1
        // libwebrtc pairs new ports with what it knows of the peer's old generation too; others wait for the new one.
        for remote in remoteCandidates where isPingLoop || remote.generation == newest && newest > usedRemoteGeneration {
            pair(locals.count - 1, remote.attribute, remote.generation, now)
        }
        finish(now)
        return attribute
    }

    /// The transport's interface has gone, or its allocation is lost: it gets no new pairs. Those that exist end by their checks.
    public mutating func retireLocal(_ transport: Int) {
        for index in locals.indices where locals[index].transport == transport { locals[index].isRemoved = true }
    }

    /// The transport carries nothing any more: its pairs are gone at once.
    public mutating func removeLocal(_ transport: Int, reason: String, now: NIODeadline) {
        retireLocal(transport)
        removePairs(reason: reason) { $0.transport == transport }
        finish(now)
    }

    /// The transport cannot reach this peer: the pair is gone at once.
    public mutating func removePair(transport: Int, remote: TransportAddress, reason: String, now: NIODeadline) {
        removePairs(reason: reason) { $0.transport == transport && $0.remote.address.address == remote.address }
        finish(now)
    }

    /// What the peer was told of a candidate; nil if its generation is gone.
    func attribute(of candidate: ICELocalCandidate, transport: Int) -> CandidateAttribute? {
        guard let local = locals.first(where: { $0.transport == transport }),
            let parameters = generations.first(where: { $0.number == local.generation })?.parameters
        else { return nil }
        var attribute = attribute(of: candidate, generation: local.generation, fragment: parameters.usernameFragment)
        if candidate.kind == local.candidate.kind { attribute.priority = local.priority }
        return attribute
    }

    private func attribute(of candidate: ICELocalCandidate, generation: Int, fragment: String) -> CandidateAttribute {
        let preference = profile.typePreferences.preference(candidate.kind, relayTransport: candidate.relayTransport)
        return CandidateAttribute(
            foundation: ICEPriority.foundation(of: candidate),
            priority: ICEPriority.candidate(
                typePreference: preference, localPreference: localPreference(of: candidate, generation: generation)),
            address: candidate.address, kind: candidate.kind, relatedAddress: candidate.relatedAddress, usernameFragment: fragment,
            networkCost: isPingLoop ? ICEPriority.networkCost(candidate.interfaceKind) : 0)
    }

    /// RFC 8445 section 5.1.2.2: unique among the candidates of one kind, the preferred network first; IPv6 before IPv4 on one network.
    private func localPreference(of candidate: ICELocalCandidate, generation: Int) -> UInt32 {
        let earlier = locals.count {
            $0.generation == generation && $0.candidate.kind == candidate.kind && $0.candidate.networkIndex == candidate.networkIndex
        }
        let network = UInt32(clamping: 127 - min(max(candidate.networkIndex, 0), 127)) << 8
        return network + (candidate.address.address.family == .v6 ? 60 : 30) - UInt32(min(earlier, 29))
    }

    // MARK: Remote

    /// Takes a candidate of the peer's newest generation and pairs it. Those of an older one, over TCP, or over the limit are ignored.
    public mutating func addRemote(_ candidate: CandidateAttribute, now: NIODeadline) {
        guard let newest = remotes.last, remoteCandidates.count < Self.maximumPairs, candidate.transportProtocol == .udp,
            candidate.component == 1, candidate.address.port != 0, !candidate.address.address.isUnspecified
        else { return }
        let generation = remotes.count - 1
        if let fragment = candidate.usernameFragment, fragment != newest.parameters.usernameFragment { return }
        if remoteCandidates.contains(where: { $0.generation == generation && $0.attribute.address == candidate.address }) { return }
        remoteCandidates.append(RemoteCandidate(attribute: candidate, generation: generation))
        for index in pairs.indices where pairs[index].remote.address == candidate.address && pairs[index].remoteGeneration == generation {
            // What the peer's check made known is now known properly.
            pairs[index].remote = candidate
            updatePriority(at: index)
        }
        for index in locals.indices where locals[index].generation == self.generation { pair(index, candidate, generation, now) }
        finish(now)
    }

    // MARK: Pairs

    private mutating func pair(_ local: Int, _ remote: CandidateAttribute, _ remoteGeneration: Int, _ now: NIODeadline) {
        let known = locals[local]
        guard !known.isRemoved, known.candidate.address.address.family == remote.address.address.family else { return }
        guard
            !pairs.contains(where: {
                $0.transport == known.transport && $0.remote.address == remote.address && $0.remoteGeneration == remoteGeneration
            })
        else { return }
        let fragment = remotes[remoteGeneration].parameters.usernameFragment
        insertPair(local, remote, remoteGeneration, fragment, now)
    }

    /// - Returns: where the pair is; nil if there are too many better ones.
    @discardableResult
    mutating func insertPair(
        _ local: Int, _ remote: CandidateAttribute, _ remoteGeneration: Int?, _ fragment: String, _ now: NIODeadline
    ) -> Int? {
        let known = locals[local]
        guard let parameters = generations.first(where: { $0.number == known.generation })?.parameters else { return nil }
        let priority = pairPriority(known.priority, remote.priority)
        guard makeRoom(for: priority) else { return nil }
        var pair = ICEPair(
            id: makePairID(), transport: known.transport, generation: known.generation, network: known.networkID, remote: remote,
            remoteGeneration: remoteGeneration, remoteFragment: fragment, localFragment: parameters.usernameFragment, priority: priority,
            now: now)
        pair.networkCost = Int(known.networkCost) + Int(remote.networkCost)
        pairs.append(pair)
        actions.append(.pairMade(transport: pair.transport, remote: remote.address))
        loop.needsSort = true
        list.isExhausted = false
        return pairs.count - 1
    }

    /// RFC 8445 section 6.1.2.5: the pair of the lowest priority goes.
    private mutating func makeRoom(for priority: UInt64) -> Bool {
        guard pairs.count >= Self.maximumPairs else { return true }
        guard let lowest = pairs.indices.filter({ pairs[$0].id != selectedID }).min(by: { pairs[$0].priority < pairs[$1].priority }),
            pairs[lowest].priority < priority
        else { return false }
        forget(pairs.remove(at: lowest))
        return true
    }

    func pairPriority(_ local: UInt32, _ remote: UInt32) -> UInt64 {
        isControlling ? ICEPriority.pair(controlling: local, controlled: remote) : ICEPriority.pair(controlling: remote, controlled: local)
    }

    mutating func updatePriority(at index: Int) {
        guard let local = locals.first(where: { $0.transport == pairs[index].transport }) else { return }
        pairs[index].priority = pairPriority(
            pairs[index].mapped == nil ? local.priority : local.reflexivePriority, pairs[index].remote.priority)
        pairs[index].networkCost = Int(local.networkCost) + Int(pairs[index].remote.networkCost)
        loop.needsSort = true
    }

    mutating func removePairs(reason: String, where isGone: (ICEPair) -> Bool) {
        if let index = selectedIndex, isGone(pairs[index]) { lose(index, reason: reason) }
        let gone = pairs.filter(isGone)
        guard !gone.isEmpty else { return }
        pairs.removeAll(where: isGone)
        gone.forEach { forget($0) }
        loop.needsSort = true
    }

    private mutating func forget(_ gone: ICEPair) {
        guard !pairs.contains(where: { $0.transport == gone.transport && $0.remote.address == gone.remote.address }) else { return }
        actions.append(.pairForgotten(transport: gone.transport, remote: gone.remote.address))
    }

    mutating func lose(_ index: Int, reason: String) {
        actions.append(
            .pairLost(local: localCandidate(of: pairs[index]).summary, remote: pairs[index].remote.summary, reason: reason))
        selectedID = nil
        actions.append(.pairSelected)
    }

    mutating func select(_ index: Int) {
        guard selectedID != pairs[index].id else { return }
        selectedID = pairs[index].id
        usedRemoteGeneration = max(usedRemoteGeneration, pairs[index].remoteGeneration ?? -1)
        actions.append(.pairSelected)
    }

    /// The local candidate of a pair: the one the peer sees.
    func localCandidate(of pair: ICEPair) -> CandidateAttribute {
        guard let local = locals.first(where: { $0.transport == pair.transport }) else {
            preconditionFailure("a pair outlived its local transport")
        }
        if let mapped = pair.mapped {
            return CandidateAttribute(
                foundation: local.foundation, priority: local.reflexivePriority, address: mapped, kind: .peerReflexive,
                relatedAddress: local.candidate.base, networkCost: local.networkCost)
        }
        return CandidateAttribute(
            foundation: local.foundation, priority: local.priority, address: local.candidate.address, kind: local.candidate.kind,
            relatedAddress: local.candidate.relatedAddress, networkCost: local.networkCost)
    }

    /// Ends the generations that nothing needs any more, now that a newer one carries the data.
    mutating func endOldGenerations() {
        guard generations.count > 1, let index = selectedIndex else { return }
        let current = pairs[index].generation
        for number in generations.map(\.number) where number < current && !pairs.contains(where: { $0.generation == number }) {
            generations.removeAll { $0.number == number }
            locals.removeAll { $0.generation == number }
            actions.append(.generationEnded(number))
        }
    }
}

extension CandidateAttribute {
    /// "host 192.0.2.1:50000".
    var summary: String { "\(kind.rawValue) \(address)" }
}
