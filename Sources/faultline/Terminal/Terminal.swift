import Foundation
import Reports

/// Standard output and standard error.
enum Terminal {
    /// Whether standard output is a terminal that shows colour (https://no-color.org is honoured).
    static var showsColour: Bool { isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil }
    /// Whether standard error is a terminal, so that a progress bar may be drawn on it.
    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

    /// The width of standard output in characters; of a page where it is no terminal.
    static var width: Int {
        if let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap(Int.init), columns > 0 { return columns }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 150 }
        return Int(size.ws_col)
    }

    static var paint: Paint { Paint(isOn: showsColour) }

    /// Prints lines to standard output.
    static func print(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        write(lines.joined(separator: "\n") + "\n", to: .standardOutput)
    }

    /// Prints lines to standard error.
    static func complain(_ lines: [String]) { write(lines.joined(separator: "\n") + "\n", to: .standardError) }

    /// A reader that went away (`faultline replay ... | head`) is no error of ours.
    static func write(_ text: String, to handle: FileHandle) { try? handle.write(contentsOf: Data(text.utf8)) }
}

/// Writing files so that a reader never sees half of one.
enum OutputFile {
    /// Writes beside the file, then renames.
    ///
    /// - Throws: ``InputError`` if the place cannot be written.
    static func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw InputError("\(path): cannot be written: \((error as NSError).localizedDescription)")
        }
    }

    /// Checks, before work is spent on it, that there is a folder to write the file in.
    ///
    /// - Throws: ``InputError`` if there is none.
    static func checkFolder(of path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw InputError("\(path): cannot be written: there is no folder \(folder)")
        }
    }

    /// Makes a folder and those that lead to it.
    ///
    /// - Throws: ``InputError`` if it cannot be made.
    static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw InputError("\(path): the folder cannot be made: \((error as NSError).localizedDescription)")
        }
    }
}
