/// Longest-prefix match with one dictionary look-up per prefix length in use (a handful), so that its cost does not grow with the routes.
struct RoutingTable<Value> {
    private struct Length {
        let family: IPFamily
        let bits: Int
        var routes: [IPAddress: Value]
    }

    /// The longest prefixes first.
    private var lengths: [Length] = []

    subscript(prefix: IPPrefix) -> Value? {
        get { lengths.first { $0.family == prefix.address.family && $0.bits == prefix.length }?.routes[prefix.address] }
        set {
            let family = prefix.address.family
            if let index = lengths.firstIndex(where: { $0.family == family && $0.bits == prefix.length }) {
                lengths[index].routes[prefix.address] = newValue
            } else if let newValue {
                let index = lengths.firstIndex { $0.bits < prefix.length } ?? lengths.count
                lengths.insert(Length(family: family, bits: prefix.length, routes: [prefix.address: newValue]), at: index)
            }
        }
    }

    /// The route of exactly one address.
    subscript(address: IPAddress) -> Value? {
        get { self[IPPrefix(address, length: address.bitWidth)] }
        set { self[IPPrefix(address, length: address.bitWidth)] = newValue }
    }

    /// The value of the longest prefix that contains the address.
    func lookUp(_ address: IPAddress) -> Value? {
        for length in lengths where length.family == address.family {
            if let value = length.routes[address.masked(toPrefixLength: length.bits)] { return value }
        }
        return nil
    }
}
