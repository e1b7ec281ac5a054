import CompactJSON
import NIOCore

/// Requests and their replies (SRV-04, SRV-06).
extension RealtimeService {
    /// What became of a request.
    private enum Outcome {
        /// Done; a subscribe is followed by the channel's whole membership.
        case acknowledged(snapshotOf: String?)
        case pong
        case rejected(RequestRejection)
        /// The connection is being closed for it.
        case closing
    }

    func received(_ text: ByteBuffer, on connection: ServiceConnection) {
        guard connection.phase == .welcomed else { return emit(connection, .dropped(reason: "before the welcome")) }
        guard connection.limiter?.admits(at: eventLoop.now) != false else { return close(connection, .overMessageRate) }
        let request: ClientRequest
        do {
            request = try ClientRequest(parsing: text)
        } catch {
            return reject(connection, error)
        }
        emit(
            connection,
            .request(
                request.kind, requestID: request.requestID, channel: request.channel, to: request.recipient, bytes: text.readableBytes))
        let plan = behaviours.isEmpty ? RequestPlan() : behaviours.plan(request, from: connection)
        if plan.isIgnored { return emit(connection, .dropped(reason: "a behaviour ignores it")) }
        guard let due = connection.requestQueue.due(at: eventLoop.now, after: plan.delay) else {
            return perform(request, plan, connection)
        }
        guard connection.requestQueue.waiting <= configuration.limits.maximumWaitingRequests else {
            return close(connection, .overMessageRate)
        }
        eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
            connection.requestQueue.happened()
            self?.perform(request, plan, connection)
        }
    }

    func receivedBinary(on connection: ServiceConnection) {
        emit(connection, .dropped(reason: "binary"))
        guard connection.phase == .welcomed else { return }
        guard connection.limiter?.admits(at: eventLoop.now) != false else { return close(connection, .overMessageRate) }
        reject(connection, RequestRejection(code: "malformed_message", message: "binary frames carry nothing"))
    }

    private func perform(_ request: ClientRequest, _ plan: RequestPlan, _ connection: ServiceConnection) {
        guard connection.isServed else { return }
        if let (code, reason) = plan.close { return close(connection, code, reason: reason) }
        if let (code, message) = plan.rejection {
            let rejection = RequestRejection(code: code, message: message, requestID: request.requestID)
            return reply(connection, plan.reply) { self.reject(connection, rejection) }
        }
        if intercept?(connection, request) == true { return }
        switch execute(request, connection) {
        case .closing: break
        case .pong: reply(connection, plan.reply) { connection.send(ServerFrame.pong(request.requestID)) }
        case .rejected(var rejection):
            if rejection.code != "unknown_type" { rejection.requestID = request.requestID }
            reply(connection, plan.reply) { self.reject(connection, rejection) }
        case .acknowledged(let channel):
            reply(connection, plan.reply) {
                self.acknowledge(request, connection)
                if let channel { self.followWithSnapshot(of: channel, connection, plan.reply) }
            }
        }
    }

    private func execute(_ request: ClientRequest, _ connection: ServiceConnection) -> Outcome {
        guard let grant = connection.grant else { preconditionFailure("served without a grant") }
        switch request.body {
        case .ping: return configuration.knowsPing ? .pong : .rejected(RequestRejection(code: "unknown_type", message: "unknown type"))
        case .subscribe(let channel, let includeSenderMetadata):
            if let refusal = refusal(.subscribe, channel, grant, connection) { return refusal }
            guard connection.isSubscribed(to: channel) || connection.subscriptions.count < configuration.limits.maximumChannelsPerConnection
            else { return .rejected(RequestRejection(code: "channel_limit_exceeded", message: "too many channels")) }
            join(channel, connection, includeSenderMetadata: includeSenderMetadata)
            return .acknowledged(snapshotOf: channel)
        case .unsubscribe(let channel):
            leave(channel, connection)
            return .acknowledged(snapshotOf: nil)
        case .publish(let channel, let data):
            if let refusal = refusal(.publish, channel, grant, connection) { return refusal }
            return relay(data) { publish($0, to: channel, from: connection) }
        case .send(let peer, let data):
            guard grant.actions.contains(.send) else { return .rejected(Self.notPermitted) }
            let receivers = (sessions[peer] ?? []).filter { !areSeparated(connection, $0) }
            guard !receivers.isEmpty else { return .rejected(RequestRejection(code: "peer_not_found", message: "no such peer")) }
            return relay(data) { encoded in
                let frame = ServerFrame.direct(from: grant.peerID, data: encoded, metadata: connection.encodedMetadata)
                for receiver in receivers { receiver.send(frame) }
            }
        }
    }

    private static let notPermitted = RequestRejection(code: "action_not_permitted", message: "action not permitted")

    /// Why a channel is closed to a client, if it is.
    private func refusal(_ action: ServiceActions, _ channel: String, _ grant: Grant, _ connection: ServiceConnection) -> Outcome? {
        guard grant.actions.contains(action) else { return .rejected(Self.notPermitted) }
        if ChannelName.isReserved(channel) { return .rejected(RequestRejection(code: "channel_reserved", message: "reserved channel")) }
        guard !grant.opens(channel) else { return nil }
        switch configuration.unauthorizedChannel {
        case .error: return .rejected(RequestRejection(code: "channel_not_authorized", message: "channel not authorized"))
        case .close:
            close(connection, .channelNotAuthorized)
            return .closing
        }
    }

    /// Counts against the quota, encodes once, delivers.
    private func relay(_ data: JSONValue, _ deliver: (EncodedJSON) -> Void) -> Outcome {
        guard let encoded = EncodedJSON(data) else {
            return .rejected(RequestRejection(code: "malformed_message", message: "a number is out of range"))
        }
        if let left = configuration.limits.messagesLeft {
            guard left > 0 else { return .rejected(RequestRejection(code: "over_message_quota", message: "message quota used up")) }
            configuration.limits.messagesLeft = left - 1
        }
        deliver(encoded)
        return .acknowledged(snapshotOf: nil)
    }

    // MARK: Replies

    /// Sends a reply as the behaviours want it, those of one connection in the order of their requests.
    private func reply(_ connection: ServiceConnection, _ plan: ReplyPlan, _ send: @escaping () -> Void) {
        if plan.isWithheld { return }
        let sendOrMangle = {
            if let malformed = plan.malformed { connection.handler?.send(malformed.frame) } else { send() }
        }
        guard let due = connection.replyQueue.due(at: eventLoop.now, after: plan.delay) else {
            sendOrMangle()
            return
        }
        eventLoop.assumeIsolated().scheduleTask(deadline: due) {
            connection.replyQueue.happened()
            if connection.isServed { sendOrMangle() }
        }
    }

    private func acknowledge(_ request: ClientRequest, _ connection: ServiceConnection) {
        guard let requestID = request.requestID else { return }
        emit(connection, .acknowledged(request.kind, requestID: requestID))
        connection.send(ServerFrame.ack(requestID))
    }

    private func reject(_ connection: ServiceConnection, _ rejection: RequestRejection) {
        emit(connection, .errorSent(code: rejection.code, requestID: rejection.requestID))
        connection.send(ServerFrame.error(rejection))
    }

    private func followWithSnapshot(of channel: String, _ connection: ServiceConnection, _ plan: ReplyPlan) {
        if plan.isSnapshotWithheld { return }
        let send = { self.sendSnapshot(of: channel, to: connection, plan.snapshotAlterations) }
        if plan.snapshotDelay > .zero { after(plan.snapshotDelay, send) } else { send() }
    }
}
