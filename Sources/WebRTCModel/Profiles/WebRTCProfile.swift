/// The behaviour of one WebRTC implementation, as data: everything that has a figure.
///
/// Each implementation's table is one file of this folder, with the source of every figure. Changing a copy is how a scenario models an application that
/// configures its stack (`RTCConfiguration.iceInactiveTimeout` and the like).
public struct WebRTCProfile: Sendable {
    /// Its name in scenarios: "libwebrtc" ...
    public var name: String
    /// Connectivity checks, liveness, selection.
    public var ice: ICEProfile
    /// Where candidates come from.
    public var gathering: GatheringProfile
    /// What a TURN client does.
    public var turn: TURNProfile
    /// Handshake timers.
    public var dtls: DTLSProfile
    /// Association timers.
    public var sctp: SCTPProfile
    /// What the connection does with them.
    public var connection: PeerConnectionProfile

    /// A profile of these tables.
    public init(
        name: String, ice: ICEProfile, gathering: GatheringProfile, turn: TURNProfile, dtls: DTLSProfile, sctp: SCTPProfile,
        connection: PeerConnectionProfile = .w3c
    ) {
        self.name = name
        self.ice = ice
        self.gathering = gathering
        self.turn = turn
        self.dtls = dtls
        self.sctp = sctp
        self.connection = connection
    }

    /// All profiles, the default first.
    public static let all: [WebRTCProfile] = [libwebrtc, pion, aioice, libnice, firefox]

    /// The profile of that name, nil if there is none.
    public static func named(_ name: String) -> WebRTCProfile? { all.first { $0.name == name } }
}
