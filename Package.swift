// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Faultline",
    platforms: [.macOS(.v15), .iOS(.v18)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
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
                "CompactJSON", "MeteredRealtime",
                .product(name: "NIOEmbedded", package: "swift-nio"),
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
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            exclude: ["README.md"]
        ),
        .testTarget(
            name: "MeteredRealtimeNIOTests",
            dependencies: ["MeteredRealtime", "MeteredRealtimeNIO"],
            exclude: ["Server"]
        ),
    ],
    swiftLanguageModes: [.v6]
)
