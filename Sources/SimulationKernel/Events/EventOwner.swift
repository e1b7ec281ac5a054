/// To whom an event belongs: the simulation itself (models of the network, which nothing freezes) or one event loop, and by which of the
/// loop's clocks it is timed.
struct EventOwner: Equatable {
    private let code: UInt32

    private init(code: UInt32) { self.code = code }

    static let simulation = EventOwner(code: 0)

    /// Marks what is no event.
    static let nobody = EventOwner(code: .max)

    /// Timed by the loop's own clock, which may stop while the host sleeps.
    static func loop(_ index: Int) -> EventOwner { EventOwner(code: UInt32(index + 1) << 1) }

    /// Timed by a clock that never stops, as a `ContinuousClock` sleep is: it keeps its instant across a suspension and fires late if overdue.
    static func loopContinuously(_ index: Int) -> EventOwner { EventOwner(code: UInt32(index + 1) << 1 | 1) }

    /// The index of the loop, or nil for the simulation.
    var loopIndex: Int? { self.code == 0 ? nil : Int(self.code >> 1) - 1 }

    var isTimedContinuously: Bool { self.code & 1 == 1 }

    func hasSameLoop(as other: EventOwner) -> Bool { self.code >> 1 == other.code >> 1 }
}
