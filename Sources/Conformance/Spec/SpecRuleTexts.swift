// One line for each rule, in the order of their numbers. The full text is the spec's.

extension SpecRule {
    static let wire = [
        "client frames: subscribe, unsubscribe, publish, send, ping, as compact JSON with an optional requestId",
        "server frames: welcome, ack, error, message, direct, presence, going_away, pong",
        "welcome comes first and once; a subscribe is answered by ack and then the whole membership; earlier frames are dispatched",
        "a malformed or binary frame is dropped and the connection lives on; unknown error codes pass through",
        "caps: channel 1..256, peer id 1..128, data at most maxMessageSize, inbound at most 1 MiB (1009)",
        "channels under _metered/, _internal/ and _system/ are refused at once",
        "iceServers: at most 16 well-formed entries, else the whole list is discarded; kept across reconnects",
        "retryAfterMs is clamped to 1..300,000; missing or not positive reads as 1,000",
        "WebRTC signals ride send/direct and are never shown as data",
        "the URL is wss:, or ws: for localhost only, without path, query, fragment or user info",
        "signals to one peer keep their order and are pipelined; track metadata goes ahead of its description",
    ]

    static let signalling = [
        "delay before attempt n: min(0.5 s * 2^(n-1), 30 s), then floors, then jitter",
        "jitter: a factor drawn uniformly from 0.8...1.2 once for each attempt, after the cap",
        "at most 100 attempts without a connection that held; then closed, reported with willReconnect false",
        "the attempt counter is reset only by a welcomed connection that held for 5 s",
        "4001, 4003, 4012 and 4020 are terminal: closed at once, one report; every other code reconnects",
        "after a 4010 the next delay is at least 30 s before jitter, once",
        "the token provider is called before every attempt and given at most 10 s",
        "token failures count as attempts; from the 3rd in a row on each raises an error; a success resets the count",
        "10 s to an open socket (then 1006), 10 s more to its welcome (then closed with 1000)",
        "a request without ack fails after 15 s; a drop fails every request in flight at once; a late ack is ignored",
        "60 s without a text frame: closed with 4000 and abandoned; a ping whenever a third of it passed without one",
        "after a reconnect every tracked subscription is replayed; a failed replay is retried 3 times, 2 s after each failure",
        "tracked before it is sent; untracked by unsubscribe, by rejection, or if it never left the client",
        "the first connect does not retry: it fails with the code or the HTTP status",
        "states change legally and once each; one disconnect report for each socket that had opened",
        "close() ends everything within 1 s; nothing is reported after it",
        "credentials never appear in a log, error, trace, capture or report",
        "going_away is reported; the next delay is at least retryAfterMs, with upward jitter only",
        "a path change ends a wait (not sooner than 0.5 s after the last attempt); connected: a ping answered within 5 s, or redial",
        "outbound frames are paced: 80/s with a burst of 150; none is dropped",
        "account and token errors without a request must be acted upon; others are reported only",
    ]

    static let iceRestart = [
        "nine rungs; the first at once, then 1, 2, 4, 8, 16, 30, 30, 30 s after the one before",
        "rungs at 0, 1, 3, 7, 15, 31, 61, 91, 121 s after t0",
        "a rung restarts ICE in place: newest servers, new ufrag, a fresh offer",
        "connected suspends the ladder; held for 5 s it resets it",
        "15 s after the ninth rung exactly one negotiation error says that recovery gave up",
        "public state: connected -> reconnecting -> connected, without the hop through connecting",
        "a rung that falls due without signalling is skipped and keeps its place",
        "the smaller id is polite (perfect negotiation)",
        "at most 200 candidates of at most 1,000 characters each for a generation",
        "candidates and descriptions of an earlier generation never act on a later one",
        "same fingerprint: restart in place; new fingerprint: the connection is replaced, at most once per 2 s",
    ]

    static let roster = [
        "a transient drop makes the peer and every remote peer reconnecting; none is removed",
        "the snapshot is the first presence after the ack of a subscribe of this connection",
        "in the old roster but not in the snapshot: removed first",
        "in both: the same object with a new connection, no joined or left event",
        "only in the snapshot: added, one peer-joined each",
        "self, duplicates and other channels are ignored; at most 256 remote peers",
        "order at a snapshot: left, survivors refreshed, state joined, peer-joined",
        "a further drop before the snapshot starts over",
        "no snapshot for 10 s: subscribe again, twice; then one reconcile-timeout error",
        "a stream seen again after the swap is added again, without a removal in between",
        "data channels and listeners die with the old connection",
        "terminal: error first, every peer removed, closed, left",
        "signals of peers outside the roster are dropped",
    ]

    static let application = [
        "a banner delayed by 1 s never shows for a shorter drop, shows for a longer one and hides on joined",
        "30 s of reconnecting offers a manual retry, and a fresh peer rejoins",
        "a data channel re-opened on every connected works after each recovery",
        "4001 and a final 4002 lead to login, 4012 to billing, 4020 to kicked, 4003 to access denied",
        "3 token-provider failures lead to a login prompt while retries go on",
        "after recovery the remote tile moves again and a peer that left is gone",
        "an app brought back from the background heals without a restart",
    ]

    static let better = [
        "a spent budget is always reported", "join() can be retried after a failed first connect",
        "our own closes do not wait for the echo, and our code is reported", "retryAfterMs is used",
        "the 4010 floor dies with its session", "a connection must hold to reset the counter",
        "HTTP rejections of a reconnect are reported; 401 and 403 are terminal with a key",
        "a delta that beats the snapshot is no snapshot", "a rejected replay is noticed with an empty roster",
        "a rejected replay surfaces as its cause", "a closed remote peer is swapped like every survivor",
        "newcomers over the cap are admitted later", "a data-channel-only link recovers in place",
        "no attempt is burnt while signalling is down", "a link stuck for 20 s starts the ladder",
        "an unanswered offer is repeated", "a link that flaps does not restart its ladder",
        "scrubbing keeps error types and codes", "joined is reported before peer-joined",
        "payloads are counted in UTF-8, in both classes", "an earlier own id is self",
        "an option keeps healthy links through a signalling blip", "the ladder takes 121 s and uses fresh TURN credentials",
        "a link with nothing to negotiate is idle", "a data-channel-only link is negotiated again after a swap",
        "a rejected subscribe is not replayed", "a link heals whichever side's signalling returns first",
    ]

    static let service = [
        "keys and HS256 tokens are checked; 401, 4001 or 4002 as the case is", "presence, with ghosts until the ping's grace ends",
        "a second connection of one sub replaces the first", "limits: 1009, 4010, 4011, quota, channel patterns",
        "a deploy: going_away, grace, 1001, refusal, back", "publish reaches every other subscriber, send its peer, in order",
        "the scenario can make it slow, silent, rejecting, malformed, partitioned",
    ]

    static let invariants = [
        "a client has at most one socket at a time", "every request ends, and once",
        "a client and the service agree on its connection once the world is quiet", "nothing is left behind at the end of a run",
        "a peer has at most one live peer connection to each remote peer", "a peer connection ends with its remote peer or its own",
        "the rosters of a channel's peers are true once the world is quiet",
    ]
}
