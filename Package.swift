// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Faultline",
    platforms: [.macOS(.v15), .iOS(.v18)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2")
    ],
    targets: [
        // JSON with a defined order and bounded depth; what the SDK puts on the wire and the trace on disk.
        .target(name: "CompactJSON", exclude: ["README.md"]),
        .testTarget(name: "CompactJSONTests", dependencies: ["CompactJSON"]),

        // The events of a run (or of a device's log) and the spec's checkers that read them. Nothing here knows the SDK.
        .target(name: "Trace", dependencies: ["CompactJSON"], exclude: ["README.md"]),
        .testTarget(name: "TraceTests", dependencies: ["Trace", "CompactJSON"]),
    ],
    swiftLanguageModes: [.v6]
)
