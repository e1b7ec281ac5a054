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
