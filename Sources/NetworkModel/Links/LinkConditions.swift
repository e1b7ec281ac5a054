import NIOCore

/// What one direction of a link does to packets.
public struct LinkConditions: Hashable, Sendable {
    /// Packets that are held back so that later ones overtake them.
    public struct Reordering: Hashable, Sendable {
        /// The share of packets held back, 0...100.
        public var percent: Double
        /// How much later than in order they arrive.
        public var holdBack: TimeAmount

        /// Holds back a share of packets.
        public init(percent: Double, holdBack: TimeAmount) {
            precondition((0...100).contains(percent), "reordering is 0...100 percent")
            self.percent = percent
            self.holdBack = holdBack
        }
    }

    /// Bits per second; nil for a link that sends everything at once.
    public var rate: DataRate?
    /// The drop-tail queue before the link in bytes, the packet being sent included. A packet that finds the queue empty is always taken.
    public var queueBytes: Int
    /// Propagation delay.
    public var delay: TimeAmount
    /// Each packet's delay is uniform in `delay` ± `jitter`. Packets stay in order, so that a late one holds up those behind it.
    public var jitter: TimeAmount
    /// Random loss. A lost packet has used the queue and the rate.
    public var loss: LossModel
    /// The share of packets delivered twice, 0...100.
    public var duplicationPercent: Double
    /// Deliberate reordering; nil keeps order.
    public var reordering: Reordering?
    /// The longest packet in bytes.
    public var maximumTransmissionUnit: Int

    /// Every packet that is not too long passes at once and unchanged.
    var addsNothing: Bool {
        rate == nil && delay == .zero && jitter == .zero && loss.percent == 0 && duplicationPercent == 0 && reordering == nil
    }

    /// No rate, delay or loss; MTU 1500.
    public static let ideal = LinkConditions()

    /// Conditions; what is not given is ideal. The default queue, 250 kB, is 200 ms at 10 Mbit/s.
    public init(
        rate: DataRate? = nil, queueBytes: Int = 250_000, delay: TimeAmount = .zero, jitter: TimeAmount = .zero, loss: LossModel = .none,
        duplicationPercent: Double = 0, reordering: Reordering? = nil, maximumTransmissionUnit: Int = 1_500
    ) {
        precondition(delay >= .zero && jitter >= .zero, "delays are not negative")
        precondition((0...100).contains(duplicationPercent), "duplication is 0...100 percent")
        precondition(maximumTransmissionUnit >= 576, "RFC 791: every link takes 576 bytes")
        self.rate = rate
        self.queueBytes = queueBytes
        self.delay = delay
        self.jitter = jitter
        self.loss = loss
        self.duplicationPercent = duplicationPercent
        self.reordering = reordering
        self.maximumTransmissionUnit = maximumTransmissionUnit
    }
}

/// A change of some of the conditions of a link for the time of a fault; what is nil stays as it is.
public struct LinkChange: Hashable, Sendable {
    /// Replaces the rate.
    public var rate: DataRate?
    /// Replaces the queue limit in bytes.
    public var queueBytes: Int?
    /// Replaces the delay.
    public var delay: TimeAmount?
    /// Adds to the delay.
    public var extraDelay: TimeAmount?
    /// Replaces the jitter.
    public var jitter: TimeAmount?
    /// Replaces the loss.
    public var loss: LossModel?
    /// Replaces the share of duplicated packets, 0...100.
    public var duplicationPercent: Double?
    /// Replaces the reordering.
    public var reordering: LinkConditions.Reordering?
    /// Replaces the MTU in bytes.
    public var maximumTransmissionUnit: Int?

    /// A change of what is given.
    public init(
        rate: DataRate? = nil, queueBytes: Int? = nil, delay: TimeAmount? = nil, extraDelay: TimeAmount? = nil, jitter: TimeAmount? = nil,
        loss: LossModel? = nil, duplicationPercent: Double? = nil, reordering: LinkConditions.Reordering? = nil,
        maximumTransmissionUnit: Int? = nil
    ) {
        self.rate = rate
        self.queueBytes = queueBytes
        self.delay = delay
        self.extraDelay = extraDelay
        self.jitter = jitter
        self.loss = loss
        self.duplicationPercent = duplicationPercent
        self.reordering = reordering
        self.maximumTransmissionUnit = maximumTransmissionUnit
    }

    /// The conditions with this change made to them.
    public func applied(to conditions: LinkConditions) -> LinkConditions {
        LinkConditions(
            rate: rate ?? conditions.rate, queueBytes: queueBytes ?? conditions.queueBytes,
            delay: (delay ?? conditions.delay) + (extraDelay ?? .zero), jitter: jitter ?? conditions.jitter, loss: loss ?? conditions.loss,
            duplicationPercent: duplicationPercent ?? conditions.duplicationPercent, reordering: reordering ?? conditions.reordering,
            maximumTransmissionUnit: maximumTransmissionUnit ?? conditions.maximumTransmissionUnit)
    }
}
