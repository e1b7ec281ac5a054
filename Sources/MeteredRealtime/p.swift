import NIOWebSocket
import NIOHTTP1
import Logging
