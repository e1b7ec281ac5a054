import SimulationKernel

/// A listening TCP port of a host.
public final class TCPListener: EventTarget {
    /// Where it listens; the address is the unspecified one: all addresses of the host.
    public let port: UInt16
    /// Connections that may wait for the application, being opened or complete. SYNs over that are dropped, as Linux does.
    public let backlog: Int
    /// The settings of the sockets that it makes.
    public let options: TCPSocketOptions
    /// Whether it still listens.
    public private(set) var isOpen = true

    private unowned let stack: TCPStack
    private var accept: ((TCPSocket) -> Void)?
    private var opening: [TCPSocket] = []
    private var waiting: [TCPSocket] = []
    private var isDeliveryScheduled = false

    init(port: UInt16, backlog: Int, options: TCPSocketOptions, stack: TCPStack, accept: @escaping (TCPSocket) -> Void) {
        self.port = port
        self.backlog = backlog
        self.options = options
        self.stack = stack
        self.accept = accept
    }

    /// Connections that are complete and wait for the application, which may be suspended.
    public var waitingConnections: Int { waiting.count }

    /// Stops listening: later SYNs are refused, connections that were not accepted are reset.
    public func close() {
        guard isOpen else { return }
        stack.remove(self)
        let pending = opening + waiting
        vanish()
        for socket in pending { socket.abort() }
    }

    func vanish() {
        isOpen = false
        accept = nil
        opening = []
        waiting = []
    }

    var hasRoom: Bool { opening.count + waiting.count < backlog }

    func handshakeBegan(_ socket: TCPSocket) { opening.append(socket) }

    func handshakeEnded(_ socket: TCPSocket) {
        guard let index = opening.firstIndex(where: { $0 === socket }) else { return }
        opening.remove(at: index)
        guard socket.state != .closed else { return }
        waiting.append(socket)
        guard !isDeliveryScheduled else { return }
        isDeliveryScheduled = true
        stack.ip.eventLoop.schedule(at: stack.ip.eventLoop.now, target: self, argument: 0)
    }

    /// The application's turn to accept.
    public func fire(_ argument: UInt64) {
        isDeliveryScheduled = false
        while let accept, !waiting.isEmpty {
            let socket = waiting.removeFirst()
            socket.accepted()
            accept(socket)
        }
    }
}
