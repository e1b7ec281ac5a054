import CompactJSON
import NIOCore
import NIOHTTP1

/// From the upgrade request to the welcome (SRV-01, SRV-03).
extension RealtimeService {
    func judge(_ head: HTTPRequestHead, _ connection: ServiceConnection) -> UpgradeDecision {
        guard connection.phase == .upgrading else { return .ignore }
        if case .refusing(.http(let status)) = state {
            emit(connection, .turnedAway(.http(status: status)))
            return .reject(status: status, retryAfter: nil)
        }
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.first == "/v1" else { return .reject(status: 404, retryAfter: nil) }
        if let allowed = configuration.allowedOrigins, let origin = head.headers.first(name: "Origin"), !allowed.contains(origin) {
            return .reject(status: 401, retryAfter: nil)
        }
        guard parts.count == 2, let credential = PresentedCredential(query: parts[1]) else { return .reject(status: 401, retryAfter: nil) }
        authenticate(credential, connection)
        let plan = behaviours.planUpgrade(connection)
        if plan.isIgnored { return .ignore }
        if let rejection = plan.rejection { return .reject(status: rejection.status, retryAfter: rejection.retryAfter) }
        return .upgrade(after: plan.delay)
    }

    private func authenticate(_ credential: PresentedCredential, _ connection: ServiceConnection) {
        let verdict = Authenticator(keys: configuration.keys).verdict(on: credential, at: wallClock, newPeerID: newPeerID)
        connection.verdict = verdict
        switch (verdict, credential) {
        case (.granted(let grant), _): connection.peerID = grant.peerID
        case (.refused, .token(let token)): connection.peerID = token.claimedPeerID
        case (.refused, .key): break
        }
    }

    func opened(_ connection: ServiceConnection) {
        switch connection.verdict {
        case .refused(let code): close(connection, code)
        case .granted(let grant):
            connection.grant = grant
            let plan = behaviours.planWelcome(connection)
            guard plan.delay > .zero else { return welcome(connection, grant, plan) }
            after(plan.delay) { self.welcome(connection, grant, plan) }
        case nil: preconditionFailure("upgraded without a verdict")
        }
    }

    private func welcome(_ connection: ServiceConnection, _ grant: Grant, _ plan: WelcomePlan) {
        guard connection.phase == .open, connection.handler?.isOpen == true else { return }
        if let (code, reason) = plan.closeInstead { return close(connection, code, reason: reason) }
        if let malformed = plan.malformed { connection.handler?.send(malformed.frame) }
        if plan.isWithheld || plan.malformed != nil { return }
        // The token may have expired while the welcome was late.
        if let expiresAt = grant.expiresAt, wallClock >= expiresAt { return close(connection, .tokenExpired) }
        let replaced = configuration.sessions == .replace ? sessions[grant.peerID] ?? [] : []
        if let cap = configuration.limits.maximumConnections, servedConnections - replaced.count >= cap {
            return close(connection, .overConcurrentLimit)
        }
        for old in replaced { takeOver(old, by: connection) }
        register(connection, grant)
        sendWelcome(connection, grant, plan)
        scheduleExpiry(connection)
        if case .goingAway = state, let retryAfter = goingAwayRetryAfter { connection.send(ServerFrame.goingAway(retryAfter: retryAfter)) }
        if let (code, reason, delay) = plan.closeAfter { after(delay) { self.close(connection, code, reason: reason) } }
    }

    private func register(_ connection: ServiceConnection, _ grant: Grant) {
        connection.phase = .welcomed
        connection.limiter = configuration.limits.messageRate.map { MessageRateLimiter($0, now: eventLoop.now) }
        sessions[grant.peerID, default: []].append(connection)
        servedConnections += 1
    }

    private func sendWelcome(_ connection: ServiceConnection, _ grant: Grant, _ plan: WelcomePlan) {
        var frame = ServerFrame.welcome(
            peerID: grant.peerID, expiresAt: grant.expiresAt, serverTime: wallClock,
            maximumMessageBytes: configuration.limits.maximumMessageBytes, metadata: metadata(of: grant))
        for amendment in plan.amendments {
            for (key, value) in amendment { frame[key] = value == .null && key != "expiresAt" ? nil : value }
        }
        guard let encoded = EncodedJSON(.object(frame)) else { return close(connection, .internalError, reason: "welcome is not JSON") }
        welcomes += 1
        emit(connection, .welcomed(ordinal: welcomes))
        connection.send(ServerFrame.text(encoded.bytes))
    }

    private func metadata(of grant: Grant) -> JSONObject? {
        guard var metadata = welcomeMetadata?(grant.peerID) else { return grant.welcomeMetadata }
        for (key, value) in grant.welcomeMetadata ?? [:] { metadata[key] = value }
        return metadata
    }

    /// SRV-03: the newer connection takes the peer's places in its channels, to be filled by its own subscribes.
    private func takeOver(_ old: ServiceConnection, by new: ServiceConnection) {
        emit(old, .sessionReplaced(by: new.id))
        let channels = old.subscriptions.map(\.key) + old.inheritedChannels
        leaveSessionTables(old)
        old.phase = .replaced
        for channel in channels { hold(channel, of: old, for: new) }
        new.inheritedChannels.append(contentsOf: channels)
        close(old, .adminDisconnect, reason: "replaced by a newer connection")
    }

    /// Closes a live connection before its token's `exp`, by the service's wall clock (SRV-01).
    func scheduleExpiry(_ connection: ServiceConnection) {
        connection.expiry?.cancel()
        connection.expiry = nil
        guard connection.isServed, let expiresAt = connection.grant?.expiresAt else { return }
        let remaining = expiresAt - configuration.timing.expiryMargin - wallClock
        guard remaining > .zero else { return close(connection, .tokenExpired) }
        // A day at most, so that no far `exp` overflows the loop's time.
        connection.expiry = eventLoop.assumeIsolated().scheduleTask(in: min(remaining, .hours(24))) { [weak self] in
            self?.scheduleExpiry(connection)
        }
    }

    func leaveSessionTables(_ connection: ServiceConnection) {
        guard connection.phase == .welcomed, let peer = connection.grant?.peerID else { return }
        connection.expiry?.cancel()
        servedConnections -= 1
        sessions[peer]?.removeAll { $0 === connection }
        if sessions[peer]?.isEmpty == true { sessions[peer] = nil }
    }

    func after(_ delay: TimeAmount, _ body: @escaping () -> Void) {
        eventLoop.assumeIsolated().scheduleTask(in: delay, body)
    }
}
