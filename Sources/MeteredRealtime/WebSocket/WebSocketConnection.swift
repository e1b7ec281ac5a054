import NIOCore
import NIOHTTP1
import NIOWebSocket

/// One WebSocket from the dial to its end, over NIO's own HTTP upgrade and WebSocket codec. Confined to the connector's event loop.
final class WebSocketConnection {
    private let baseURL: BaseURL
    private let connector: any Connector
    private let nonces: NonceSource
    private let maximumMessageBytes: Int
    private var onSignal: ((WebSocketSignal) -> Void)?
    private var channel: (any Channel)?
    /// Tells the connector that the dial is no longer wanted.
    private var abandonment: EventLoopPromise<Void>?
    private var frames: WebSocketFrameHandler?

    init(
        to baseURL: BaseURL, connector: any Connector, nonces: NonceSource, maximumMessageBytes: Int,
        onSignal: @escaping (WebSocketSignal) -> Void
    ) {
        self.baseURL = baseURL
        self.connector = connector
        self.nonces = nonces
        self.maximumMessageBytes = maximumMessageBytes
        self.onSignal = onSignal
    }

    /// Opens the byte stream and upgrades it. The credential lives in the request only.
    func dial(_ credential: ResolvedCredential) {
        let request = upgradeRequest(credential)
        let abandonment = connector.eventLoop.makePromise(of: Void.self)
        self.abandonment = abandonment
        connector.connect(host: baseURL.host, port: baseURL.port, tls: baseURL.isSecure, abandoned: abandonment.futureResult)
            .hop(to: connector.eventLoop)
            .assumeIsolated()
            .whenComplete { result in self.connected(result, request) }
    }

    /// Writes a text frame.
    func send(text: [UInt8]) { frames?.send(text: text) }

    /// Writes a close frame; the connection goes on until its end is signalled.
    func close(_ code: CloseCode, reason: String) { frames?.sendClose(code, reason: reason) }

    /// Ends it at once, at any stage: no more signals, and the channel is closed, even one that is still to come.
    func abort() {
        onSignal = nil
        abandonment?.succeed()
        abandonment = nil
        channel?.close(promise: nil)
        channel = nil
        frames = nil
    }

    private func connected(_ result: Result<any Channel, any Error>, _ request: HTTPRequestHead) {
        abandonment?.fail(CancellationError())
        abandonment = nil
        switch result {
        case .success(let channel):
            guard onSignal != nil else { return channel.close(promise: nil) }
            self.channel = channel
            do { try upgrade(channel, request) } catch { fail(Redaction.scrub(String(describing: error)), nil) }
        case .failure(let error):
            fail(Redaction.scrub(String(describing: error)), nil)
        }
    }

    private func upgrade(_ channel: any Channel, _ request: HTTPRequestHead) throws {
        let handler = UpgradeHandler(request: request) { [weak self] reason, status in self?.fail(reason, status) }
        let bound = NIOLoopBound((connection: self, handler: handler), eventLoop: channel.eventLoop)
        let upgrader = NIOWebSocketClientUpgrader(
            requestKey: nonces.nextUpgradeKey(), maxFrameSize: maximumMessageBytes, automaticErrorHandling: false
        ) { channel, _ in
            channel.eventLoop.makeCompletedFuture { try bound.value.connection.upgraded(channel, replacing: bound.value.handler) }
        }
        let pipeline = channel.pipeline.syncOperations
        // The welcome may come in the same segment as the answer to the upgrade.
        try pipeline.addHTTPClientHandlers(
            leftOverBytesStrategy: .forwardBytes, withClientUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
        try pipeline.addHandler(handler)
    }

    private func upgraded(_ channel: any Channel, replacing handler: UpgradeHandler) throws {
        channel.pipeline.syncOperations.removeHandler(handler, promise: nil)
        guard onSignal != nil else { return }
        let frames = WebSocketFrameHandler(maximumMessageBytes: maximumMessageBytes, nonces: nonces) { [weak self] in self?.report($0) }
        try channel.pipeline.syncOperations.addHandler(frames)
        self.frames = frames
        report(.opened)
    }

    private func upgradeRequest(_ credential: ResolvedCredential) -> HTTPRequestHead {
        HTTPRequestHead(version: .http1_1, method: .GET, uri: credential.requestTarget, headers: ["Host": baseURL.hostHeader])
    }

    private func fail(_ reason: String, _ status: Int?) {
        report(.failedToOpen(reason: reason, status: status))
        abort()
    }

    private func report(_ signal: WebSocketSignal) { onSignal?(signal) }
}
