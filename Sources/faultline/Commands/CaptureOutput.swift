import Captures
import Foundation
import NetworkModel
import ScenarioKit
import SimulationKernel
import Synchronization

/// The captures of runs on their way to files: one file a host.
final class CaptureOutput: Sendable {
    /// Which file the packets of a host go to; nil for a host that is not wanted.
    typealias Naming = @Sendable (PlannedRun, _ host: String) -> String?

    private let naming: Naming
    private let problems = Mutex<[String]>([])
    private let written = Mutex<[String]>([])

    init(naming: @escaping Naming) {
        self.naming = naming
    }

    /// One file for one host.
    convenience init(file: String, host: String) {
        self.init { _, candidate in candidate == host ? file : nil }
    }

    /// A file for each device of each run in a folder.
    convenience init(folder: String) {
        self.init { run, host in "\(folder)/\(FailureFolder.slug(run.scenario.name))-\(run.seed)-\(host).pcap" }
    }

    /// Makes what takes the packets of a run.
    var makeRecorder: @Sendable (PlannedRun) -> any PacketRecorder {
        { run in
            let hosts = run.scenario.capturableHosts.compactMap { host in
                self.naming(run, host).map { (capture: HostCapture(host: host), file: $0) }
            }
            return Recorder(hosts: hosts, owner: self)
        }
    }

    /// The files that were written, sorted.
    var files: [String] { written.withLock { $0.sorted() } }

    /// - Throws: ``InputError`` with what could not be written.
    func check() throws {
        let problems = problems.withLock { $0.sorted() }
        guard problems.isEmpty else { throw InputError(problems) }
    }

    private final class Recorder: PacketRecorder {
        private var hosts: [(capture: HostCapture, file: String)]
        private let owner: CaptureOutput

        init(hosts: [(capture: HostCapture, file: String)], owner: CaptureOutput) {
            self.hosts = hosts
            self.owner = owner
        }

        func take(_ packet: CapturedPacket) {
            for index in hosts.indices { hosts[index].capture.take(packet) }
        }

        func finish() {
            for (capture, file) in hosts {
                do {
                    try CaptureFileWriter.write(capture.rawPackets(unixNanosecondsAtStart: Simulation.usualWallClockStart), to: file)
                    owner.written.withLock { $0.append(file) }
                } catch {
                    owner.problems.withLock { $0.append("--pcap: \(error)") }
                }
            }
            hosts = []
        }
    }
}
