/// Pending events in (time, insertion) order: a hierarchical timing wheel (Varghese and Lauck, 1987) of 64-slot levels over 64-bit nanoseconds.
///
/// The level of an event is the highest base-64 digit in which its time differs from the `cursor`, the time of the event popped last. All
/// events of one instant are therefore always in the same slot, and a slot is a list in insertion order: first in, first out per instant
/// without a sequence number. Nodes live in one slab and are linked by index, so that cancelling unlinks at once and leaves nothing behind.
///
/// An event may have an owner (an event loop). The pending events of one owner can be parked outside the wheel, in order, and put back later;
/// their handles stay valid meanwhile.
final class EventQueue {
    struct Node {
        var next: UInt32
        var previous: UInt32
        var time: UInt64
        var action: EventAction
        var generation: UInt32
        var owner: EventOwner
    }

    struct Popped {
        let time: UInt64
        let owner: EventOwner
        let action: EventAction
    }

    /// A list of parked events: its sentinel in the slab.
    struct Park {
        fileprivate let sentinel: UInt32
    }

    private static let levels = 11
    private static let wheelSentinels = UInt32(levels * 64)
    private static let none = UInt32.max

    private var nodes: UnsafeMutablePointer<Node>
    private var capacity: Int
    private var used: Int
    private var freeList = EventQueue.none
    /// One bit per non-empty slot of each level, and one bit per non-empty level.
    private let occupiedSlots: UnsafeMutablePointer<UInt64>
    private var occupiedLevels: UInt32 = 0
    private var cursor: UInt64 = 0
    /// Scheduled and not yet fired or cancelled, parked ones included.
    private(set) var count = 0

    init() {
        self.capacity = Int(Self.wheelSentinels) + 64
        self.nodes = .allocate(capacity: self.capacity)
        self.used = Int(Self.wheelSentinels)
        self.occupiedSlots = .allocate(capacity: Self.levels)
        self.occupiedSlots.initialize(repeating: 0, count: Self.levels)
        // The sentinel of a slot is initialised when the slot is first used, so that a small simulation touches little memory.
    }

    deinit {
        // Sentinels own nothing, and some were never initialised.
        (self.nodes + Int(Self.wheelSentinels)).deinitialize(count: self.used - Int(Self.wheelSentinels))
        self.nodes.deallocate()
        self.occupiedSlots.deallocate()
    }

    /// Slab slots ever used at once, sentinels excluded: the memory high-water mark, for tests.
    var slabSize: Int { self.used - Int(Self.wheelSentinels) }

    // MARK: Scheduling

    func insert(at time: UInt64, owner: EventOwner, action: EventAction) -> EventHandle {
        precondition(time >= self.cursor, "an event was scheduled in the past")
        let index = self.makeNode(time: time, owner: owner, action: action)
        self.linkIntoWheel(index, time: time)
        return EventHandle(index: index, generation: self.nodes[Int(index)].generation)
    }

    func insert(at time: UInt64, owner: EventOwner, action: EventAction, into park: Park) -> EventHandle {
        let index = self.makeNode(time: time, owner: owner, action: action)
        self.append(index, to: park.sentinel)
        return EventHandle(index: index, generation: self.nodes[Int(index)].generation)
    }

    /// Removes the event and says whether it was still pending.
    @discardableResult
    func cancel(_ handle: EventHandle) -> Bool {
        guard Int(handle.index) < self.used, self.nodes[Int(handle.index)].generation == handle.generation else { return false }
        self.unlink(handle.index)
        _ = self.free(handle.index)
        return true
    }

    /// Removes everything, parked events and what is scheduled meanwhile by objects that are released.
    func removeAll() {
        var index = Int(Self.wheelSentinels)
        while index < self.used {
            switch self.nodes[index].action {
            case .none: break
            case .target, .closure: self.cancel(EventHandle(index: UInt32(index), generation: self.nodes[index].generation))
            }
            index += 1
        }
    }

    // MARK: Executing

    /// Removes and returns the first event if its time is at or before `limit`.
    func pop(until limit: UInt64) -> Popped? {
        guard self.occupiedLevels != 0 else { return nil }
        let level = self.occupiedLevels.trailingZeroBitCount
        let slot = self.occupiedSlots[level].trailingZeroBitCount
        let sentinel = UInt32(level * 64 + slot)
        var first = self.nodes[Int(sentinel)].next
        if level > 0, self.nodes[Int(first)].next != sentinel {
            // More than one event in a coarse slot: spread them over finer slots, relative to the earliest.
            let base = Self.base(of: slot, level: level, cursor: self.cursor)
            guard base <= limit else { return nil }
            let earliest = self.earliestTime(inListOf: sentinel)
            guard earliest <= limit else { return nil }
            self.cursor = earliest
            self.cascade(sentinel)
            first = self.nodes[Int(earliest & 63)].next
        } else {
            guard self.nodes[Int(first)].time <= limit else { return nil }
            self.cursor = self.nodes[Int(first)].time
        }
        let (time, owner) = (self.nodes[Int(first)].time, self.nodes[Int(first)].owner)
        self.unlink(first)
        return Popped(time: time, owner: owner, action: self.free(first))
    }

    private static func base(of slot: Int, level: Int, cursor: UInt64) -> UInt64 {
        let above = 6 * (level + 1)
        let kept = above >= 64 ? 0 : (cursor >> UInt64(above)) << UInt64(above)
        return kept | (UInt64(slot) << UInt64(6 * level))
    }

    private func earliestTime(inListOf sentinel: UInt32) -> UInt64 {
        var index = self.nodes[Int(sentinel)].next
        var earliest = UInt64.max
        while index != sentinel {
            earliest = min(earliest, self.nodes[Int(index)].time)
            index = self.nodes[Int(index)].next
        }
        return earliest
    }

    private func cascade(_ sentinel: UInt32) {
        var index = self.nodes[Int(sentinel)].next
        self.clearOccupancy(of: sentinel)
        while index != sentinel {
            let next = self.nodes[Int(index)].next
            self.linkIntoWheel(index, time: self.nodes[Int(index)].time)
            index = next
        }
    }

    // MARK: Parking

    func makePark() -> Park {
        let index = self.makeNode(time: self.cursor, owner: .simulation, action: .none)
        self.count -= 1
        Self.initializeSentinel(index, in: self.nodes)
        return Park(sentinel: index)
    }

    /// Moves every pending event of `owner` out of the wheel, in the order in which they would have fired.
    func park(_ owner: EventOwner, in park: Park) {
        var found: [UInt32] = []
        for sentinel in 0..<Self.wheelSentinels where self.isOccupied(sentinel) {
            var index = self.nodes[Int(sentinel)].next
            while index != sentinel {
                if self.nodes[Int(index)].owner.hasSameLoop(as: owner) { found.append(index) }
                index = self.nodes[Int(index)].next
            }
        }
        for index in found {
            self.unlink(index)
            self.append(index, to: park.sentinel)
        }
    }

    /// Puts the parked events back in order of their new times (the order of parking among equals).
    func unpark(_ park: Park, newTime: (_ time: UInt64, _ owner: EventOwner) -> UInt64) {
        var parked: [(time: UInt64, index: UInt32)] = []
        var index = self.nodes[Int(park.sentinel)].next
        while index != park.sentinel {
            parked.append((self.nodes[Int(index)].time, index))
            index = self.nodes[Int(index)].next
        }
        // The standard library's sort is stable. Sorted by the old time first, so that overdue events keep their order when they are all
        // moved to the same instant.
        parked.sort { $0.time < $1.time }
        for (time, index) in parked {
            self.unlink(index)
            let moved = newTime(time, self.nodes[Int(index)].owner)
            precondition(moved >= self.cursor, "an event was moved into the past")
            self.nodes[Int(index)].time = moved
            self.linkIntoWheel(index, time: moved)
        }
    }

    // MARK: Lists

    private func linkIntoWheel(_ index: UInt32, time: UInt64) {
        let difference = time ^ self.cursor
        let level = difference == 0 ? 0 : (63 - difference.leadingZeroBitCount) / 6
        let slot = (time >> UInt64(6 * level)) & 63
        let sentinel = UInt32(truncatingIfNeeded: UInt64(level * 64) + slot)
        if self.occupiedSlots[level] & (1 << slot) == 0 {
            Self.initializeSentinel(sentinel, in: self.nodes)
            self.occupiedSlots[level] |= 1 << slot
            self.occupiedLevels |= 1 << UInt32(level)
        }
        self.append(index, to: sentinel)
    }

    private func isOccupied(_ sentinel: UInt32) -> Bool {
        self.occupiedSlots[Int(sentinel / 64)] & (1 << UInt64(sentinel % 64)) != 0
    }

    private func append(_ index: UInt32, to sentinel: UInt32) {
        let last = self.nodes[Int(sentinel)].previous
        self.nodes[Int(index)].next = sentinel
        self.nodes[Int(index)].previous = last
        self.nodes[Int(last)].next = index
        self.nodes[Int(sentinel)].previous = index
    }

    private func unlink(_ index: UInt32) {
        let (next, previous) = (self.nodes[Int(index)].next, self.nodes[Int(index)].previous)
        self.nodes[Int(previous)].next = next
        self.nodes[Int(next)].previous = previous
        // Neighbours that are the same node can only be the sentinel of a list that has become empty.
        if next == previous, next < Self.wheelSentinels { self.clearOccupancy(of: next) }
    }

    private func clearOccupancy(of sentinel: UInt32) {
        let level = Int(sentinel / 64)
        self.occupiedSlots[level] &= ~(1 << UInt64(sentinel % 64))
        if self.occupiedSlots[level] == 0 { self.occupiedLevels &= ~(1 << UInt32(level)) }
    }

    // MARK: Slab

    private static func initializeSentinel(_ index: UInt32, in nodes: UnsafeMutablePointer<Node>) {
        (nodes + Int(index)).initialize(
            to: Node(next: index, previous: index, time: 0, action: .none, generation: .max, owner: .simulation))
    }

    private func makeNode(time: UInt64, owner: EventOwner, action: EventAction) -> UInt32 {
        self.count += 1
        let recycled = self.freeList
        if recycled != Self.none {
            let node = self.nodes + Int(recycled)
            self.freeList = node.pointee.next
            node.pointee.time = time
            node.pointee.owner = owner
            node.pointee.action = action
            return recycled
        }
        if self.used == self.capacity { self.grow() }
        let index = UInt32(self.used)
        self.used += 1
        (self.nodes + Int(index)).initialize(
            to: Node(next: index, previous: index, time: time, action: action, generation: 0, owner: owner))
        return index
    }

    /// Puts the unlinked node on the free list and returns what it was to do. The new generation makes its old handles stale.
    private func free(_ index: UInt32) -> EventAction {
        let node = self.nodes + Int(index)
        let action = node.pointee.action
        node.pointee.action = .none
        // `.max` is reserved for sentinels.
        node.pointee.generation = node.pointee.generation == .max - 1 ? 0 : node.pointee.generation + 1
        node.pointee.next = self.freeList
        self.freeList = index
        self.count -= 1
        return action
    }

    private func grow() {
        let larger = UnsafeMutablePointer<Node>.allocate(capacity: self.capacity * 2)
        for sentinel in 0..<Self.wheelSentinels where self.isOccupied(sentinel) {
            (larger + Int(sentinel)).moveInitialize(from: self.nodes + Int(sentinel), count: 1)
        }
        let first = Int(Self.wheelSentinels)
        (larger + first).moveInitialize(from: self.nodes + first, count: self.used - first)
        self.nodes.deallocate()
        self.nodes = larger
        self.capacity *= 2
    }
}
