import NIOCore
import ScenarioKit
import Testing

@Suite("parameters, matrices and inheritance")
struct FamilyTests {
    @Test("a parameter stands in any value, alone or within text, and keeps what it is")
    func parameters() throws {
        let text = world(
            "parameters: { outage: 10 s, rules: [SIG-01], who: alice }\nspec: ${rules}\ntimeline: [{ at: 5 s, name: it, crash: { for: \"${outage}\" } }]\nexpect: [{ peer: \"${who}\", state: connected, after: \"it + ${outage}\", within: 9 s }]"
        )
        let scenario = try scenario(text)
        #expect(scenario.spec == ["SIG-01"])
        #expect(scenario.timeline.first?.action == .crash(connections: .reset, duration: .seconds(10)))
        #expect(scenario.expectations.first?.text == "{ peer: alice, state: connected, after: it + 10 s, within: 9 s }")
    }

    @Test("a parameter that does not exist is reported where it is used, once")
    func unknownParameter() {
        #expect(
            problems(world("parameters: { outage: 3 s }\nduration: ${outag}")) == [
                "a.yaml:10:11: there is no parameter \"outag\". Did you mean \"outage\"?"
            ])
        #expect(problems(world("duration: ${x}")) == ["a.yaml:9:11: there is no parameter \"x\". The scenario has no \"parameters\"."])
    }

    @Test("a parameter without quotes in a flow mapping is explained")
    func unquoted() {
        let found = problems(world("service: { tokenLifetime: ${x} }"))
        #expect(found.count == 1 && found[0].hasSuffix("Within { } and [ ] a parameter stands in quotes: \"${name}\"."))
    }

    @Test("a wrong value of a matrix is reported where it is written, once")
    func wrongValue() {
        let text = world("matrix: { a: [1 s, 5], b: [2 s, 3 s] }\nduration: ${a}\nservice: { pingGrace: \"${b}\" }")
        #expect(problems(text) == ["a.yaml:9:20: \"5\" has no unit. Write \"5 s\" or \"5000 ms\"."])
    }

    @Test("a matrix makes one scenario of each combination, the last list changing fastest")
    func matrix() throws {
        let text = world(
            "parameters: { code: 1 }\nmatrix: { code: [4001, 4003], after: [1 s, 2 s] }\ntimeline: [{ at: \"${after}\", service-close: { code: \"${code}\" } }]"
        )
        let scenarios = try load(text).get().map(\.scenario)
        #expect(
            scenarios.map(\.name) == [
                "A test (code 4001, after 1 s)", "A test (code 4001, after 2 s)", "A test (code 4003, after 1 s)",
                "A test (code 4003, after 2 s)",
            ])
        #expect(scenarios[2].variant.map(\.value) == ["4003", "1 s"])
        #expect(scenarios[1].timeline.first?.at == .seconds(2))
    }

    @Test("a name that mentions a parameter is a template")
    func title() throws {
        let text = world(
            "matrix: { code: [4001, 4003], after: [1 s] }\ntimeline: [{ at: \"${after}\", service-close: { code: \"${code}\" } }]")
        #expect(
            try load(text.replacingOccurrences(of: "A test", with: "Close ${code}, ${after} in")).get().map(\.scenario.name) == [
                "Close 4001, 1 s in", "Close 4003, 1 s in",
            ])
        #expect(
            try load(text.replacingOccurrences(of: "A test", with: "Close ${code}")).get().map(\.scenario.name) == [
                "Close 4001 (after 1 s)", "Close 4003 (after 1 s)",
            ])
    }

    @Test("a matrix that changes nothing or repeats itself is refused")
    func uselessMatrix() {
        #expect(
            problems(world("matrix: { x: [1, 2] }")) == [
                "a.yaml:9:11: nothing uses \"${x}\", so the members of this matrix would be alike."
            ])
        #expect(
            problems(world("matrix: { x: [1 s, 1 s] }\nduration: ${x}")) == [
                "a.yaml:9:1: two members of this matrix are called \"A test (x 1 s)\"; give them different values."
            ])
    }

    @Test("the text written back needs no parameters and says the same")
    func writtenBack() throws {
        let scenarios = try load(world("matrix: { x: [1 s, 2 s] }\nduration: ${x}")).get()
        let again = try #require(try load(scenarios[1].yaml).get().first)
        #expect(again.scenario.name == "A test (x 2 s)")
        #expect(again.scenario.duration == .seconds(2))
        #expect(again.yaml == scenarios[1].yaml)
    }

    private let base = world("service: { sessions: parallel, pingGrace: 5 s }\nseeds: [1, 2, 3]\ntimeline: [{ at: 1 s, connect: alice }]")

    @Test("a file that extends another merges mappings, replaces everything else and removes with ~")
    func inheritance() throws {
        let text =
            "extends: parts/_base.yaml\nname: Derived\nservice: { pingGrace: ~, pingInterval: 9 s }\nseeds: 7\nhosts: { laptop: { interfaces: { eth: fibre } } }\ntimeline:"
        let scenario = try scenario(text, files: ["parts/_base.yaml": base])
        #expect(scenario.name == "Derived")
        #expect(scenario.service.sessions == .parallel)
        #expect(scenario.service.pingGrace == .seconds(10))
        #expect(scenario.service.pingInterval == .seconds(9))
        #expect(scenario.seeds == [7])
        #expect(scenario.hosts.map(\.name) == ["phone", "laptop"])
        #expect(scenario.timeline.isEmpty)
    }

    @Test("a mistake in the base is reported in the base")
    func mistakeInBase() {
        let wrong = base.replacingOccurrences(of: "5 s", with: "5")
        #expect(problems("extends: b.yaml", files: ["b.yaml": wrong]) == ["b.yaml:9:43: \"5\" has no unit. Write \"5 s\" or \"5000 ms\"."])
    }

    @Test("files that extend themselves, too many or nothing are refused")
    func wrongInheritance() {
        #expect(
            problems("extends: b.yaml", files: ["b.yaml": "extends: ./a.yaml"]) == [
                "b.yaml:1:10: this file extends itself, directly or through others."
            ])
        #expect(problems("extends: b.yaml") == ["a.yaml:1:10: \"b.yaml\": there is no such file."])
        #expect(problems("extends: [b]").contains("a.yaml:1:10: \"extends\" is the name of one .yaml file."))
        let chain = Dictionary(uniqueKeysWithValues: (0..<20).map { ("b\($0).yaml", "extends: b\($0 + 1).yaml") })
        #expect(problems("extends: b0.yaml", files: chain) == ["b6.yaml:1:10: more than 8 files extend each other."])
    }
}
