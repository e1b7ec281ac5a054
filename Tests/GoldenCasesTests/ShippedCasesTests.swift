import Foundation
import Testing

@testable import GoldenCases

@Suite("The shipped golden cases")
struct ShippedCasesTests {
    private static func report(_ folder: String, threads: Int = 2) throws -> GoldenReport {
        try GoldenSuite.run(cases: Fixtures.path("\(folder)/cases"), golden: Fixtures.path("\(folder)/golden"), threads: threads)
    }

    @Test("every case does what the official SDK did, or what the named transformations make of it")
    func allCases() throws {
        let report = try Self.report("golden").merging(try Self.report("golden-more"))
        #expect(report.results("differing").isEmpty && report.results("broken").isEmpty, "\(report.text)")
        #expect(report.unusedTransformations.isEmpty, "\(report.text)")
        // SPEC section 6: calls that our API does not have.
        #expect(report.results("not comparable").map(\.name) == ["ladder-rebuild-api"])
        #expect(report.missingCalls.map(\.name) == ["rebuild"])
    }

    @Test("the report does not depend on the number of threads")
    func threads() throws {
        #expect(try Self.report("golden-more", threads: 1) == Self.report("golden-more", threads: 3))
    }

    @Test("a broken case, a missing golden and a golden without a case are reported and stop nothing")
    func broken() throws {
        let folder = try TemporaryFolder()
        for name in ["connect-ok", "close-after-1000"] {
            try folder.copy(Fixtures.path("golden/cases/\(name).json"), to: "cases/\(name).json")
        }
        try folder.copy(Fixtures.path("golden/golden/connect-ok.json"), to: "golden/connect-ok.json")
        try folder.copy(Fixtures.path("golden/golden/ack-late.json"), to: "golden/ack-late.json")
        try folder.write("{", to: "cases/bad.json")
        let report = try GoldenSuite.run(cases: "\(folder.path)/cases", golden: "\(folder.path)/golden", threads: 2)
        #expect(report.results("matched").map(\.name) == ["connect-ok"])
        #expect(report.results("broken").map(\.name) == ["ack-late", "bad", "close-after-1000"])
        #expect(report.exitStatus(strict: false) == 2)
        #expect(throws: CaseError(file: "/nowhere", message: "cannot list the folder")) {
            try GoldenSuite.run(cases: "/nowhere", golden: "/nowhere", threads: 1)
        }
    }

    @Test("a golden of another case differs and is no harm", arguments: [9, 0, -1, Int64.min, Int64.max])
    func foreignGolden(entry: Int64) throws {
        let scripted = try Transcript.room(app: #"{"at":0,"do":"join"}"#, until: 1000)
        var golden = try Transcript.lines(Transcript.joining("p2"))
        for what in ["call", "result"] {
            golden.append(GoldenLine(500, "app", what, ["id": .integer(entry), "do": "send", "ok": false, "code": "not_joined"]))
        }
        #expect(CaseResult.of(scripted, golden: golden).verdict.name == "differing")
    }

    @Test("a folder without a case is a mistake")
    func emptyFolder() throws {
        let folder = try TemporaryFolder()
        try folder.write("[]", to: "golden/c.json")
        #expect(throws: CaseError(file: "\(folder.path)/cases", message: "there is no case (NAME.json) in the folder")) {
            try GoldenSuite.run(cases: "\(folder.path)/cases", golden: "\(folder.path)/golden", threads: 1)
        }
    }

    @Test("a golden with one line changed differs, and the report names the line")
    func changedGolden() throws {
        let bytes = Array(try #require(FileManager.default.contents(atPath: Fixtures.path("golden/cases/close-after-1011.json"))))
        let scripted = try CaseReader.read(bytes, file: "close-after-1011.json")
        let data = try #require(FileManager.default.contents(atPath: Fixtures.path("golden/golden/close-after-1011.json")))
        let golden = try GoldenFile.read(Array(data), file: "golden")
        #expect(CaseResult.of(scripted, golden: golden).verdict == .matched)
        for index in golden.indices where golden[index].who == "client" {
            var changed = golden
            changed[index] = changed[index].at(changed[index].milliseconds + 1)
            guard case .differing(let difference, _) = CaseResult.of(scripted, golden: changed).verdict else {
                Issue.record("line \(index) was not compared")
                continue
            }
            #expect(difference.expected == changed[index])
        }
    }

    @Test("a case that does not settle is stopped and reported")
    func runaway() throws {
        let text = #"""
            {"name":"c","target":"client","untilMs":1000000000,"app":[{"at":0,"do":"connect"}],
             "options":{"reconnect":{"initialDelayMs":1,"maxDelayMs":1,"maxAttempts":16000000}},
             "server":{"conns":[{"steps":[{"at":30,"do":"drop"}]}],"then":{"connect":{"result":"refuse","latencyMs":0}}}}
            """#
        let result = CaseResult.of(try CaseReader.read(Array(text.utf8), file: "c.json"), golden: [])
        #expect(result.verdict == .notComparable("the play does not settle: more than 100000 lines"))
    }

    @Test("options that our SDK refuses make a case not comparable")
    func refusedOptions() throws {
        let text = #"{"name":"c","target":"client","untilMs":1,"app":[],"options":{"reconnect":{"multiplier":0.5}}}"#
        let result = CaseResult.of(try CaseReader.read(Array(text.utf8), file: "c.json"), golden: [])
        #expect(result.verdict.name == "not comparable")
    }
}

/// A folder that is gone when the test is over.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("golden-\(ProcessInfo.processInfo.globallyUniqueString)").path
        for name in ["cases", "golden"] {
            try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func copy(_ source: String, to name: String) throws { try FileManager.default.copyItem(atPath: source, toPath: "\(path)/\(name)") }

    func write(_ text: String, to name: String) throws { try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8) }
}
