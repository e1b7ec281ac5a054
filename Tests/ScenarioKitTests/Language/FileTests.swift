import Foundation
import ScenarioKit
import Testing

@Suite("finding scenario files")
struct FileTests {
    private func withFolder(_ names: [String], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("faultline-\(names.joined().hashValue)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in names {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: file)
        }
        try body(folder.path)
    }

    @Test("a folder stands for the .yaml and .yml files below it, sorted, without hidden ones and parts")
    func folder() throws {
        try withFolder(["b/z.yaml", "b/a.yml", "a.yaml", "_base.yaml", ".hidden.yaml", ".git/x.yaml", "notes.txt"]) { folder in
            let found = try ScenarioFiles.discover([folder]).get()
            #expect(found == ["a.yaml", "b/a.yml", "b/z.yaml"].map { "\(folder)/\($0)" })
        }
    }

    @Test("a file named twice is found once, in the order of the arguments")
    func twice() throws {
        try withFolder(["x.yaml", "y.yaml"]) { folder in
            let found = try ScenarioFiles.discover(["\(folder)/y.yaml", folder, "\(folder)/../\(folder.split(separator: "/").last ?? "")/x.yaml"]).get()
            #expect(found == ["\(folder)/y.yaml", "\(folder)/x.yaml"])
        }
    }

    @Test("what does not exist and what is empty is said for each path")
    func missing() throws {
        try withFolder(["notes.txt"]) { folder in
            guard case .failure(let errors) = ScenarioFiles.discover(["/no/such", folder]) else {
                Issue.record("nothing can be found")
                return
            }
            #expect(errors.description == "/no/such: there is no such file or folder.\n\(folder): there is no scenario (.yaml or .yml) in this folder.")
        }
    }
}
