import NIOCore
import NetworkModel
import SimulationKernel
import Testing

@Suite("Faults")
struct FaultTests {
    /// A phone that sends a numbered datagram every 100 ms to a server, which answers each.
    private final class Scene {
        let world = NetworkWorld()
        let phone: Endpoint
        let server: Endpoint

        init() {
            phone = Endpoint(
                world.network.addClient("phone", profile: .darwin, on: [("lte", .lte.withoutJitter), ("wifi", .homeWiFi.withoutJitter)]))
            server = Endpoint(world.network.addServer("server"))
            server.socket.onReceive = { [weak self, socket = server.socket, simulation = world.simulation] in
                self?.arrived.append(simulation.now.sinceStart)
                socket.send($0.payload, to: $0.source)
            }
        }

        private(set) var arrived: [TimeAmount] = []

        /// Datagram n leaves 100n + 50 ms from now.
        func run(for time: TimeAmount) {
            world.run(for: .milliseconds(50))
            phone.send(count: Int(time.nanoseconds / 100_000_000), every: .milliseconds(100), to: server.address)
            world.run(for: time - .milliseconds(50))
        }

        /// The tenths of a second whose datagram was answered.
        func answeredTenths() -> [UInt32] { phone.numbers }
    }

    @Test("a host blackout stops both ways, and every drop names it")
    func blackout() {
        let scene = Scene()
        scene.world.at(.seconds(1)) { scene.phone.host.blackout(name: "doors close").end(after: .seconds(2)) }
        scene.run(for: .seconds(5))
        #expect(scene.answeredTenths() == Array(0..<10) + Array(30..<50))
        #expect(!scene.world.drops.isEmpty)
        #expect(scene.world.drops.allSatisfy { $0 == .blackout(fault: "doors close") })
        #expect(scene.phone.host.path.isSatisfied)
    }

    @Test("an uplink blackout lets the other direction pass", arguments: [LinkDirection.up, .down])
    func oneWay(direction: LinkDirection) {
        let scene = Scene()
        scene.phone.host.blackout(direction, name: "one way")
        scene.run(for: .seconds(1))
        #expect(scene.phone.received.isEmpty)
        #expect(scene.arrived.isEmpty == (direction == .up))
    }

    @Test("two overlapping blackouts end independently")
    func overlapping() {
        let scene = Scene()
        let host = scene.phone.host
        scene.world.at(.seconds(1)) { host.blackout(name: "first").end(after: .seconds(2)) }
        scene.world.at(.seconds(2)) { host.blackout(name: "second").end(after: .seconds(2)) }
        scene.run(for: .seconds(6))
        #expect(scene.answeredTenths() == Array(0..<10) + Array(40..<60))
        #expect(Set(scene.world.drops) == [.blackout(fault: "first"), .blackout(fault: "second")])
    }

    @Test("two faults of one name are still two")
    func sameName() {
        let scene = Scene()
        let first = scene.phone.host.blackout(name: "same")
        scene.phone.host.blackout(name: "same")
        first.end()
        first.end()
        scene.run(for: .seconds(1))
        #expect(scene.phone.received.isEmpty)
    }

    @Test("a link blackout loses what is in flight on the link")
    func inFlight() throws {
        let scene = Scene()
        let link = try #require(scene.phone.host.interface("wifi")?.link)
        scene.phone.send("x", to: scene.server.address)
        scene.world.at(.milliseconds(2)) { scene.world.network.blackout(of: link, name: "cut") }
        scene.world.run(for: .seconds(1))
        #expect(scene.world.drops == [.blackout(fault: "cut")])
    }

    @Test("a partition cuts two hosts off from each other through their NATs, and from nobody else")
    func partition() {
        let scene = Scene()
        let other = Endpoint(scene.world.network.addServer("other"))
        let fault = scene.phone.host.partition(from: scene.server.host, name: "split")
        scene.phone.send("x", to: other.address)
        scene.run(for: .seconds(1))
        #expect(other.received.count == 1)
        #expect(scene.arrived.isEmpty)
        #expect(scene.world.drops.allSatisfy { $0 == .partition(fault: "split") })
        fault.end()
        scene.run(for: .seconds(1))
        #expect(scene.phone.received.count == 10)
    }

    @Test("degradations add up and come off one by one")
    func degradations() throws {
        let scene = Scene()
        let link = try #require(scene.phone.host.interface("wifi")?.link)
        let base = link.up.effective
        let slow = scene.phone.host.degrade(.up, LinkChange(rate: .kilobitsPerSecond(100), extraDelay: .milliseconds(10)), name: "slow")
        let far = scene.phone.host.degrade(.both, LinkChange(extraDelay: .milliseconds(30)), name: "far")
        #expect(link.up.effective.delay == base.delay + .milliseconds(40))
        #expect(link.down.effective.delay == base.delay + .milliseconds(30))
        slow.end()
        #expect(link.up.effective.rate == base.rate)
        #expect(link.up.effective.delay == base.delay + .milliseconds(30))
        far.end()
        #expect(link.up.effective == base)
    }

    @Test("loss raised by a fault names it in each drop")
    func namedLoss() {
        let scene = Scene()
        scene.phone.host.degrade(.up, LinkChange(loss: LossModel(percent: 50)), name: "rain")
        scene.run(for: .seconds(3))
        #expect(scene.world.drops.count > 3)
        #expect(scene.world.drops.allSatisfy { $0 == .loss(fault: "rain") })
    }

    @Test("a roam is a gap, then another interface and address, with path events for both")
    func roam() throws {
        let scene = Scene()
        let host = scene.phone.host
        let (wifi, lte) = (try #require(host.interface("wifi")), try #require(host.interface("lte")))
        lte.setUp(false)
        scene.world.run(for: .seconds(1))
        let wifiAddresses = wifi.addresses
        var paths: [(TimeAmount, NetworkPath)] = []
        host.observePath { paths.append((scene.world.simulation.now.sinceStart, $0)) }
        scene.world.at(.seconds(2)) { host.roam(from: wifi, to: lte, deadWindow: .milliseconds(1_500)) }
        scene.run(for: .seconds(5))
        #expect(paths.map(\.0) == [.milliseconds(2_100), .milliseconds(3_600)])
        #expect(paths.map(\.1.isSatisfied) == [false, true])
        #expect(paths[0].1.goneAddresses == wifiAddresses)
        #expect(paths[1].1.interface == "lte")
        // A socket on 0.0.0.0 goes on from the new address.
        #expect(scene.answeredTenths().last == 48)
        #expect(!scene.answeredTenths().contains(12))
    }

    @Test("make before break has no gap")
    func makeBeforeBreak() throws {
        let scene = Scene()
        let host = scene.phone.host
        let (wifi, lte) = (try #require(host.interface("wifi")), try #require(host.interface("lte")))
        scene.world.run(for: .seconds(1))
        var paths: [NetworkPath] = []
        host.observePath { paths.append($0) }
        scene.world.at(.seconds(2)) { host.roam(from: wifi, to: lte, deadWindow: .milliseconds(-500)) }
        scene.run(for: .seconds(5))
        #expect(paths.map(\.interface) == ["lte"])
        #expect(scene.answeredTenths().count >= 49)
    }

    @Test("moving to another Wi-Fi gives another address on the same interface")
    func otherWiFi() throws {
        let scene = Scene()
        let wifi = try #require(scene.phone.host.interface("wifi"))
        let office = scene.world.network.addAccessNetwork("office", .homeWiFi.withoutJitter)
        let before = scene.world.network.accessNetwork("phone-wifi")
        scene.phone.host.roam(wifi, to: office, deadWindow: .seconds(1))
        scene.run(for: .seconds(3))
        #expect(wifi.accessNetwork === office && before !== office)
        #expect(wifi.isUp)
        #expect(scene.answeredTenths().contains(20))
    }

    @Test("overlapping link-down faults bring the interface back when the last has ended")
    func linkDownTwice() throws {
        let scene = Scene()
        let wifi = try #require(scene.phone.host.interface("wifi"))
        let first = wifi.linkDown(name: "first")
        let second = wifi.linkDown(name: "second")
        first.end()
        #expect(!wifi.isUp)
        second.end()
        #expect(wifi.isUp && !wifi.addresses.isEmpty)
    }

    @Test("the beginning and end of a fault are events")
    func faultEvents() {
        let scene = Scene()
        scene.phone.host.blackout(name: "doors close").end(after: .seconds(1))
        scene.world.run(for: .seconds(2))
        let faults = scene.world.events.compactMap { event -> String? in
            if case .fault(let name, _, let hasBegun) = event.kind {
                "\(name) \(hasBegun) \(event.time.sinceStart.nanoseconds)"
            } else {
                nil
            }
        }
        #expect(faults == ["doors close true 0", "doors close false 1000000000"])
    }

    @Test("a wall clock jump moves no timer")
    func wallClock() {
        let scene = Scene()
        let host = scene.phone.host
        var fired: TimeAmount?
        host.eventLoop.schedule(at: host.eventLoop.now + .seconds(5)) { fired = scene.world.simulation.now.sinceStart }
        host.jumpWallClock(by: .hours(1))
        scene.world.run(for: .seconds(10))
        #expect(fired == .seconds(5))
        #expect(host.eventLoop.wallClockOffset == .hours(1))
    }
}

extension AccessProfile {
    var withoutJitter: AccessProfile {
        var changed = self
        changed.access.up.jitter = .zero
        changed.access.down.jitter = .zero
        return changed
    }
}
