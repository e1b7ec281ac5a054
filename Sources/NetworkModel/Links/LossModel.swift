import SimulationKernel

/// Random packet loss in libwebrtc's two numbers (`BuiltInNetworkBehaviorConfig`: `loss_percent`, `avg_burst_loss_length`).
public struct LossModel: Hashable, Sendable {
    /// The share of packets lost in the long run, 0...100.
    public let percent: Double
    /// The mean number of packets lost in a row; nil for independent losses.
    public let meanBurstLength: Double?

    /// No loss.
    public static let none = LossModel(percent: 0)

    /// Every packet is lost with the same probability, whatever happened to the one before.
    public init(percent: Double) {
        precondition((0...100).contains(percent), "loss is 0...100 percent")
        self.percent = percent
        self.meanBurstLength = nil
    }

    /// Losses come in bursts of `meanBurstLength` packets on average, which must exceed `shortestMeanBurst(forPercent:)`.
    public init(percent: Double, meanBurstLength: Double) {
        precondition(percent >= 0 && percent < 100, "loss in bursts is below 100 percent")
        precondition(meanBurstLength >= Self.shortestMeanBurst(forPercent: percent), "bursts too short for this share of loss")
        self.percent = percent
        self.meanBurstLength = meanBurstLength
    }

    /// By the share of packets lost, 0...1, and the mean burst as people write it: one of 1 is independent loss, one too short for the share is lengthened.
    public init(share: Double, meanBurstLength: Double) {
        let percent = share * 100
        guard meanBurstLength > 1, percent < 100 else {
            self.init(percent: percent)
            return
        }
        self.init(percent: percent, meanBurstLength: max(meanBurstLength, Self.shortestMeanBurst(forPercent: percent)))
    }

    /// The shortest mean burst that can lose `percent` of all packets: with shorter ones the gaps between bursts would be under one packet.
    public static func shortestMeanBurst(forPercent percent: Double) -> Double { max(1, percent / (100 - percent)) }
}

/// The two-state chain of `call/simulated_network.cc` in libwebrtc: a burst goes on with probability 1 - 1/L and begins with p/(1-p)/L.
struct LossProcess {
    private(set) var model: LossModel
    private var continues: Double
    private var begins: Double
    private var isInBurst = false

    init(_ model: LossModel) {
        self.model = model
        let share = model.percent / 100
        if let length = model.meanBurstLength {
            continues = 1 - 1 / length
            begins = share / (1 - share) / length
        } else {
            continues = share
            begins = share
        }
    }

    /// Whether the next packet is lost: one draw.
    mutating func losesNext(_ random: RandomStream) -> Bool {
        isInBurst = random.chance(isInBurst ? continues : begins)
        return isInBurst
    }
}
