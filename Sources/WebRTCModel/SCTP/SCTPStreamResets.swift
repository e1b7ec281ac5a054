import NIOCore

/// The requests of stream reconfiguration (RFC 6525), one at a time in each direction.
struct SCTPStreamResets {
    struct Request: Hashable, Sendable {
        var number: UInt32
        var streams: [UInt16]
        var lastTransmissionSequenceNumber: UInt32
    }

    /// Streams of ours to be reset once their messages have left.
    var waiting: [UInt16] = []
    /// Our request that is not answered.
    var pending: Request?
    var deadline = NIODeadline.distantFuture
    var timeouts = 0
    private(set) var nextNumber: UInt32
    /// The number of the peer's next request, and our answer to the one before.
    var expected: UInt32 = 0
    var lastResult: UInt32 = SCTPReconfiguration.performed

    init(initial: UInt32) { nextNumber = initial }

    /// Requests are counted from the initial sequence number.
    var peerInitial: UInt32 = 0 {
        didSet { expected = peerInitial }
    }

    mutating func takeNumber() -> UInt32 {
        defer { nextNumber &+= 1 }
        return nextNumber
    }
}

extension SCTPAssociation {
    /// Resets our stream once its messages have left: how a data channel closes (RFC 8831 section 6.7).
    mutating func reset(stream: UInt16, now: NIODeadline) {
        guard !resets.waiting.contains(stream), resets.pending?.streams.contains(stream) != true else { return }
        resets.waiting.append(stream)
        beginResets(now: now)
    }

    mutating func beginResets(now: NIODeadline) {
        guard state == .established, resets.pending == nil, !resets.waiting.isEmpty else { return }
        let ready = resets.waiting.filter { !sender.queue.hasMessages($0) }
        guard !ready.isEmpty else { return }
        resets.waiting.removeAll(where: ready.contains)
        for stream in ready { sender.queue.pause(stream) }
        resets.pending = SCTPStreamResets.Request(
            number: resets.takeNumber(), streams: ready, lastTransmissionSequenceNumber: sender.lastAssigned)
        sendReset(now: now)
    }

    private mutating func sendReset(now: NIODeadline) {
        guard let pending = resets.pending else { return }
        control.append(
            .reconfiguration([
                .outgoingReset(
                    request: pending.number, response: resets.expected &- 1,
                    lastTransmissionSequenceNumber: pending.lastTransmissionSequenceNumber, streams: pending.streams)
            ]))
        resets.deadline = now + sender.roundTrip.timeout
    }

    mutating func repeatReset(now: NIODeadline) {
        resets.timeouts += 1
        if let limit = profile.retransmissions, resets.timeouts > limit { return abort("a stream reset was not answered", tellsPeer: true) }
        sendReset(now: now)
    }

    mutating func receiveReconfiguration(_ parameter: SCTPReconfiguration, now: NIODeadline) {
        guard state == .established else { return }
        switch parameter {
        case .outgoingReset(let request, _, let last, let streams): receiveReset(request: request, last: last, streams: streams)
        case .response(let request, let result): receiveResponse(request: request, result: result, now: now)
        }
    }

    private mutating func receiveReset(request: UInt32, last: UInt32, streams: [UInt16]) {
        if request == resets.expected &- 1 {
            // Our answer was lost.
            return control.append(.reconfiguration([.response(request: request, result: resets.lastResult)]))
        }
        guard request == resets.expected, let receiver else { return }
        guard receiver.unwrapped(last) <= receiver.cumulative else {
            return control.append(.reconfiguration([.response(request: request, result: SCTPReconfiguration.inProgress)]))
        }
        resets.expected &+= 1
        resets.lastResult = SCTPReconfiguration.performed
        control.append(.reconfiguration([.response(request: request, result: SCTPReconfiguration.performed)]))
        for stream in streams {
            self.receiver?.reset(stream)
            report(.incomingReset(stream: stream))
        }
    }

    private mutating func receiveResponse(request: UInt32, result: UInt32, now: NIODeadline) {
        guard let pending = resets.pending, pending.number == request else { return }
        resets.timeouts = 0
        // In progress: the timer asks again.
        if result == SCTPReconfiguration.inProgress { return }
        resets.pending = nil
        resets.deadline = .distantFuture
        for stream in pending.streams {
            sender.queue.reset(stream)
            report(.outgoingReset(stream: stream))
        }
        beginResets(now: now)
    }
}
