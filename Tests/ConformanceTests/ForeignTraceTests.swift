import Conformance
import Testing
import Trace

@Suite("A trace of a real device")
struct ForeignTraceTests {
    /// What an SDK's log on a phone says: no frames, no network, no service, no library below; milliseconds, timers that are late. It begins at an
    /// offset as clocks have them.
    private static func file(rung4 milliseconds: Int = 7_030, source: String? = #","source":"iPhone, app 2.3""#, object: Int = 1) -> String
    {
        let start: Int64 = 1_763_800_000_000
        var lines = [#"{"faultlineTrace":1\#(source ?? "")}"#]
        func add(_ milliseconds: Int, _ what: String, _ fields: String) {
            lines.append(#"{"t":\#((start + Int64(milliseconds)) * 1_000_000),"who":"alice","what":"\#(what)",\#(fields)}"#)
        }
        func peer(_ time: Int, _ what: String, _ fields: String) { add(time, what, #""remote":"bob",\#(fields)"#) }
        add(0, "peer-state", #""from":"joining","to":"joined""#)
        add(0, "joined", #""peerId":"alice-1","channel":"room""#)
        peer(1, "peer-joined", #""object":1"#)
        peer(1, "connection", #""ordinal":1,"reason":"first","iceServers":["turn:t.example"]"#)
        peer(2, "remote-state", #""object":1,"from":"idle","to":"connecting""#)
        peer(400, "pc-state", #""ordinal":1,"machine":"connection","state":"connected""#)
        peer(401, "remote-state", #""object":1,"from":"connecting","to":"connected""#)
        peer(30_000, "pc-state", #""ordinal":1,"machine":"connection","state":"disconnected""#)
        peer(30_001, "remote-state", #""object":1,"from":"connected","to":"reconnecting""#)
        peer(45_000, "pc-state", #""ordinal":1,"machine":"connection","state":"failed""#)
        peer(45_001, "ladder", #""phase":"started","cause":"failed""#)
        for (n, after) in [(1, 0), (2, 1_012), (3, 3_021), (4, milliseconds)] {
            peer(45_001 + after, "ladder", #""phase":"rung","rung":\#(n)"#)
            peer(45_004 + after, "signal-sent", #""signal":"offer","ufrag":"u\#(n)""#)
        }
        peer(45_300 + milliseconds, "pc-state", #""ordinal":1,"machine":"connection","state":"connected""#)
        peer(45_301 + milliseconds, "remote-state", #""object":\#(object),"from":"reconnecting","to":"connected""#)
        return lines.joined(separator: "\n")
    }

    private func check(_ file: String) throws -> CheckReport {
        ConformanceSuite.all.check(try TraceLog(parsing: Array(file.utf8)))
    }

    @Test("is held to the same rules, with the tolerance of a device, which the report states")
    func device() throws {
        let report = try check(Self.file())
        #expect(report.findings.map(\.description) == [])
        #expect(report.tolerance == .device)
        #expect(report.tolerance.description == "timers may be 0.005 s early and 0.250 s late")
        #expect(report[RuleID("ICE-01")!].held == 4)
        #expect(report.ladders.first?.rungs.map(\.n) == [1, 2, 3, 4])
    }

    @Test("without a source its times are exact, and the same lateness is found")
    func simulation() throws {
        let report = try check(Self.file(source: nil))
        #expect(report.tolerance == .simulation)
        #expect(report[RuleID("ICE-01")!].violated > 0)
    }

    @Test("a rung that is really late is found")
    func late() throws {
        let report = try check(Self.file(rung4: 9_000))
        #expect(report.findings.map { "\($0.rule)" } == ["ICE-01", "ICE-02"])
        #expect(report.findings.last?.message == "rung 4 to bob began at +9.000 s, the spec says 7.000 (ICE-02).")
    }

    @Test("another object for the same remote peer is found")
    func identity() throws {
        #expect(try check(Self.file(object: 2)).findings.map { "\($0.rule)" } == ["ROS-04"])
    }

    @Test("its source survives writing and reading")
    func header() throws {
        let log = try TraceLog(parsing: Array(Self.file().utf8))
        #expect(log.header.source == "iPhone, app 2.3")
        #expect(try TraceLog(parsing: log.bytes) == log)
    }
}
