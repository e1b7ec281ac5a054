import NIOCore
import NetworkModel

/// A peer that the client sends to: its permission and its channel.
struct TURNPeer: Sendable {
    let address: TransportAddress
    /// The number of its channel, once one has been asked for.
    var channelNumber: UInt16?
    var isChannelBound = false
    var isPermitted = false
    var permissionRefresh = NIODeadline.distantFuture
    var channelRefresh = NIODeadline.distantFuture
    /// What waits for the permission.
    var waiting: [ByteBuffer] = []

    var channel: UInt16? { isChannelBound ? channelNumber : nil }
    var deadline: NIODeadline { min(permissionRefresh, channelRefresh) }
}

/// Data, permissions and channels.
extension TURNClient {
    /// Relays a datagram to a peer. The first one to a peer asks for a permission, by the rules of the profile also for a channel.
    ///
    /// False if there is no allocation, or if the datagram is longer than ``longestPayloadBytes``.
    public mutating func send(_ payload: ByteBuffer, to address: TransportAddress, now: NIODeadline) -> Bool {
        guard state == .allocated, payload.readableBytes <= Self.longestPayloadBytes else { return false }
        guard let index = peers.firstIndex(where: { $0.address == address }) ?? addPeer(address, now: now) else { return false }
        if let channel = peers[index].channel {
            transmissions.append(TURNChannelData.encoded(channel: channel, payload, padded: isStream))
            return true
        }
        switch profile.channels {
        case .afterFirstPayload: if !STUNMessage.isSTUN(payload) { bindChannel(of: index, now: now) }
        case .afterFirstDatagram, .insteadOfPermission: bindChannel(of: index, now: now)
        case .never: break
        }
        if profile.waitsForPermission, !peers[index].isPermitted {
            if peers[index].waiting.count < Self.waitingDatagramLimit { peers[index].waiting.append(payload) }
        } else {
            sendIndication(payload, to: address)
        }
        return true
    }

    /// Something may be sent to this peer soon: the permission is asked for now if the profile does so.
    public mutating func prepare(for address: TransportAddress, now: NIODeadline) {
        guard profile.permitsBeforeFirstDatagram, state == .allocated, !peers.contains(where: { $0.address == address }) else { return }
        _ = addPeer(address, now: now)
    }

    /// Nothing will be sent to this peer: its permission and channel are left to expire.
    public mutating func forget(_ address: TransportAddress) {
        peers.removeAll { $0.address == address }
        requests.removeAll { $0.purpose == .permission(address) || $0.purpose == .channel(address) }
    }

    private mutating func addPeer(_ address: TransportAddress, now: NIODeadline) -> Int? {
        guard peers.count < Self.peerLimit else { return nil }
        peers.append(TURNPeer(address: address))
        if profile.channels != .insteadOfPermission { send(.permission(address), now: now) }
        return peers.count - 1
    }

    private mutating func bindChannel(of index: Int, now: NIODeadline) {
        guard peers[index].channelNumber == nil, TURNChannelData.channels.contains(nextChannel) else { return }
        peers[index].channelNumber = nextChannel
        nextChannel += 1
        send(.channel(peers[index].address), now: now)
    }

    private mutating func sendIndication(_ payload: ByteBuffer, to address: TransportAddress) {
        let message = STUNMessage(
            .indication, .send, STUNTransactionID(using: &random), [.xorPeerAddress(address), .data(payload)])
        transmissions.append(message.encoded(fingerprint: false))
    }

    mutating func permitted(_ address: TransportAddress, now: NIODeadline) {
        guard let index = peers.firstIndex(where: { $0.address == address }) else { return }
        if !peers[index].isChannelBound || profile.refreshesPermissionsOfChannels {
            peers[index].permissionRefresh = now + profile.permissionRefresh
        }
        sendWaiting(index)
    }

    mutating func bound(_ address: TransportAddress, now: NIODeadline) {
        guard let index = peers.firstIndex(where: { $0.address == address }) else { return }
        peers[index].isChannelBound = true
        peers[index].channelRefresh = now + profile.channelRefresh
        // A channel binding makes or prolongs the permission too (RFC 8656 section 12.2).
        if !profile.refreshesPermissionsOfChannels { peers[index].permissionRefresh = .distantFuture }
        sendWaiting(index)
    }

    private mutating func sendWaiting(_ index: Int) {
        peers[index].isPermitted = true
        let (waiting, address) = (peers[index].waiting, peers[index].address)
        peers[index].waiting = []
        for payload in waiting {
            if let channel = peers[index].channel {
                transmissions.append(TURNChannelData.encoded(channel: channel, payload, padded: isStream))
            } else {
                sendIndication(payload, to: address)
            }
        }
    }

    mutating func refreshPeers(now: NIODeadline) {
        for index in peers.indices {
            let address = peers[index].address
            if peers[index].permissionRefresh <= now {
                peers[index].permissionRefresh = .distantFuture
                send(.permission(address), now: now)
            }
            if peers[index].channelRefresh <= now {
                peers[index].channelRefresh = .distantFuture
                send(.channel(address), now: now)
            }
        }
    }
}
