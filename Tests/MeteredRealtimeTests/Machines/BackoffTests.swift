import NIOCore
import Testing

@testable import MeteredRealtime

@Suite("Backoff (SIG-01, 02, 06, 18)")
struct BackoffTests {
    private let backoff = Backoff(SignallingOptions())

    private func delay(_ attempt: Int, _ floors: DelayFloors = DelayFloors(), unit: Double = 0.5) -> Int64 {
        backoff.delay(attempt: attempt, floors: floors, unit: unit).delay.nanoseconds / 1_000_000
    }

    @Test("the delay doubles from 500 ms to the cap of 30 s")
    func ladder() {
        #expect((1...10).map { delay($0) } == [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000])
    }

    @Test("jitter reaches 20 % to either side, also above the cap")
    func jitter() {
        #expect(delay(1, unit: 0) == 400)
        #expect(delay(1, unit: 0.99) == 598)
        #expect(delay(9, unit: 0) == 24_000)
        #expect(delay(9, unit: 0.99) == 35_880)
    }

    @Test("any attempt number is within the cap, however high")
    func hugeAttempt() { #expect(delay(.max) == 30_000) }

    @Test("a multiplier of 1 keeps the delay constant for any attempt number")
    func constantDelay() {
        var options = SignallingOptions()
        options.delayMultiplier = 1
        #expect(Backoff(options).base(attempt: .max) == .milliseconds(500))
    }

    @Test("the slow floor is under the ladder and jitter is drawn around it")
    func slowFloor() {
        let floors = DelayFloors(slow: .seconds(30))
        #expect(delay(1, floors, unit: 0) == 24_000)
        #expect(delay(1, floors) == 30_000)
        #expect(delay(1, floors, unit: 0.99) == 35_880)
    }

    @Test("a going-away floor is jittered upwards only")
    func goingAwayFloor() {
        let floors = DelayFloors(goingAway: .seconds(8))
        #expect(delay(1, floors, unit: 0) == 8_000)
        #expect(delay(1, floors, unit: 0.5) == 8_800)
    }

    @Test("of two floors the higher one counts")
    func twoFloors() { #expect(delay(1, DelayFloors(slow: .seconds(30), goingAway: .seconds(60)), unit: 0) == 60_000) }

    @Test("a floor below the ladder's value changes nothing but the report")
    func lowFloor() {
        let result = backoff.delay(attempt: 7, floors: DelayFloors(slow: .seconds(1)), unit: 0.5)
        #expect(result == Backoff.Delay(base: .seconds(30), floor: .seconds(1), delay: .seconds(30)))
    }

    @Test("floors hold for one delay")
    func floorsAreTakenOnce() {
        var floors = DelayFloors(slow: .seconds(30), goingAway: .seconds(1))
        #expect(floors.take().highest == .seconds(30))
        #expect(floors.take().highest == nil)
    }

    @Test("for any options and any draw the delay stays within the jitter of base and floor")
    func property() {
        var random = SplitMix64(seed: 20_261_122)
        for _ in 0..<5_000 {
            var options = SignallingOptions()
            options.initialDelay = .milliseconds(.random(in: 1...5_000, using: &random))
            options.maximumDelay = options.initialDelay + .milliseconds(.random(in: 0...60_000, using: &random))
            options.delayMultiplier = .random(in: 1...10, using: &random)
            options.jitterRatio = .random(in: 0...1, using: &random)
            let floor: TimeAmount? = Bool.random(using: &random) ? .milliseconds(.random(in: 1...300_000, using: &random)) : nil
            let isGoingAway = Bool.random(using: &random)
            let floors = isGoingAway ? DelayFloors(goingAway: floor) : DelayFloors(slow: floor)
            let result = Backoff(options).delay(
                attempt: .random(in: 1...200, using: &random), floors: floors, unit: .random(in: 0..<1, using: &random))
            let before = Double(max(result.base, floor ?? .zero).nanoseconds)
            let low = floor != nil && isGoingAway ? before : before * (1 - options.jitterRatio)
            #expect(result.base <= options.maximumDelay, "seed 20261122")
            #expect(Double(result.delay.nanoseconds) >= low - 1, "seed 20261122")
            #expect(Double(result.delay.nanoseconds) <= before * (1 + options.jitterRatio) + 1, "seed 20261122")
        }
    }
}

@Suite("Attempt budget (SIG-03, 04)")
struct AttemptBudgetTests {
    @Test("attempts are numbered from 1 until the budget is spent")
    func counts() {
        var budget = AttemptBudget(maximum: 2)
        #expect([budget.takeAttempt(), budget.takeAttempt(), budget.takeAttempt()] == [1, 2, nil])
    }

    @Test("a connection that held gives the whole budget back")
    func resets() {
        var budget = AttemptBudget(maximum: 1)
        #expect(budget.takeAttempt() == 1)
        budget.reset()
        #expect(budget.takeAttempt() == 1)
    }

    @Test("a budget of zero allows nothing")
    func zero() {
        var budget = AttemptBudget(maximum: 0)
        #expect(budget.takeAttempt() == nil)
    }
}

@Suite("Failure streaks (SIG-08, BEY-07)")
struct FailureStreakTests {
    @Test("from the threshold on each failure is reported with its number")
    func reports() {
        var streak = FailureStreak(threshold: 3)
        #expect((0..<5).map { _ in streak.failed() } == [nil, nil, 3, 4, 5])
    }

    @Test("a success starts the count anew")
    func resets() {
        var streak = FailureStreak(threshold: 2)
        _ = streak.failed()
        streak.reset()
        #expect(streak.failed() == nil)
    }
}
