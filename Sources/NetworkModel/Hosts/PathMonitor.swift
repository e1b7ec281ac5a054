import NIOCore
import SimulationKernel

/// Tells a host's application about its connectivity, as `NWPathMonitor` and Android's `ConnectivityManager` do.
final class PathMonitor {
    private unowned let host: Host
    private var observers: [(NetworkPath) -> Void] = []
    private var lastTold = NetworkPath.unsatisfied
    private var goneAddresses: [IPAddress] = []

    init(host: Host) {
        self.host = host
    }

    /// What the operating system believes now.
    var current: NetworkPath {
        guard let preferred = host.preferredInterfaces.first(where: { !$0.addresses.isEmpty }) else { return .unsatisfied }
        return NetworkPath(
            isSatisfied: true, interface: preferred.name, kind: preferred.kind, addresses: preferred.addresses, goneAddresses: [])
    }

    func add(_ observer: @escaping (NetworkPath) -> Void) { observers.append(observer) }

    func interfacesChanged(gone: [IPAddress]) {
        goneAddresses += gone
        let time = host.eventLoop.now + host.profile.pathEventDelay
        host.eventLoop.schedule(at: time) { [weak self] in self?.tell() }
    }

    /// Several changes within the delay are one event; a change that was undone is none, unless an address went.
    private func tell() {
        var path = current
        guard path != lastTold || !goneAddresses.isEmpty else { return }
        lastTold = path
        path.goneAddresses = goneAddresses
        goneAddresses = []
        host.report(.path(path))
        observers.forEach { $0(path) }
    }
}

extension Host {
    /// What the operating system believes about the host's connectivity now.
    public var path: NetworkPath { paths.current }

    /// Calls `observer` on `eventLoop` with every later change of the path, `HostProfile.pathEventDelay` after the interfaces changed.
    public func observePath(_ observer: @escaping (NetworkPath) -> Void) { paths.add(observer) }
}
