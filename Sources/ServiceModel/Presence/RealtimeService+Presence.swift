import CompactJSON
import NIOCore

/// Who is in which channel, and who is told (SRV-02, SRV-03, SRV-06).
extension RealtimeService {
    func join(_ channel: String, _ connection: ServiceConnection, includeSenderMetadata: Bool) {
        guard let peer = connection.grant?.peerID else { preconditionFailure("served without a grant") }
        let room = rooms[channel] ?? Room()
        rooms[channel] = room
        connection.subscriptions[channel] = includeSenderMetadata
        connection.inheritedChannels.removeAll { $0 == channel }
        let subscriber = Room.Subscriber(connection: connection, includesSenderMetadata: includeSenderMetadata)
        var member = room.members[peer] ?? Room.Member(listing: connection.listing, subscribers: [], heldFor: nil)
        let isNew = room.members[peer] == nil || member.listing != connection.listing
        member.listing = connection.listing
        member.heldFor = nil
        member.subscribers.removeAll { $0.connection === connection }
        member.subscribers.append(subscriber)
        room.members[peer] = member
        // A peer that takes its held place, subscribes again or comes by a second socket was a member all the time.
        if isNew { tell(room, channel, connection, joined: true) }
    }

    func leave(_ channel: String, _ connection: ServiceConnection) {
        guard connection.isSubscribed(to: channel) else { return }
        connection.subscriptions[channel] = nil
        remove(connection, from: channel)
    }

    /// A connection is over, or taken over: everything that it had goes.
    func leaveEverything(_ connection: ServiceConnection) {
        let channels = connection.subscriptions.map(\.key)
        connection.subscriptions.removeAll()
        for channel in channels { remove(connection, from: channel) }
        for channel in connection.inheritedChannels { release(channel, heldFor: connection) }
        connection.inheritedChannels = []
    }

    private func remove(_ connection: ServiceConnection, from channel: String) {
        guard let room = rooms[channel], let peer = connection.grant?.peerID, var member = room.members[peer] else { return }
        member.subscribers.removeAll { $0.connection === connection }
        room.members[peer] = member.subscribers.isEmpty ? nil : member
        if member.subscribers.isEmpty { afterDeparture(room, channel, connection) }
    }

    private func afterDeparture(_ room: Room, _ channel: String, _ connection: ServiceConnection) {
        if room.members.isEmpty { rooms[channel] = nil }
        tell(room, channel, connection, joined: false)
    }

    // MARK: Places that are held for a newer connection

    func hold(_ channel: String, of old: ServiceConnection, for new: ServiceConnection) {
        old.subscriptions[channel] = nil
        guard let room = rooms[channel], let peer = old.grant?.peerID, var member = room.members[peer] else { return }
        member.subscribers.removeAll { $0.connection === old }
        member.heldFor = new.id
        room.members[peer] = member
        after(configuration.timing.membershipGrace) { [weak self] in self?.release(channel, heldFor: new) }
    }

    private func release(_ channel: String, heldFor connection: ServiceConnection) {
        guard let room = rooms[channel], let peer = connection.grant?.peerID, let member = room.members[peer],
            member.heldFor == connection.id
        else { return }
        room.members[peer] = nil
        afterDeparture(room, channel, connection)
    }

    // MARK: Telling

    /// A delta about one peer to everyone else in the room, encoded once.
    private func tell(_ room: Room, _ channel: String, _ connection: ServiceConnection, joined: Bool) {
        guard let peer = connection.grant?.peerID else { return }
        let frame = ServerFrame.presence(
            channel: channel, joined: joined ? [connection.listing] : [], left: joined ? [] : [connection.listing])
        var receivers = 0
        room.forEachSubscriber { subscriber in
            let receiver = subscriber.connection
            guard receiver.grant?.peerID != peer else { return }
            let missed = MissedPresence(channel: channel, peer: peer)
            if areSeparated(connection, receiver) {
                receiver.missedPresence[missed] = ()
            } else {
                if !receiver.missedPresence.isEmpty { receiver.missedPresence[missed] = nil }
                receivers += 1
                receiver.send(frame)
            }
        }
        emit(connection, .presence(channel: channel, joined: joined ? [peer] : [], left: joined ? [] : [peer], receivers: receivers))
    }

    /// The whole membership (WIRE-03), the receiver included.
    func sendSnapshot(of channel: String, to connection: ServiceConnection, _ alterations: [SnapshotAlteration] = []) {
        guard connection.isServed, connection.isSubscribed(to: channel), let room = rooms[channel] else { return }
        var listings: [EncodedJSON] = []
        room.members.forEach { peer, member in
            if let other = member.subscribers.first?.connection, areSeparated(connection, other) {
                connection.missedPresence[MissedPresence(channel: channel, peer: peer)] = ()
            } else {
                listings.append(member.listing)
            }
        }
        var repetitions = 1
        for alteration in alterations {
            switch alteration {
            case .twice: repetitions += 1
            case .duplicated: listings = listings.flatMap { [$0, $0] }
            case .foreign(let other): connection.send(ServerFrame.presence(channel: other, joined: Self.strangers(1), left: []))
            case .padded(let count): listings = Self.strangers(count) + listings
            }
        }
        emit(connection, .snapshot(channel: channel, members: listings.count))
        let frame = ServerFrame.presence(channel: channel, joined: listings, left: [])
        for _ in 0..<repetitions { connection.send(frame) }
    }

    /// Members that do not exist.
    private static func strangers(_ count: Int) -> [EncodedJSON] {
        (1...max(1, count)).map { ServerFrame.listedPeer("stranger-\($0)", metadata: nil) }
    }

    /// To every other subscription; own broadcasts are not echoed. Encoded at most twice.
    func publish(_ data: EncodedJSON, to channel: String, from connection: ServiceConnection) {
        guard let peer = connection.grant?.peerID else { return }
        var plain: ByteBuffer?
        var withMetadata: ByteBuffer?
        var receivers = 0
        rooms[channel]?.forEachSubscriber { subscriber in
            guard subscriber.connection !== connection, !areSeparated(connection, subscriber.connection) else { return }
            receivers += 1
            if subscriber.includesSenderMetadata, let metadata = connection.encodedMetadata {
                let frame = withMetadata ?? ServerFrame.message(channel: channel, from: peer, data: data, metadata: metadata)
                withMetadata = frame
                subscriber.connection.send(frame)
            } else {
                let frame = plain ?? ServerFrame.message(channel: channel, from: peer, data: data, metadata: nil)
                plain = frame
                subscriber.connection.send(frame)
            }
        }
        emit(connection, .published(channel: channel, receivers: receivers))
    }

    // MARK: Partitions

    func areSeparated(_ one: ServiceConnection, _ other: ServiceConnection) -> Bool {
        partitions.contains { $0.clients.selects(one) != $0.clients.selects(other) }
    }

    /// After a partition healed: what each client missed, as the truth is now.
    func tellMissedPresence() {
        connections.forEach { _, receiver in
            guard !receiver.missedPresence.isEmpty, receiver.isServed else { return }
            let missed = receiver.missedPresence.map(\.key)
            receiver.missedPresence.removeAll()
            for item in missed { tellNow(item, to: receiver) }
        }
    }

    private func tellNow(_ missed: MissedPresence, to receiver: ServiceConnection) {
        guard receiver.isSubscribed(to: missed.channel) else { return }
        guard let member = rooms[missed.channel]?.members[missed.peer] else {
            let gone = ServerFrame.listedPeer(missed.peer, metadata: nil)
            return receiver.send(ServerFrame.presence(channel: missed.channel, joined: [], left: [gone]))
        }
        if let other = member.subscribers.first?.connection, areSeparated(receiver, other) {
            receiver.missedPresence[missed] = ()
        } else {
            receiver.send(ServerFrame.presence(channel: missed.channel, joined: [member.listing], left: []))
        }
    }

    // MARK: Looking

    /// The peers in a channel, in the order in which they came; ghosts included.
    public func roster(of channel: String) -> [String] { rooms[channel]?.members.map(\.key) ?? [] }
}
