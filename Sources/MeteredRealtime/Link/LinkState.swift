/// The public state of a remote peer (ICE-06), from the states of its connection and of signalling.
struct LinkState: Hashable, Sendable {
    /// A change of the public state.
    struct Change: Hashable, Sendable {
        let from: RemotePeerState
        let to: RemotePeerState
    }

    /// What the application sees.
    private(set) var state = RemotePeerState.idle
    /// Signalling is lost: `reconnecting`, whatever the connection does (ROS-01).
    private var isHeld = false

    /// The connection's state changed.
    mutating func transport(_ transport: PeerConnectionState) -> Change? {
        guard !isHeld, let next = next(for: transport) else { return nil }
        return change(to: next)
    }

    /// Signalling was lost (ROS-01).
    mutating func signallingLost() -> Change? {
        isHeld = true
        return change(to: .reconnecting)
    }

    /// Signalling is back, and the connection was kept (BEY-22).
    mutating func signallingReady(_ transport: PeerConnectionState) -> Change? {
        guard isHeld else { return nil }
        isHeld = false
        if transport == .new { return change(to: .idle) }
        return next(for: transport).flatMap { change(to: $0) }
    }

    /// The connection was swapped for a new one that carries something, or nothing (ROS-04, BEY-24).
    mutating func swapped(carriesSomething: Bool) -> Change? {
        isHeld = false
        return change(to: carriesSomething ? .reconnecting : .idle)
    }

    /// The remote peer made a new connection, and so do we (ICE-11). What was closed comes back by way of `connecting`.
    mutating func replaced() -> Change? {
        guard state == .connected else { return nil }
        return change(to: .reconnecting)
    }

    /// The end.
    mutating func close() -> Change? {
        isHeld = true
        return change(to: .closed)
    }

    /// The hop through `connecting` shows only on the way to a first connection (ICE-06).
    private func next(for transport: PeerConnectionState) -> RemotePeerState? {
        switch transport {
        case .new: nil
        case .connecting:
            switch state {
            case .idle, .connecting, .closed: .connecting
            case .connected, .reconnecting: nil
            }
        case .connected: .connected
        case .disconnected, .failed: .reconnecting
        case .closed: .closed
        }
    }

    private mutating func change(to next: RemotePeerState) -> Change? {
        guard next != state else { return nil }
        defer { state = next }
        return Change(from: state, to: next)
    }
}
