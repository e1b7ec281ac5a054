import CompactJSON
import NIOCore

/// The app's own token endpoint: mints tokens for its users, when and how the scenario says. Confined to one event loop.
public final class TokenMint {
    /// What one call comes to.
    public enum Answer: Sendable {
        /// A good token, this much later.
        case token(after: TimeAmount = .zero)
        /// A failure, this much later.
        case failure(String, after: TimeAmount = .zero)
        /// Nothing, ever.
        case hang
        /// A token whose life ended before it was minted.
        case expiredToken
        /// A token with one bit of its signature turned.
        case forgedToken
        /// A token of a key that nobody knows.
        case unknownKey
        /// Not a token.
        case garbage(String)
    }

    /// The endpoint failed.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// What it said.
        public var description: String
    }

    /// The call was given up while it hung.
    public struct Abandoned: Error {}

    /// How long tokens live.
    public var lifetime: TimeAmount
    /// What becomes of a call once ``next`` is used up.
    public var usually = Answer.token()
    /// What becomes of the next calls, in order.
    public var next: [Answer] = []
    /// Told of each call and of what becomes of it, never of the token.
    public var observe: ((_ peer: String, _ ordinal: Int, _ outcome: Outcome) -> Void)?
    /// How many calls there were.
    public private(set) var calls = 0

    /// A step of a call.
    public enum Outcome: Hashable, Sendable {
        case called, minted, failed(String), hanging
    }

    private let eventLoop: any EventLoop
    private let key: SigningKey
    private let wallClock: () -> WallTime
    private var hanging: [EventLoopPromise<String>] = []

    /// - Parameters:
    ///   - eventLoop: of the endpoint.
    ///   - key: one that the service knows.
    ///   - lifetime: of a token; `exp` is whole seconds, so it may be up to a second shorter.
    ///   - wallClock: civil time as the endpoint believes it, which need not be what the service believes.
    public init(eventLoop: any EventLoop, key: SigningKey, lifetime: TimeAmount = .hours(1), wallClock: @escaping () -> WallTime) {
        self.eventLoop = eventLoop
        self.key = key
        self.lifetime = lifetime
        self.wallClock = wallClock
    }

    /// Asks for a token.
    ///
    /// - Parameter claims: gets its expiry and is otherwise signed as it is; made by the caller so that a scenario can set patterns and metadata.
    /// - Returns: the token, or fails with ``Failure``. While it hangs: until ``abandonHangingCalls()``.
    public func mint(_ claims: TokenClaims) -> EventLoopFuture<String> {
        eventLoop.preconditionInEventLoop()
        calls += 1
        let ordinal = calls
        observe?(claims.peerID, ordinal, .called)
        let answer = next.isEmpty ? usually : next.removeFirst()
        switch answer {
        case .token(let delay): return answerLater(delay, claims, ordinal) { try self.sign(claims, expiresIn: self.lifetime) }
        case .failure(let text, let delay): return answerLater(delay, claims, ordinal) { throw Failure(description: text) }
        case .hang:
            observe?(claims.peerID, ordinal, .hanging)
            let promise = eventLoop.makePromise(of: String.self)
            hanging.append(promise)
            return promise.futureResult
        case .expiredToken: return answerLater(.zero, claims, ordinal) { try self.sign(claims, expiresIn: .seconds(-1)) }
        case .forgedToken: return answerLater(.zero, claims, ordinal) { Self.forged(try self.sign(claims, expiresIn: self.lifetime)) }
        case .unknownKey:
            return answerLater(.zero, claims, ordinal) {
                try self.sign(claims, expiresIn: self.lifetime, with: SigningKey(id: "unknown", secret: Array("unknown".utf8)))
            }
        case .garbage(let text): return answerLater(.zero, claims, ordinal) { text }
        }
    }

    /// Fails the calls that hang, for the end of a world.
    public func abandonHangingCalls() {
        let promises = hanging
        hanging = []
        for promise in promises { promise.fail(Abandoned()) }
    }

    private func answerLater(
        _ delay: TimeAmount, _ claims: TokenClaims, _ ordinal: Int, _ answer: @escaping () throws -> String
    ) -> EventLoopFuture<String> {
        let result = { [weak self] in
            let result = Result(catching: answer)
            switch result {
            case .success: self?.observe?(claims.peerID, ordinal, .minted)
            case .failure(let error): self?.observe?(claims.peerID, ordinal, .failed("\(error)"))
            }
            return try result.get()
        }
        guard delay > .zero else { return eventLoop.assumeIsolated().makeCompletedFuture(Result(catching: result)) }
        return eventLoop.assumeIsolated().scheduleTask(in: delay, result).futureResult
    }

    private func sign(_ claims: TokenClaims, expiresIn lifetime: TimeAmount, with other: SigningKey? = nil) throws -> String {
        var claims = claims
        claims.expiresAt = wallClock() + lifetime
        return try JSONWebToken.sign(claims, with: other ?? key)
    }

    private static func forged(_ token: String) -> String {
        // The first character of the signature: in the last one a bit may be padding.
        guard let dot = token.lastIndex(of: ".") else { return token }
        let place = token.index(after: dot)
        var token = token
        token.replaceSubrange(place...place, with: token[place] == "A" ? "B" : "A")
        return token
    }
}

extension TokenMint {
    /// A closure to be handed to an SDK as its token provider; to be made on the mint's loop. It may be called on any task, and a call that is
    /// cancelled ends with `CancellationError`.
    ///
    /// - Parameter claims: whom the tokens are for; the expiry is set by the mint.
    public func provider(for claims: TokenClaims) -> @Sendable () async throws -> String {
        let eventLoop = eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        return {
            let promise = eventLoop.makePromise(of: String.self)
            return try await withTaskCancellationHandler {
                eventLoop.execute { bound.value.mint(claims).cascade(to: promise) }
                return try await promise.futureResult.get()
            } onCancel: {
                promise.fail(CancellationError())
            }
        }
    }
}
