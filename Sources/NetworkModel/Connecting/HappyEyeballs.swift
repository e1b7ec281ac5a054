import NIOCore

/// Which address to try when: "Happy Eyeballs" version 2 (RFC 8305) as a pure machine.
///
/// Both families are looked up at once. IPv6 starts as soon as its answer is here; IPv4 alone waits a little for it. Attempts alternate between the
/// families, and a further one starts when one has failed or has taken a while. The first connection wins.
struct HappyEyeballs {
    /// Section 8: Resolution Delay.
    static let resolutionDelay = TimeAmount.milliseconds(50)
    /// Section 8: Connection Attempt Delay.
    static let attemptDelay = TimeAmount.milliseconds(250)

    enum Action: Equatable {
        case attempt(IPAddress)
        /// Replaces the timer that runs.
        case setTimer(TimeAmount)
        case cancelTimer
        case fail(Failure)
    }

    enum Failure: Equatable {
        case lookup(DNSError)
        case noAddress
        /// Every attempt failed; the error of the first.
        case connection(TCPError, IPAddress)
    }

    private enum Timer { case none, resolution, attempt }

    private var pendingLookups: [IPFamily]
    private var addresses: [IPFamily: [IPAddress]] = [:]
    private var lookupError: DNSError?
    private var nextFamily = IPFamily.v6
    private var running = 0
    private var firstFailure: (error: TCPError, address: IPAddress)?
    private var firstAttempted: IPAddress?
    private var timer = Timer.none
    private var isOver = false

    /// - Parameter families: those that are looked up: the ones that the host has a route for.
    init(families: [IPFamily]) { pendingLookups = families }

    // MARK: Inputs

    mutating func answered(_ family: IPFamily, _ answer: Result<[IPAddress], DNSError>) -> [Action] {
        guard let index = pendingLookups.firstIndex(of: family) else { return [] }
        pendingLookups.remove(at: index)
        switch answer {
        case .success(let found): addresses[family] = found
        case .failure(let error): lookupError = lookupError ?? error
        }
        if case .resolution = timer { return startFirst() }
        guard firstAttempted == nil else { return timer == .none ? startNext() : failIfExhausted() }
        let waitsForV6 = family == .v4 && pendingLookups.contains(.v6) && !(addresses[.v4] ?? []).isEmpty
        if waitsForV6 {
            timer = .resolution
            return [.setTimer(Self.resolutionDelay)]
        }
        return startNext()
    }

    mutating func timerFired() -> [Action] {
        timer = .none
        return startNext()
    }

    mutating func attemptFailed(_ address: IPAddress, _ error: TCPError) -> [Action] {
        guard !isOver else { return [] }
        running -= 1
        if firstFailure == nil || address == firstAttempted { firstFailure = (error, address) }
        return startFirst()
    }

    /// One attempt succeeded, or the caller gives up; the caller closes the others.
    mutating func end() -> [Action] {
        isOver = true
        defer { timer = .none }
        return timer == .none ? [] : [.cancelTimer]
    }

    // MARK: Attempts

    /// Starts an attempt without waiting for the timer that may run.
    private mutating func startFirst() -> [Action] {
        let hadTimer = timer != .none
        timer = .none
        let actions = startNext()
        let setsTimer = actions.contains { if case .setTimer = $0 { true } else { false } }
        return hadTimer && !setsTimer ? [.cancelTimer] + actions : actions
    }

    private mutating func startNext() -> [Action] {
        guard !isOver else { return [] }
        guard let address = takeNextAddress() else { return failIfExhausted() }
        if firstAttempted == nil { firstAttempted = address }
        running += 1
        guard hasAddresses || !pendingLookups.isEmpty else { return [.attempt(address)] }
        timer = .attempt
        return [.attempt(address), .setTimer(Self.attemptDelay)]
    }

    private var hasAddresses: Bool { IPFamily.allCases.contains { !(addresses[$0] ?? []).isEmpty } }

    /// Section 4: interleaved, beginning with IPv6.
    private mutating func takeNextAddress() -> IPAddress? {
        for family in [nextFamily, nextFamily == .v6 ? .v4 : .v6] where !(addresses[family] ?? []).isEmpty {
            nextFamily = family == .v6 ? .v4 : .v6
            return addresses[family]?.removeFirst()
        }
        return nil
    }

    private mutating func failIfExhausted() -> [Action] {
        guard running == 0, pendingLookups.isEmpty, !hasAddresses, !isOver else { return [] }
        isOver = true
        if let firstFailure { return [.fail(.connection(firstFailure.error, firstFailure.address))] }
        if let lookupError { return [.fail(.lookup(lookupError))] }
        return [.fail(.noAddress)]
    }
}
