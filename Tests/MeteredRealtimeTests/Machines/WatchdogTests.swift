import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Watchdog and heartbeat (SIG-11, 19)")
struct WatchdogTests {
    private func watchdog(inactivity: TimeAmount = .seconds(60)) -> Watchdog {
        var options = SignallingOptions()
        options.inactivityTimeout = inactivity
        return Watchdog(options, openedAt: .milliseconds(0))
    }

    @Test("a silent connection is pinged each 20 s and given up after 60 s, without a third ping")
    func silence() {
        var watchdog = watchdog()
        #expect(watchdog.deadline == .milliseconds(20_000))
        #expect(watchdog.timerFired(at: .milliseconds(20_000)) == .ping)
        #expect(watchdog.deadline == .milliseconds(40_000))
        #expect(watchdog.timerFired(at: .milliseconds(40_000)) == .ping)
        #expect(watchdog.deadline == .milliseconds(60_000))
        #expect(watchdog.timerFired(at: .milliseconds(60_000)) == .giveUp(silence: .seconds(60), probeFailed: false))
    }

    @Test("a text frame starts both times anew")
    func textFrame() {
        var watchdog = watchdog()
        watchdog.textReceived(at: .milliseconds(15_000))
        #expect(watchdog.timerFired(at: .milliseconds(20_000)) == .none)
        #expect(watchdog.deadline == .milliseconds(35_000))
    }

    @Test("pings are at least 1 s apart")
    func floor() {
        var watchdog = watchdog(inactivity: .milliseconds(1_500))
        #expect(watchdog.deadline == .milliseconds(1_000))
        #expect(watchdog.timerFired(at: .milliseconds(1_000)) == .ping)
        #expect(watchdog.deadline == .milliseconds(1_500))
    }

    @Test("an inactivity timeout of zero disables the watchdog and the pings")
    func disabled() {
        var watchdog = watchdog(inactivity: .zero)
        #expect(watchdog.deadline == nil)
        #expect(watchdog.timerFired(at: .milliseconds(1_000_000)) == .none)
    }

    @Test("a probe without an answer gives the connection up after 5 s, even with the watchdog off")
    func probe() {
        var watchdog = watchdog(inactivity: .zero)
        watchdog.probe(at: .milliseconds(100))
        #expect(watchdog.deadline == .milliseconds(5_100))
        #expect(watchdog.timerFired(at: .milliseconds(5_100)) == .giveUp(silence: .milliseconds(5_100), probeFailed: true))
    }

    @Test("any text frame answers a probe")
    func probeAnswered() {
        var watchdog = watchdog()
        watchdog.probe(at: .milliseconds(1_000))
        watchdog.textReceived(at: .milliseconds(5_999))
        #expect(watchdog.timerFired(at: .milliseconds(6_000)) == .none)
        #expect(watchdog.deadline == .milliseconds(25_999))
    }

    @Test("a second path change does not give a dead connection more time")
    func secondProbe() {
        var watchdog = watchdog()
        watchdog.probe(at: .milliseconds(1_000))
        watchdog.probe(at: .milliseconds(4_000))
        #expect(watchdog.deadline == .milliseconds(6_000))
    }
}
