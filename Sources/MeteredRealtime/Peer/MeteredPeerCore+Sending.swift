import CompactJSON

extension MeteredPeerCore {
    /// Sends data to everyone in the channel.
    package func send(_ data: JSONValue, _ completion: @escaping Completion<Void>) {
        step { [self] in
            guard let channel = sendingChannel(completion) else { return }
            signalling.publish(data, to: channel) { completion($0.mapError(MeteredPeerError.init(call:))) }
        }
    }

    /// Sends data to one peer through the service.
    package func send(_ data: JSONValue, to peerID: String, _ completion: @escaping Completion<Void>) {
        step { [self] in
            guard sendingChannel(completion) != nil else { return }
            guard peerID != reconcile.own.current else { return completion(.failure(.sendToSelf)) }
            warnOfReservedShape(data)
            signalling.send(data, to: peerID) { completion($0.mapError(MeteredPeerError.init(call:))) }
        }
    }

    /// Sends data to a remote peer of the roster.
    package func send(_ data: JSONValue, to remote: RemotePeer, _ completion: @escaping Completion<Void>) {
        step { [self] in
            guard entry(of: remote) != nil else { return completion(.failure(.remotePeerClosed(peerID: remote.id))) }
            send(data, to: remote.id, completion)
        }
    }

    /// Opens a data channel to a remote peer of the roster.
    package func createDataChannel(
        _ label: String, configuration: DataChannelConfiguration, to remote: RemotePeer
    ) -> Result<DataChannel, MeteredPeerError> {
        guard !isReleased, let entry = entry(of: remote) else { return .failure(.remotePeerClosed(peerID: remote.id)) }
        do { return .success(try entry.link.createDataChannel(label: label, configuration: configuration)) } catch {
            return .failure(.dataChannel(error))
        }
    }

    /// What has passed over a remote peer's connection.
    package func statistics(of remote: RemotePeer, _ completion: @escaping (PeerConnectionStatistics?) -> Void) {
        guard !isReleased, let entry = entry(of: remote) else { return completion(nil) }
        entry.link.statistics(completion)
    }

    /// The channel, if data can be sent; else fails the call.
    private func sendingChannel(_ completion: Completion<Void>) -> String? {
        guard state == .joined, !isCloseRequested, let channel else {
            completion(.failure(.notJoined(state)))
            return nil
        }
        return channel
    }

    /// Data of this shape is a signal to the receiver: it is sent all the same, and will not be shown there (WIRE-09).
    private func warnOfReservedShape(_ data: JSONValue) {
        switch PeerSignal.read(data) {
        case .data: break
        case .signal, .malformed: log(.warning, "data in the shape of a signal of the SDK is not shown to its receiver")
        }
    }
}
