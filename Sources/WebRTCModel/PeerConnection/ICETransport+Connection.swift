extension ICETransport: ConnectionTransport {
    func restart(with parameters: ICEParameters) { restart() }
    func rollBackRestart() {}
}
