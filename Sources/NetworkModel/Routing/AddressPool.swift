/// Hands out the addresses of a prefix in order, each address again only after all others have had their turn.
struct AddressPool {
    /// The range; its first address (the network) and `reserved` more are never handed out, nor is the last of an IPv4 range.
    let prefix: IPPrefix
    private let first: UInt64
    private let last: UInt64
    private var nextOffset: UInt64
    private var taken: Set<IPAddress> = []

    init(_ prefix: IPPrefix, reserved: UInt64 = 0) {
        self.prefix = prefix
        let hostBits = prefix.address.bitWidth - prefix.length
        first = 1 + reserved
        last = hostBits >= 64 ? .max - 1 : (1 << UInt64(hostBits)) - 2
        precondition(first <= last, "\(prefix) is too small for \(reserved) reserved addresses")
        nextOffset = first
    }

    /// The next free address; nil if all are taken.
    mutating func lease() -> IPAddress? {
        guard UInt64(taken.count) <= last - first else { return nil }
        while true {
            let address = prefix.address(at: nextOffset)
            nextOffset = nextOffset == last ? first : nextOffset + 1
            if taken.insert(address).inserted { return address }
        }
    }

    /// Takes a particular address; false if it is taken already or outside of the pool.
    mutating func take(_ address: IPAddress) -> Bool {
        prefix.contains(address) && taken.insert(address).inserted
    }

    mutating func release(_ address: IPAddress) {
        taken.remove(address)
    }
}
