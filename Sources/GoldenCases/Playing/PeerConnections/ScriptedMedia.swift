import MeteredRealtime
import NIOCore

/// A track of the application of a case.
final class ScriptedTrack: MediaStreamTrack {
    let id: String
    let kind: MediaKind

    init(_ track: AppTrack) {
        id = track.id
        kind = track.kind == .audio ? .audio : .video
    }
}

/// What sends a track on a scripted connection. Confined to the simulation's thread.
final class ScriptedSender: RTPSender {
    private(set) var track: (any MediaStreamTrack)?
    private let server: ScriptedServer

    init(_ track: any MediaStreamTrack, _ server: ScriptedServer) {
        self.track = track
        self.server = server
    }

    func replaceTrack(_ track: (any MediaStreamTrack)?, _ completion: @escaping (Result<Void, any Error>) -> Void) {
        self.track = track
        server.after(.zero) { completion(.success(())) }
    }
}

/// A data channel of a scripted connection: it opens with the connection, and what is sent is gone. Confined to the simulation's thread.
final class ScriptedDataChannel: DataChannelTransport {
    var onEvent: ((DataChannelTransportEvent) -> Void)?
    let label: String
    let configuration: DataChannelConfiguration
    private(set) var state = DataChannelState.connecting
    let bufferedAmount = 0
    var bufferedAmountLowThreshold = 0
    private let server: ScriptedServer

    init(label: String, configuration: DataChannelConfiguration, _ server: ScriptedServer) {
        self.label = label
        self.configuration = configuration
        self.server = server
    }

    func open() {
        guard state == .connecting else { return }
        state = .open
        server.after(.zero) { [weak self] in self?.onEvent?(.open) }
    }

    func send(_ message: DataChannelMessage) throws {
        guard state == .open else { throw ScriptedPeerConnection.Refusal(description: "the channel is not open") }
    }

    func close() {
        guard state != .closed else { return }
        end()
        server.after(.zero) { [weak self] in self?.onEvent?(.closed) }
    }

    /// The connection has ended.
    func end() { state = .closed }
}

/// The sections of a scripted connection's descriptions: tracks in the order of their appearance, then data, as in the official recordings.
struct ScriptedSections {
    /// A section for sound or pictures.
    private struct Section {
        let kind: String
        var sender: ScriptedSender?
        /// Whether what it sends (or that it sends nothing) is agreed on.
        var isSettled: Bool
    }

    private var media: [Section] = []
    /// Whether there is a data channel of ours.
    var wantsData = false
    /// Whether the remote peer knows of a section for data.
    private(set) var hasData = false

    /// The sections of an offer.
    var offer: [String] { media.map(\.kind) + (wantsData || hasData ? ["application"] : []) }

    /// Whether the next exchange would change anything.
    var needNegotiation: Bool { media.contains { !$0.isSettled } || wantsData && !hasData }

    mutating func add(_ sender: ScriptedSender) {
        let kind = sender.track?.kind.rawValue ?? ""
        if let free = media.firstIndex(where: { $0.kind == kind && $0.sender == nil }) {
            media[free].sender = sender
            media[free].isSettled = false
        } else {
            media.append(Section(kind: kind, sender: sender, isSettled: false))
        }
    }

    mutating func remove(_ sender: any RTPSender) {
        guard let index = media.firstIndex(where: { $0.sender === sender }) else { return }
        media[index].sender = nil
        media[index].isSettled = false
    }

    /// The remote peer offers these sections: there is one of ours for each.
    mutating func offered(_ kinds: [String]) {
        for kind in MediaKind.allCases.map(\.rawValue) {
            let missing = kinds.count { $0 == kind } - media.count { $0.kind == kind }
            for _ in 0..<max(0, missing) { media.append(Section(kind: kind, sender: nil, isSettled: true)) }
        }
    }

    /// An exchange of these sections is complete.
    mutating func answered(_ kinds: [String]) {
        if kinds.contains("application") { hasData = true }
        for kind in MediaKind.allCases.map(\.rawValue) {
            let places = media.indices.filter { media[$0].kind == kind }
            for place in places.prefix(kinds.count { $0 == kind }) { media[place].isSettled = true }
        }
    }
}
