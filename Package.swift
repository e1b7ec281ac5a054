// swift-tools-version: 6.1
import PackageDescription

// The modules in the order of their imports: each may use those above it. Sources/<module>/README.md says what each is.

let nio: [Target.Dependency] = ["NIOCore", "NIOHTTP1", "NIOWebSocket"].map {
    .product(name: $0, package: "swift-nio")
}
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

func module(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [])
    -> Target
{
    .target(name: name, dependencies: dependencies, exclude: ["README.md"] + exclude)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [])
    -> Target
{
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, exclude: exclude)
}

let package = Package(
    name: "Faultline",
    platforms: [.macOS(.v15), .iOS(.v18)],
    products: [
        .library(name: "MeteredRealtime", targets: ["MeteredRealtime"]),
        .library(name: "MeteredRealtimeNIO", targets: ["MeteredRealtimeNIO"]),
        .executable(name: "faultline", targets: ["faultline"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        module("CompactJSON"),
        tests(of: "CompactJSON"),

        // The SDK, and the SDK on real sockets.
        module(
            "MeteredRealtime",
            ["CompactJSON", logging, .product(name: "NIOConcurrencyHelpers", package: "swift-nio")] + nio),
        tests(
            of: "MeteredRealtime",
            ["CompactJSON", "SimulationKernel", "DeterministicRuntime"] + nio),
        module(
            "MeteredRealtimeNIO",
            [
                "MeteredRealtime", logging, nioCore, .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        tests(
            of: "MeteredRealtimeNIO",
            [
                "CompactJSON", "MeteredRealtime", nioCore,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], exclude: ["Server"]),

        // Virtual time.
        module("CVirtualClock"),
        module("SimulationKernel", ["CVirtualClock", nioCore]),
        tests(of: "SimulationKernel", ["KernelBenchmarks", nioCore]),
        module("DeterministicRuntime", ["SimulationKernel", nioCore]),
        tests(
            of: "DeterministicRuntime",
            ["SimulationKernel", nioCore, .product(name: "NIOPosix", package: "swift-nio")]),
        module("KernelBenchmarks", ["SimulationKernel", "DeterministicRuntime"] + nio),

        // The spec and the evidence. Nothing here knows the SDK.
        module("Trace", ["CompactJSON"]),
        tests(of: "Trace", ["CompactJSON"]),
        module("Conformance", ["Trace", "CompactJSON"]),
        tests(of: "Conformance", ["Trace", "CompactJSON"]),

        // The simulated world.
        module("NetworkModel", ["SimulationKernel", nioCore]),
        tests(of: "NetworkModel", ["SimulationKernel", nioCore]),
        module(
            "WebRTCModel",
            [
                "MeteredRealtime", "NetworkModel", "SimulationKernel", nioCore,
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        tests(
            of: "WebRTCModel",
            [
                "MeteredRealtime", "NetworkModel", "SimulationKernel", nioCore,
                .product(name: "NIOPosix", package: "swift-nio"),
            ], exclude: ["Loopback/aioice_peer.py"]),
        module(
            "ServiceModel",
            ["CompactJSON", "SimulationKernel", .product(name: "Crypto", package: "swift-crypto")] + nio),
        tests(of: "ServiceModel", ["CompactJSON", "DeterministicRuntime", "SimulationKernel"] + nio),
        module("Apps", ["MeteredRealtime"]),
        module(
            "ScenarioKit",
            [
                "Apps", "CompactJSON", "Conformance", "DeterministicRuntime", "MeteredRealtime",
                "NetworkModel", "ServiceModel",
                "SimulationKernel", "Trace", "WebRTCModel", .product(name: "Yams", package: "Yams"),
            ] + nio,
            exclude: ["Language/README.md"]),
        tests(of: "ScenarioKit", ["CompactJSON", "Conformance", "NetworkModel", "Trace", nioCore]),
        module(
            "GoldenCases",
            ["CompactJSON", "DeterministicRuntime", "MeteredRealtime", "SimulationKernel", logging] + nio),
        tests(of: "GoldenCases", ["CompactJSON"]),

        // Packet captures. libpcap comes from the system: `apt install libpcap-dev`.
        .systemLibrary(name: "CLibpcap", providers: [.apt(["libpcap-dev"]), .brew(["libpcap"])]),
        module("Captures", ["CLibpcap", "NetworkModel", "WebRTCModel", nioCore]),
        tests(of: "Captures", ["NetworkModel", "WebRTCModel", nioCore]),

        // What a person uses.
        module("Reports", ["CompactJSON", "Conformance", "ScenarioKit", "Trace"]),
        tests(of: "Reports", ["Conformance", "ScenarioKit", "Trace"]),
        .executableTarget(
            name: "faultline",
            dependencies: [
                "Captures", "Conformance", "DeterministicRuntime", "GoldenCases", "KernelBenchmarks", "WebRTCModel",
                "NetworkModel", "Reports", "ScenarioKit", "SimulationKernel", "Trace",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["README.md"]),
    ],
    swiftLanguageModes: [.v6]
)
