/// What we decided differently from the official SDK about a link. Each can be given to ``LinkModel``; the order is that of the transformations.
enum LinkDecision: Int, CaseIterable {
    /// Rungs come at ICE-01's times after the failure, and giving up 15 s after the last (ICE-02, ICE-05). The official SDK waits up to 15 s for each
    /// attempt before the next delay begins.
    case rungTimes
    /// A rung whose turn comes while signalling is away is skipped without an error (ICE-07, BEY-14).
    case skippedRungs
    /// A restart, ours or the remote peer's, happens on the connection: channels stay, nobody waits, nothing is dropped (ICE-03, ICE-11, BEY-13).
    case inPlace
    /// A description of a generation that another has followed does not act, and an answer that none waits for shows that the one taken was for an
    /// earlier offer: ICE restarts (ICE-10).
    case generations
    /// What follows an offer or answer whose acknowledgement is lost goes out all the same: the remote peer may have it. Only a description that is not
    /// delivered is an error (WIRE-11).
    case lateCandidates
    /// A swap of a link that had a section for data offers one again (BEY-25).
    case swappedData
    /// A swap of a link that has nothing to negotiate leaves it idle (BEY-24).
    case idleSwaps
    /// A closed survivor gets a new connection like every other (BEY-11).
    case closedSwaps
    /// Whatever becomes of a link while signalling is away, it is `reconnecting` until the snapshot (ROS-01).
    case hiddenWhileAway
}
