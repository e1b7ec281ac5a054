/// A remote peer as the room holds it: the application's object, the link under it, and what came over the link.
final class RosterEntry {
    let remote: RemotePeer
    let link: PeerLink
    var media = InboundMedia()
    /// Our own id when the link was made, which decides who is polite.
    var localID: String
    /// What the link told before the application knew of the remote peer; nil from then on.
    var held: [() -> Void]? = []

    init(remote: RemotePeer, link: PeerLink, localID: String) {
        self.remote = remote
        self.link = link
        self.localID = localID
    }
}
