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
    ],
    swiftLanguageModes: [.v6]
)
