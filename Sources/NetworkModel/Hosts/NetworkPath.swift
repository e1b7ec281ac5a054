/// What kind of network an interface belongs to, as the operating system tells an application.
public enum InterfaceKind: String, Hashable, Sendable, CaseIterable {
    /// A cable.
    case ethernet
    /// Wi-Fi.
    case wifi
    /// A mobile network.
    case cellular
    /// A virtual private network.
    case vpn
}

/// The operating system's view of the host's connectivity, in the shape of Apple's `NWPath` and Android's `Network` callbacks.
///
/// It says what the system believes: a router that drops everything leaves the path satisfied.
public struct NetworkPath: Hashable, Sendable {
    /// Whether an interface with an address is up.
    public var isSatisfied: Bool
    /// The name of the preferred interface, nil if there is none.
    public var interface: String?
    /// The kind of the preferred interface, nil if there is none.
    public var kind: InterfaceKind?
    /// The addresses of the preferred interface.
    public var addresses: [IPAddress]
    /// Addresses of the host that have gone since the last path event: sockets bound to them are dead.
    public var goneAddresses: [IPAddress]

    /// The path of a host without any network.
    public static let unsatisfied = NetworkPath(isSatisfied: false, interface: nil, kind: nil, addresses: [], goneAddresses: [])
}
