import NIOCore
import NIOHTTP1
import NetworkModel
import SimulationKernel

/// How an app fetches its token: one HTTPS request to the app's own server, over the same simulated network as everything else, so that a blackout
/// or a captive portal hits it as well.
enum TokenFetch {
    /// The server's name in the simulated DNS.
    static let hostName = "auth.app.example"
    static let port = 443

    /// What went wrong, without anything of the token.
    enum Failure: Error, CustomStringConvertible {
        case connect
        case status(UInt)
        case connectionLost

        var description: String {
            switch self {
            case .connect: return "the token endpoint cannot be reached"
            case .status(let code): return "the token endpoint answered with HTTP status \(code)"
            case .connectionLost: return "the connection to the token endpoint was lost"
            }
        }
    }

    /// Fetches a token for `peer` from `host`. A cancelled call closes its connection.
    static func token(for peer: String, from host: Host) async throws -> String {
        let call = TokenCall(loop: host.eventLoop)
        return try await withTaskCancellationHandler {
            try await call.start(host.tcp, peer: peer).get()
        } onCancel: {
            call.cancel()
        }
    }
}

/// One call, which can be given up. `@unchecked Sendable`: everything of it is done on the host's loop.
private final class TokenCall: @unchecked Sendable {
    private let loop: SimulatedEventLoop
    private var channel: (any Channel)?
    private var isCancelled = false

    init(loop: SimulatedEventLoop) { self.loop = loop }

    func start(_ tcp: TCPStack, peer: String) -> EventLoopFuture<String> {
        let answer = loop.makePromise(of: String.self)
        let options = ConnectOptions(timeout: .seconds(30))
        tcp.connect(host: TokenFetch.hostName, port: TokenFetch.port, tls: true, options: options).assumeIsolated().whenComplete {
            [self] result in
            switch result {
            case .success(let channel): connected(channel, peer, answer)
            case .failure: answer.fail(TokenFetch.Failure.connect)
            }
        }
        return answer.futureResult
    }

    func cancel() {
        loop.execute { [self] in
            isCancelled = true
            channel?.close(promise: nil)
        }
    }

    private func connected(_ channel: any Channel, _ peer: String, _ answer: EventLoopPromise<String>) {
        self.channel = channel
        do {
            try channel.pipeline.syncOperations.addHTTPClientHandlers()
            try channel.pipeline.syncOperations.addHandler(TokenResponseHandler(answer: answer))
        } catch {
            return answer.fail(error)
        }
        guard !isCancelled else { return channel.close(promise: nil) }
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/token?peer=\(peer)")
        head.headers.add(name: "Host", value: TokenFetch.hostName)
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }
}

/// Collects the body of one response, then closes.
private final class TokenResponseHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let answer: EventLoopPromise<String>
    private var status: HTTPResponseStatus = .ok
    private var body = ""
    private var isDone = false

    init(answer: EventLoopPromise<String>) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = head.status
        case .body(let buffer): body += String(buffer: buffer)
        case .end:
            isDone = true
            if status == .ok { answer.succeed(body) } else { answer.fail(TokenFetch.Failure.status(status.code)) }
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        if !isDone { answer.fail(TokenFetch.Failure.connectionLost) }
    }
}
