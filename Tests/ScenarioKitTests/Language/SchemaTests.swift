import CompactJSON
import Foundation
import ScenarioKit
import Testing

@Suite("schema and reference")
struct SchemaTests {
    private func schema() throws -> JSONValue { try JSONValue(parsing: Array(ScenarioSchema.json().utf8)) }

    @Test("the schema is JSON, and every reference in it resolves")
    func referencesResolve() throws {
        let schema = try schema()
        var pending = [schema]
        var references = 0
        while let value = pending.popLast() {
            if let reference = value["$ref"]?.stringValue {
                references += 1
                let name = try #require(reference.split(separator: "/").last)
                #expect(schema["definitions"]?[String(name)] != nil, "\(reference)")
            }
            pending += value.arrayValue ?? value.objectValue?.map { $0.value } ?? []
        }
        #expect(references > 100)
    }

    @Test("a wrong action is refused by the schema as by the loader: one action of the known ones")
    func oneAction() throws {
        let entry = try schema()["definitions"]?["timelineEntry"]
        let alternatives = try #require(entry?["allOf"]?.arrayValue)
        let actions = try #require(alternatives.last?["oneOf"]?.arrayValue)
        #expect(actions.contains(["required": ["blackout"]]))
        #expect(entry?["additionalProperties"] == false)
    }

    @Test("the reference names every key of every mapping, every event and every preset")
    func referenceIsComplete() {
        let text = ScenarioSchema.reference()
        for word in [
            "tokenLifetime", "link-down", "poor-4g", "closeHandshakeTimeout", "token-provider-error", "backoff", "access-denied",
            "pathEvents",
        ] {
            #expect(text.contains(word), "\(word)")
        }
    }
}
