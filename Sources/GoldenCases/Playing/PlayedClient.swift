import CompactJSON
import MeteredRealtime

/// A signalling client alone, as a case's application uses it.
final class PlayedClient: PlayedSubject {
    /// Close code and reason of the official SDK's close() without arguments.
    private static let defaultClose = (code: UInt16(1000), reason: "client requested close")

    private let client: SignallingClient
    private let lines: ClientLines

    init(_ client: SignallingClient, lines: ClientLines) {
        self.client = client
        self.lines = lines
    }

    func reattach() { lines.reattach() }

    var state: JSONObject { ["client": .string(client.state.rawValue)] }

    func tidyUp() async { await client.close() }

    func make(_ call: AppCall) async throws {
        switch call {
        case .connect: _ = try await client.connect()
        case .close(let code, let reason):
            await client.close(
                code: CloseCode(rawValue: code ?? Self.defaultClose.code), reason: reason ?? Self.defaultClose.reason)
            lines.closeReturned()
        case .subscribe(let channel, let includeSenderMetadata):
            try await client.subscribe(channel, includeSenderMetadata: includeSenderMetadata)
        case .unsubscribe(let channel): try await client.unsubscribe(channel)
        case .publish(let channel, let data): try await client.publish(data, to: channel)
        case .clientSend(let to, let data): try await client.send(data, to: to)
        case .reattach, .dump, .peer: preconditionFailure("\(call.name) is not a call of the client")
        }
    }
}
