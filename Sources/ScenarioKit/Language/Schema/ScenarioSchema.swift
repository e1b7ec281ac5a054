import NetworkModel
import CompactJSON

/// The language described for editors and for readers, made from the vocabulary.
public enum ScenarioSchema {
    /// The JSON Schema (draft-07, the version that YAML language servers read) of scenario files, compact JSON with a line feed at its end. It accepts every
    /// scenario that loads; references and instants need the whole file and are checked by ``ScenarioLoader`` only.
    public static func json() -> String {
        // The vocabulary holds no number that JSON cannot express.
        let bytes = (try? JSONValue.object(document).encoded()) ?? []
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }

    private static var document: JSONObject {
        var definitions = values
        for name in ShapeName.allCases where name != .scenario { definitions[name.rawValue] = shape(name) }
        var root = object(.scenario)
        // A file that extends another need not say everything itself.
        root["required"] = ["faultline"]
        root["anyOf"] = [required(Vocabulary.scenario.fields.filter(\.isRequired).map(\.key)), required(["extends"])]
        var document: JSONObject = [
            "$schema": "http://json-schema.org/draft-07/schema#", "title": .string("Faultline scenario, version \(Vocabulary.version)"),
        ]
        for member in root { document[member.key] = member.value }
        document["definitions"] = .object(definitions)
        return document
    }

    /// Kinds of single values.
    private static var values: JSONObject {
        [
            "parameter": ["type": "string", "pattern": "\\$\\{[^}]+\\}"],
            "text": ["type": ["string", "number", "boolean"]],
            "flag": any([["enum": [true, false, "on", "off", "yes", "no", "true", "false"]], parameter]),
            "duration": pattern("(\(number) *\(units(.duration)) *)+"),
            "signedDuration": pattern("[-+]?(\(number) *\(units(.duration)) *)+"),
            "rate": pattern("\(number) *\(units(.rate))"),
            "size": pattern("\(number) *\(units(.size))"),
            "share": pattern("\(number) *\(units(.share))"),
        ]
    }

    // MARK: - Shapes

    private static func shape(_ name: ShapeName) -> JSONValue {
        let shape = Vocabulary.shape(name)
        var object = object(name)
        if !shape.fields.contains(where: \.isRequired), alternatives(name) == nil { object["type"] = ["object", "null"] }
        var choices: [JSONValue] = [.object(object)]
        if let shorthand = shape.shorthand.flatMap(shape.field) { choices.append(type(shorthand.type)) }
        return choices.count == 1 ? choices[0] : ["description": .string(shape.explanation), "anyOf": .array(choices)]
    }

    private static func object(_ name: ShapeName) -> JSONObject {
        let shape = Vocabulary.shape(name)
        var properties = JSONObject()
        for field in shape.fields { properties[field.key] = property(field) }
        var result: JSONObject = [
            "type": "object", "description": .string(shape.explanation), "properties": .object(properties), "additionalProperties": false,
        ]
        let required = shape.fields.filter(\.isRequired).map { JSONValue.string($0.key) }
        if !required.isEmpty { result["required"] = .array(required) }
        if let alternatives = alternatives(name) { result["allOf"] = .array(alternatives) }
        return result
    }

    /// Keys of which exactly one must be given.
    private static func alternatives(_ name: ShapeName) -> [JSONValue]? {
        switch name {
        case .timelineEntry:
            let actions = Vocabulary.timelineEntry.fields.map(\.key).filter { !Vocabulary.timelineWords.contains($0) }
            return [oneOf(["at", "after"]), oneOf(actions)]
        case .expectation: return [oneOf(Vocabulary.expectationKinds)]
        case .pattern, .never: return [oneOf(["event", "service"] + AppSight.verbs)]
        case .blackout: return [oneOf(["host", "between"])]
        case .suspendApp, .halfOpen: return [oneOf(["peer", "host"])]
        case .scenario, .network, .nat, .host, .interface, .resolver, .service, .key, .tokenEndpoint, .peer, .publication, .options,
            .linkDown, .roam, .link,
            .turnServer, .turnPorts, .dataChannels, .peerOptions, .turnFault, .udpBlocked, .snapshot, .iceServersChange, .join, .restart,
            .addTrack, .removeTrack, .replaceTrack, .openChannel, .sendData, .natRebind, .dns, .captivePortal, .vpn, .sleep, .wallClock,
            .deploy, .crash, .serviceClose, .refuse, .slow, .silent, .reject,
            .malformed, .raw, .flap,
            .http, .goingAway, .tokenEndpointChange, .newID, .connect, .retry, .close, .subscribe, .unsubscribe, .publish, .send,
            .networkPathChanged:
            return nil
        }
    }

    private static func oneOf(_ keys: [String]) -> JSONValue { ["oneOf": .array(keys.map { required([$0]) })] }

    private static func required(_ keys: [String]) -> JSONValue { ["required": .array(keys.map { .string($0) })] }

    private static func property(_ field: Field) -> JSONValue {
        var text = field.explanation
        if let value = field.defaultText { text += " Default: \(value)." }
        guard case .object(var schema) = type(field.type) else { return type(field.type) }
        // Draft-07 ignores what stands beside a reference.
        if let reference = schema["$ref"] { schema = ["allOf": [["$ref": reference]]] }
        schema["description"] = .string(text)
        return .object(schema)
    }

    // MARK: - Types

    private static let parameter: JSONValue = ["$ref": "#/definitions/parameter"]

    /// A value of a type or `${name}`, in one schema: an editor then says what is wrong inside instead of "fits none of these".
    private static func orParameter(_ type: String, _ rest: JSONObject) -> JSONValue {
        var schema: JSONObject = ["type": [.string(type), "string"]]
        for member in rest { schema[member.key] = member.value }
        schema["pattern"] = "\\$\\{[^}]+\\}"
        return .object(schema)
    }

    static func type(_ type: ValueType) -> JSONValue {
        switch type {
        case .text, .join, .moment: ["$ref": "#/definitions/text"]
        case .reference(let reference): self.reference(reference)
        case .choice(let words): any([["enum": .array(words.flatMap(literals))], parameter])
        case .flag: ["$ref": "#/definitions/flag"]
        case .integer(let range):
            orParameter("integer", ["minimum": .integer(Int64(range.lowerBound)), "maximum": .integer(Int64(range.upperBound))])
        case .factor(let range): orParameter("number", ["minimum": .double(range.lowerBound), "maximum": .double(range.upperBound)])
        case .duration: ["$ref": "#/definitions/duration"]
        case .signedDuration: ["$ref": "#/definitions/signedDuration"]
        case .rate: ["$ref": "#/definitions/rate"]
        case .size: ["$ref": "#/definitions/size"]
        case .share: ["$ref": "#/definitions/share"]
        case .range(.duration): pattern("(\(number) *\(units(.duration)) *)+(\\.\\.\\. *(\(number) *\(units(.duration)) *)+)?")
        case .range(let inner): any([self.type(inner), pattern("[0-9]+ *(\\.\\.\\. *[0-9]+)?")])
        case .seeds:
            any([
                ["type": "integer", "minimum": 0], seedText,
                ["type": "array", "items": any([["type": "integer", "minimum": 0], seedText])],
            ])
        case .count: any([["type": "integer", "minimum": 1], pattern("[0-9]+ *(\\.\\.\\. *[0-9]*)?")])
        case .outcome:
            any([
                [
                    "enum": .array(
                        (Scenario.SignallingState.words + Scenario.CallState.words + Scenario.LinkState.words).map(JSONValue.string))
                ],
                pattern("terminal [1-4][0-9]{3}"),
            ])
        case .link: pattern("[^ ].* (->|<->) [^ ].*")
        case .shape(let name): ["$ref": .string("#/definitions/\(name.rawValue)")]
        case .list(let inner): orParameter("array", ["items": self.type(inner)])
        case .oneOrMore(let inner): any([self.type(inner), ["type": "array", "items": self.type(inner)]])
        case .named(let inner): orParameter("object", ["additionalProperties": self.type(inner)])
        case .perDirection(let inner):
            any([
                self.type(inner),
                ["type": "object", "properties": ["down": self.type(inner), "up": self.type(inner)], "additionalProperties": false],
            ])
        case .either(let types): any(types.map(self.type))
        case .anything: [:]
        }
    }

    private static let number = "([0-9]+(\\.[0-9]*)?|\\.[0-9]+)"
    private static let seedText = pattern("[0-9]+ *(\\.\\.\\. *[0-9]+)?")

    private static func units(_ table: UnitTable) -> String { "(\(table.units.map(\.symbol).joined(separator: "|")))" }

    private static func pattern(_ text: String) -> JSONValue { ["type": "string", "pattern": .string("^ *(\(text)) *$|\\$\\{[^}]+\\}")] }

    /// YAML reads some words as numbers or flags before a schema sees them.
    private static func literals(_ word: String) -> [JSONValue] {
        guard let number = Double(word) else { return [.string(word)] }
        return [.string(word), .double(number)]
    }

    private static func reference(_ reference: ValueType.Reference) -> JSONValue {
        func words(_ words: [String]) -> JSONValue { any([["enum": .array(words.map { .string($0) })], parameter]) }
        switch reference {
        case .rule: return words(SpecificationRules.ids)
        case .checker: return words(SpecificationRules.checkers.map(\.name))
        case .preset: return words(NetworkPreset.all.map(\.name))
        case .host, .peer, .network, .interface, .party, .key, .hostOrService, .turnServer: return ["type": "string"]
        }
    }

    /// Any of these, flattened and each once.
    private static func any(_ choices: [JSONValue]) -> JSONValue {
        var flat: [JSONValue] = []
        for choice in choices {
            let parts = choice["anyOf"]?.arrayValue ?? [choice]
            for part in parts where !flat.contains(part) { flat.append(part) }
        }
        return flat.count == 1 ? flat[0] : ["anyOf": .array(flat)]
    }
}

extension CaseIterable where Self: RawRepresentable<String> {
    /// Every word, in order.
    static var words: [String] { allCases.map(\.rawValue) }
}
