import NIOCore
import NIOHTTP1
import NetworkModel

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

    /// Fetches a token for `peer` from `host`.
    static func token(for peer: String, from host: Host) -> EventLoopFuture<String> {
        let loop = host.eventLoop
        return host.tcp.connect(host: hostName, port: port, tls: true, options: ConnectOptions(timeout: nil))
            .flatMapErrorThrowing { _ in throw Failure.connect }
            .flatMap { channel in
                let answer = loop.makePromise(of: String.self)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(TokenResponseHandler(answer: answer))
                }.flatMap {
                    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/token?peer=\(peer)")
                    head.headers.add(name: "Host", value: hostName)
                    channel.write(HTTPClientRequestPart.head(head), promise: nil)
                    channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
                    return answer.futureResult
                }
            }
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
