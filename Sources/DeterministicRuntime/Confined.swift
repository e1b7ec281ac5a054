/// A value that only the simulation's thread touches, though the closure that holds it must be `Sendable`: the SDK's seams are, because an app's are.
///
/// `@unchecked Sendable`: made and used on the simulation's thread only.
public struct Confined<Value>: @unchecked Sendable {
    /// The value.
    public let value: Value

    /// Holds a value.
    public init(_ value: Value) { self.value = value }
}
