public import CompactJSON

/// A JSON value: what an application publishes and receives.
public typealias JSONValue = CompactJSON.JSONValue

/// The members of a JSON object, in order.
public typealias JSONObject = CompactJSON.JSONObject
