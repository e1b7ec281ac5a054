import NIOCore

/// A data channel on its event loop. ``DataChannel`` is its face for other threads.
final class DataChannelCore {
    typealias Completion = (Result<Void, DataChannelError>) -> Void

    let transport: any DataChannelTransport
    let hub: EventHub<DataChannelState, DataChannelEvent>
    private var buffer: SendBuffer<Completion>
    private var isDraining = false
    /// Told of every change of the state.
    private let observe: (DataChannelState) -> Void

    init(
        _ transport: any DataChannelTransport, limits: DataChannelLimits, eventBufferLimit: Int,
        observe: @escaping (DataChannelState) -> Void
    ) {
        self.transport = transport
        self.observe = observe
        buffer = SendBuffer(limits)
        hub = EventHub(state: .connecting, bufferLimit: eventBufferLimit)
        transport.bufferedAmountLowThreshold = buffer.threshold
        transport.onEvent = { [weak self] event in self?.received(event) }
    }

    /// Tells the state that the channel has from the beginning, once everybody listens.
    func start() {
        observe(hub.state)
        if transport.state == .open { change(to: .open, .opened) }
    }

    func send(_ message: DataChannelMessage, _ completion: @escaping Completion) {
        guard hub.state == .open else { return completion(.failure(.notOpen(hub.state))) }
        switch buffer.offer(message, completion, buffered: transport.bufferedAmount) {
        case .send: completion(handOver(message))
        case .wait: transport.bufferedAmountLowThreshold = buffer.threshold
        case .refuse(let error): completion(.failure(error))
        }
    }

    func close() {
        guard hub.state == .connecting || hub.state == .open else { return }
        change(to: .closing, nil)
        failWaiting()
        transport.close()
    }

    /// The connection under it is gone (ROS-11).
    func connectionLost() {
        transport.onEvent = nil
        ended()
    }

    private func received(_ event: DataChannelTransportEvent) {
        switch event {
        case .open: change(to: .open, .opened)
        case .message(let message): if hub.state != .closed { _ = hub.publish(.message(message)) }
        case .bufferedAmountLow: drain()
        case .error(let error): if hub.state != .closed { _ = hub.publish(.failed(RedactedError(error))) }
        case .closed: ended()
        }
    }

    private func drain() {
        guard !isDraining, hub.state == .open else { return }
        isDraining = true
        defer { isDraining = false }
        while let (message, completion) = buffer.next(buffered: transport.bufferedAmount) { completion(handOver(message)) }
        transport.bufferedAmountLowThreshold = buffer.threshold
    }

    private func handOver(_ message: DataChannelMessage) -> Result<Void, DataChannelError> {
        do {
            try transport.send(message)
            return .success(())
        } catch {
            return .failure(.transport(RedactedError(error)))
        }
    }

    private func ended() {
        guard hub.state != .closed else { return }
        change(to: .closed, .closed)
        failWaiting()
        hub.finish()
    }

    private func failWaiting() { for completion in buffer.removeAll() { completion(.failure(.notOpen(hub.state))) } }

    /// States only go forward.
    private func change(to state: DataChannelState, _ event: DataChannelEvent?) {
        let order: [DataChannelState] = [.connecting, .open, .closing, .closed]
        guard let old = order.firstIndex(of: hub.state), let new = order.firstIndex(of: state), new > old else { return }
        hub.setState(state)
        observe(state)
        if let event { _ = hub.publish(event) }
    }
}
