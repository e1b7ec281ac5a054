import NIOCore
import NetworkModel

/// Requests: RFC 8489 sections 6.3.1 and 9.2.4, RFC 8656 sections 7.2, 8.2, 10.2, 12.2.
extension TURNServer {
    mutating func receiveRequest(_ request: STUNMessage, _ bytes: ByteBuffer, from fiveTuple: TURNFiveTuple, now: NIODeadline) -> Action {
        if request.method == .binding { return .reply(answerBinding(request, fiveTuple), to: fiveTuple) }
        guard [.allocate, .refresh, .createPermission, .channelBind].contains(request.method) else {
            return refuse(request, .badRequest, fiveTuple)
        }
        switch authenticate(request, bytes, from: fiveTuple, now: now) {
        case .refused(let action): return action
        case .user(let username, let key):
            let unknown = request.unknownRequiredAttributes
            guard unknown.isEmpty else { return refuse(request, .unknownAttribute, fiveTuple, [.unknownAttributes(unknown)], key) }
            if request.method == .allocate { return allocate(request, username, key, fiveTuple, now: now) }
            guard let allocation = allocations[fiveTuple] else { return refuse(request, .allocationMismatch, fiveTuple, [], key) }
            guard allocation.username == username else { return refuse(request, .wrongCredentials, fiveTuple, [], key) }
            if request.method == .refresh { return refresh(request, allocation, key, now: now) }
            if request.method == .createPermission { return permit(request, allocation, key, now: now) }
            return bind(request, allocation, key, now: now)
        }
    }

    private func answerBinding(_ request: STUNMessage, _ fiveTuple: TURNFiveTuple) -> ByteBuffer {
        let unknown = request.unknownRequiredAttributes
        guard unknown.isEmpty else {
            return request.failure(.unknownAttribute, nil, [.unknownAttributes(unknown)]).encoded(fingerprint: false)
        }
        return request.success([.xorMappedAddress(fiveTuple.client)] + software).encoded(fingerprint: false)
    }

    private var software: [STUNAttribute] { options.software.map { [.software($0)] } ?? [] }

    private func succeed(_ request: STUNMessage, _ attributes: [STUNAttribute], _ key: STUNIntegrityKey) -> ByteBuffer {
        request.success(attributes + software).encoded(integrity: key, fingerprint: false)
    }

    private func refuse(
        _ request: STUNMessage, _ code: STUNErrorCode, _ fiveTuple: TURNFiveTuple, _ attributes: [STUNAttribute] = [],
        _ key: STUNIntegrityKey? = nil
    ) -> Action {
        .reply(request.failure(code, nil, attributes + software).encoded(integrity: key, fingerprint: false), to: fiveTuple)
    }

    // MARK: Authentication

    private enum Authentication {
        case user(String, STUNIntegrityKey)
        case refused(Action)
    }

    private mutating func authenticate(_ request: STUNMessage, _ bytes: ByteBuffer, from fiveTuple: TURNFiveTuple, now: NIODeadline)
        -> Authentication
    {
        func challenge(_ code: STUNErrorCode) -> Authentication {
            .refused(refuse(request, code, fiveTuple, [.realm(options.realm), .nonce(nonces.make(now: now))]))
        }
        guard request.hasIntegrity else { return challenge(.unauthenticated) }
        guard let username = request.username, request.realm != nil, let nonce = request.nonce else {
            return .refused(refuse(request, .badRequest, fiveTuple))
        }
        guard nonces.isFresh(nonce, now: now) else { return challenge(.staleNonce) }
        let isOfAllocation = allocations[fiveTuple]?.username == username
        guard let key = key(of: username, isRefresh: isOfAllocation, now: now), STUNMessage.verifyIntegrity(of: bytes, key: key) else {
            return challenge(.unauthenticated)
        }
        return .user(username, key)
    }

    // MARK: Allocate

    private mutating func allocate(
        _ request: STUNMessage, _ username: String, _ key: STUNIntegrityKey, _ fiveTuple: TURNFiveTuple, now: NIODeadline
    ) -> Action {
        if let allocation = allocations[fiveTuple] {
            guard allocation.transactionID == request.transactionID else { return refuse(request, .allocationMismatch, fiveTuple, [], key) }
            return .reply(answerAllocate(request, allocation, key, now: now), to: fiveTuple)
        }
        switch admission {
        case .open: break
        case .redirecting(let other): return refuse(request, .tryAlternate, fiveTuple, [.alternateServer(other)], key)
        case .refusing: return refuse(request, .insufficientCapacity, fiveTuple, [], key)
        }
        var family = IPFamily.v4
        var transport: UInt8?
        for attribute in request.attributes {
            if case .requestedTransport(let number) = attribute { transport = number }
            if case .requestedAddressFamily(let requested) = attribute { family = requested }
            // Ports by wish are not offered: RFC 8656 section 7.2 steps 6 and 7 call that a lack of capacity.
            if case .evenPort = attribute { return refuse(request, .insufficientCapacity, fiveTuple, [], key) }
            if case .reservationToken = attribute { return refuse(request, .insufficientCapacity, fiveTuple, [], key) }
        }
        guard let transport else { return refuse(request, .badRequest, fiveTuple, [], key) }
        guard transport == 17 else { return refuse(request, .unsupportedTransport, fiveTuple, [], key) }
        guard allocationsOfUsers[username, default: 0] < options.quotaPerUser else {
            return refuse(request, .allocationQuotaReached, fiveTuple, [], key)
        }
        guard allocations.count < options.capacity else { return refuse(request, .insufficientCapacity, fiveTuple, [], key) }
        opening = (request, fiveTuple, key)
        return .openRelay(family)
    }

    /// The socket that ``Action/openRelay(_:)`` asked for is open at this address, or cannot be had: nil.
    public mutating func relayOpened(at relayed: TransportAddress?, now: NIODeadline) -> Action {
        guard let (request, fiveTuple, key) = opening else { preconditionFailure("a relay was opened that nobody asked for") }
        opening = nil
        guard let relayed else { return refuse(request, .addressFamilyNotSupported, fiveTuple, [], key) }
        let allocation = TURNAllocation(
            fiveTuple: fiveTuple, relayed: relayed, username: request.username ?? "", transactionID: request.transactionID,
            expiry: now + lifetime(requested: request.lifetime))
        allocations[fiveTuple] = allocation
        allocationsOfUsers[allocation.username, default: 0] += 1
        fiveTuples[relayed] = fiveTuple
        deadline = min(deadline, allocation.expiry)
        return .reply(answerAllocate(request, allocation, key, now: now), to: fiveTuple)
    }

    private func answerAllocate(_ request: STUNMessage, _ allocation: TURNAllocation, _ key: STUNIntegrityKey, now: NIODeadline)
        -> ByteBuffer
    {
        let attributes: [STUNAttribute] = [
            .xorRelayedAddress(allocation.relayed), .lifetime(allocation.expiry - now), .xorMappedAddress(allocation.fiveTuple.client),
        ]
        return succeed(request, attributes, key)
    }

    /// RFC 8656 section 7.2: the default at least, the maximum at most.
    private func lifetime(requested: TimeAmount?) -> TimeAmount {
        min(max(requested ?? .zero, options.defaultLifetime), options.maximumLifetime)
    }

    // MARK: Requests about an allocation

    private mutating func refresh(_ request: STUNMessage, _ allocation: TURNAllocation, _ key: STUNIntegrityKey, now: NIODeadline) -> Action
    {
        for case .requestedAddressFamily(let family) in request.attributes where family != allocation.relayed.address.family {
            return refuse(request, .peerAddressFamilyMismatch, allocation.fiveTuple, [], key)
        }
        if request.lifetime == .zero {
            remove(allocation.fiveTuple)
            return .closeRelay(allocation.relayed, reply: succeed(request, [.lifetime(.zero)], key), to: allocation.fiveTuple)
        }
        let lifetime = lifetime(requested: request.lifetime)
        allocations[allocation.fiveTuple]?.expiry = now + lifetime
        return .reply(succeed(request, [.lifetime(lifetime)], key), to: allocation.fiveTuple)
    }

    private mutating func permit(_ request: STUNMessage, _ allocation: TURNAllocation, _ key: STUNIntegrityKey, now: NIODeadline) -> Action
    {
        let peers = request.attributes.compactMap { attribute -> IPAddress? in
            if case .xorPeerAddress(let peer) = attribute { return peer.address }
            return nil
        }
        guard !peers.isEmpty else { return refuse(request, .badRequest, allocation.fiveTuple, [], key) }
        for peer in peers {
            if let code = refusal(of: peer, allocation) { return refuse(request, code, allocation.fiveTuple, [], key) }
        }
        var changed = allocation
        for peer in peers {
            guard changed.permit(peer, until: now + options.permissionLifetime, now: now) else {
                return refuse(request, .insufficientCapacity, allocation.fiveTuple, [], key)
            }
        }
        allocations[allocation.fiveTuple] = changed
        return .reply(succeed(request, [], key), to: allocation.fiveTuple)
    }

    private mutating func bind(_ request: STUNMessage, _ allocation: TURNAllocation, _ key: STUNIntegrityKey, now: NIODeadline) -> Action {
        guard let number = request.channelNumber, TURNChannelData.channels.contains(number), let peer = request.peerAddress else {
            return refuse(request, .badRequest, allocation.fiveTuple, [], key)
        }
        if let code = refusal(of: peer.address, allocation) { return refuse(request, code, allocation.fiveTuple, [], key) }
        var changed = allocation
        if let code = changed.bind(number, to: peer, until: now + options.channelLifetime, now: now) {
            return refuse(request, code, allocation.fiveTuple, [], key)
        }
        // As coturn has it, the channel's permission lives as long as the channel: clients that refresh only their channels count on it.
        let permitted = max(options.permissionLifetime, options.channelLifetime)
        guard changed.permit(peer.address, until: now + permitted, now: now) else {
            return refuse(request, .insufficientCapacity, allocation.fiveTuple, [], key)
        }
        allocations[allocation.fiveTuple] = changed
        return .reply(succeed(request, [], key), to: allocation.fiveTuple)
    }

    private func refusal(of peer: IPAddress, _ allocation: TURNAllocation) -> STUNErrorCode? {
        if peer.family != allocation.relayed.address.family { return .peerAddressFamilyMismatch }
        return options.deniedPeers.contains { $0.contains(peer) } ? .forbidden : nil
    }
}
