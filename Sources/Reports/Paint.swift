/// Colour for a terminal; plain text elsewhere.
public struct Paint: Sendable {
    private let isOn: Bool

    /// - Parameter isOn: whether the output is a terminal that shows colour.
    public init(isOn: Bool) { self.isOn = isOn }

    func good(_ text: String) -> String { wrap(text, "32") }
    func bad(_ text: String) -> String { wrap(text, "31") }
    func strong(_ text: String) -> String { wrap(text, "1") }
    func faint(_ text: String) -> String { wrap(text, "2") }

    private func wrap(_ text: String, _ code: String) -> String { isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
