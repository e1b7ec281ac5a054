// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Faultline",
    platforms: [.macOS(.v15), .iOS(.v18)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        // JSON with a defined order and bounded depth; what the SDK puts on the wire and the trace on disk.
        .target(name: "CompactJSON", exclude: ["README.md"]),
        .testTarget(name: "CompactJSONTests", dependencies: ["CompactJSON"]),

        // The SDK: everything but the sockets.
        .target(
            name: "MeteredRealtime",
            dependencies: [
                "CompactJSON",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            exclude: ["README.md"]
        ),
        .testTarget(
            name: "MeteredRealtimeTests",
            dependencies: [
                "CompactJSON", "DeterministicRuntime", "MeteredRealtime", "SimulationKernel",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ]
        ),

        // The SDK on real sockets.
        .target(
            name: "MeteredRealtimeNIO",
            dependencies: [
                "MeteredRealtime",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            exclude: ["README.md"]
        ),
        .testTarget(
            name: "MeteredRealtimeNIOTests",
            dependencies: [
                "CompactJSON", "MeteredRealtime", "MeteredRealtimeNIO",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            exclude: ["Server"]
        ),
        // The events of a run (or of a device's log) and the spec's checkers that read them. Nothing here knows the SDK.
        .target(name: "Trace", dependencies: ["CompactJSON"], exclude: ["README.md"]),
        .testTarget(name: "TraceTests", dependencies: ["Trace", "CompactJSON"]),
        // The realtime service that the SDK talks to: authentication, presence, limits, close codes, and every way it can misbehave.
        .target(
            name: "ServiceModel",
            dependencies: [
                "CompactJSON",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            exclude: ["README.md"]),
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
        // Scenario files: the language, the world built from one, the runner, expectations.
        .target(
            name: "ScenarioKit",
            dependencies: [
                "CompactJSON",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Yams", package: "Yams"),
            ],
            exclude: ["README.md", "Language/README.md"]
        ),
        .testTarget(name: "ScenarioKitTests", dependencies: ["ScenarioKit"]),
    ],
    swiftLanguageModes: [.v6]
)
