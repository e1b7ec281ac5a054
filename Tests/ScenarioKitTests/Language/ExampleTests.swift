import Foundation
import ScenarioKit
import Testing

@Suite("the scenarios of the repository")
struct ExampleTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../Scenarios").standardizedFileURL.path

    @Test("every one of them loads")
    func everyScenarioLoads() throws {
        let files = try ScenarioFiles.discover([Self.folder]).get()
        #expect(!files.isEmpty)
        for file in files {
            if case .failure(let errors) = ScenarioLoader.load(file) { Issue.record("\(errors)") }
        }
    }

    @Test("what is written back loads again and says the same")
    func resolvedTextLoadsAgain() throws {
        for file in try ScenarioFiles.discover([Self.folder]).get() {
            for resolved in try ScenarioLoader.load(file).get() {
                let again = try #require(try load(resolved.yaml).get().first)
                #expect(again.yaml == resolved.yaml)
                #expect(again.scenario.timeline.map(\.action) == resolved.scenario.timeline.map(\.action))
                #expect(again.scenario.expectations.map(\.kind) == resolved.scenario.expectations.map(\.kind))
                #expect(again.scenario.hosts == resolved.scenario.hosts)
                #expect(again.scenario.name == resolved.scenario.name)
            }
        }
    }
}
