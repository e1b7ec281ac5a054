// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Faultline",
    platforms: [.macOS(.v15), .iOS(.v18)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        // JSON with a defined order and bounded depth; what the SDK puts on the wire and the trace on disk.
        .target(name: "CompactJSON"),
        .testTarget(name: "CompactJSONTests", dependencies: ["CompactJSON"]),

        // Plays the golden cases against the SDK and compares with what the official SDK did.
        .target(
            name: "GoldenCases",
            dependencies: [
                "CompactJSON",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            exclude: ["README.md"]
        ),
        .testTarget(name: "GoldenCasesTests", dependencies: ["GoldenCases"]),
        // Virtual time: the event queue, random streams, NIO event loops and channels in a simulation.
        .target(name: "CVirtualClock"),
        .target(
            name: "SimulationKernel",
            dependencies: ["CVirtualClock", .product(name: "NIOCore", package: "swift-nio")]),
        // Swift tasks in virtual time: the only target that uses the runtime's SPI.
        .target(
            name: "DeterministicRuntime",
            dependencies: ["SimulationKernel", .product(name: "NIOCore", package: "swift-nio")]),
        .testTarget(name: "DeterministicRuntimeTests", dependencies: ["DeterministicRuntime", "SimulationKernel"]),
        .testTarget(name: "SimulationKernelTests", dependencies: ["SimulationKernel"]),
    ],
    swiftLanguageModes: [.v6]
)
