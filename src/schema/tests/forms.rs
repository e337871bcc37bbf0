//! Reference forms.

use super::*;

/// `{"$ref": …}` stands only where the schema says so, `{"$literal": …}` wraps.
struct Marked;

impl Forms for Marked {
    fn verdict<'v>(&self, map: &'v Value, place: Place<'_>) -> FormVerdict<'v> {
        if let Some(inner) = map.get("$literal") {
            return FormVerdict::CheckInstead(inner);
        }
        match (map.get("$ref"), place.note("x-panka-reference")) {
            (None, _) => FormVerdict::NotAForm,
            (Some(_), Some(Value::Bool(true))) => FormVerdict::Accept,
            (Some(_), _) => FormVerdict::Reject("no reference may stand here".to_owned()),
        }
    }
}

fn check(schema: &Value, value: &Value) -> Vec<String> {
    Schema::compile(schema).unwrap().check(value, &Marked).iter().map(shown).collect()
}

#[test]
fn a_form_stands_where_the_schema_allows_it() {
    let schema = json!({"$defs": {"Text": {"type": "string", "minLength": 1, "x-panka-reference": true}},
        "properties": {"a": {"type": "integer", "x-panka-reference": true}, "b": {"type": "integer"}, "c": {"$ref": "#/$defs/Text"}}});
    assert!(check(&schema, &json!({"a": {"$ref": "x"}, "c": {"$ref": "x"}})).is_empty());
    assert_eq!(check(&schema, &json!({"b": {"$ref": "x"}})), ["/b Form: no reference may stand here"]);
}

#[test]
fn a_form_in_an_optional_value_is_seen_through_the_branches() {
    let schema = json!({"anyOf": [{"type": "string", "x-panka-reference": true}, {"type": "null"}]});
    assert!(check(&schema, &json!({"$ref": "x"})).is_empty());
}

#[test]
fn a_wrapped_value_is_checked_without_forms() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
    assert!(check(&schema, &json!({"$literal": {"a": 1, "$ref": "x"}})).is_empty());
    assert!(check(&schema, &json!({"$literal": {"a": "b"}}))[0].starts_with("/a WrongType"));
}

#[test]
fn a_map_that_is_no_form_is_a_map() {
    let schema = json!({"type": "object", "properties": {"$or": {"type": "array"}}, "additionalProperties": false});
    assert!(check(&schema, &json!({"$or": []})).is_empty());
    assert_eq!(check(&schema, &json!({"$nor": []})).len(), 1);
}

#[test]
fn a_condition_on_a_form_is_left_open() {
    let schema = json!({"properties": {"mode": {"type": "string", "x-panka-reference": true}},
        "if": {"properties": {"mode": {"const": "a", "x-panka-reference": true}}}, "then": {"required": ["b"]}, "else": {"required": ["c"]}});
    assert!(check(&schema, &json!({"mode": {"$ref": "x"}})).is_empty());
}

#[test]
fn a_form_does_not_make_two_branches_fit() {
    let schema = json!({"oneOf": [{"properties": {"t": {"const": "a", "x-panka-reference": true}}},
        {"properties": {"t": {"const": "b", "x-panka-reference": true}}}]});
    assert!(check(&schema, &json!({"t": {"$ref": "x"}})).is_empty());
}
