import NIOCore
import NIOHTTP1
import NetworkModel
import ServiceModel

/// The app's own server that issues tokens (SIG-07), a host of the simulated world; it can be slow, fail, hang or issue bad tokens.
final class TokenServer {
    private let host: Host
    private let mint: TokenMint
    private let standardLatency: TimeAmount
    private var behaviour: Scenario.TokenBehaviour
    private var latency: TimeAmount
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
        latency = endpoint.latency
        behaviour = endpoint.behaviour
    }

    /// Starts to listen.
    func start() {
        host.listen(port: TokenFetch.port, tls: true) { [unowned self] channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                try channel.pipeline.syncOperations.addHandler(TokenRequestHandler(server: self))
            }
        }
    }

    /// Changes what the server does, for a time or for good.
    func change(to behaviour: Scenario.TokenBehaviour, latency: TimeAmount?, for duration: TimeAmount?) {
        changes += 1
        self.behaviour = behaviour
        self.latency = latency ?? standardLatency
        guard let duration else { return }
        let change = changes
        host.simulation.schedule(in: duration) { [weak self] in
            guard let self, change == changes else { return }
            self.behaviour = .works
            self.latency = standardLatency
        }
    }

    /// What one call is answered with.
    fileprivate enum Answer {
        case token(String)
        case failure
        case nothing
    }

    fileprivate func answer(for peer: String) -> Answer {
        switch behaviour {
        case .works: return .token(mint.token(for: peer))
        case .fails(let times): return once(times, .fails, .failure)
        case .hangs(let times): return once(times, .hangs, .nothing)
        case .issuesExpired(let times): return once(times, .issuesExpired, .token(mint.expiredToken(for: peer)))
        case .issuesInvalid(let times): return once(times, .issuesInvalid, .token(mint.forgedToken(for: peer)))
        }
    }

    fileprivate func afterLatency(_ body: @escaping () -> Void) {
        host.eventLoop.schedule(at: host.eventLoop.now + latency, body)
    }

    private func once(_ times: Int?, _ kind: (Int?) -> Scenario.TokenBehaviour, _ answer: Answer) -> Answer {
        if let times { behaviour = times > 1 ? kind(times - 1) : .works }
        return answer
    }
}

private final class TokenRequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: TokenServer

    init(server: TokenServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        let peer = head.uri.split(separator: "=", maxSplits: 1).last.map(String.init) ?? ""
        let channel = Confined(context.channel)
        switch server.answer(for: peer) {
        case .token(let token): server.afterLatency { Self.respond(.ok, token, on: channel.value) }
        case .failure: server.afterLatency { Self.respond(.internalServerError, "", on: channel.value) }
        case .nothing: break
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
