import CompactJSON

/// What an authenticated connection may do.
struct Grant {
    var peerID: String
    /// Each list must have a pattern that fits: the key's, and the token's if it names any.
    var channelLists: [[ChannelPattern]]
    var actions: ServiceActions
    var expiresAt: WallTime?
    var peerMetadata: JSONObject?
    var welcomeMetadata: JSONObject?

    func opens(_ channel: String) -> Bool {
        channelLists.allSatisfy { list in list.contains { $0.matches(channel) } }
    }
}

/// The answer to a credential that could be parsed.
enum AuthenticationVerdict {
    case granted(Grant)
    case refused(ServiceCloseCode)
}

/// Checks credentials against the account's keys (SRV-01).
struct Authenticator {
    var keys: [AccessKey]

    /// - Parameter newPeerID: names the peer of a bare key that has no fixed id.
    func verdict(on credential: PresentedCredential, at now: WallTime, newPeerID: () -> String) -> AuthenticationVerdict {
        switch credential {
        case .key(let id):
            guard let key = keys.first(where: { $0.id == id && $0.connectsByItself }) else { return .refused(.invalidToken) }
            return .granted(
                Grant(
                    peerID: key.peerID ?? newPeerID(), channelLists: [key.channels], actions: key.actions, expiresAt: nil,
                    peerMetadata: key.peerMetadata, welcomeMetadata: nil))
        case .token(let token):
            guard let key = keys.first(where: { $0.id == token.keyID && $0.signingKey != nil }), let signingKey = key.signingKey,
                let claims = try? token.claims(signedBy: signingKey)
            else { return .refused(.invalidToken) }
            guard now < claims.expiresAt else { return .refused(.tokenExpired) }
            return .granted(grant(for: claims, key: key))
        }
    }

    private func grant(for claims: TokenClaims, key: AccessKey) -> Grant {
        Grant(
            peerID: claims.peerID, channelLists: [key.channels] + (claims.channels.map { [$0] } ?? []),
            actions: claims.permissions.map(key.actions.intersection) ?? key.actions, expiresAt: claims.expiresAt,
            peerMetadata: claims.peerMetadata, welcomeMetadata: claims.metadata)
    }
}
