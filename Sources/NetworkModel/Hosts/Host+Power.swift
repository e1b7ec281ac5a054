import NIOCore
import SimulationKernel

/// Sleep, suspension, crash: what happens to a machine or its application as a whole.
extension Host {
    // MARK: Sleep

    /// What becomes of a machine's interfaces while it sleeps.
    public enum SleepingInterfaces: String, Hashable, Sendable, CaseIterable {
        /// They stay up: no path event.
        case stayUp
        /// They lose their carrier and come back on waking with the addresses they had: path events, and sockets survive.
        case keepAddresses
        /// They leave their networks and get other addresses on waking.
        case loseAddresses
    }

    /// The machine sleeps: no timer of it runs, and what arrives is dropped.
    public func sleep(interfaces fate: SleepingInterfaces = .stayUp) {
        precondition(power.machine == .running, "'\(name)' sleeps or is off already")
        power.machine = .asleep
        tell(.slept)
        suspendLoops()
        guard fate != .stayUp else { return }
        let mark = network.makeFaultMark("sleep")
        power.sleepMark = mark
        power.interfacesDownDuringSleep = interfaces.filter { $0.isUp && $0.kind != .vpn }
        for interface in power.interfacesDownDuringSleep { interface.begin(mark, keepsAddresses: fate == .keepAddresses) }
    }

    /// The machine wakes. Its timers have stood still or not by the profile's clock, unless said otherwise.
    ///
    /// - Parameters:
    ///   - clock: what its timers make of the time asleep.
    ///   - socketsReclaimed: whether the operating system has closed all of the application's sockets meanwhile.
    ///   - reassociation: how long interfaces that went down need to come back.
    public func wake(
        clock: SimulatedEventLoop.SleepClock? = nil, socketsReclaimed: Bool = false, reassociation: TimeAmount = .zero
    ) {
        precondition(power.machine == .asleep, "'\(name)' does not sleep")
        power.machine = .running
        resumeLoops(clock ?? profile.sleepClock)
        if socketsReclaimed { udp.closeApplicationSockets(tellingOwners: true) }
        tell(.woke(socketsReclaimed: socketsReclaimed))
        bringInterfacesBack(after: reassociation)
    }

    private func bringInterfacesBack(after delay: TimeAmount) {
        guard let mark = power.sleepMark else { return }
        let down = power.interfacesDownDuringSleep
        power.sleepMark = nil
        power.interfacesDownDuringSleep = []
        if delay > .zero {
            simulation.schedule(in: delay) { for interface in down { interface.end(mark) } }
        } else {
            for interface in down { interface.end(mark) }
        }
    }

    // MARK: Suspension of the application

    /// The application is suspended while the machine runs: its timers wait, its sockets buffer, and its clock goes on.
    public func suspendApp() {
        precondition(!power.isAppSuspended && power.machine == .running, "the application of '\(name)' does not run")
        power.isAppSuspended = true
        eventLoop.suspend()
        tell(.appSuspended)
    }

    /// The application goes on: timers that became due meanwhile fire at once.
    ///
    /// - Parameters:
    ///   - clock: whether the application's timers have stood still meanwhile, as in a process that was frozen, or have run.
    ///   - socketsReclaimed: whether the operating system has closed its sockets meanwhile.
    public func resumeApp(clock: SimulatedEventLoop.SleepClock = .continuesDuringSleep, socketsReclaimed: Bool = false) {
        precondition(power.isAppSuspended && power.machine == .running, "the application of '\(name)' is not suspended")
        power.isAppSuspended = false
        eventLoop.resume(clock: clock)
        if socketsReclaimed { udp.closeApplicationSockets(tellingOwners: true) }
        tell(.appResumed(socketsReclaimed: socketsReclaimed))
    }

    // MARK: Crash

    /// The process dies and the machine goes on: sockets are closed by the operating system, later packets are answered with RST or ICMP.
    ///
    /// The loop stays: whoever made the application's objects drops them, and makes new ones that bind and listen again when it is to restart.
    public func exitProcess() {
        udp.closeApplicationSockets(tellingOwners: false)
        tell(.processExited)
    }

    /// The machine loses power: silence. Its peers learn nothing.
    public func crash() {
        precondition(power.machine != .off, "'\(name)' is off already")
        let wasRunning = power.machine == .running
        power.machine = .off
        resolver.cancelAll()
        udp.closeAll()
        tell(.crashed)
        if wasRunning { suspendLoops() }
        bringInterfacesBack(after: .zero)
    }

    /// The machine runs again and remembers no connection.
    ///
    /// - Parameter answersUnknown: whether segments of forgotten connections are answered with RST, or with silence as behind a filter.
    public func boot(answersUnknown: Bool = true) {
        precondition(power.machine == .off, "'\(name)' is not off")
        power.machine = .running
        self.answersUnknown = answersUnknown
        resolver.forgetCache()
        resumeLoops(.continuesDuringSleep)
        tell(.booted)
    }

    /// Every connection of the machine is forgotten at once and without a word, as by a crash and restart too short to notice: half-open peers.
    public func forgetConnections(answersUnknown: Bool = true) {
        crash()
        boot(answersUnknown: answersUnknown)
    }

    // MARK: Loops

    private func tell(_ event: HostLifecycleEvent) {
        report(.lifecycle(event))
        onLifecycle.forEach { $0(event) }
    }

    private func suspendLoops() {
        systemLoop.suspend()
        // A suspended application's clock has run until now; from now on it depends on the machine's.
        if power.isAppSuspended { eventLoop.resume(clock: .continuesDuringSleep) }
        eventLoop.suspend()
    }

    private func resumeLoops(_ clock: SimulatedEventLoop.SleepClock) {
        systemLoop.resume(clock: clock)
        eventLoop.resume(clock: clock)
        if power.isAppSuspended { eventLoop.suspend() }
    }
}
