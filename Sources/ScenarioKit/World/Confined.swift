/// A value that only the simulation's thread touches, though the closure that holds it must be `Sendable`: the SDK's seams are, because an app's are.
struct Confined<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
