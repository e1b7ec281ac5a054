import NIOCore
import NetworkModel

/// Requests and their responses.
extension TURNClient {
    mutating func send(_ purpose: Request.Purpose, staleNonces: Int = 0, now: NIODeadline) {
        let (id, bytes) = encode(purpose)
        let schedule = isStream ? RetransmissionSchedule.once(timeout: profile.streamTimeout) : profile.schedule
        requests.append(
            Request(
                purpose: purpose, transaction: STUNTransaction(id, schedule: schedule, now: now), bytes: bytes, isAuthenticated: key != nil,
                staleNonces: staleNonces))
        transmissions.append(bytes)
    }

    func encode(_ purpose: Request.Purpose, lifetime: TimeAmount? = nil) -> (id: STUNTransactionID, bytes: ByteBuffer) {
        var random = random
        let id = STUNTransactionID(using: &random)
        var message = STUNMessage(.request, Self.method(of: purpose), id)
        switch purpose {
        case .allocate:
            message.attributes = [.requestedTransport(protocolNumber: 17)]
            if family == .v6 { message.attributes.append(.requestedAddressFamily(.v6)) }
            if let requested = profile.requestedLifetime { message.attributes.append(.lifetime(requested)) }
        case .refresh:
            if let lifetime = lifetime ?? profile.requestedLifetime { message.attributes.append(.lifetime(lifetime)) }
        case .permission(let peer):
            message.attributes = [.xorPeerAddress(peer)]
        case .channel(let peer):
            guard let channel = peers.first(where: { $0.address == peer })?.channelNumber else {
                preconditionFailure("a channel is bound before it has a number")
            }
            message.attributes = [.channelNumber(channel), .xorPeerAddress(peer)]
        }
        if let realm, let nonce, key != nil {
            message.attributes += [.username(credentials.username), .realm(realm), .nonce(nonce)]
        }
        return (id, message.encoded(integrity: key, fingerprint: false))
    }

    private static func method(of purpose: Request.Purpose) -> STUNMethod {
        switch purpose {
        case .allocate: .allocate
        case .refresh: .refresh
        case .permission: .createPermission
        case .channel: .channelBind
        }
    }

    mutating func repeatRequests(now: NIODeadline) {
        var index = 0
        while index < requests.count {
            switch requests[index].transaction.timerFired(now: now) {
            case .wait:
                index += 1
            case .send:
                transmissions.append(requests[index].bytes)
                index += 1
            case .fail:
                let request = requests.remove(at: index)
                giveUp(request, nil, reason: "no answer")
            }
        }
    }

    /// False if it answers nothing that this client has asked.
    mutating func receiveResponse(_ message: STUNMessage, _ bytes: ByteBuffer, now: NIODeadline) -> Bool {
        guard let index = requests.firstIndex(where: { $0.transaction.id == message.transactionID }),
            Self.method(of: requests[index].purpose) == message.method
        else { return false }
        switch message.messageClass {
        case .successResponse:
            // RFC 8489 section 9.2.5: a response that is not from who knows the password is as if it had not come.
            if requests[index].isAuthenticated {
                guard let key, STUNMessage.verifyIntegrity(of: bytes, key: key) else { return true }
            }
            succeeded(requests.remove(at: index), message, now: now)
        case .errorResponse:
            guard let code = message.errorCode else { return true }
            failed(requests.remove(at: index), code, message, now: now)
        case .request, .indication:
            preconditionFailure("only responses come here")
        }
        return true
    }

    private mutating func succeeded(_ request: Request, _ message: STUNMessage, now: NIODeadline) {
        switch request.purpose {
        case .allocate:
            guard let relayed = message.relayedAddress, let mapped = message.mappedAddress else {
                return giveUp(request, nil, reason: "the server named no relayed address")
            }
            let lifetime = message.lifetime ?? .minutes(10)
            state = .allocated
            refreshDeadline = now + refreshDelay(lifetime: lifetime)
            events.append(.allocated(relayed: relayed, mapped: mapped, lifetime: lifetime))
        case .refresh:
            let lifetime = message.lifetime ?? .minutes(10)
            refreshDeadline = now + refreshDelay(lifetime: lifetime)
            events.append(.refreshed(lifetime: lifetime))
        case .permission(let peer): permitted(peer, now: now)
        case .channel(let peer): bound(peer, now: now)
        }
    }

    /// Never sooner than a second and never later than a day, whatever lifetime a server gives.
    private func refreshDelay(lifetime: TimeAmount) -> TimeAmount {
        max(profile.refresh.delay(lifetime: min(lifetime, .hours(24))), .seconds(1))
    }

    private mutating func failed(_ request: Request, _ code: STUNErrorCode, _ message: STUNMessage, now: NIODeadline) {
        switch code {
        case .unauthenticated where !request.isAuthenticated:
            guard adopt(message) else { return giveUp(request, code, reason: "401 without realm or nonce") }
            send(request.purpose, now: now)
        case .staleNonce where request.staleNonces < Self.staleNonceLimit:
            guard adopt(message) else { return giveUp(request, code, reason: "438 without a nonce") }
            send(request.purpose, staleNonces: request.staleNonces + 1, now: now)
        case .tryAlternate where request.purpose == .allocate:
            redirect(request, message)
        case .allocationMismatch where request.purpose == .allocate && mismatches < profile.mismatchRetries:
            mismatches += 1
            state = .idle
            events.append(.needsOtherPort)
        default:
            giveUp(request, code, reason: message.errorReason ?? code.usualReason)
        }
    }

    /// Takes realm and nonce of an error response (RFC 8489 section 9.2.5); false if there is nothing to authenticate with.
    private mutating func adopt(_ message: STUNMessage) -> Bool {
        guard let nonce = message.nonce, let realm = message.realm ?? realm else { return false }
        if key == nil || realm != self.realm {
            key = .longTerm(username: credentials.username, realm: realm, password: credentials.password)
        }
        self.realm = realm
        self.nonce = nonce
        return true
    }

    /// RFC 8489 section 10; a server that was asked before is not asked again.
    private mutating func redirect(_ request: Request, _ message: STUNMessage) {
        guard let next = message.alternateServer, next.address.family == server.address.family, !triedServers.contains(next),
            triedServers.count < 8
        else { return giveUp(request, .tryAlternate, reason: "redirected to a server that was asked already, or to none") }
        triedServers.append(next)
        server = next
        (realm, nonce, key) = (nil, nil, nil)
        state = .idle
        events.append(.redirected(to: next))
    }

    private mutating func giveUp(_ request: Request, _ code: STUNErrorCode?, reason: String) {
        switch request.purpose {
        case .allocate:
            end()
            events.append(.failed(code, reason: reason))
        case .refresh:
            end()
            events.append(.lost(code))
        case .permission(let peer), .channel(let peer):
            forget(peer)
            events.append(.peerRefused(peer, code))
        }
    }
}
