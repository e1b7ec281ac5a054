public import NIOCore
public import NetworkModel

/// What arrives (RFC 8445 section 7.3, and the answers of section 7.2.5).
extension ICEAgent {
    /// Takes a datagram that a local transport received.
    ///
    /// STUN that is malformed, or not signed with the password of the generation that it names, changes nothing and is not answered.
    public mutating func receive(_ bytes: ByteBuffer, on transport: Int, from source: TransportAddress, now: NIODeadline) -> ICEDatagram {
        guard STUNMessage.isSTUN(bytes) else { return receiveData(on: transport, from: source, now) }
        guard let message = try? STUNMessage(decoding: bytes), message.method == .binding, message.hasIntegrity else { return .stun }
        switch message.messageClass {
        case .request: receiveRequest(message, bytes, on: transport, from: source, now)
        case .successResponse, .errorResponse: receiveResponse(message, bytes, on: transport, from: source, now)
        case .indication: return .stun
        }
        finish(now)
        return .stun
    }

    private mutating func receiveData(on transport: Int, from source: TransportAddress, _ now: NIODeadline) -> ICEDatagram {
        var isKnown = false
        for index in pairs.indices where pairs[index].transport == transport && pairs[index].remote.address == source {
            isKnown = true
            pairs[index].lastDataReceived = now
            noteReceived(index, now)
        }
        guard isKnown, isPingLoop || (state != .failed && state != .closed) else { return .ignored }
        if isPingLoop, !isControlling || loop.needsSort { dataArrived(on: transport, from: source, now) }
        return .data
    }

    // MARK: Requests

    private mutating func receiveRequest(
        _ message: STUNMessage, _ bytes: ByteBuffer, on transport: Int, from source: TransportAddress, _ now: NIODeadline
    ) {
        guard let local = locals.firstIndex(where: { $0.transport == transport }),
            let generation = generations.first(where: { $0.number == locals[local].generation }),
            let fragment = peerFragment(of: message, to: generation.parameters), STUNMessage.verifyIntegrity(of: bytes, key: generation.key)
        else { return }
        guard state != .closed, state != .failed || profile.isRevivedByPeer else { return }
        let unknown = message.unknownRequiredAttributes
        guard unknown.isEmpty else {
            return answer(message.failure(.unknownAttribute, nil, [.unknownAttributes(unknown)]), generation.key, transport, source)
        }
        guard resolveRoleConflict(message) else {
            return answer(message.failure(.roleConflict), generation.key, transport, source)
        }
        answer(message.success([.xorMappedAddress(source)]), generation.key, transport, source)
        guard let index = pairOfRequest(message, local, source, fragment, now) else { return }
        let nominates = !isControlling && message.attributes.contains { $0 == .useCandidate }
        pairs[index].lastCheckReceived = now
        noteReceived(index, now)
        if nominates, !pairs[index].isNominatedByPeer {
            pairs[index].isNominatedByPeer = true
            loop.needsSort = true
        }
        if !isPingLoop { requestArrived(on: index, nominates: nominates, now) }
    }

    /// USERNAME is our fragment, a colon and the peer's (RFC 8445 section 7.2.2).
    private func peerFragment(of message: STUNMessage, to parameters: ICEParameters) -> String? {
        guard let username = message.username, username.utf8.count <= 513,
            let colon = username.utf8.firstIndex(of: UInt8(ascii: ":")), username[..<colon] == parameters.usernameFragment
        else { return nil }
        return String(username[username.index(after: colon)...])
    }

    private mutating func answer(_ message: STUNMessage, _ key: STUNIntegrityKey, _ transport: Int, _ source: TransportAddress) {
        actions.append(.send(message.encoded(integrity: key), transport: transport, to: source))
    }

    /// RFC 8445 section 7.3.1.1. False if the peer is to change.
    private mutating func resolveRoleConflict(_ message: STUNMessage) -> Bool {
        for attribute in message.attributes {
            if case .iceControlling(let theirs) = attribute, isControlling {
                if tieBreaker >= theirs { return false }
                switchRole(toControlling: false)
            } else if case .iceControlled(let theirs) = attribute, !isControlling {
                if tieBreaker < theirs { return false }
                switchRole(toControlling: true)
            }
        }
        return true
    }

    mutating func switchRole(toControlling: Bool) {
        guard isControlling != toControlling else { return }
        setRole(isControlling: toControlling)
        for index in pairs.indices { pairs[index].isNominatedByPeer = false }
        actions.append(.roleChanged)
    }

    /// The pair that a request came over; one with a peer-reflexive remote candidate if it came from an unknown address (RFC 8445 section 7.3.1.3).
    private mutating func pairOfRequest(
        _ message: STUNMessage, _ local: Int, _ source: TransportAddress, _ fragment: String, _ now: NIODeadline
    ) -> Int? {
        let transport = locals[local].transport
        if let index = pairs.firstIndex(where: {
            $0.transport == transport && $0.remote.address == source && $0.remoteFragment == fragment
        }) {
            return index
        }
        let remote = CandidateAttribute(
            foundation: "prflx", priority: message.priority ?? 0, address: source, kind: .peerReflexive, usernameFragment: fragment)
        let generation = remotes.lastIndex { $0.parameters.usernameFragment == fragment }
        return insertPair(local, remote, generation, fragment, now)
    }

    // MARK: Answers

    private mutating func receiveResponse(
        _ message: STUNMessage, _ bytes: ByteBuffer, on transport: Int, from source: TransportAddress, _ now: NIODeadline
    ) {
        // RFC 8445 section 7.2.5.2.1: an answer from elsewhere than the check went to does not count.
        guard
            let index = pairs.firstIndex(where: { pair in
                pair.transport == transport && pair.remote.address == source && pair.checks.contains { $0.id == message.transactionID }
            }), let remote = pairs[index].remoteGeneration, STUNMessage.verifyIntegrity(of: bytes, key: remotes[remote].key),
            let check = pairs[index].takeCheck(message.transactionID)
        else { return }
        if message.messageClass == .successResponse {
            succeeded(index, check, mapped: message.mappedAddress, now)
        } else {
            refused(index, check, message.errorCode, now)
        }
    }

    private mutating func succeeded(_ index: Int, _ check: ICECheck, mapped: TransportAddress?, _ now: NIODeadline) {
        pairs[index].roundTripTime.add(now - check.sentAt)
        pairs[index].lastAnswer = now
        pairs[index].unanswered.clear()
        noteReceived(index, now)
        noteMapped(index, mapped)
        if isPingLoop { pingAnswered(index, check, now) } else { checkAnswered(index, check, now) }
    }

    /// RFC 8445 section 7.2.5.3.1: an address of ours that we did not know makes the local candidate peer-reflexive.
    private mutating func noteMapped(_ index: Int, _ mapped: TransportAddress?) {
        guard let mapped, let local = locals.first(where: { $0.transport == pairs[index].transport }) else { return }
        let found = local.addresses.contains(mapped) ? nil : mapped
        guard pairs[index].mapped != found else { return }
        pairs[index].mapped = found
        updatePriority(at: index)
    }

    private mutating func refused(_ index: Int, _ check: ICECheck, _ code: STUNErrorCode?, _ now: NIODeadline) {
        if code == .roleConflict {
            if isControlling == check.isControlling { switchRole(toControlling: !check.isControlling) }
            if !isPingLoop { trigger(index) }
        } else if !isPingLoop {
            checkRefused(index, check, code, now)
        }
    }

    /// Anything at all came from the pair's remote.
    private mutating func noteReceived(_ index: Int, _ now: NIODeadline) {
        pairs[index].lastReceived = now
        if isPingLoop { packetArrived(index, now) }
    }
}
