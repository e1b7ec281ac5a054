import NIOCore
import SimulationKernel

/// What an operating system does that matters to the network. Transport and DNS profiles name their own figures.
public struct HostProfile: Hashable, Sendable {
    /// How long after a change of the interfaces applications are told. No figure is published: an assumption, of the order seen on devices.
    public var pathEventDelay: TimeAmount
    /// What the clock of timers does while the machine sleeps: `mach_absolute_time` on Apple and CLOCK_MONOTONIC on Linux both stop.
    public var sleepClock: SimulatedEventLoop.SleepClock
    /// Where ports of sockets that ask for none come from.
    public var ephemeralPorts: ClosedRange<UInt16>
    /// How many received bytes wait for an application that does not read; more are dropped.
    public var udpReceiveBufferBytes: Int
    /// How names are looked up.
    public var resolver: ResolverProfile
    /// The timing of its TCP.
    public var tcp: TCPProfile

    /// Figures of an operating system.
    public init(
        pathEventDelay: TimeAmount, sleepClock: SimulatedEventLoop.SleepClock, ephemeralPorts: ClosedRange<UInt16>,
        udpReceiveBufferBytes: Int, resolver: ResolverProfile, tcp: TCPProfile
    ) {
        self.pathEventDelay = pathEventDelay
        self.sleepClock = sleepClock
        self.ephemeralPorts = ephemeralPorts
        self.udpReceiveBufferBytes = udpReceiveBufferBytes
        self.resolver = resolver
        self.tcp = tcp
    }

    /// Linux: `net.ipv4.ip_local_port_range` 32768...60999, `net.core.rmem_default` 212,992, glibc's resolver.
    public static let linux = HostProfile(
        pathEventDelay: .milliseconds(10), sleepClock: .stopsDuringSleep, ephemeralPorts: 32_768...60_999, udpReceiveBufferBytes: 212_992,
        resolver: .glibc, tcp: .linux)

    /// iOS and macOS: IANA's port range 49152...65535, `net.inet.udp.recvspace` 786,896, the system's resolver.
    public static let darwin = HostProfile(
        pathEventDelay: .milliseconds(100), sleepClock: .stopsDuringSleep, ephemeralPorts: 49_152...65_535, udpReceiveBufferBytes: 786_896,
        resolver: .darwin, tcp: .darwin)
}
