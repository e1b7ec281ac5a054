import NIOPosix
import NIOSSL
