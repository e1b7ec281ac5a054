/// Pending events in (time, insertion) order: a hierarchical timing wheel (Varghese and Lauck, 1987) of 64-slot levels over 64-bit nanoseconds.
///
/// The level of an event is the highest base-64 digit in which its time differs from the `cursor`, a time at or before every pending event's.
/// All events of one instant are therefore always in the same slot, and a slot is a list in insertion order: first in, first out per instant
/// without a sequence number. Nodes live in one slab and are linked by index, so that cancelling unlinks at once and leaves nothing behind.
///
/// An event may have an owner (an event loop). The pending events of one owner can be parked outside the wheel, in order, and put back later;
/// their handles stay valid meanwhile.
final class EventQueue {
    /// One cache line: list links, time, identity and action of an event.
    private struct Node {
        var next: UInt32
        var previous: UInt32
        var time: UInt64
        var generation: UInt32
        /// `.nobody` if the node holds no event: a free one, or a sentinel.
        var owner: EventOwner
        /// The bytes of an `EventAction`, initialised only while the node holds an event.
        var action: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        private var padding: UInt64 = 0

        init(next: UInt32, previous: UInt32, time: UInt64, generation: UInt32, owner: EventOwner) {
            self.next = next
            self.previous = previous
            self.time = time
            self.generation = generation
            self.owner = owner
        }
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

    /// Of `action` in a node: after two indices, a time, a generation and an owner.
    private static let actionOffset = 24
    private static let levels = 11
    private static let wheelSentinels = UInt32(levels * 64)
    private static let none = UInt32.max
    /// A coarse slot with no more events than this is searched at each pop instead of being spread over finer slots.
    private static let searchedListLength = 4

    private var nodes: UnsafeMutablePointer<Node>
    private var capacity: Int
    private var used: Int
    private var freeList = EventQueue.none
    /// One bit per non-empty slot of each level, and one bit per non-empty level.
    private let occupiedSlots: UnsafeMutablePointer<UInt64>
    private var occupiedLevels: UInt32 = 0
    /// At or before the time of every event in the wheel, and of every event to come.
    private var cursor: UInt64 = 0
    /// Scheduled and not yet fired or cancelled, parked ones included.
    private(set) var count = 0

    init() {
        self.capacity = Int(Self.wheelSentinels) + 64
        self.nodes = Self.allocate(self.capacity)
        self.used = Int(Self.wheelSentinels)
        self.occupiedSlots = .allocate(capacity: Self.levels)
        self.occupiedSlots.initialize(repeating: 0, count: Self.levels)
        // The sentinel of a slot is initialised when the slot is first used, so that a small simulation touches little memory.
    }

    deinit {
        self.removeAll()
        self.nodes.deallocate()
        self.occupiedSlots.deallocate()
    }

    /// Whether nothing is pending but parked events.
    var isWheelEmpty: Bool { self.occupiedLevels == 0 }

    /// Slab slots ever used at once, sentinels excluded: the memory high-water mark, for tests.
    var slabSize: Int { self.used - Int(Self.wheelSentinels) }

    // MARK: Scheduling

    func insert(at time: UInt64, owner: EventOwner, action: consuming EventAction) -> EventHandle {
        precondition(time >= self.cursor, "an event was scheduled in the past")
        let index = self.makeNode(time: time, owner: owner, action: action)
        self.linkIntoWheel(index, time: time)
        return EventHandle(index: index, generation: self.nodes[Int(index)].generation)
    }

    func insert(at time: UInt64, owner: EventOwner, action: consuming EventAction, into park: Park) -> EventHandle {
        let index = self.makeNode(time: time, owner: owner, action: action)
        self.append(index, to: park.sentinel)
        return EventHandle(index: index, generation: self.nodes[Int(index)].generation)
    }

    /// Removes the event, if it is still pending.
    func cancel(_ handle: EventHandle) {
        guard Int(handle.index) < self.used, self.nodes[Int(handle.index)].generation == handle.generation else { return }
        self.unlink(handle.index)
        _ = self.free(handle.index)
    }

    /// Removes everything, parked events and what is scheduled meanwhile by objects that are released.
    func removeAll() {
        var index = Int(Self.wheelSentinels)
        while index < self.used {
            if self.nodes[index].owner != .nobody {
                self.cancel(EventHandle(index: UInt32(index), generation: self.nodes[index].generation))
            }
            index += 1
        }
    }

    // MARK: Executing

    /// Removes and returns the first event if its time is at or before `limit`. If it returns nil although events are pending, the next
    /// event must not be scheduled before `limit`.
    func pop(until limit: UInt64) -> Popped? {
        while self.occupiedLevels != 0 {
            let level = self.occupiedLevels.trailingZeroBitCount
            let slot = self.occupiedSlots[level].trailingZeroBitCount
            let sentinel = UInt32(truncatingIfNeeded: level * 64 + slot)
            // Events of level 0 are all due at the same instant.
            if let index = level == 0 ? self.nodes[Int(sentinel)].next : self.earliestOfFew(inListOf: sentinel) {
                let time = self.nodes[Int(index)].time
                guard time <= limit else { return nil }
                let owner = self.nodes[Int(index)].owner
                self.unlink(index)
                return Popped(time: time, owner: owner, action: self.free(index))
            }
            let base = Self.base(of: slot, level: level, cursor: self.cursor)
            guard base <= limit else { return nil }
            self.cursor = base
            self.cascade(sentinel)
        }
        return nil
    }

    /// The first of the earliest events in the list, or nil if the list is long.
    private func earliestOfFew(inListOf sentinel: UInt32) -> UInt32? {
        var earliest = self.nodes[Int(sentinel)].next
        var earliestTime = self.nodes[Int(earliest)].time
        var index = self.nodes[Int(earliest)].next
        var length = 1
        while index != sentinel {
            length += 1
            if length > Self.searchedListLength { return nil }
            let node = self.nodes + Int(index)
            if node.pointee.time < earliestTime { (earliest, earliestTime) = (index, node.pointee.time) }
            index = node.pointee.next
        }
        return earliest
    }

    /// The first instant of a slot.
    private static func base(of slot: Int, level: Int, cursor: UInt64) -> UInt64 {
        let above = UInt64(6 * (level + 1))
        let kept = above >= 64 ? 0 : (cursor >> above) << above
        return kept | (UInt64(slot) << UInt64(6 * level))
    }

    /// Spreads the events of a slot over finer slots, relative to the new cursor.
    private func cascade(_ sentinel: UInt32) {
        var index = self.nodes[Int(sentinel)].next
        self.clearOccupancy(of: sentinel)
        while index != sentinel {
            let node = self.nodes + Int(index)
            let next = node.pointee.next
            self.linkIntoWheel(index, time: node.pointee.time)
            index = next
        }
    }

    // MARK: Parking

    func makePark() -> Park {
        let index = self.takeNode()
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
        nodes[Int(index)] = Node(next: index, previous: index, time: 0, generation: .max, owner: .nobody)
    }

    private func makeNode(time: UInt64, owner: EventOwner, action: consuming EventAction) -> UInt32 {
        let index = self.takeNode()
        let node = self.nodes + Int(index)
        node.pointee.time = time
        node.pointee.owner = owner
        self.action(of: index).initialize(to: action)
        self.count += 1
        return index
    }

    private func takeNode() -> UInt32 {
        let recycled = self.freeList
        if recycled != Self.none {
            self.freeList = self.nodes[Int(recycled)].next
            return recycled
        }
        if self.used == self.capacity { self.grow() }
        let index = UInt32(self.used)
        self.used += 1
        // Nodes are trivial: assigning to uninitialised memory releases nothing.
        self.nodes[Int(index)] = Node(next: index, previous: index, time: 0, generation: 0, owner: .nobody)
        return index
    }

    /// Puts the unlinked node on the free list and returns what it was to do. The new generation makes its old handles stale.
    private func free(_ index: UInt32) -> EventAction {
        let node = self.nodes + Int(index)
        // `.max` is reserved for sentinels.
        node.pointee.generation = node.pointee.generation == .max - 1 ? 0 : node.pointee.generation + 1
        node.pointee.owner = .nobody
        node.pointee.next = self.freeList
        self.freeList = index
        self.count -= 1
        return self.action(of: index).move()
    }

    private func action(of index: UInt32) -> UnsafeMutablePointer<EventAction> {
        (UnsafeMutableRawPointer(self.nodes + Int(index)) + Self.actionOffset).assumingMemoryBound(to: EventAction.self)
    }

    private func grow() {
        let old = self.nodes
        self.nodes = Self.allocate(self.capacity * 2)
        // The bytes of actions move along: function and object references do not mind.
        self.nodes.update(from: old, count: self.used)
        old.deallocate()
        self.capacity *= 2
    }

    private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Node> {
        precondition(
            MemoryLayout<Node>.stride == 64 && MemoryLayout<EventAction>.size <= 32
                && MemoryLayout<Node>.offset(of: \.action) == self.actionOffset, "a node is not one cache line")
        return UnsafeMutableRawPointer.allocate(byteCount: capacity * MemoryLayout<Node>.stride, alignment: 64)
            .bindMemory(to: Node.self, capacity: capacity)
    }
}
