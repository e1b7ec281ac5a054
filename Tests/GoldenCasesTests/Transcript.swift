import Foundation
import Testing

@testable import GoldenCases

/// Small worlds and line lists for the tests of transformations.
enum Transcript {
    /// A client case with these members besides the obligatory ones.
    static func world(_ members: String = "", app: String = "") throws -> GoldenCase {
        let text = #"{"name":"c","target":"client","untilMs":60000,"app":[\#(app)]\#(members.isEmpty ? "" : "," + members)}"#
        return try CaseReader.read(Array(text.utf8), file: "c.json")
    }

    /// A peer case with these members besides the obligatory ones.
    static func room(_ members: String = "", app: String = "", until: Int = 400_000) throws -> GoldenCase {
        let more = members.isEmpty ? "" : "," + members
        let text = #"{"name":"c","target":"peer","untilMs":\#(until),"app":[\#(app)]\#(more)}"#
        return try CaseReader.read(Array(text.utf8), file: "c.json")
    }

    /// A peer with the id `m` joins the channel `room` at 100 ms, where a remote peer is that fills the link's lines in.
    static func joining(_ remote: String, at time: Int = 100) -> String {
        #"""
        {"t":0,"who":"app","what":"call","id":1,"do":"join"}
        {"t":0,"who":"peer","what":"state","from":"idle","to":"joining"}
        {"t":50,"who":"server","what":"accept","n":1}
        {"t":70,"who":"server","what":"frame","conn":1,"type":"welcome","peerId":"m"}
        {"t":70,"who":"client","what":"Connected","peerId":"m","isReconnect":false}
        {"t":70,"who":"client","what":"send","conn":1,"type":"subscribe","channel":"room","includeSenderMetadata":false}
        {"t":\#(time),"who":"client","what":"Presence","channel":"room","joined":["\#(remote)"],"left":[]}
        {"t":\#(time),"who":"peer","what":"PeerJoined","id":"\#(remote)","obj":1,"state":"idle","metadata":null}
        {"t":100,"who":"peer","what":"state","from":"joining","to":"joined"}
        {"t":100,"who":"peer","what":"Joined","peerId":"m","channel":"room"}
        """#
    }

    /// The connection is lost, and the second one reconciles.
    static func losing(at time: Int, until back: Int, remote: String) -> String {
        #"""
        {"t":\#(time),"who":"client","what":"socketClosed","conn":1,"code":1006}
        {"t":\#(time),"who":"client","what":"Disconnected","code":1006,"reason":"","willReconnect":true}
        {"t":\#(time),"who":"peer","what":"state","from":"joined","to":"reconnecting"}
        {"t":\#(back - 50),"who":"server","what":"accept","n":2}
        {"t":\#(back - 30),"who":"server","what":"frame","conn":2,"type":"welcome","peerId":"m"}
        {"t":\#(back - 30),"who":"client","what":"Connected","peerId":"m","isReconnect":true}
        {"t":\#(back - 30),"who":"client","what":"send","conn":2,"type":"subscribe","channel":"room","includeSenderMetadata":false}
        {"t":\#(back),"who":"client","what":"Presence","channel":"room","joined":["\#(remote)"],"left":[]}
        {"t":\#(back),"who":"peer","what":"state","from":"reconnecting","to":"joined"}
        """#
    }

    /// Lines, one JSON object per line of text.
    static func lines(_ text: String) throws -> [GoldenLine] {
        let objects = text.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }.joined(separator: ",")
        return try GoldenFile.read(Array("[\(objects)]".utf8), file: "lines")
    }

    /// What a transformation makes of lines, as text; nil if it does not apply.
    static func apply(_ transformation: Transformation, _ text: String, in world: GoldenCase) throws -> [String]? {
        transformation.apply(try lines(text), world).map { $0.map(\.text) }
    }

    /// Lines as the tests compare them.
    static func text(_ text: String) throws -> [String] { try lines(text).map(\.text) }
}

/// The files that come with the project.
enum Fixtures {
    /// The path of something in the folder `Fixtures`.
    static func path(_ name: String) -> String {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        return root.appendingPathComponent("Fixtures/\(name)").path
    }
}
