import CompactJSON

extension PeerSignal {
    /// The signal as `data` of a `send` frame.
    var json: JSONValue { .null }

    /// Reads the `data` of a `direct` frame.
    static func read(_ data: JSONValue) -> SignalReading { .data }
}
