import ScenarioKit
import Testing

/// Loads `text` as `a.yaml`; other files come from `files`.
func load(_ text: String, files: [String: String] = [:]) -> Result<[ResolvedScenario], ScenarioErrors> {
    var all = files
    all["a.yaml"] = text
    let known = all
    let loader = ScenarioLoader { path in
        known[path].map { .success($0) } ?? .failure(Diagnostic(SourcePosition(file: path), "there is no such file."))
    }
    return loader.load("a.yaml")
}

/// The findings for a text, as written to the user.
func problems(_ text: String, files: [String: String] = [:]) -> [String] {
    guard case .failure(let errors) = load(text, files: files) else { return [] }
    return errors.diagnostics.map(\.description)
}

/// The one scenario of a text.
func scenario(_ text: String, files: [String: String] = [:]) throws -> Scenario {
    let scenarios = try load(text, files: files).get()
    try #require(scenarios.count == 1)
    return scenarios[0].scenario
}

/// A scenario with one host and one peer that is right in everything that `extra` does not say. The text of `extra` begins in line 9.
func world(
    _ extra: String = "", host: String = "interfaces: { wifi: home-wifi, lte: { network: lte, up: false } }",
    peer: String = "on: phone, joins: room"
) -> String {
    """
    faultline: 1
    name: A test
    story: >
      Something happens.
    hosts:
      phone: { \(host) }
    peers:
      alice: { \(peer) }
    \(extra)
    """
}

/// A world in which `action` happens at 30 s.
func acting(_ action: String, peer: String = "on: phone, joins: room") throws -> Scenario.Action {
    let scenario = try scenario(world("timeline: [{ at: 30 s, name: it, \(action) }]", peer: peer))
    return try #require(scenario.timeline.first).action
}

/// What is wrong with a world in which `action` happens; the action's key stands in column 31 of line 9.
func actionProblems(_ action: String) -> [String] { problems(world("timeline: [{ at: 30 s, name: it, \(action) }]")) }

/// A call of alice and bob with two TURN servers. The text of `extra` begins in line 11.
func callWorld(
    _ extra: String = "", alice: String = "on: phone, app: [call, banner], joins: room, data: chat",
    turn: String = "{ turn-a: {}, turn-b: {} }"
)
    -> String
{
    """
    faultline: 1
    name: A call
    story: Something happens.
    hosts:
      phone: { interfaces: { wifi: home-wifi } }
      laptop: { interfaces: { eth: fibre } }
    turn: \(turn)
    peers:
      alice: { \(alice) }
      bob: { on: laptop, app: call, joins: room at 1 s }
    \(extra)
    """
}
