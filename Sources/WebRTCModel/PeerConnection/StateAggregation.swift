import MeteredRealtime

/// `RTCDtlsTransportState` (webrtc-pc section 5.5.1).
enum DTLSTransportState: String, Hashable, Sendable, CaseIterable {
    case new, connecting, connected, closed, failed
}

/// The states that webrtc-pc sections 4.3.2 to 4.3.4 derive from those of the transports. With BUNDLE there is one transport.
enum StateAggregation {
    /// `iceConnectionState`, of a connection that is not closed.
    ///
    /// First match (section 4.3.4): any failed; any disconnected; all new or closed, or none; any new or checking; all completed or closed; all connected,
    /// completed or closed. Of one transport that is its own state, except that a closed one counts as new.
    static func iceConnectionState(_ transports: [ICEConnectionState]) -> ICEConnectionState {
        func all(_ states: ICEConnectionState...) -> Bool { transports.allSatisfy(states.contains) }
        func any(_ states: ICEConnectionState...) -> Bool { transports.contains(where: states.contains) }
        if any(.failed) { return .failed }
        if any(.disconnected) { return .disconnected }
        if all(.new, .closed) { return .new }
        if any(.new, .checking) { return .checking }
        if all(.completed, .closed) { return .completed }
        return .connected
    }

    /// `connectionState`, of a connection that is not closed (section 4.3.3, first match).
    ///
    /// A DTLS transport that the remote peer closed counts as connected: what ends such a connection is ICE, some seconds later.
    static func connectionState(ice: ICEConnectionState, dtls: [DTLSTransportState]) -> PeerConnectionState {
        if ice == .failed || dtls.contains(.failed) { return .failed }
        if ice == .disconnected { return .disconnected }
        if ice == .new, dtls.allSatisfy({ $0 == .new || $0 == .closed }) { return .new }
        if ice == .connected || ice == .completed, dtls.allSatisfy({ $0 == .connected || $0 == .closed }) { return .connected }
        return .connecting
    }
}
