import Trace

/// Streams, tracks and data channels over a swap: what is attached again, added again, dead, and whether frames move.
struct MediaChecker: Checker {
    static let name = "media"
    static let rules: [RuleID] = [.ros(4), .ros(10), .ros(11), .app(3), .app(6)]

    func check(_ evidence: Evidence, _ report: inout CheckReport) {
        for peer in evidence.peers {
            for link in peer.links {
                StreamWalk(link: link, peer: peer, evidence: evidence).check(&report)
                ChannelWalk(link: link, peer: peer, evidence: evidence).check(&report)
                LocalTrackWalk(link: link, peer: peer, evidence: evidence).check(&report)
                checkFrames(link, peer, evidence, &report)
            }
        }
    }

    /// APP-06: a track that moved before moves again once the link has recovered.
    private func checkFrames(_ link: LinkHistory, _ peer: PeerHistory, _ evidence: Evidence, _ report: inout CheckReport) {
        var stalled: [(track: String, mark: Mark)] = []
        /// Those of the connection before: they count again once the new one has them.
        var old: [(track: String, mark: Mark)] = []
        var recovered: Mark?
        func settle(at time: Nanoseconds) {
            guard let mark = recovered, time > mark.at + PeerSpec.mediaAllowance + evidence.tolerance.late else { return }
            recovered = nil
            // What has stalled since then is another matter.
            for entry in stalled where entry.mark.index < mark.index {
                report.violate(
                    .app(6), peer.who, mark,
                    "\(link.remote) was connected again, but its track \(entry.track) still stood still \(PeerSpec.mediaAllowance.text) s later."
                )
            }
        }
        for step in link.steps {
            settle(at: step.mark.at)
            switch step.kind {
            case .media:
                guard let track = step.event[.track] else { break }
                let moves = step.event[.phase] == TraceEvent.MediaPhase.flowing.rawValue
                if moves, (stalled + old).contains(where: { $0.track == track }) { report.hold(.app(6)) }
                stalled.removeAll { $0.track == track }
                old.removeAll { $0.track == track }
                if !moves { stalled.append((track, step.mark)) }
            case .track where step.event[.phase] == TraceEvent.RemoteMediaPhase.removed.rawValue:
                stalled.removeAll { $0.track == step.event[.track] }
            case .track:
                stalled += old.filter { $0.track == step.event[.track] }
                old.removeAll { $0.track == step.event[.track] }
            case .connection:
                old += stalled
                stalled = []
            case .remoteState: recovered = step.event[.to] == RemoteState.connected.rawValue ? step.mark : nil
            case .peerLeft: (stalled, old, recovered) = ([], [], nil)
            case .connectionClosed: recovered = nil
            default: break
            }
        }
        settle(at: evidence.end.at)
    }
}

/// ROS-10: a stream seen again after a new connection is added again, as a fresh object, without a removal in between.
private struct StreamWalk {
    let link: LinkHistory
    let peer: PeerHistory
    let evidence: Evidence

    func check(_ report: inout CheckReport) {
        var objects: [String: Int] = [:]
        var old: [String: Int] = [:]
        var replaced: Mark?
        for step in link.steps {
            switch step.kind {
            case .connection:
                old.merge(objects) { _, now in now }
                objects = [:]
                replaced = step.mark
            case .peerLeft: (objects, old, replaced) = ([:], [:], nil)
            case .stream:
                guard let id = step.event[.stream] else { break }
                if step.event[.phase] == TraceEvent.RemoteMediaPhase.removed.rawValue {
                    removed(id, step.mark, objects, old, replaced, &report)
                    objects[id] = nil
                } else {
                    added(id, step, objects, old, &report)
                    objects[id] = step.event[.object]
                    old[id] = nil
                }
            default: break
            }
        }
    }

    private func removed(
        _ id: String, _ mark: Mark, _ objects: [String: Int], _ old: [String: Int], _ replaced: Mark?, _ report: inout CheckReport
    ) {
        guard objects[id] == nil, old[id] != nil, replaced != nil else { return }
        report.violate(
            .ros(10), peer.who, mark, "stream \(id) of \(link.remote) was removed with its old connection; the spec adds it again (ROS-10)."
        )
    }

    private func added(
        _ id: String, _ step: PeerStep, _ objects: [String: Int], _ old: [String: Int], _ report: inout CheckReport
    ) {
        guard let before = old[id] else {
            if objects[id] != nil {
                report.violate(.ros(10), peer.who, step.mark, "stream \(id) of \(link.remote) was added twice on one connection (ROS-10).")
            }
            return
        }
        report.expect(
            step.event[.object] != before, .ros(10), peer.who, step.mark,
            "stream \(id) of \(link.remote) came again as the object of the old connection; the spec says a fresh one (ROS-10).")
    }
}

/// ROS-11 and APP-03: channels die with their connection, and new ones open.
private struct ChannelWalk {
    let link: LinkHistory
    let peer: PeerHistory
    let evidence: Evidence

    private struct Channel {
        var object: Int?
        var label: String
        var isLocal: Bool
        var state: String
        var since: Mark
    }

    func check(_ report: inout CheckReport) {
        var channels: [Channel] = []
        var old: [Channel] = []
        var replaced: Mark?
        var connections = 0
        func settle(at time: Nanoseconds) {
            guard let mark = replaced, time - mark.at > evidence.tolerance.early else { return }
            replaced = nil
            for channel in old where channel.state != "closed" {
                report.violate(
                    .ros(11), peer.who, mark, "data channel \(channel.label) of \(link.remote) outlived its connection (ROS-11).")
            }
            if !old.isEmpty, old.allSatisfy({ $0.state == "closed" }) { report.hold(.ros(11), old.count) }
        }
        for step in link.steps {
            settle(at: step.mark.at)
            switch step.kind {
            case .connection:
                old = channels.filter { $0.state != "closed" || evidence.isTogether($0.since.at, step.mark.at) }
                channels = []
                replaced = step.mark
                connections += 1
            case .dataChannel: read(step, &channels, &old, connections > 1, &report)
            default: break
            }
        }
        settle(at: evidence.end.at)
    }

    private func read(
        _ step: PeerStep, _ channels: inout [Channel], _ old: inout [Channel], _ hasRecovered: Bool, _ report: inout CheckReport
    ) {
        let channel = Channel(
            object: step.event[.object], label: step.event[.label] ?? "?",
            isLocal: step.event[.origin] == TraceEvent.DataChannelOrigin.local.rawValue, state: step.event[.state] ?? "", since: step.mark)
        func isSame(_ other: Channel) -> Bool {
            channel.object != nil ? other.object == channel.object : other.label == channel.label && other.isLocal == channel.isLocal
        }
        // Without ordinals a name may stand for the old channel and the new one: its end belongs to the old.
        if let place = old.firstIndex(where: isSame), channel.object != nil || channel.state == "closed" || channel.state == "closing" {
            if channel.state == "open" {
                report.violate(
                    .ros(11), peer.who, step.mark,
                    "data channel \(channel.label) of \(link.remote) opened on a connection that is not its own (ROS-11).")
            }
            old[place].state = channel.state
        } else if let place = channels.firstIndex(where: isSame) {
            channels[place].state = channel.state
            channels[place].since = step.mark
        } else {
            channels.append(channel)
        }
        if channel.state == "open", hasRecovered { report.hold(.app(3)) }
    }
}

/// ROS-04: what was sent before a swap is sent after it.
private struct LocalTrackWalk {
    let link: LinkHistory
    let peer: PeerHistory
    let evidence: Evidence

    func check(_ report: inout CheckReport) {
        guard peer.kinds.contains(.localTrack) else { return }
        var attached: [String] = []
        var missing: [String] = []
        var swapped: Mark?
        func settle(at time: Nanoseconds) {
            guard let mark = swapped, time - mark.at > evidence.tolerance.early else { return }
            swapped = nil
            for track in missing {
                report.violate(
                    .ros(4), peer.who, mark, "track \(track) was not attached to the new connection to \(link.remote) (ROS-04).")
            }
        }
        for step in link.steps {
            settle(at: step.mark.at)
            switch step.kind {
            case .connection:
                missing = attached
                attached = []
                swapped = step.mark
            case .peerLeft: swapped = nil
            case .localTrack:
                guard let track = step.event[.track] else { break }
                let isAttached = step.event[.phase] == TraceEvent.LocalTrackPhase.attached.rawValue
                attached.removeAll { $0 == track }
                missing.removeAll { $0 == track }
                if isAttached { attached.append(track) }
            default: break
            }
        }
        settle(at: evidence.end.at)
    }
}
