import NIOCore

/// A local track and what sends it on the present connection.
struct AttachedTrack {
    var local: LocalTrack
    /// Nil: the library refused the track, or there is no connection.
    var sender: (any RTPSender)?
    /// The track's id in our descriptions: that of the track which was added, also after another took its place.
    var signalledID: String
}

/// Tracks and data channels.
extension PeerLink {
    /// Sends a track from now on, on this connection and its successors.
    func addTrack(_ track: LocalTrack) {
        step { link in
            guard !link.tracks.contains(where: { $0.local.track === track.track }) else { return }
            link.tracks.append(AttachedTrack(local: track, sender: nil, signalledID: track.track.id))
            if link.connection != nil { link.attach(at: link.tracks.count - 1) }
        }
    }

    /// Stops sending a track, found by identity. Its metadata are taken back.
    func removeTrack(_ track: any MediaStreamTrack) {
        step { link in
            guard let index = link.index(of: track) else { return }
            var removed = link.tracks.remove(at: index)
            if let sender = removed.sender, let connection = link.connection {
                link.diagnose(track, .removed)
                do {
                    try connection.removeTrack(sender)
                } catch {
                    link.diagnose(.note("the track \(removed.signalledID) could not be removed: \(RedactedError(error))"))
                }
            }
            guard removed.local.metadata != nil, link.connection != nil else { return }
            removed.local.metadata = nil
            link.queue.append(removed.metadata)
        }
    }

    /// Sends another track in the place of one, without negotiation. Its metadata are sent at once.
    func replaceTrack(
        _ track: any MediaStreamTrack, with replacement: LocalTrack, _ completion: @escaping (Result<Void, RedactedError>) -> Void
    ) {
        step { link in
            guard let index = link.index(of: track) else { return completion(.success(())) }
            let hadMetadata = link.tracks[index].local.metadata != nil
            link.tracks[index].local = replacement
            guard let sender = link.tracks[index].sender else {
                link.tracks[index].signalledID = replacement.track.id
                if link.connection != nil { link.attach(at: index) }
                return completion(.success(()))
            }
            link.diagnose(track, .removed)
            link.diagnose(replacement.track, .added)
            if hadMetadata || replacement.metadata != nil { link.queue.append(link.tracks[index].metadata) }
            sender.replaceTrack(replacement.track) { completion($0.mapError(RedactedError.init)) }
        }
    }

    /// Says something new about a track.
    func setMetadata(_ metadata: JSONObject?, of track: any MediaStreamTrack) {
        step { link in
            guard let index = link.index(of: track), link.tracks[index].local.metadata != metadata else { return }
            link.tracks[index].local.metadata = metadata
            if link.connection != nil { link.queue.append(link.tracks[index].metadata) }
        }
    }

    /// Opens a data channel on the present connection; it dies with it (ROS-11). Acts at once, also from inside a callback.
    func createDataChannel(label: String, configuration: DataChannelConfiguration) throws(DataChannelError) -> DataChannel {
        guard let connection, !isClosed, transportState != .closed else { throw .noConnection }
        do {
            return adopt(try connection.createDataChannel(label: label, configuration: configuration), origin: .local)
        } catch {
            throw .transport(RedactedError(error))
        }
    }

    func adopt(_ transport: any DataChannelTransport, origin: DataChannelOrigin) -> DataChannel {
        let label = transport.label
        channelCount += 1
        let number = channelCount
        let core = DataChannelCore(transport, limits: options.dataChannels, eventBufferLimit: options.eventBufferLimit) {
            [weak self] state in
            self?.diagnose(.dataChannel(number: number, label: label, state: state, origin: origin))
            guard state == .closed else { return }
            self?.channels.removeAll { $0.transport === transport }
        }
        let channel = DataChannel(core, eventLoop: environment.eventLoop)
        channels.append(core)
        core.start()
        return channel
    }

    /// Hands a track to the connection, its metadata ahead of the description that will carry it (WIRE-11).
    func attach(at index: Int) {
        // A closed connection takes nothing; its successor gets every track.
        guard let connection, transportState != .closed else { return }
        let local = tracks[index].local
        tracks[index].signalledID = local.track.id
        sendMetadata(of: tracks[index])
        do {
            tracks[index].sender = try connection.addTrack(local.track, streamIDs: local.streamIDs)
            diagnose(local.track, .added)
        } catch {
            fail(.trackRefused(trackID: local.track.id, RedactedError(error)))
        }
    }

    func sendMetadata(of track: AttachedTrack) {
        if track.local.metadata != nil { queue.append(track.metadata) }
    }

    private func diagnose(_ track: any MediaStreamTrack, _ change: PresenceChange) {
        diagnose(.localTrack(ordinal: ordinal, id: track.id, kind: track.kind, change))
    }

    private func index(of track: any MediaStreamTrack) -> Int? { tracks.firstIndex { $0.local.track === track } }
}

extension AttachedTrack {
    /// What is told of the track.
    var metadata: TrackMetadata {
        TrackMetadata(
            trackID: signalledID, metadata: local.metadata, streamID: local.streamIDs.first, kind: local.track.kind.rawValue)
    }
}
