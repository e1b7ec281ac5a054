/// Whether an offer should be made (webrtc-pc section 4.7.3, "check if negotiation is needed").
struct NegotiationNeeded {
    /// What the check looks at of one transceiver.
    struct Media: Hashable, Sendable {
        var mid: String?
        var direction: MediaDirection
        /// The streams and the track of the sender, as `a=msid` would have them.
        var streams: [SDPStream]
    }

    var mustReplaceCredentials: Bool
    var hasDataChannels: Bool
    var media: [Media]
    var currentLocal: AppliedDescription?
    var currentRemote: AppliedDescription?

    var isNeeded: Bool {
        if mustReplaceCredentials { return true }
        if hasDataChannels, currentLocal?.session.sections.contains(where: { $0.kind == .application && !$0.isRejected }) != true {
            return true
        }
        return media.contains(where: needs)
    }

    private func needs(_ media: Media) -> Bool {
        guard let currentLocal, let mid = media.mid, let section = currentLocal.session.section(mid: mid) else { return true }
        if section.isRejected { return false }
        if media.direction.sends, Set(section.streams) != Set(media.streams) { return true }
        let remote = currentRemote?.session.section(mid: mid)?.direction.reversed ?? .inactive
        switch currentLocal.kind {
        case .offer: return section.direction != media.direction && remote != media.direction
        case .answer, .provisionalAnswer:
            let possible = MediaDirection(
                sends: media.direction.sends && remote.sends, receives: media.direction.receives && remote.receives)
            return section.direction != possible
        case .rollback: preconditionFailure("a rollback is never a current description")
        }
    }
}
