import NIOCore
import NetworkModel

/// Takes the datagrams of a STUN or TURN server out of what a socket receives.
protocol ServerResponseTaker: AnyObject {
    /// The server.
    var server: TransportAddress { get }
    /// False if the datagram is not for it.
    func take(_ bytes: ByteBuffer) -> Bool
}

/// The transport of a host candidate and of the server-reflexive candidates with this base: a UDP socket.
final class HostTransport: LocalTransport {
    let id: Int
    let candidate: ICELocalCandidate
    var onReceive: ((ByteBuffer, TransportAddress) -> Void)?
    var onFailure: ((LocalTransportFailure) -> Void)?
    let socket: UDPSocket
    /// Whether the agent has given the transport back. The socket may still serve a relayed transport.
    private(set) var isReleased = false
    private var takers: [any ServerResponseTaker] = []

    init(id: Int, candidate: ICELocalCandidate, socket: UDPSocket) {
        self.id = id
        self.candidate = candidate
        self.socket = socket
        socket.onReceive = { [weak self] in self?.received($0) }
        socket.onFailure = { [weak self] in self?.failed($0) }
    }

    func send(_ bytes: ByteBuffer, to remote: TransportAddress) -> SendResult {
        isReleased ? .noAddress : socket.send(bytes, to: remote)
    }

    func close() {
        isReleased = true
        onReceive = nil
        onFailure = nil
        closeIfUnused()
    }

    // MARK: Servers

    func add(_ taker: any ServerResponseTaker) { takers.append(taker) }

    func remove(_ taker: any ServerResponseTaker) {
        takers.removeAll { $0 === taker }
        closeIfUnused()
    }

    /// Whether a TURN client uses the socket to the server: a second one would be the same 5-tuple.
    func hasTURNClient(of server: TransportAddress) -> Bool { takers.contains { $0.server == server && $0 is SharedSocketLink } }

    private func closeIfUnused() {
        if isReleased, !takers.contains(where: { $0 is SharedSocketLink }) { socket.close() }
    }

    // MARK: The socket

    private func received(_ datagram: UDPSocket.Received) {
        for taker in takers where taker.server == datagram.source {
            if taker.take(datagram.payload) { return }
        }
        onReceive?(datagram.payload, datagram.source)
    }

    private func failed(_ failure: UDPSocket.Failure) {
        switch failure {
        case .unreachable(let remote, _): onFailure?(.unreachable(remote))
        case .tooBig: break
        case .closed:
            for case let link as SharedSocketLink in takers { link.failed() }
            onFailure?(.closed("the operating system closed the socket"))
        }
    }
}
