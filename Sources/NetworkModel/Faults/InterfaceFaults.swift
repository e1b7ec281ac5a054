import NIOCore

extension Interface {
    /// The link is gone and the operating system knows: addresses go, the path changes, `send` fails. Up again it gets other addresses.
    ///
    /// - Parameter keepsAddresses: whether it keeps its addresses, as after a moment without carrier; then sockets bound to them survive.
    @discardableResult
    public func linkDown(keepsAddresses: Bool = false, name: String) -> Fault {
        let network = host.network
        let mark = network.makeFaultMark(name)
        let fault = Fault(mark, what: "link down of \(title)", network: network) { [unowned self] in end(mark) }
        begin(mark, keepsAddresses: keepsAddresses)
        return fault
    }
}

extension Host {
    /// Changes conditions of all links that the host's interfaces have now.
    @discardableResult
    public func degrade(_ direction: LinkDirection = .both, _ change: LinkChange, name: String) -> Fault {
        let mark = network.makeFaultMark(name)
        let pipes = interfaces.compactMap(\.link).flatMap { $0.pipes(direction) }
        for pipe in pipes { pipe.begin(mark, change) }
        return Fault(mark, what: "degradation \(direction.rawValue) of \(self.name)", network: network) {
            for pipe in pipes { pipe.end(mark) }
        }
    }

    /// Moves from one interface to another: the old one goes down, and after `deadWindow` without any network the new one comes up.
    ///
    /// The new interface is held down during the window if it was up. A negative window lets both be up for that long: make before break.
    public func roam(from old: Interface, to new: Interface, deadWindow: TimeAmount) {
        if deadWindow < .zero {
            new.setUp(true)
            simulation.schedule(in: .zero - deadWindow) { old.setUp(false) }
        } else {
            new.setUp(false)
            old.setUp(false)
            simulation.schedule(in: deadWindow) { new.setUp(true) }
        }
    }

    /// Moves one interface to another access network, with another address: from one Wi-Fi to the next.
    public func roam(_ interface: Interface, to accessNetwork: AccessNetwork, deadWindow: TimeAmount) {
        interface.setUp(false)
        interface.attach(to: accessNetwork)
        simulation.schedule(in: deadWindow) { interface.setUp(true) }
    }

    /// Sets the host's wall clock forward or back. No timer notices.
    public func jumpWallClock(by amount: TimeAmount) {
        eventLoop.wallClockOffset = eventLoop.wallClockOffset + amount
        systemLoop.wallClockOffset = eventLoop.wallClockOffset
        report(.wallClockJumped(nanoseconds: amount.nanoseconds))
    }
}
