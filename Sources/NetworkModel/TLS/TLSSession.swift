import NIOCore

/// One end of a TLS connection as a pure machine: round trips, sizes and names, no cryptography. Application bytes pass through unchanged.
///
/// The flights have the sizes of a usual handshake with one certificate chain; what is in them is this model's own: a message kind and a name,
/// filled up with zeros. The one thing that is checked is whether the certificate covers the name that the client asked for.
struct TLSSession {
    enum Role {
        case client(serverName: String)
        case server(TLSCertificate)
    }

    enum Event {
        case handshakeDone
        case received(ByteBuffer)
        /// close_notify.
        case closed
        case failed(TLSError)
    }

    private enum Message: UInt8 {
        case clientHello = 1
        case serverHello = 2
        case clientKeyExchange = 16
        case finished = 20
    }

    private enum State {
        case idle
        case waiting(Message)
        case open
        case closed
    }

    /// The sizes of whole flights, headers included: a ClientHello padded to 517 bytes (RFC 7685), a server's flight with two certificates, a
    /// client's key exchange or Finished with its ChangeCipherSpec, a server's last flight of 1.2 with a ticket.
    private enum FlightBytes {
        static let clientHello = 517
        static let serverHello = 4_000
        static let clientFinished12 = 126
        static let clientFinished13 = 80
        static let serverFinished12 = 258
    }

    private static let closeNotify: [UInt8] = [1, 0]
    private static let badCertificate: UInt8 = 42

    private let role: Role
    private let version: TLSVersion
    private var state = State.idle
    private var incoming = ByteBuffer()
    /// Bytes for the transport.
    private var outgoing = ByteBuffer()

    init(role: Role, version: TLSVersion) {
        self.role = role
        self.version = version
    }

    var isOpen: Bool {
        switch state {
        case .open: true
        case .idle, .waiting, .closed: false
        }
    }

    var isHandshaking: Bool {
        switch state {
        case .idle, .waiting: true
        case .open, .closed: false
        }
    }

    /// What is to be sent; the caller keeps it.
    mutating func takeOutgoing() -> ByteBuffer {
        defer { outgoing = ByteBuffer() }
        return outgoing
    }

    // MARK: Inputs

    /// The transport is connected.
    mutating func begin() {
        switch role {
        case .client(let serverName):
            send(.clientHello, text: serverName, flightBytes: FlightBytes.clientHello)
            state = .waiting(.serverHello)
        case .server:
            state = .waiting(.clientHello)
        }
    }

    /// Bytes from the transport; then take events until there are none.
    mutating func receive(_ bytes: ByteBuffer) {
        if case .closed = state { return }
        if incoming.readableBytes == 0 {
            incoming = bytes
        } else {
            incoming.discardReadBytes()
            incoming.writeImmutableBuffer(bytes)
        }
    }

    /// The next consequence of what was received.
    mutating func nextEvent() -> Event? {
        while true {
            if case .closed = state { return nil }
            do {
                guard let record = try TLSRecord.read(from: &incoming) else { return nil }
                if let event = process(record) { return event }
            } catch {
                state = .closed
                return .failed(error)
            }
        }
    }

    /// Protects application bytes: at most one record's worth of `bytes` and at most what makes `room` bytes on the wire. Returns nil if not even one fits.
    mutating func protect(_ bytes: inout ByteBuffer, room: Int) -> ByteBuffer? {
        let overhead = TLSRecord.headerBytes + version.protectionBytes
        let count = min(bytes.readableBytes, TLSRecord.maximumPlaintextBytes, room - overhead)
        guard isOpen, count > 0, let plaintext = bytes.readSlice(length: count) else { return nil }
        var record = ByteBuffer()
        TLSRecord.write(.applicationData, plaintext, padding: version.protectionBytes, to: &record)
        return record
    }

    /// The application closes.
    mutating func close() {
        guard isOpen else { return }
        TLSRecord.write(.alert, ByteBuffer(bytes: Self.closeNotify), padding: version.protectionBytes, to: &outgoing)
        state = .closed
    }

    // MARK: Records

    private mutating func process(_ record: TLSRecord) -> Event? {
        switch record.type {
        case .changeCipherSpec: return nil
        case .alert: return processAlert(record.body)
        case .handshake: return processHandshake(record.body)
        case .applicationData:
            guard isOpen,
                let bytes = record.body.getSlice(at: record.body.readerIndex, length: record.body.readableBytes - version.protectionBytes)
            else { return fail(.notTLS) }
            return .received(bytes)
        }
    }

    private mutating func processAlert(_ body: ByteBuffer) -> Event? {
        guard let description: UInt8 = body.getInteger(at: body.readerIndex + 1) else { return fail(.notTLS) }
        guard description == 0 else { return fail(.alertReceived(description)) }
        guard isOpen else { return fail(.handshakeInterrupted) }
        state = .closed
        return .closed
    }

    private mutating func processHandshake(_ body: ByteBuffer) -> Event? {
        var body = body
        guard let kind = body.readInteger(as: UInt8.self), let length = body.readInteger(as: UInt16.self),
            let text = body.readString(length: Int(length)),
            case .waiting(let expected) = state, kind == expected.rawValue
        else { return fail(.notTLS) }
        switch (expected, role) {
        case (.clientHello, .server(let certificate)):
            receiveClientHello(serverName: text, certificate: certificate)
            return nil
        case (.serverHello, .client(let serverName)):
            return receiveServerHello(presented: text, serverName: serverName)
        case (.clientKeyExchange, .server):
            send(.finished, text: "", flightBytes: FlightBytes.serverFinished12)
            return open()
        case (.finished, _):
            return open()
        case (.clientHello, .client), (.serverHello, .server), (.clientKeyExchange, .client):
            preconditionFailure("a TLS \(role) waits for \(expected)")
        }
    }

    private mutating func receiveClientHello(serverName: String, certificate: TLSCertificate) {
        let presented: String
        switch certificate {
        case .valid: presented = serverName
        case .names(let names): presented = names.joined(separator: ",")
        }
        send(.serverHello, text: presented, flightBytes: FlightBytes.serverHello)
        switch version {
        case .tls12: state = .waiting(.clientKeyExchange)
        case .tls13: state = .waiting(.finished)
        }
    }

    private mutating func receiveServerHello(presented: String, serverName: String) -> Event? {
        let names = presented.split(separator: ",").map(String.init)
        guard TLSCertificate.names(names).covers(serverName) else {
            TLSRecord.write(.alert, ByteBuffer(bytes: [2, Self.badCertificate]), padding: version.protectionBytes, to: &outgoing)
            return fail(.certificateNameMismatch(expected: serverName, presented: names))
        }
        switch version {
        case .tls12:
            send(.clientKeyExchange, text: "", flightBytes: FlightBytes.clientFinished12)
            state = .waiting(.finished)
            return nil
        case .tls13:
            send(.finished, text: "", flightBytes: FlightBytes.clientFinished13)
            return open()
        }
    }

    private mutating func open() -> Event {
        state = .open
        return .handshakeDone
    }

    private mutating func fail(_ error: TLSError) -> Event {
        state = .closed
        return .failed(error)
    }

    private mutating func send(_ message: Message, text: String, flightBytes: Int) {
        var body = ByteBuffer()
        body.writeInteger(message.rawValue)
        // A name is at most 253 bytes (RFC 1035), a list of certificate names is cut at what fits.
        let text = String(decoding: text.utf8.prefix(flightBytes - TLSRecord.headerBytes - 3), as: UTF8.self)
        body.writeInteger(UInt16(text.utf8.count))
        body.writeString(text)
        TLSRecord.write(.handshake, body, padding: max(flightBytes - TLSRecord.headerBytes - body.readableBytes, 0), to: &outgoing)
    }
}
