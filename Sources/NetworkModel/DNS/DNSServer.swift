import NIOCore

/// A resolver that runs on a host and answers on UDP port 53, IPv4 and IPv6.
public final class DNSServer {
    /// The port of DNS.
    public static let port: UInt16 = 53

    /// Where answers come from.
    public enum Mode: Hashable, Sendable {
        /// What the network's directory says.
        case directory
        /// The same; names without an IPv6 address get one synthesised from their IPv4 address (DNS64, RFC 6147).
        case directoryWithDNS64
        /// The same address for every name, as captive portals do; an empty answer for the other family.
        case always(IPAddress)
    }

    private let mode: Mode
    private let directory: NameDirectory
    private unowned let host: Host

    /// Starts a resolver on a host. It starts again whenever the machine boots.
    public init(on host: Host, mode: Mode = .directory) throws(BindError) {
        self.mode = mode
        self.host = host
        self.directory = host.network.names
        try start()
        host.onLifecycle.append { [weak self] in self?.hostChanged($0) }
    }

    private func start() throws(BindError) {
        for family in IPFamily.allCases {
            let socket = try host.bindUDP(.any(family), port: Self.port)
            socket.onReceive = { [weak self, unowned socket] in self?.answer($0, from: socket) }
        }
    }

    private func hostChanged(_ event: HostLifecycleEvent) {
        switch event {
        case .booted:
            do { try start() } catch { preconditionFailure("port 53 of '\(host.name)' is taken after booting: \(error)") }
        case .slept, .woke, .appSuspended, .appResumed, .processExited, .crashed: break
        }
    }

    private func answer(_ datagram: UDPSocket.Received, from socket: UDPSocket) {
        guard let query = DNSMessage(datagram.payload), !query.isResponse, let response = response(to: query) else { return }
        socket.send(response.encoded(), to: datagram.source)
    }

    private func response(to query: DNSMessage) -> DNSMessage? {
        var response = query
        response.isResponse = true
        if case .always(let address) = mode {
            response.answers = address.family == query.family ? [DNSMessage.Answer(address: address, timeToLiveSeconds: 0)] : []
            return response
        }
        switch directory.lookUp(query.name) {
        case .record(let record): response.answers = answers(record, query.family)
        case .failure(.serverFailure): response.responseCode = .serverFailure
        case .failure(.nameNotFound): response.responseCode = .nameNotFound
        case .failure(.noAnswer): return nil
        }
        return response
    }

    private func answers(_ record: NameDirectory.Record, _ family: IPFamily) -> [DNSMessage.Answer] {
        var addresses = record.addresses.filter { $0.family == family }
        if addresses.isEmpty, family == .v6, mode == .directoryWithDNS64 {
            addresses = record.addresses.compactMap(AddressPlan.synthesised)
        }
        let seconds = UInt32(clamping: record.timeToLive.nanoseconds / 1_000_000_000)
        return addresses.prefix(DNSMessage.maximumAnswers).map { DNSMessage.Answer(address: $0, timeToLiveSeconds: seconds) }
    }
}
