import NIOCore
import NIOHTTP1
import NetworkModel
import ServiceModel

/// The app's own server that issues tokens (SIG-07), a host of the simulated world; it can be slow, fail, hang or issue bad tokens.
final class TokenServer {
    private let host: Host
    fileprivate let mint: TokenMint
    /// Asked for what each token says of its bearer beyond the peer id.
    var amend: (inout TokenClaims) -> Void = { _ in }
    private let standardLatency: TimeAmount
    private var listener: TCPListener?
    /// Counts changes, so that the end of one does not undo a later one.
    private var changes = 0

    /// - Parameters:
    ///   - host: where it runs.
    ///   - mint: what makes the tokens.
    ///   - endpoint: what the scenario says of it.
    init(host: Host, mint: TokenMint, endpoint: Scenario.TokenEndpoint) {
        self.host = host
        self.mint = mint
        standardLatency = endpoint.latency
        set(endpoint.behaviour, endpoint.latency)
    }

    /// Starts to listen.
    func start() throws {
        listener = try host.tcp.listen(port: TokenFetch.port, tls: TLSServerOptions()) { [unowned self] channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                try channel.pipeline.syncOperations.addHandler(TokenRequestHandler(server: self))
            }
        }
    }

    /// Changes what the server does, for a time or for good.
    func change(to behaviour: Scenario.TokenBehaviour, latency: TimeAmount?, for duration: TimeAmount?) {
        changes += 1
        set(behaviour, latency ?? standardLatency)
        guard let duration else { return }
        let change = changes
        host.simulation.schedule(in: duration) { [weak self] in
            guard let self, change == changes else { return }
            set(.works, standardLatency)
        }
    }

    private func set(_ behaviour: Scenario.TokenBehaviour, _ latency: TimeAmount) {
        mint.usually = .token(after: latency)
        mint.next = []
        switch behaviour {
        case .works: break
        case .fails(let times): answer(times, .failure("unavailable", after: latency))
        case .hangs(let times): answer(times, .hang)
        case .issuesExpired(let times): answer(times, .expiredToken)
        case .issuesInvalid(let times): answer(times, .forgedToken)
        }
    }

    private func answer(_ times: Int?, _ answer: TokenMint.Answer) {
        if let times { mint.next = Array(repeating: answer, count: times) } else { mint.usually = answer }
    }

    /// Ends the calls that hang, so that nothing is left of them.
    func shutDown() { mint.abandonHangingCalls() }
}

private final class TokenRequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private unowned let server: TokenServer

    init(server: TokenServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        let peer = head.uri.split(separator: "=", maxSplits: 1).last.map(String.init) ?? ""
        let channel = context.channel
        var claims = TokenClaims(peerID: peer, expiresAt: WallTime(unixNanoseconds: 0))
        server.amend(&claims)
        server.mint.mint(claims).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let token): Self.respond(.ok, token, on: channel)
            case .failure: Self.respond(.internalServerError, "", on: channel)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private static func respond(_ status: HTTPResponseStatus, _ body: String, on channel: any Channel) {
        var head = HTTPResponseHead(version: .http1_1, status: status)
        head.headers.add(name: "Content-Length", value: String(body.utf8.count))
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        if !body.isEmpty { channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: body))), promise: nil) }
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    }
}
