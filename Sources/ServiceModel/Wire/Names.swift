/// The rules of names on the wire (WIRE-05, WIRE-06), as the service enforces them.
enum ChannelName {
    static func isValid(_ name: String) -> Bool { isBounded(name, maximumScalars: 256) }

    static func isReserved(_ name: String) -> Bool {
        let lowercase = name.lowercased()
        return ["_metered/", "_internal/", "_system/"].contains { lowercase.hasPrefix($0) }
    }
}

enum PeerName {
    static func isValid(_ name: String) -> Bool { isBounded(name, maximumScalars: 128) }
}

enum RequestName {
    static func isValid(_ name: String) -> Bool { isBounded(name, maximumScalars: 128) }
}

private func isBounded(_ name: String, maximumScalars: Int) -> Bool {
    let scalars = name.unicodeScalars
    // The byte count bounds the scalar count, so that a huge string is not walked.
    return !name.isEmpty && name.utf8.count <= maximumScalars * 4 && scalars.count <= maximumScalars
        && scalars.allSatisfy { $0.value > 0x1F && !(0x7F...0x9F).contains($0.value) }
}
