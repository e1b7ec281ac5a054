import MeteredRealtime

extension LinkModel {
    /// The delays before the attempts, in both SDKs (ICE-01).
    private static let delays: [Int64] = [0, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]
    /// How long the official SDK waits for each attempt, and how long after the last one both give up.
    private static let probe: Int64 = 15_000

    /// The link has failed.
    func recover(_ wrapper: Wrapper) {
        guard !wrapper.hasGivenUp, !wrapper.isRecovering else { return }
        wrapper.isRecovering = true
        if has(.rungTimes) {
            climb(wrapper)
        } else {
            after(0, wrapper) { [self] in attempt(wrapper) }
        }
    }

    // MARK: The official ladder

    private func attempt(_ wrapper: Wrapper) {
        guard wrapper.attempts < Self.delays.count else {
            if !wrapper.hasGivenUp {
                wrapper.hasGivenUp = true
                fail("MeteredRealtimeError")
            }
            wrapper.isRecovering = false
            return
        }
        let delay = Self.delays[wrapper.attempts]
        wrapper.attempts += 1
        let rung = { [self] in
            guard wrapper.state != .connected else { return wrapper.isRecovering = false }
            locked(wrapper) { [self] release in
                rebuild(wrapper)
                release()
                negotiate(wrapper)
                probe(wrapper)
            }
        }
        delay == 0 ? rung() : after(delay, wrapper, rung)
    }

    private func probe(_ wrapper: Wrapper) {
        guard wrapper.state != .connected else { return wrapper.isRecovering = false }
        var isOver = false
        wrapper.onConnected = {
            isOver = true
            wrapper.isRecovering = false
        }
        after(Self.probe, wrapper) { [self] in
            guard !isOver else { return }
            wrapper.onConnected = nil
            attempt(wrapper)
        }
    }

    /// A fresh connection in the place of the old one: it has the tracks and no channels.
    func rebuild(_ wrapper: Wrapper) {
        if wrapper.state == .connected { enter(.reconnecting, wrapper) }
        wrapper.connection = makeConnection()
        start(wrapper.connection, of: wrapper, on: .created)
        wrapper.hasNegotiated = false
        wrapper.isMakingOffer = false
        wrapper.hasFollowedUp = false
        wrapper.onRemoteOffer?()
    }

    // MARK: Ours

    /// Every rung at its time after the failure, whatever becomes of the others (ICE-02).
    private func climb(_ wrapper: Wrapper) {
        wrapper.ladder += 1
        let ladder = wrapper.ladder
        func plan(_ delay: Int64, _ body: @escaping () -> Void) {
            after(delay, wrapper) { if wrapper.ladder == ladder { body() } }
        }
        var time: Int64 = 0
        for delay in Self.delays {
            time += delay
            plan(time) { [self] in rung(wrapper) }
        }
        plan(time + Self.probe) { [self] in
            wrapper.hasGivenUp = true
            wrapper.isRecovering = false
            if scene.isReady(at: now) || !has(.skippedRungs) { fail("MeteredRealtimeError") }
        }
    }

    private func rung(_ wrapper: Wrapper) {
        if has(.skippedRungs), !scene.isReady(at: now) { return }
        if has(.inPlace) {
            wrapper.wantsRestart = true
            return negotiate(wrapper)
        }
        locked(wrapper) { [self] release in
            rebuild(wrapper)
            release()
            negotiate(wrapper)
        }
    }
}
