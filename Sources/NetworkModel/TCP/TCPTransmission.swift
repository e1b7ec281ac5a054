import NIOCore

extension TCPConnection {
    /// A segment to send, and why.
    public struct Transmission: Sendable {
        /// Why a segment is sent.
        public enum Purpose: Hashable, Sendable {
            /// For the first time: SYN, data, FIN.
            case original
            /// Again; the timeout that expired, or nil when acknowledgements showed the loss.
            case retransmission(timeout: TimeAmount?)
            /// A tail loss probe.
            case lossProbe
            /// A zero-window or keepalive probe.
            case probe
            /// Only an acknowledgement.
            case acknowledgement
            /// A reset.
            case reset
        }

        /// What to send.
        public let segment: TCPSegment
        /// Why.
        public let purpose: Purpose

        init(_ segment: TCPSegment, _ purpose: Purpose) {
            self.segment = segment
            self.purpose = purpose
        }
    }
}
