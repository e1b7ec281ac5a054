/// Where in the trace something stands, and when.
struct Mark: Hashable, Sendable {
    let index: Int
    let at: Nanoseconds
}
