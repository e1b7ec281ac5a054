import Foundation

/// Finding scenario files.
public enum ScenarioFiles {
    /// More files than anyone keeps scenarios in.
    static let mostFiles = 20_000

    /// The scenario files that the paths stand for, each once, in the order of the paths: a file stands for itself, a folder for every `.yaml` and `.yml`
    /// file below it, sorted by path. Names that begin with `.` are hidden; files that begin with `_` are parts for `extends`. Fails with one
    /// finding for each path that does not exist or holds no scenario.
    public static func discover(_ paths: [String]) -> Result<[String], ScenarioErrors> {
        var files: [String] = []
        var seen: Set<String> = []
        var problems: [Diagnostic] = []
        for path in paths {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
                problems.append(Diagnostic(SourcePosition(file: path), "there is no such file or folder."))
                continue
            }
            let found = isDirectory.boolValue ? filesBelow(path) : [path]
            if found.isEmpty { problems.append(Diagnostic(SourcePosition(file: path), "there is no scenario (.yaml or .yml) in this folder.")) }
            files += found.filter { seen.insert(URL(fileURLWithPath: $0).standardizedFileURL.path).inserted }
            guard files.count <= mostFiles else {
                return .failure(ScenarioErrors(diagnostics: [Diagnostic(SourcePosition(file: path), "these are more than 20,000 files.")]))
            }
        }
        return problems.isEmpty ? .success(files) : .failure(ScenarioErrors(diagnostics: problems))
    }

    /// The enumerator does not follow links to folders, so it cannot go in circles.
    private static func filesBelow(_ folder: String) -> [String] {
        guard let enumerator = FileManager.default.enumerator(atPath: folder) else { return [] }
        var files: [String] = []
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        while let name = enumerator.nextObject() as? String {
            let last = name.split(separator: "/").last ?? ""
            let isFolder = enumerator.fileAttributes?[.type] as? FileAttributeType == .typeDirectory
            if last.hasPrefix(".") {
                if isFolder { enumerator.skipDescendants() }
                continue
            }
            if isFolder || last.hasPrefix("_") { continue }
            if last.hasSuffix(".yaml") || last.hasSuffix(".yml") { files.append(prefix + name) }
            if files.count > mostFiles { break }
        }
        // By Unicode scalars, so that the order depends on no locale.
        return files.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }
}
