// placeholder
import NIOPosix
import NIOSSL
