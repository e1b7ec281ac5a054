import NIOCore
import Testing

@testable import NetworkModel

@Suite struct HappyEyeballsTests {
    let v6 = [IPAddress.v6(high: 1, low: 1), .v6(high: 1, low: 2)]
    let v4 = [IPAddress.v4(1), .v4(2)]

    @Test("an IPv6 answer starts an attempt without waiting for IPv4")
    func v6First() {
        var machine = HappyEyeballs(families: [.v6, .v4])
        #expect(machine.answered(.v6, .success(v6)) == [.attempt(v6[0]), .setTimer(.milliseconds(250))])
    }

    @Test("an IPv4 answer waits 50 ms for IPv6, and then goes ahead")
    func v4First() {
        var machine = HappyEyeballs(families: [.v6, .v4])
        #expect(machine.answered(.v4, .success(v4)) == [.setTimer(.milliseconds(50))])
        #expect(machine.timerFired() == [.attempt(v4[0]), .setTimer(.milliseconds(250))])
    }

    @Test("an IPv6 answer within the resolution delay goes first")
    func v6InTime() {
        var machine = HappyEyeballs(families: [.v6, .v4])
        _ = machine.answered(.v4, .success(v4))
        #expect(machine.answered(.v6, .success(v6)) == [.attempt(v6[0]), .setTimer(.milliseconds(250))])
        #expect(machine.timerFired() == [.attempt(v4[0]), .setTimer(.milliseconds(250))])
    }

    @Test("a negative IPv6 answer ends the wait at once")
    func noV6() {
        var machine = HappyEyeballs(families: [.v6, .v4])
        _ = machine.answered(.v4, .success([v4[0]]))
        #expect(machine.answered(.v6, .success([])) == [.cancelTimer, .attempt(v4[0])])
    }

    @Test("attempts alternate between the families, 250 ms apart")
    func interleaves() {
        var machine = HappyEyeballs(families: [.v6, .v4])
        _ = machine.answered(.v6, .success(v6))
        #expect(machine.answered(.v4, .success(v4)) == [])
        #expect(machine.timerFired() == [.attempt(v4[0]), .setTimer(.milliseconds(250))])
        #expect(machine.timerFired() == [.attempt(v6[1]), .setTimer(.milliseconds(250))])
        #expect(machine.timerFired() == [.attempt(v4[1])])
    }

    @Test("a failed attempt starts the next one at once")
    func failure() {
        var machine = HappyEyeballs(families: [.v6, .v4])
        _ = machine.answered(.v6, .success([v6[0]]))
        _ = machine.answered(.v4, .success([v4[0]]))
        #expect(machine.attemptFailed(v6[0], .hostUnreachable) == [.cancelTimer, .attempt(v4[0])])
        #expect(machine.attemptFailed(v4[0], .refused) == [.fail(.connection(.hostUnreachable, v6[0]))])
    }

    @Test("when everything that is known has failed, a lookup that is under way is waited for")
    func lateLookup() {
        var machine = HappyEyeballs(families: [.v6, .v4])
        _ = machine.answered(.v6, .success([v6[0]]))
        #expect(machine.attemptFailed(v6[0], .refused) == [.cancelTimer])
        #expect(machine.answered(.v4, .success([v4[0]])) == [.attempt(v4[0])])
    }

    @Test("failed lookups fail the connect, names without addresses too")
    func lookups() {
        var failing = HappyEyeballs(families: [.v6, .v4])
        #expect(failing.answered(.v6, .failure(.timeout("x"))) == [])
        #expect(failing.answered(.v4, .failure(.nameNotFound("x"))) == [.fail(.lookup(.timeout("x")))])
        var empty = HappyEyeballs(families: [.v4])
        #expect(empty.answered(.v4, .success([])) == [.fail(.noAddress)])
    }

    @Test("after the end nothing starts any more")
    func over() {
        var machine = HappyEyeballs(families: [.v6, .v4])
        _ = machine.answered(.v6, .success(v6))
        #expect(machine.end() == [.cancelTimer])
        #expect(machine.answered(.v4, .success(v4)) == [])
        #expect(machine.attemptFailed(v6[0], .refused) == [])
    }
}
