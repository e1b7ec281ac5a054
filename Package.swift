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

        // Hosts, links, NAT, DNS, TCP and faults in virtual time.
        .target(
            name: "NetworkModel",
            dependencies: ["SimulationKernel", .product(name: "NIOCore", package: "swift-nio")],
            exclude: ["README.md"]),
        .testTarget(name: "NetworkModelTests", dependencies: ["NetworkModel", "SimulationKernel"]),
    ],
    swiftLanguageModes: [.v6]
)
