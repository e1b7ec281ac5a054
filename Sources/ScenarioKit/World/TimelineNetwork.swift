import NIOCore
import NetworkModel
import SimulationKernel
import Trace

// Actions on hosts, links and what lies between.

extension TimelineDriver {
    func performOnNetwork(_ action: Scenario.Action, label: String) {
        switch action {
        case .blackout(let blackout): self.blackout(blackout, label)
        case .linkDown(let hosts, let interface, let duration):
            for host in self.hosts(hosts) {
                if let interface = host.interface(interface) { end(interface.linkDown(name: label), after: duration) }
            }
        case .roam(let roam):
            for host in hosts(roam.hosts) {
                guard let old = host.interface(roam.from), let new = host.interface(roam.to) else { continue }
                host.roam(from: old, to: new, deadWindow: roam.dead)
            }
        case .link(let change): degrade(change, label)
        case .natRebind(let hosts):
            for network in accessNetworks(of: hosts) { network.rebindNAT(newAddress: false) }
        case .dns(let hosts, let failure, let duration): dns(hosts, failure, duration, label)
        case .captivePortal(let hosts, let kind, let duration):
            for network in accessNetworks(of: hosts) { end(world.portals.begin(kind, on: network, name: label), after: duration) }
        case .vpn(let hosts, let isOn):
            for host in self.hosts(hosts) { world.vpn.set(isOn, on: host) }
        case .sleep(let hosts, let duration, let clock, let sockets): sleep(hosts, duration, clock, sockets)
        case .suspendApp(let peers, let duration, let sockets, let timers): suspend(peers, duration, sockets, timers)
        case .wallClock(let owner, let jump):
            switch owner {
            case .hosts(let hosts): for host in self.hosts(hosts) { host.jumpWallClock(by: jump) }
            case .service: world.service.service.jumpWallClock(by: jump)
            }
        case .halfOpen(let peers): world.service.forgetConnections(of: world.scenario.ids(of: peers))
        case .deploy, .crash, .serviceClose, .refuse, .slow, .silent, .reject, .malformed, .raw, .flap, .http, .goingAway, .tokenEndpoint,
            .newID,
            .connect,
            .close, .subscribe, .unsubscribe, .publish, .send, .networkPathChanged, .retry, .turn, .udpBlocked, .snapshot, .iceServers,
            .join,
            .restart, .addTrack, .removeTrack, .replaceTrack, .openChannel, .sendData:
            preconditionFailure("not an action on the network: \(action.word)")
        }
    }

    private func hosts(_ names: [String]) -> [Host] { names.compactMap { world.host($0) } }

    private func links(_ names: [String], _ interface: String) -> [Link] { hosts(names).compactMap { $0.interface(interface)?.link } }

    private func end(_ fault: Fault, after duration: TimeAmount?) {
        if let duration { fault.end(after: duration) }
    }

    /// Each network once, in the order of the hosts, the one that each host uses now.
    func accessNetworks(of names: [String]) -> [AccessNetwork] {
        var result: [AccessNetwork] = []
        for host in hosts(names) {
            guard let network = host.preferredInterfaces.first?.accessNetwork, !result.contains(where: { $0 === network }) else { continue }
            result.append(network)
        }
        return result
    }

    // MARK: - Links

    private func blackout(_ blackout: Scenario.Blackout, _ label: String) {
        switch blackout.place {
        case .hosts(let names):
            for host in hosts(names) { end(host.blackout(blackout.direction.direction, name: label), after: blackout.duration) }
        case .interface(let names, let interface):
            for link in links(names, interface) {
                end(world.network.blackout(of: link, blackout.direction.direction, name: label), after: blackout.duration)
            }
        case .between(let first, let second):
            for one in first {
                for other in second where one != other {
                    guard let one = world.host(one), let other = world.host(other) else { continue }
                    end(one.partition(from: other, blackout.direction.direction, name: label), after: blackout.duration)
                }
            }
        }
    }

    private func degrade(_ change: Scenario.LinkChange, _ label: String) {
        let (up, down) = (LinkChange(change.up), LinkChange(change.down))
        for (direction, values) in [(LinkDirection.up, up), (.down, down)] where values != LinkChange() {
            switch change.place {
            case .hosts(let names): for host in hosts(names) { end(host.degrade(direction, values, name: label), after: change.duration) }
            case .interface(let names, let interface):
                for link in links(names, interface) {
                    end(world.network.degrade(link, direction, values, name: label), after: change.duration)
                }
            case .between: preconditionFailure("a path between two parties has no link of its own")
            }
        }
    }

    private func dns(_ names: [String], _ failure: Scenario.DNSFailure, _ duration: TimeAmount?, _ label: String) {
        let kind: NameDirectory.Failure
        switch failure {
        case .servfail: kind = .serverFailure
        case .nxdomain: kind = .nameNotFound
        case .timeout: kind = .noAnswer
        }
        for host in hosts(names) { end(host.dnsFailure(kind, name: label), after: duration) }
    }

    // MARK: - Sleep

    private func sleep(_ names: [String], _ duration: TimeAmount, _ clock: Scenario.SleepClock?, _ sockets: Scenario.SocketsInSleep) {
        for host in hosts(names) {
            let clock = clock?.clock ?? host.profile.sleepClock
            world.recorder.record(.sleep(at: world.simulation.nanoseconds, who: host.name, clock: clock.traced))
            host.sleep()
            world.simulation.schedule(in: duration) { [world] in
                world.recorder.record(.wake(at: world.simulation.nanoseconds, who: host.name))
                host.wake(clock: clock, socketsReclaimed: sockets == .reclaimed)
            }
        }
    }

    private func suspend(
        _ peers: [String], _ duration: TimeAmount, _ sockets: Scenario.SocketsInSleep, _ timers: Scenario.SuspendedTimers
    ) {
        var suspended: [Host] = []
        for client in participants(peers) where !suspended.contains(where: { $0 === client.host }) { suspended.append(client.host) }
        let clock: SimulatedEventLoop.SleepClock = timers == .frozen ? .stopsDuringSleep : .continuesDuringSleep
        for host in suspended {
            world.recorder.record(.appSuspended(at: world.simulation.nanoseconds, who: host.name, clock: clock.traced))
            host.suspendApp()
            world.simulation.schedule(in: duration) { [world] in
                world.recorder.record(.appResumed(at: world.simulation.nanoseconds, who: host.name))
                host.resumeApp(clock: clock, socketsReclaimed: sockets == .reclaimed)
            }
        }
    }
}

extension SimulatedEventLoop.SleepClock {
    fileprivate var traced: TraceEvent.ClockDuringSleep {
        switch self {
        case .stopsDuringSleep: return .stops
        case .continuesDuringSleep: return .continues
        }
    }
}

extension Scenario.Direction {
    fileprivate var direction: LinkDirection {
        switch self {
        case .both: return .both
        case .up: return .up
        case .down: return .down
        }
    }
}

extension LinkChange {
    init(_ values: Scenario.LinkValues) {
        self.init(
            rate: values.rate, queueBytes: values.queue?.bytes, delay: values.delay, jitter: values.jitter,
            loss: values.loss.map { LossModel(share: $0, meanBurstLength: values.meanBurstLength ?? 1) },
            duplicationPercent: values.duplication.map { $0 * 100 },
            reordering: values.reordering.flatMap { LinkConditions.Reordering(share: $0, delay: values.delay ?? .zero) })
    }
}
