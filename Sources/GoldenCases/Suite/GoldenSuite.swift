import Foundation
import SimulationKernel

/// Plays every case of a folder and compares each with its golden.
public enum GoldenSuite {
    /// The largest file that is read, in bytes.
    static let largestFileBytes = 16 << 20

    /// Plays every `NAME.json` of one folder and compares it with the file of that name in the other.
    ///
    /// A broken case or golden is reported and stops no other. Every case is played on one thread; the result does not depend on how many there are.
    /// - Parameters:
    ///   - cases: the folder of the case files.
    ///   - golden: the folder of the golden files.
    ///   - threads: how many cases are played at a time, at least 1.
    /// - Throws: ``CaseError`` if a folder cannot be listed, or has no case.
    public static func run(cases: String, golden: String, threads: Int) throws(CaseError) -> GoldenReport {
        let names = try jsonFiles(in: cases)
        guard !names.isEmpty else { throw CaseError(file: cases, message: "there is no case (NAME.json) in the folder") }
        let orphans = Set(try jsonFiles(in: golden)).subtracting(names).sorted().map { name in
            CaseResult(name: stem(name), verdict: .broken("\(golden)/\(name): there is no case of this name"))
        }
        let results = ParallelRunner.map(names, threads: max(1, threads)) { result($0, cases: cases, golden: golden) }
        return GoldenReport(results: results + orphans)
    }

    private static func result(_ file: String, cases: String, golden: String) -> CaseResult {
        do {
            let scripted = try CaseReader.read(try bytes(of: "\(cases)/\(file)"), file: "\(cases)/\(file)")
            let lines = try GoldenFile.read(try bytes(of: "\(golden)/\(file)"), file: "\(golden)/\(file)")
            return CaseResult.of(scripted, golden: lines)
        } catch {
            return CaseResult(name: stem(file), verdict: .broken(error.description))
        }
    }

    private static func stem(_ file: String) -> String { String(file.dropLast(".json".count)) }

    private static func jsonFiles(in folder: String) throws(CaseError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }.sorted()
        } catch {
            throw CaseError(file: folder, message: "cannot list the folder")
        }
    }

    private static func bytes(of path: String) throws(CaseError) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw CaseError(file: path, message: "cannot open the file") }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: largestFileBytes + 1) else {
            throw CaseError(file: path, message: "cannot read the file")
        }
        guard data.count <= largestFileBytes else {
            throw CaseError(file: path, message: "the file is larger than \(largestFileBytes >> 20) MiB")
        }
        return Array(data)
    }
}
