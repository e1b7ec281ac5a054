/// Where WebRTC libraries differ above ICE, DTLS and SCTP.
public struct PeerConnectionProfile: Hashable, Sendable {
    /// The remote peer's close_notify closes the connection, with the states `closed`.
    ///
    /// aiortc (`rtcpeerconnection.py`, `__updateConnectionState` on a closed DTLS transport) and pion (`SettingEngine.DisableCloseByDTLS` is off) do. By webrtc-pc
    /// section 4.3.3 and in libwebrtc a closed DTLS transport counts as connected: data channels close at once, and ICE finds out seconds later.
    public var closesWithRemoteDTLS: Bool
    /// `setConfiguration` with other servers or policy makes the next offer an ICE restart (libwebrtc `pc/peer_connection.cc`).
    public var restartsForNewServers: Bool

    /// What webrtc-pc says.
    public static let w3c = PeerConnectionProfile(closesWithRemoteDTLS: false, restartsForNewServers: false)
    /// libwebrtc.
    public static let libwebrtc = PeerConnectionProfile(closesWithRemoteDTLS: false, restartsForNewServers: true)
    /// aiortc and pion.
    public static let closing = PeerConnectionProfile(closesWithRemoteDTLS: true, restartsForNewServers: false)
}
