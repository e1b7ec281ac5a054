// Faults that let no packet through. Nobody is told: the sender's `send` succeeds, and interfaces stay up.

extension Host {
    /// No packet leaves or reaches the host by any interface: an elevator.
    @discardableResult
    public func blackout(_ direction: LinkDirection = .both, name: String) -> Fault {
        let mark = network.makeFaultMark(name)
        if direction.includesUp { outages.up.append(mark) }
        if direction.includesDown { outages.down.append(mark) }
        return Fault(mark, what: "blackout \(direction.rawValue) of \(self.name)", network: network) { [unowned self] in outages.end(mark) }
    }

    /// The two hosts cannot reach each other directly, whatever addresses they use; by way of a third, a relay, they can.
    ///
    /// - Parameter direction: `up` loses only what this host sends, `down` only what the other does.
    @discardableResult
    public func partition(from other: Host, _ direction: LinkDirection = .both, name: String) -> Fault {
        let mark = network.makeFaultMark(name)
        // Packets are dropped at the end that receives them.
        if direction.includesDown { outages.begin(mark, partitionFrom: other.identifier) }
        if direction.includesUp { other.outages.begin(mark, partitionFrom: identifier) }
        let what = "partition \(direction.rawValue) of \(self.name) and \(other.name)"
        return Fault(mark, what: what, network: network) { [unowned self, unowned other] in
            outages.end(mark)
            other.outages.end(mark)
        }
    }
}

extension Network {
    /// A link lets nothing through, in one direction or both. Packets in flight on it are lost too.
    @discardableResult
    public func blackout(of link: Link, _ direction: LinkDirection = .both, name: String) -> Fault {
        let mark = makeFaultMark(name)
        let pipes = link.pipes(direction)
        for pipe in pipes { pipe.begin(mark) }
        return Fault(mark, what: "blackout \(direction.rawValue) of \(link.name)", network: self) { for pipe in pipes { pipe.end(mark) } }
    }

    /// Changes conditions of a link. Several changes add up in the order in which they began: the last one decides what it names.
    @discardableResult
    public func degrade(_ link: Link, _ direction: LinkDirection = .both, _ change: LinkChange, name: String) -> Fault {
        let mark = makeFaultMark(name)
        let pipes = link.pipes(direction)
        for pipe in pipes { pipe.begin(mark, change) }
        return Fault(mark, what: "degradation \(direction.rawValue) of \(link.name)", network: self) {
            for pipe in pipes { pipe.end(mark) }
        }
    }
}
