import NIOCore

/// Why a connection could not be made.
public enum ConnectError: Error, Hashable, Sendable {
    /// The name could not be looked up.
    case dnsFailure(DNSError)
    /// The name exists, without an address of a family that this host has a route for.
    case noAddress(String)
    /// TCP failed; with several addresses, the error of the one that was tried first.
    case tcp(TCPError, TransportAddress)
    /// TLS failed after TCP had connected. `certificateNameMismatch` is what a captive portal causes.
    case tls(TLSError, TransportAddress)
    /// Whoever asked for the connection does not want it any more.
    case abandoned
    /// It took longer than ``ConnectOptions/timeout``.
    case timedOut(after: TimeAmount)
}

/// How to connect.
public struct ConnectOptions: Hashable, Sendable {
    /// For lookup, TCP and TLS together. As in SwiftNIO's `ClientBootstrap`, 10 s unless set; nil: until TCP gives up (134 s on Linux).
    public var timeout: TimeAmount?
    /// The settings of the socket.
    public var socket: TCPSocketOptions
    /// The version of TLS, if it is used.
    public var tlsVersion: TLSVersion
    /// The address of this host to connect from, which chooses the interface; nil: that of the preferred interface.
    public var localAddress: IPAddress?

    /// How to connect; by default as SwiftNIO does.
    public init(
        timeout: TimeAmount? = .seconds(10), socket: TCPSocketOptions = TCPSocketOptions(), tlsVersion: TLSVersion = .tls13,
        localAddress: IPAddress? = nil
    ) {
        self.timeout = timeout
        self.socket = socket
        self.tlsVersion = tlsVersion
        self.localAddress = localAddress
    }
}

/// What a listener does about TLS.
public struct TLSServerOptions: Hashable, Sendable {
    /// The certificate.
    public var certificate: TLSCertificate
    /// The version that it insists on.
    public var version: TLSVersion

    /// A server with a certificate; by default one that nobody doubts.
    public init(certificate: TLSCertificate = .valid, version: TLSVersion = .tls13) {
        self.certificate = certificate
        self.version = version
    }
}
