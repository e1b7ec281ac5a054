import CompactJSON
import Foundation
import NIOCore
import Testing

@testable import GoldenCases

@Suite("Case files")
struct CaseReaderTests {
    private func read(_ text: String, file: String = "folder/c.json") throws(CaseError) -> GoldenCase {
        try CaseReader.read(Array(text.utf8), file: file)
    }

    private func message(_ members: String) -> String? {
        do {
            _ = try read(#"{"name":"c","target":"client","untilMs":10,"app":[]\#(members)}"#)
            return nil
        } catch { return error.description }
    }

    @Test("a case that says nothing gets the defaults of the format")
    func defaults() throws {
        let scripted = try read(#"{"name":"c","target":"client","untilMs":10,"app":[]}"#)
        #expect(scripted.random == .constant(0.5))
        #expect(scripted.options == CaseOptions())
        #expect(scripted.options.heartbeat == .seconds(20))
        let connection = scripted.server.connection(1)
        #expect(connection.connect == .accept(after: .milliseconds(50)))
        #expect(connection.welcome?.after == .milliseconds(20))
        #expect(connection.welcome?.members["peerId"] == "m")
        #expect(connection.acknowledgement.latency == .milliseconds(30))
        #expect(connection.snapshots == .always(.init(afterAck: .zero, joined: [], channel: nil)))
        #expect(connection.ping == .pong)
        #expect(connection.echoesClose)
        #expect(connection.blackHoles.isEmpty)
    }

    @Test("connections are merged over the defaults of the file, and connect, welcome and ack key by key")
    func merging() throws {
        let scripted = try read(
            #"""
            {"name":"c","target":"client","untilMs":10,"app":[],"server":{
              "defaults":{"welcome":{"peerId":"d"},"ping":"none","snapshot":{"afterAckMs":9}},
              "conns":[{"welcome":{"afterMs":7},"snapshot":{"joined":[{"peerId":"x"}]}},{"welcome":null}],
              "then":{"connect":{"result":"refuse"}}}}
            """#)
        let first = scripted.server.connection(1)
        #expect(first.welcome?.after == .milliseconds(7))
        #expect(first.welcome?.members["peerId"] == "d")
        #expect(first.welcome?.members["maxMessageSize"] == 65536)
        #expect(first.ping == .none)
        #expect(first.snapshots == .always(.init(afterAck: .zero, joined: [["peerId": "x"]], channel: nil)))
        #expect(scripted.server.connection(2).welcome == nil)
        #expect(scripted.server.connection(3).connect == .refuse(after: .milliseconds(50)))
        #expect(scripted.server.connection(3).welcome?.members["peerId"] == "d")
    }

    @Test(
        "a mistake is reported with file, path and what was expected",
        arguments: [
            (#","extra":1"#, "folder/c.json: unknown key \"extra\""),
            (#","options":{"auth":"magic"}"#, "folder/c.json: options.auth: \"magic\" is not one of apiKey, token"),
            (
                #","server":{"conns":[{},{"steps":[{"at":-1,"do":"drop"}]}]}"#,
                "folder/c.json: server.conns[1].steps[0].at: -1 is not within 0...1000000000"
            ),
            (#","server":{"then":{"ping":5}}"#, "folder/c.json: server.then.ping: expected a string, found 5"),
            (#","server":{"steps":[{"at":1,"do":"binary","hex":"0g"}]}"#, "folder/c.json: server.steps[0].hex: not hexadecimal at digit 1"),
            (
                #","server":{"defaults":{"blackholes":[{"from":1,"mode":"delay"}]}}"#,
                "folder/c.json: server.defaults.blackholes[0]: a black hole that delays needs an end (\"to\")"
            ),
            (#","random":{"mode":"list","values":[2]}"#, "folder/c.json: random.values[0]: 2.0 is not within 0.0...1.0"),
        ])
    func mistakes(members: String, expected: String) {
        #expect(message(members)?.hasPrefix(expected) == true, "\(message(members) ?? "no error")")
    }

    @Test("an application's entry needs exactly one trigger and a call of its target")
    func applicationMistakes() {
        func entry(_ text: String) -> String? {
            do {
                _ = try read(#"{"name":"c","target":"client","untilMs":10,"app":[\#(text)]}"#)
                return nil
            } catch { return error.message }
        }
        #expect(entry(#"{"do":"connect"}"#) == #"app[0]: "at" or "on" is missing"#)
        #expect(entry(#"{"do":"connect","at":1,"on":{}}"#) == #"app[0]: "at" and "on" exclude each other"#)
        #expect(entry(#"{"do":"join","at":1}"#)?.hasPrefix(#"app[0].do: "join" is not one of"#) == true)
        #expect(entry(#"{"do":"publish","at":1,"channel":"a","dataBytes":1}"#)?.hasPrefix("app[0].dataBytes: 1 is not within 2...") == true)
        #expect(entry(#"{"do":"close","at":1,"code":4000}"#) == nil)
    }

    @Test("a case must bear the name of its file")
    func name() {
        #expect(throws: CaseError(file: "d.json", message: "name: \"c\" is not the file's name without .json")) {
            try read(#"{"name":"c","target":"client","untilMs":10,"app":[]}"#, file: "d.json")
        }
    }

    @Test("a cut-off file is an error at every length")
    func truncation() throws {
        let data = try #require(FileManager.default.contents(atPath: Fixtures.path("golden/cases/replay-order.json")))
        let bytes = Array(data)
        let end = try #require(bytes.lastIndex(of: UInt8(ascii: "}")))
        for length in 0...end where length % 7 == 0 || length > end - 20 {
            #expect(throws: CaseError.self) { try CaseReader.read(Array(bytes[..<length]), file: "replay-order.json") }
        }
    }

    @Test("dataBytes stands for a string whose JSON has that size")
    func dataBytes() throws {
        let scripted = try read(
            #"{"name":"c","target":"client","untilMs":10,"app":[{"at":0,"do":"publish","channel":"a","dataBytes":300}]}"#)
        guard case .publish(_, let data)? = scripted.app.first?.call else {
            Issue.record("not a publish")
            return
        }
        #expect(try data.encoded().count == 300)
        #expect(PayloadText.members(of: data) == ["dataBytes": 300])
    }
}
