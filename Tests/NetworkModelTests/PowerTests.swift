import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@Suite("Sleep, suspension and crash")
struct PowerTests {
    private final class Scene {
        let world = NetworkWorld()
        let left: Endpoint
        let right: Endpoint
        private(set) var lifecycle: [HostLifecycleEvent] = []
        private(set) var fired: [TimeAmount] = []

        init() {
            let pair = world.pair(.ideal)
            left = pair.left
            right = pair.right
            left.host.onLifecycle.append { [weak self] in self?.lifecycle.append($0) }
        }

        /// A timer of the left host's application.
        func timer(in delay: TimeAmount) {
            let loop = left.host.eventLoop
            loop.schedule(at: loop.now + delay) { [weak self, simulation = world.simulation] in
                self?.fired.append(simulation.now.sinceStart)
            }
        }

        func systemTimer(in delay: TimeAmount) {
            let loop = left.host.systemLoop
            loop.schedule(at: loop.now + delay) { [weak self, simulation = world.simulation] in
                self?.fired.append(simulation.now.sinceStart)
            }
        }
    }

    @Test(
        "after sleep a timer has the time that was left, or is overdue, by the clock",
        arguments: [(SimulatedEventLoop.SleepClock.stopsDuringSleep, TimeAmount.seconds(70)), (.continuesDuringSleep, .seconds(61))])
    func sleepClock(clock: SimulatedEventLoop.SleepClock, expected: TimeAmount) {
        let scene = Scene()
        scene.timer(in: .seconds(10))
        scene.systemTimer(in: .seconds(10))
        scene.world.at(.seconds(1)) { scene.left.host.sleep() }
        scene.world.at(.seconds(61)) { scene.left.host.wake(clock: clock) }
        scene.world.run(for: .seconds(100))
        #expect(scene.fired == [expected, expected])
        #expect(scene.lifecycle == [.slept, .woke(socketsReclaimed: false)])
    }

    @Test("a sleeping machine's adapter drops what arrives")
    func sleepDrops() {
        let scene = Scene()
        scene.left.host.sleep()
        scene.right.send("x", to: scene.left.address)
        scene.world.run(for: .seconds(1))
        scene.left.host.wake()
        scene.world.run(for: .seconds(1))
        #expect(scene.left.received.isEmpty)
        #expect(scene.world.drops == [.hostAsleep])
    }

    @Test("a suspended application's timers wait and its datagrams are kept, while system timers run")
    func suspension() {
        let scene = Scene()
        scene.timer(in: .seconds(10))
        scene.systemTimer(in: .seconds(10))
        scene.world.at(.seconds(1)) { scene.left.host.suspendApp() }
        scene.world.at(.seconds(2)) { scene.right.send("x", to: scene.left.address) }
        scene.world.at(.seconds(30)) { scene.left.host.resumeApp() }
        scene.world.run(for: .seconds(40))
        #expect(scene.fired == [.seconds(10), .seconds(30)])
        #expect(scene.left.received.map(\.time) == [.seconds(30)])
    }

    @Test("an application suspended before the machine slept loses only the time asleep")
    func suspendedThenAsleep() {
        let scene = Scene()
        scene.timer(in: .seconds(100))
        scene.world.at(.seconds(10)) { scene.left.host.suspendApp() }
        scene.world.at(.seconds(20)) { scene.left.host.sleep() }
        scene.world.at(.seconds(50)) { scene.left.host.wake() }
        scene.world.at(.seconds(60)) { scene.left.host.resumeApp() }
        scene.world.run(for: .seconds(200))
        #expect(scene.fired == [.seconds(130)])
    }

    @Test("reclaimed sockets are closed with an error when the application runs again")
    func reclaimed() {
        let scene = Scene()
        scene.left.host.suspendApp()
        scene.world.run(for: .seconds(60))
        scene.left.host.resumeApp(socketsReclaimed: true)
        #expect(scene.left.send("x", to: scene.right.address) == .noAddress)
        scene.world.run(for: .seconds(1))
        #expect(scene.left.failures == [.closed])
        #expect(scene.left.socket.isClosed)
        #expect(scene.lifecycle.last == .appResumed(socketsReclaimed: true))
    }

    @Test("interfaces that keep their addresses over sleep give path events and nothing else")
    func sleepWithoutCarrier() throws {
        let scene = Scene()
        let interface = scene.left.host.interfaces[0]
        let addresses = interface.addresses
        var removed: [IPAddress] = []
        scene.left.host.onAddressRemoved.append { removed.append($0) }
        scene.world.run(for: .seconds(1))
        scene.left.host.sleep(interfaces: .keepAddresses)
        #expect(!interface.isUp)
        scene.world.run(for: .seconds(60))
        scene.left.host.wake(reassociation: .seconds(2))
        scene.world.run(for: .seconds(1))
        #expect(!interface.isUp)
        scene.world.run(for: .seconds(5))
        #expect(interface.isUp && interface.addresses == addresses && removed.isEmpty)
    }

    @Test("interfaces that leave their networks over sleep come back with other addresses")
    func sleepLosingAddresses() {
        let scene = Scene()
        let interface = scene.left.host.interfaces[0]
        let addresses = interface.addresses
        scene.left.host.sleep(interfaces: .loseAddresses)
        scene.world.run(for: .seconds(60))
        scene.left.host.wake()
        #expect(interface.isUp && interface.addresses != addresses)
    }

    @Test("a dead process answers with port unreachable, a dead machine is silent")
    func crash() {
        let scene = Scene()
        scene.left.host.exitProcess()
        scene.right.send("x", to: scene.left.address)
        scene.world.run(for: .seconds(1))
        #expect(scene.right.failures == [.unreachable(scene.left.address, .port)])
        scene.left.host.crash()
        scene.right.send("x", to: TransportAddress(scene.left.host.interfaces[0].addresses[0], 4_000))
        scene.world.run(for: .seconds(1))
        #expect(scene.right.failures.count == 1)
        #expect(scene.world.drops == [.noReceiver, .hostDown])
    }

    @Test("a machine that restarts has no sockets, and its timers go on")
    func boot() {
        let scene = Scene()
        scene.timer(in: .seconds(5))
        scene.left.host.crash()
        scene.world.run(for: .seconds(60))
        #expect(scene.fired.isEmpty)
        scene.left.host.boot(answersUnknown: false)
        scene.right.send("x", to: scene.left.address)
        scene.world.run(for: .seconds(1))
        #expect(scene.fired == [.seconds(60)])
        #expect(scene.right.failures.isEmpty)
        #expect(scene.lifecycle == [.crashed, .booted])
    }

    @Test("a resolver answers again after its machine has restarted")
    func resolverRestarts() throws {
        let world = NetworkWorld()
        world.network.addResolvers()
        world.network.addServer("rms.example")
        let client = world.network.addClient("client", on: [("eth0", .fibre)])
        try #require(world.network.host("resolver")).forgetConnections()
        var answer: Result<[IPAddress], DNSError>?
        client.resolve("rms.example", family: .v4) { answer = $0 }
        world.run(for: .seconds(1))
        #expect(try answer?.get().count == 1)
    }

    @Test("a machine that crashes while it sleeps boots like any other")
    func crashAsleep() {
        let scene = Scene()
        scene.left.host.sleep(interfaces: .loseAddresses)
        scene.world.run(for: .seconds(1))
        scene.left.host.crash()
        scene.left.host.boot()
        #expect(scene.left.host.interfaces[0].isUp)
    }
}
