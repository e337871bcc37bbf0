//! `$ref`, and schemas that refer to themselves.

use super::*;

#[test]
fn a_recursive_schema_is_followed_as_deep_as_the_value() {
    let schema = json!({"$ref": "#/definitions/Node", "definitions": {"Node": {"type": "object", "properties": {
        "children": {"type": "array", "items": {"$ref": "#/definitions/Node"}}}, "additionalProperties": false}}});
    assert!(fits(schema.clone(), json!({"children": [{"children": []}]})));
    assert!(fault(schema, json!({"children": [{"children": [{"x": 1}]}]})).starts_with("/children/0/children/0/x UnknownField"));
}

#[test]
fn what_stands_beside_a_reference_holds_too() {
    let schema = json!({"$defs": {"Name": {"type": "string"}}, "properties": {"a": {"$ref": "#/$defs/Name", "maxLength": 1}}});
    assert!(fault(schema, json!({"a": "bc"})).starts_with("/a Range"));
}

#[test]
fn the_whole_schema_may_be_referred_to() {
    let schema = json!({"type": "object", "properties": {"next": {"$ref": "#"}}, "additionalProperties": false});
    assert!(fault(schema, json!({"next": {"next": {"other": 1}}})).starts_with("/next/next/other"));
}

#[test]
fn a_reference_to_nothing_is_refused() {
    let error = Schema::compile(&json!({"properties": {"a": {"$ref": "#/$defs/Gone"}}})).unwrap_err();
    assert_eq!(error.to_string(), "the schema at `/properties/a` refers to `#/$defs/Gone`, which does not exist");
    assert!(Schema::compile(&json!({"$ref": "other.json#/x"})).is_err());
}

#[test]
fn a_circle_of_references_is_refused() {
    let circle = json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"anyOf": [{"$ref": "#/$defs/a"}]}}});
    assert!(Schema::compile(&circle).unwrap_err().problem.contains("refers to itself"));
}

#[test]
fn an_unknown_type_is_refused() {
    assert!(Schema::compile(&json!({"type": "text"})).is_err());
}

#[test]
fn a_deep_value_ends_in_a_fault() {
    let mut value = json!(1);
    for _ in 0..5_000 {
        value = Value::Array(vec![value]);
    }
    let schema = Schema::compile(&json!({"items": {"$ref": "#"}})).unwrap();
    let faults = schema.check(&value, &NoForms);
    assert!(faults[0].message.contains("levels deep"), "{faults:?}");
    // Taken apart by hand: dropping it at once would recurse as deep.
    while let Value::Array(mut items) = value {
        value = items.pop().unwrap_or_default();
    }
}
