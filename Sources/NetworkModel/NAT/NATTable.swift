/// The mappings of one NAT, found from both sides. Slots keep their number for the life of a mapping.
struct NATTable {
    private struct OutsideKey: Hashable {
        let transportProtocol: IPProtocol
        let outside: TransportAddress

        /// Without the protocol, by which hardly any two keys differ.
        func hash(into hasher: inout Hasher) { hasher.combine(outside) }
    }

    private var slots: [NATMapping?] = []
    private var freeSlots: [Int] = []
    private var byKey: [NATMapping.Key: Int] = [:]
    private var byOutside: [OutsideKey: Int] = [:]

    var count: Int { byKey.count }

    subscript(slot: Int) -> NATMapping? {
        _read { yield slots[slot] }
    }

    func slot(for key: NATMapping.Key) -> Int? { byKey[key] }

    func slot(_ transportProtocol: IPProtocol, outside: TransportAddress) -> Int? {
        byOutside[OutsideKey(transportProtocol: transportProtocol, outside: outside)]
    }

    mutating func insert(_ mapping: NATMapping) -> Int {
        let slot = freeSlots.popLast() ?? slots.count
        if slot == slots.count { slots.append(mapping) } else { slots[slot] = mapping }
        byKey[mapping.key] = slot
        byOutside[OutsideKey(transportProtocol: mapping.key.transportProtocol, outside: mapping.outside)] = slot
        return slot
    }

    mutating func update(_ slot: Int, _ change: (inout NATMapping) -> Void) {
        guard slots[slot] != nil else { preconditionFailure("a mapping that has ended was used") }
        change(&slots[slot]!)
    }

    @discardableResult
    mutating func remove(_ slot: Int) -> NATMapping {
        guard let mapping = slots[slot] else { preconditionFailure("a mapping ended twice") }
        slots[slot] = nil
        freeSlots.append(slot)
        byKey[mapping.key] = nil
        byOutside[OutsideKey(transportProtocol: mapping.key.transportProtocol, outside: mapping.outside)] = nil
        return mapping
    }

    mutating func removeAll() { self = NATTable() }
}
