import NIOCore
import NetworkModel
import SimulationKernel

@testable import WebRTCModel

/// Clients and one server as machines, joined without a network or delay; time is moved by hand.
final class TURNBench {
    static let serverAddress = TransportAddress(.v4(0xCB00_7101), 3478)
    static let user = TURNCredentials(username: "ann", password: "secret")
    static let peer = TransportAddress(.v4(0xC633_6407), 5_000)
    static let payload = ByteBuffer(string: "payload")
    static let check = STUNMessage(.request, .binding, STUNTransactionID(high: 9, low: 9)).encoded()

    var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
    var server: TURNServer
    var client: TURNClient
    /// Loses everything between the two while true.
    var isCut = false
    /// What the client has sent, decoded; ChannelData is nil.
    private(set) var sent: [STUNMessage?] = []
    private(set) var events: [TURNClient.Event] = []
    private(set) var received: [(payload: ByteBuffer, peer: TransportAddress)] = []
    private(set) var relayed: [(payload: ByteBuffer, from: TransportAddress, to: TransportAddress)] = []
    private(set) var closedRelays: [TransportAddress] = []
    var fiveTuple: TURNFiveTuple
    private var nextRelayPort: UInt16 = 50_000

    init(
        _ profile: TURNProfile = WebRTCProfile.libwebrtc.turn, options: TURNServerOptions = TURNServerOptions(users: [user]),
        credentials: TURNCredentials = user, transport: TURNTransport = .udp
    ) {
        server = TURNServer(options: options, wallClockAtZero: 1_000_000, random: RandomStream(seed: 1, name: "server"))
        client = TURNClient(
            server: Self.serverAddress, credentials: credentials, profile: profile, isStream: transport != .udp,
            random: RandomStream(seed: 1, name: "client"))
        fiveTuple = TURNFiveTuple(transport: transport, client: TransportAddress(.v4(0xC000_0205), 40_000), server: Self.serverAddress)
    }

    /// A bench whose client has its allocation.
    static func allocated(
        _ profile: TURNProfile = WebRTCProfile.libwebrtc.turn, options: TURNServerOptions = TURNServerOptions(users: [user])
    ) -> TURNBench {
        let bench = TURNBench(profile, options: options)
        bench.start()
        bench.clear()
        return bench
    }

    var relayedAddress: TransportAddress { TransportAddress(Self.serverAddress.address, 50_000) }

    func clear() { (sent, events, received, relayed) = ([], [], [], []) }

    func start() {
        client.start(now: now)
        exchange()
    }

    func send(_ payload: ByteBuffer = payload, to peer: TransportAddress = peer) {
        _ = client.send(payload, to: peer, now: now)
        exchange()
    }

    func peerSends(_ payload: ByteBuffer = payload, from peer: TransportAddress = peer) {
        perform(server.receiveFromPeer(payload, at: relayedAddress, from: peer, now: now))
        exchange()
    }

    /// Gives the machines every deadline up to then.
    func advance(by amount: TimeAmount) {
        let end = now + amount
        while true {
            let next = min(client.deadline, server.deadline)
            guard next <= end else { break }
            now = max(now, next)
            if client.deadline <= now { client.timerFired(now: now) }
            if server.deadline <= now { closedRelays += server.timerFired(now: now) }
            exchange()
        }
        now = end
    }

    func exchange() {
        while true {
            if let bytes = client.nextTransmission() {
                sent.append(try? STUNMessage(decoding: bytes))
                if !isCut { perform(server.receive(bytes, from: fiveTuple, now: now)) }
            } else if let event = client.nextEvent() {
                events.append(event)
            } else {
                return
            }
        }
    }

    private func perform(_ action: TURNServer.Action) {
        switch action {
        case .ignore: break
        case .reply(let bytes, _):
            if case .data(let payload, let peer) = client.receive(bytes, now: now) { received.append((payload, peer)) }
        case .openRelay:
            let address = TransportAddress(Self.serverAddress.address, nextRelayPort)
            nextRelayPort += 1
            perform(server.relayOpened(at: address, now: now))
        case .relay(let payload, let from, let to): relayed.append((payload, from, to))
        case .closeRelay(let relayed, let bytes, let fiveTuple):
            closedRelays.append(relayed)
            perform(.reply(bytes, to: fiveTuple))
        }
    }

    /// Which methods the client has sent; `nil` is ChannelData.
    var methods: [STUNMethod?] { sent.map { $0?.method } }
}
