import NIOCore
import NetworkModel

/// Sending connectivity checks (RFC 8445 section 7.2.2).
extension ICEAgent {
    /// Whether the peer's parameters are known, so that it can be checked.
    func isCheckable(_ pair: ICEPair) -> Bool { pair.remoteGeneration != nil }

    /// Sends a check.
    ///
    /// - Parameter repeated: the check to send again, as RFC 8489 has it; otherwise it is a new one.
    /// - Returns: what was sent.
    @discardableResult
    mutating func sendCheck(_ index: Int, nominates: Bool, repeated: ICECheck? = nil, _ now: NIODeadline) -> ICECheck? {
        let transport = pairs[index].transport
        guard let remote = pairs[index].remoteGeneration, let local = locals.firstIndex(where: { $0.transport == transport })
        else { return nil }
        let check =
            repeated
            ?? ICECheck(
                id: STUNTransactionID(using: &random), sentAt: now, nominates: nominates && isControlling, isControlling: isControlling)
        var attributes: [STUNAttribute] = [
            .username(pairs[index].username), check.isControlling ? .iceControlling(tieBreaker) : .iceControlled(tieBreaker),
            .priority(locals[local].reflexivePriority),
        ]
        if check.nominates { attributes.append(.useCandidate) }
        let message = STUNMessage(.request, .binding, check.id, attributes)
        actions.append(.send(message.encoded(integrity: remotes[remote].key), transport: transport, to: pairs[index].remote.address))
        pairs[index].checksSent += 1
        pairs[index].lastCheckSent = now
        if repeated == nil { pairs[index].checks.append(check) }
        return check
    }

    /// The remote side of a pair is an ICE-lite agent.
    func isRemoteLite(_ pair: ICEPair) -> Bool { pair.remoteGeneration.map { remotes[$0].parameters.isLite } ?? false }
}
