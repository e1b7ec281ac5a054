import Foundation
import ScenarioKit
import Testing

@Suite("any bytes get one clear answer")
struct RobustnessTests {
    private func fileProblems(_ bytes: [UInt8]) throws -> [String] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("faultline-\(bytes.count)-\(bytes.hashValue).yaml").path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard case .failure(let errors) = ScenarioLoader.load(path) else { return [] }
        return errors.diagnostics.map { String($0.description.dropFirst(path.count)) }
    }

    @Test("an empty file")
    func emptyFile() throws {
        #expect(try fileProblems([]) == [": the file is empty. A scenario begins with \"faultline: 1\"."])
        #expect(try fileProblems(Array("# only a comment\n".utf8)) == [": the file is empty. A scenario begins with \"faultline: 1\"."])
    }

    @Test("a folder, a missing file")
    func noFile() {
        guard case .failure(let folder) = ScenarioLoader.load("/"), case .failure(let missing) = ScenarioLoader.load("/no/such.yaml") else {
            Issue.record("neither can be loaded")
            return
        }
        #expect(folder.description == "/: this is a folder, not a scenario file.")
        #expect(missing.description == "/no/such.yaml: there is no such file.")
    }

    @Test("a file of many megabytes is not read to its end")
    func largeFile() throws {
        #expect(try fileProblems([UInt8](repeating: 0x61, count: 5 << 20)) == [": the file is larger than 1 MiB, the most that is read."])
    }

    @Test("bytes that are no text are found by line")
    func invalidText() throws {
        #expect(try fileProblems(Array("a: 1\nb: ".utf8) + [0xFF, 0xFE] + Array("\n".utf8)) == [":2: this is not UTF-8 text."])
        #expect(try fileProblems(Array("a: 1\nb: \0".utf8)) == [":2: this is not text: it contains a NUL character."])
    }

    @Test("an alias bomb is refused before it is expanded")
    func aliasBomb() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...60 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(problems(text) == ["a.yaml:2: anchors and aliases are not part of the language. Use \"parameters\" or \"extends\"."])
        #expect(problems("a: &a [1]\n? *a\n: 2\n").count == 1)
    }

    @Test("stars and ampersands in a story are text")
    func emphasis() throws {
        let story = try scenario(world().replacingOccurrences(of: "Something", with: "R&D *really* & *truly*")).story
        #expect(story.contains("*really*"))
    }

    @Test(
        "deep nesting is refused, whatever its style",
        arguments: [
            String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 100_000), String(repeating: "- ", count: 100_000) + "x",
            String(repeating: "? ", count: 100_000), (0..<700).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
        ])
    func deepNesting(text: String) {
        #expect(problems(text).count == 1)
        #expect(problems(text).first?.contains("nested more than 40 levels deep") == true)
    }

    @Test(
        "numbers beyond any size are refused",
        arguments: ["1...1000000000000", "99999999999999999999999999", "0...18446744073709551615", "[1...9000, 20000...29000]", "-1", "1...", "..."])
    func hugeSeeds(text: String) {
        #expect(problems(world("seeds: \(text)")).count == 1)
    }

    @Test("huge groups and matrices are refused before they are made")
    func hugeFamilies() {
        #expect(problems(world("", peer: "on: phone, count: 1000000000000")) == ["a.yaml:8:30: \"count\" is 1000000000000; it must be from 1 to 20000."])
        let values = "[\((1...100).map { "\($0) s" }.joined(separator: ", "))]"
        #expect(problems(world("matrix: { a: \(values), b: \(values) }\nduration: \"${a}${b}\"")).first?.contains("more than 1,000 members") == true)
        let crowded = world("matrix: { a: [\((1...100).map { "\($0) s" }.joined(separator: ", "))] }\nduration: \"${a}\"", peer: "on: phone, count: 20000")
        #expect(problems(crowded).contains { $0.contains("more than 500,000 peers") })
    }

    @Test("a parameter that multiplies itself is cut off")
    func parameterBomb() {
        let large = "[\(Array(repeating: "x", count: 5_000).joined(separator: ","))]"
        let uses = "[\(Array(repeating: "\"${a}\"", count: 1_000).joined(separator: ","))]"
        #expect(problems(world("parameters: { a: \(large) }\nspec: \(uses)")).first?.contains("more than 200,000 values") == true)
        let long = String(repeating: "y", count: 5_000)
        #expect(problems(world("parameters: { a: \(long) }\nspec: [\"\(Array(repeating: "${a}", count: 100).joined(separator: "-"))\"]")).first?.contains("longer than 20,000 bytes") == true)
    }

    @Test("no more than 200 findings are reported")
    func manyFindings() {
        let keys = (0..<5_000).map { "key\($0): 1" }.joined(separator: "\n")
        #expect(problems(world(keys)).count == 200)
    }

    @Test("every truncation of a scenario is answered")
    func truncations() {
        let text = Array(world("timeline: [{ at: 30 s, name: it, blackout: { host: phone, for: 20 s } }]\nexpect: [{ never: { peer: alice, event: disconnected } }]"))
        for length in 0..<text.count { _ = problems(String(text.prefix(length))) }
    }

    @Test("every single wrong character is answered")
    func mutations() {
        let text = Array(world("timeline: [{ at: 30 s, name: it, blackout: { host: phone, for: 20 s } }]\nexpect: [{ peer: alice, order: [open, { event: welcome }], after: it }]"))
        let replacements: [Character] = ["\"", "{", "]", ":", "\n", "\t", "&", "*", "é", "%", "$"]
        for index in text.indices {
            var mutated = text
            mutated[index] = replacements[index % replacements.count]
            _ = problems(String(mutated))
        }
    }
}
