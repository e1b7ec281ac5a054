public import NetworkModel

/// A candidate as SDP carries it: the value of a `candidate` attribute (RFC 8839 section 5.1, RFC 6544 section 4.5).
public struct CandidateAttribute: Hashable, Sendable, CustomStringConvertible {
    /// How packets reach it.
    public enum TransportProtocol: String, Hashable, Sendable {
        /// UDP.
        case udp
        /// TCP (RFC 6544).
        case tcp
    }

    /// The same for candidates of one type, base and server: 1 to 32 characters.
    public var foundation: String
    /// 1 is RTP and everything multiplexed with it.
    public var component: Int
    /// How packets reach it.
    public var transportProtocol: TransportProtocol
    /// RFC 8445 section 5.1.2.
    public var priority: UInt32
    /// Where packets are sent.
    public var address: TransportAddress
    /// Where it comes from.
    public var kind: ICECandidateKind
    /// The base of a reflexive candidate, the mapped address of a relayed one.
    public var relatedAddress: TransportAddress?
    /// `tcptype`: "active", "passive", "so"; nil for UDP.
    public var tcpType: String?
    /// The generation it belongs to, if it says so (libwebrtc's `ufrag` extension).
    public var usernameFragment: String?
    /// libwebrtc's `network-cost` extension, 0 to 999: lower is preferred.
    public var networkCost: UInt16

    /// A candidate of these properties.
    public init(
        foundation: String, component: Int = 1, transportProtocol: TransportProtocol = .udp, priority: UInt32, address: TransportAddress,
        kind: ICECandidateKind, relatedAddress: TransportAddress? = nil, tcpType: String? = nil, usernameFragment: String? = nil,
        networkCost: UInt16 = 0
    ) {
        self.foundation = foundation
        self.component = component
        self.transportProtocol = transportProtocol
        self.priority = priority
        self.address = address
        self.kind = kind
        self.relatedAddress = relatedAddress
        self.tcpType = tcpType
        self.usernameFragment = usernameFragment
        self.networkCost = networkCost
    }

    /// The attribute's value: `candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host`.
    public var description: String {
        var text = "candidate:\(foundation) \(component) \(transportProtocol.rawValue) \(priority) \(address.address) \(address.port)"
        text += " typ \(kind.rawValue)"
        if let related = relatedAddress { text += " raddr \(related.address) rport \(related.port)" }
        if let tcpType { text += " tcptype \(tcpType)" }
        if let usernameFragment { text += " ufrag \(usernameFragment)" }
        if networkCost > 0 { text += " network-cost \(networkCost)" }
        return text
    }
}

/// Why a candidate could not be read.
public enum CandidateAttributeError: Error, Hashable, Sendable {
    /// Not the grammar of RFC 8839 section 5.1, or a number out of its range.
    case malformed
    /// A name instead of an address (mDNS): legal, but nobody here resolves it.
    case unresolvable
    /// A transport or type that is not known: to be ignored (RFC 8839 section 5.1).
    case unknownKind
    /// Over 512 bytes.
    case tooLong
}

extension CandidateAttribute {
    /// Reads an attribute's value, with or without `candidate:` and `a=` in front.
    public init(parsing text: some StringProtocol) throws(CandidateAttributeError) {
        guard text.utf8.count <= 512 else { throw .tooLong }
        let fields = String(text).split(separator: " " as Character).map(String.init)
        guard fields.count >= 8, fields[6] == "typ" else { throw .malformed }
        var foundation = fields[0]
        for prefix in ["a=", "candidate:"] where foundation.hasPrefix(prefix) { foundation.removeFirst(prefix.count) }
        guard (1...32).contains(foundation.utf8.count), let component = Int(fields[1]), (1...256).contains(component),
            let priority = UInt32(fields[3]), let port = UInt16(fields[5])
        else { throw .malformed }
        guard let transportProtocol = TransportProtocol(rawValue: fields[2].lowercased()), let kind = ICECandidateKind(rawValue: fields[7])
        else { throw .unknownKind }
        guard let address = IPAddress(fields[4]) else { throw .unresolvable }
        self.init(
            foundation: foundation, component: component, transportProtocol: transportProtocol, priority: priority,
            address: TransportAddress(address, port), kind: kind)
        try readExtensions(fields.dropFirst(8))
    }

    /// Pairs of a name and a value; unknown ones are ignored.
    private mutating func readExtensions(_ fields: ArraySlice<String>) throws(CandidateAttributeError) {
        var relatedHost: IPAddress?
        var rest = fields
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw .malformed }
            switch name {
            case "raddr": relatedHost = IPAddress(value)
            case "rport":
                guard let port = UInt16(value) else { throw .malformed }
                relatedAddress = relatedHost.map { TransportAddress($0, port) }
            case "tcptype": tcpType = value
            case "ufrag": usernameFragment = value
            case "network-cost": networkCost = min(UInt16(value) ?? 0, 999)
            default: break
            }
        }
    }
}
