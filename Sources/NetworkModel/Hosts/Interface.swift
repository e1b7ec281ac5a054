/// A network interface of a host: real, with a link to an access network, or virtual, with a tunnel through others.
public final class Interface {
    /// "wifi": unique on its host.
    public let name: String
    /// What the operating system says it is.
    public let kind: InterfaceKind
    /// The interface with the lowest number that is up gets the default route.
    public var preference: Int {
        didSet { if preference != oldValue { host.interfacesChanged(gone: []) } }
    }
    /// The addresses it has now; none while it is down, unless it only lost its carrier.
    @exclusivity(unchecked) public private(set) var addresses: [IPAddress] = []
    /// The access network it is attached to.
    public private(set) var accessNetwork: AccessNetwork? {
        didSet { updateIsUp() }
    }
    /// The link to that access network; nil for a tunnel.
    @exclusivity(unchecked) public private(set) var link: Link?
    /// Whether packets can pass: it is switched on, no fault holds it down, and it is attached.
    @exclusivity(unchecked) public private(set) var isUp = false

    unowned let host: Host
    private var isSwitchedOn = true {
        didSet { updateIsUp() }
    }
    private var downMarks: [FaultMark] = [] {
        didSet { updateIsUp() }
    }
    /// Where packets go, and where they come from: pipes or a tunnel.
    @exclusivity(unchecked) private var entrance: (any PacketEntrance)?
    private var downEntrance: (any PacketEntrance)?
    private var attachmentCount = 0

    init(name: String, kind: InterfaceKind, preference: Int, host: Host) {
        self.name = name
        self.kind = kind
        self.preference = preference
        self.host = host
        title = "\(host.name)/\(name)"
    }

    /// Kept, because it is asked for every packet.
    private func updateIsUp() { isUp = isSwitchedOn && downMarks.isEmpty && accessNetwork != nil }

    /// "phone/wifi".
    public let title: String

    /// The order in which operating systems prefer interfaces: VPN, cable, Wi-Fi, mobile.
    static func usualPreference(_ kind: InterfaceKind) -> Int {
        switch kind {
        case .vpn: 0
        case .ethernet: 10
        case .wifi: 20
        case .cellular: 30
        }
    }

    // MARK: Attachment

    /// Joins an access network by a new link and gets addresses there. A network joined before is left.
    public func attach(to network: AccessNetwork, requesting requested: [IPAddress] = []) {
        let gone = leave()
        let made = makeLink(to: network)
        link = made
        join(network, sendingInto: made.up, receivingFrom: made.down, requesting: requested)
        host.interfaceChanged(self, gone: gone)
    }

    /// Joins an access network through a tunnel.
    func attach(to network: AccessNetwork, through tunnel: any PacketEntrance, receivingFrom tunnelEnd: any PacketEntrance) {
        let gone = leave()
        join(network, sendingInto: tunnel, receivingFrom: tunnelEnd, requesting: [])
        host.interfaceChanged(self, gone: gone)
    }

    private func makeLink(to network: AccessNetwork) -> Link {
        // A second attachment has its own random streams.
        attachmentCount += 1
        let title = attachmentCount == 1 ? self.title : "\(self.title)#\(attachmentCount)"
        let (access, internet) = (network.profile.access, host.network)
        let made = Link(
            name: title, up: Pipe(name: "\(title) up", network: internet, conditions: access.up, to: network, endsAtHost: false),
            down: Pipe(name: "\(title) down", network: internet, conditions: access.down, to: self, endsAtHost: true))
        made.down.entrance = network
        return made
    }

    private func join(
        _ network: AccessNetwork, sendingInto up: any PacketEntrance, receivingFrom down: any PacketEntrance,
        requesting requested: [IPAddress]
    ) {
        accessNetwork = network
        entrance = up
        downEntrance = down
        if isUp { addresses = network.attach(down, requesting: requested) }
    }

    /// Leaves the access network; returns the addresses lost.
    private func leave() -> [IPAddress] {
        let gone = releaseAddresses()
        accessNetwork = nil
        link = nil
        entrance = nil
        downEntrance = nil
        return gone
    }

    private func releaseAddresses() -> [IPAddress] {
        guard let accessNetwork, !addresses.isEmpty else { return [] }
        accessNetwork.detach(addresses)
        defer { addresses = [] }
        return addresses
    }

    /// Leaves the access network, as a VPN that is switched off.
    func detach() { host.interfaceChanged(self, gone: leave()) }

    // MARK: Up and down

    /// Switches the interface on or off, as a user does. Going down it loses its addresses; coming up it gets others.
    public func setUp(_ isOn: Bool) { change { isSwitchedOn = isOn } }

    /// Holds the interface down. If it keeps its addresses, sockets survive, and it comes back as it was.
    func begin(_ mark: FaultMark, keepsAddresses: Bool = false) { change(keepsAddresses: keepsAddresses) { downMarks.append(mark) } }

    func end(_ mark: FaultMark) { change { downMarks.removeAll { $0 == mark } } }

    private func change(keepsAddresses: Bool = false, _ body: () -> Void) {
        let wasUp = isUp
        body()
        if isUp {
            guard !wasUp else { return }
            if addresses.isEmpty, let accessNetwork, let downEntrance { addresses = accessNetwork.attach(downEntrance) }
            host.interfaceChanged(self, gone: [])
        } else if wasUp || (!keepsAddresses && !addresses.isEmpty) {
            host.interfaceChanged(self, gone: keepsAddresses ? [] : releaseAddresses())
        }
    }

    // MARK: Packets

    /// The longest packet it sends, in bytes.
    public var maximumTransmissionUnit: Int { link?.up.effective.maximumTransmissionUnit ?? TunnelledPacket.maximumTransmissionUnit }

    func send(_ packet: IPPacket) {
        guard let entrance else { preconditionFailure("'\(title)' sent while it was not attached") }
        entrance.send(packet)
    }

    func address(_ family: IPFamily) -> IPAddress? { addresses.first { $0.family == family } }
}

extension Interface: PacketSink {
    func accept(_ packet: IPPacket, from pipe: Pipe?) { host.receive(packet, on: self) }
}
