import MeteredRealtime
import NIOCore
import NetworkModel

/// How libwebrtc chooses (p2p/base/basic_ice_controller.cc) and what state follows (p2p_transport_channel.cc).
extension ICEAgent {
    /// `SortConnectionsAndUpdateState`.
    mutating func sort(_ figures: ICEProfile.PingLoop, _ now: NIODeadline) {
        loop.needsSort = false
        if let best = bestPair() { considerSwitching(to: best, figures, now) }
        pruneWorse()
        if !pairs.isEmpty, pairs.allSatisfy({ !$0.isActive }) {
            // `HandleAllTimedOut`: nothing is left to ping.
            removePairs(reason: "all pairs timed out") { _ in true }
            loop.needsSort = false
        }
        endOldGenerations()
        updateTransportState()
    }

    /// A controlled agent follows the data that the other side sends.
    mutating func dataArrived(on transport: Int, from source: TransportAddress, _ now: NIODeadline) {
        guard case .pingLoop(let figures) = profile.checking else { return }
        let index = pairs.firstIndex { $0.transport == transport && $0.remote.address == source }
        if let index, pairs[index].id != selectedID, !isControlling {
            considerSwitching(to: index, figures, now)
            // What was used before may be pruned now.
            loop.needsSort = true
        }
        finish(now)
    }

    private func bestPair() -> Int? {
        guard var best = pairs.indices.first else { return nil }
        for index in pairs.indices.dropFirst() where isBetter(pairs[index], than: pairs[best]) { best = index }
        return best
    }

    func isBetter(_ pair: ICEPair, than other: ICEPair) -> Bool {
        let order = compare(pair, other, steadySince: nil).order
        return order > 0 || order == 0 && pair.roundTripTime.estimate < other.roundTripTime.estimate
    }

    /// `ShouldSwitchSelectedConnection`.
    private mutating func considerSwitching(to index: Int, _ figures: ICEProfile.PingLoop, _ now: NIODeadline) {
        guard canSend(in: pairs[index].writeState), pairs[index].id != selectedID else { return }
        guard let current = selectedIndex else { return select(index) }
        // A better network alone is no reason while nothing is heard over it.
        if pairs[index].networkCost < pairs[current].networkCost, !pairs[index].isReceiving { return }
        let (order, isTooEarly) = compare(pairs[current], pairs[index], steadySince: now - figures.receivingSwitchingDelay)
        if isTooEarly { loop.recheckAt = now + figures.receivingSwitchingDelay }
        if order < 0 {
            select(index)
        } else if order == 0,
            pairs[index].roundTripTime.estimate + figures.minimumImprovement <= pairs[current].roundTripTime.estimate
        {
            select(index)
        }
    }

    /// `CompareConnections`: over 0 if the first is better.
    ///
    /// - Parameter steadySince: losing "receiving" counts against a pair only if neither has changed it since then; nil counts it at once.
    private func compare(_ a: ICEPair, _ b: ICEPair, steadySince: NIODeadline?) -> (order: Int, isTooEarly: Bool) {
        if a.writeState != b.writeState { return (a.writeState < b.writeState ? 1 : -1, false) }
        var isTooEarly = false
        if a.isReceiving, !b.isReceiving { return (1, false) }
        if b.isReceiving, !a.isReceiving {
            guard let steadySince, a.receivingSince > steadySince || b.receivingSince > steadySince else { return (-1, false) }
            isTooEarly = true
        }
        if !isControlling {
            if a.isNominatedByPeer != b.isNominatedByPeer { return (a.isNominatedByPeer ? 1 : -1, isTooEarly) }
            if a.lastDataReceived != b.lastDataReceived {
                let zero = NIODeadline.uptimeNanoseconds(0)
                return ((a.lastDataReceived ?? zero) > (b.lastDataReceived ?? zero) ? 1 : -1, isTooEarly)
            }
        }
        return (compareCandidates(a, b), isTooEarly)
    }

    /// `CompareConnectionCandidates`.
    func compareCandidates(_ a: ICEPair, _ b: ICEPair) -> Int {
        if a.networkCost != b.networkCost { return a.networkCost < b.networkCost ? 1 : -1 }
        if a.priority != b.priority { return a.priority > b.priority ? 1 : -1 }
        let (first, second) = (a.generation + (a.remoteGeneration ?? 0), b.generation + (b.remoteGeneration ?? 0))
        if first != second { return first > second ? 1 : -1 }
        if a.isPruned != b.isPruned { return b.isPruned ? 1 : -1 }
        return 0
    }

    /// `PruneConnections`: of each network's pairs, those that are no better than its best one, if that is good.
    private mutating func pruneWorse() {
        var best: [(network: Int, index: Int)] = []
        if let index = selectedIndex { best.append((pairs[index].network, index)) }
        for index in pairs.indices {
            let network = pairs[index].network
            if let position = best.firstIndex(where: { $0.network == network }) {
                if pairs[best[position].index].id != selectedID, isBetter(pairs[index], than: pairs[best[position].index]) {
                    best[position].index = index
                }
            } else {
                best.append((network, index))
            }
        }
        for index in pairs.indices {
            let network = pairs[index].network
            guard let premier = best.first(where: { $0.network == network })?.index, premier != index, !pairs[premier].isWeak,
                compareCandidates(pairs[premier], pairs[index]) >= 0
            else { continue }
            prune(index)
        }
    }

    /// `ComputeIceTransportState`.
    private mutating func updateTransportState() {
        let hasActive = pairs.contains { $0.isActive }
        let isWritable = selectedIndex.map { pairs[$0].isWritable } ?? false
        if hasActive { loop.hadPairs = true }
        if isWritable { loop.hasBeenWritable = true }
        setState(nextState(hasActive: hasActive, isWritable: isWritable))
    }

    private func nextState(hasActive: Bool, isWritable: Bool) -> ICEConnectionState {
        if loop.hadPairs, !hasActive { return .failed }
        if loop.hasBeenWritable, !isWritable { return .disconnected }
        if !loop.hadPairs { return .new }
        if !isWritable { return .checking }
        return profile.reportsCompleted && isControlling && isLocalDone ? .completed : .connected
    }
}
