import Foundation
import Testing

@testable import GoldenCases

@Suite("The model of a link")
struct LinkModelTests {
    /// A recorded case and its golden.
    static func recorded(_ name: String, _ folder: String = "golden") throws -> (scripted: GoldenCase, golden: [GoldenLine]) {
        func bytes(_ path: String) throws -> [UInt8] { Array(try #require(FileManager.default.contents(atPath: Fixtures.path(path)))) }
        return (
            try CaseReader.read(try bytes("\(folder)/cases/\(name).json"), file: "\(name).json"),
            try GoldenFile.read(try bytes("\(folder)/golden/\(name).json"), file: name)
        )
    }

    @Test("without decisions it tells what the official SDK did, in every recorded case", arguments: ["golden", "golden-more"])
    func reproduction(folder: String) throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Fixtures.path("\(folder)/cases")).sorted()
        var links = 0
        for file in files {
            let (scripted, golden) = try Self.recorded(String(file.dropLast(5)), folder)
            for id in Set(golden.filter { $0.isAbout("peer", "PeerJoined") }.compactMap { $0.string("id") }).sorted() {
                let calls = scripted.app.map(\.call).contains { if case .peer(.rebuild) = $0 { true } else { false } }
                guard !calls else { continue }
                let scene = LinkScene(id, in: golden, scripted: scripted)
                let lines = LinkLines(id: id, scripted: scripted)
                let model = try #require(LinkModel.lines(scene))
                let (told, was) = (lines.compared(model).map(\.text), lines.compared(golden).map(\.text))
                let place = zip(told, was).first { $0 != $1 }
                #expect(
                    told == was,
                    "\(scripted.name) \(id): \(place.map { "\n\($0)\n\($1)" } ?? "\(told.count) \(was.count) \((told + was).last ?? "")")")
                links += 1
            }
        }
        #expect(links > 0 || folder == "golden-more")
    }
}
