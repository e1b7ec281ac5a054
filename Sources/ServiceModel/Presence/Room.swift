/// The members of one channel in the order in which they came.
final class Room {
    struct Subscriber {
        let connection: ServiceConnection
        let includesSenderMetadata: Bool
    }

    struct Member {
        /// As it stands in a `presence`.
        var listing: EncodedJSON
        /// Its connections that are subscribed; none while the place is held for a newer connection.
        var subscribers: [Subscriber]
        /// The connection for which the place is held.
        var heldFor: Int?
    }

    var members = JoinOrderedTable<String, Member>()

    func forEachSubscriber(_ body: (Subscriber) -> Void) {
        members.forEach { entry in
            for subscriber in entry.value.subscribers { body(subscriber) }
        }
    }
}
