import CompactJSON
import NIOCore
import SimulationKernel
import Trace

/// Makes the scenario's timeline happen, and tells the trace when each action begins and ends.
final class TimelineDriver {
    /// Not held: the world holds its driver.
    unowned let world: World
    /// The instant's name goes into the drops that a fault causes.
    private let entries: [Scenario.TimelineEntry]

    init(world: World) {
        self.world = world
        entries = world.scenario.timeline
    }

    /// Schedules every entry.
    func schedule() {
        for entry in entries {
            world.simulation.schedule(at: .start + entry.at) { self.perform(entry) }
        }
    }

    private func perform(_ entry: Scenario.TimelineEntry) {
        let word = entry.action.word
        let details = entry.action.details
        record(entry, word, .begin, details)
        let label = entry.name ?? word
        if entry.action.length > .zero {
            world.simulation.schedule(in: entry.action.length) { self.record(entry, word, .end, details) }
        }
        switch entry.action {
        case .blackout, .linkDown, .roam, .link, .natRebind, .dns, .captivePortal, .vpn, .sleep, .suspendApp, .wallClock, .halfOpen:
            performOnNetwork(entry.action, label: label)
        case .deploy, .crash, .serviceClose, .refuse, .slow, .silent, .reject, .malformed, .raw, .flap, .http, .goingAway, .tokenEndpoint,
            .newID:
            performOnService(entry.action)
        case .connect, .close, .subscribe, .unsubscribe, .publish, .send, .networkPathChanged, .retry:
            performInApplication(entry.action)
        case .turn, .udpBlocked, .snapshot, .iceServers, .join, .restart,
            .addTrack, .removeTrack, .replaceTrack, .openChannel, .sendData:
            performInCalls(entry.action, label: label)
        }
    }

    private func record(_ entry: Scenario.TimelineEntry, _ word: String, _ phase: TraceEvent.TimelinePhase, _ details: JSONObject) {
        let now = world.simulation.nanoseconds
        world.recorder.record(.timeline(at: now, name: entry.name, action: word, phase: phase, details: details))
    }

    func participants(_ names: [String]) -> [any Participant] { names.compactMap { world.participant($0) } }

    fileprivate func clients(_ names: [String]) -> [ClientModel] { names.compactMap { world.client($0) } }
}

// MARK: - Actions of the application

extension TimelineDriver {
    private func performInApplication(_ action: Scenario.Action) {
        switch action {
        case .connect(let peers): clients(peers).forEach { $0.connect() }
        case .retry(let peers): participants(peers).forEach { $0.retry() }
        case .close(let peers, let code, let reason): participants(peers).forEach { $0.close(code: code, reason: reason) }
        case .subscribe(let peers, let channel, let metadata):
            clients(peers).forEach { $0.subscribe(channel, includeSenderMetadata: metadata) }
        case .unsubscribe(let peers, let channel): clients(peers).forEach { $0.unsubscribe(channel) }
        case .publish(let peers, let channel, let size, let times):
            clients(peers).forEach { $0.publish(channel, bytes: size.bytes, times: times) }
        case .send(let peers, let to, let size, let times): participants(peers).forEach { $0.send(to: to, bytes: size.bytes, times: times) }
        case .networkPathChanged(let peers, let oldPathGone):
            participants(peers).forEach { $0.networkPathChanged(oldPathGone: oldPathGone) }
        case .blackout, .linkDown, .roam, .link, .natRebind, .dns, .captivePortal, .vpn, .sleep, .suspendApp, .wallClock, .halfOpen,
            .deploy,
            .crash, .serviceClose, .refuse, .slow, .silent, .reject, .malformed, .raw, .flap, .http, .goingAway, .tokenEndpoint, .newID,
            .turn, .udpBlocked, .snapshot, .iceServers, .join, .restart, .addTrack, .removeTrack, .replaceTrack, .openChannel, .sendData:
            preconditionFailure("not an action of the application: \(action.word)")
        }
    }
}
