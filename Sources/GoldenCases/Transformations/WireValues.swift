import CompactJSON

extension Transformation {
    /// A `going_away` of less than a millisecond reads as 1; the official client cuts it to 0.
    static let goingAwayIsAtLeastOne = Transformation(name: "going away is at least 1 ms", rule: "WIRE-08") { lines, _ in
        let result = lines.map { line in
            line.isAbout("client", "GoingAway") && line.integer("retryAfterMs") == 0 ? line.with("retryAfterMs", 1) : line
        }
        return result == lines ? nil : result
    }

    /// A user name or credential of the wrong type discards the list of ICE servers; the official client reads it as absent.
    static let mistypedIceCredentialsDiscardTheList = Transformation(name: "mistyped ICE credentials discard the list", rule: "WIRE-07") {
        lines, scripted in
        var result = lines
        var socket: Int64?
        for index in lines.indices {
            let line = lines[index]
            if line.isAbout("server", "frame"), line.string("type") == "welcome" { socket = line.integer("conn") }
            guard line.isAbout("client", "Connected"), line.integer("iceServers") != nil, let socket else { continue }
            let welcome = scripted.server.connection(Int(socket)).welcome
            let servers = welcome?.members["metadata"]?["iceServers"]?.arrayValue ?? []
            if servers.contains(where: hasMistypedCredentials) { result[index] = line.with("iceServers", .null) }
        }
        return result == lines ? nil : result
    }

    private static func hasMistypedCredentials(_ server: JSONValue) -> Bool {
        ["username", "credential"].contains { key in server[key].map { $0.stringValue == nil } ?? false }
    }
}
