/// The timing of a WebRTC library as data.
public struct WebRTCProfile: Sendable {
    /// How it is called in scenarios.
    public let name: String

    /// Google's, as in Chrome and on phones.
    public static let libwebrtc = WebRTCProfile(name: "libwebrtc")
}
