//! Fields of maps.

use super::*;

fn queue() -> Value {
    json!({"type": "object", "properties": {"visibilityTimeout": {}, "type": {}}, "required": ["type"], "additionalProperties": false})
}

#[test]
fn an_unknown_field_gets_the_nearest_known_one() {
    assert_eq!(
        fault(queue(), json!({"type": 1, "visibilityTimout": 1})),
        "/visibilityTimout UnknownField: unknown field `visibilityTimout` (did you mean `visibilityTimeout`?)"
    );
    assert_eq!(
        fault(queue(), json!({"type": 1, "VisibilityTimeout": 1})),
        "/VisibilityTimeout UnknownField: unknown field `VisibilityTimeout` (did you mean `visibilityTimeout`?)"
    );
}

#[test]
fn a_stranger_gets_the_list_if_it_is_short() {
    assert_eq!(
        fault(queue(), json!({"type": 1, "colour": 1})),
        "/colour UnknownField: unknown field `colour` (known here: `visibilityTimeout` and `type`)"
    );
}

#[test]
fn a_missing_field_is_told_at_its_map() {
    let schema = json!({"properties": {"queue": queue()}});
    assert_eq!(fault(schema, json!({"queue": {}})), "/queue Missing: the field `type` is missing");
}

#[test]
fn the_word_for_a_field_is_the_callers() {
    let dialect = Dialect { field: "property", ..Dialect::default() };
    let schema = Schema::compile_in(&queue(), dialect).unwrap();
    assert_eq!(schema.check(&json!({}), &NoForms)[0].message, "the property `type` is missing");
}

#[test]
fn all_faults_are_told_at_once() {
    let found = faults(queue(), json!({"a": 1, "b": 2}));
    let kinds: Vec<FaultKind> = found.iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, [FaultKind::Missing, FaultKind::UnknownField, FaultKind::UnknownField]);
}

#[test]
fn keys_may_be_bound_to_a_pattern() {
    let schema = json!({"patternProperties": {"^[A-Z]+$": {"type": "string"}}, "additionalProperties": false});
    assert!(fits(schema.clone(), json!({"A": "x"})));
    assert_eq!(fault(schema.clone(), json!({"a": "x"})), "/a UnknownField: the field `a` does not match `^[A-Z]+$`");
    assert!(fault(schema, json!({"A": 1})).starts_with("/A WrongType"));
}

#[test]
fn other_fields_may_have_a_schema_of_their_own() {
    let schema = json!({"properties": {"a": {}}, "additionalProperties": {"type": "integer"}});
    assert_eq!(fault(schema, json!({"a": "x", "b/c": "x"})), r#"/b~1c WrongType: expected an integer, found the string "x""#);
}

#[test]
fn one_field_may_need_another() {
    let schema = json!({"dependencies": {"a": ["b"]}, "dependentRequired": {"c": ["d"]}});
    assert_eq!(fault(schema.clone(), json!({"a": 1})), " Combination: `a` needs `b` beside it");
    assert_eq!(fault(schema, json!({"c": 1})), " Combination: `c` needs `d` beside it");
}

#[test]
fn fields_that_exclude_each_other_are_told_once() {
    let schema = json!({"dependentExcluded": {"a": ["b"], "b": ["a"]}});
    assert!(fits(schema.clone(), json!({"a": 1})));
    assert_eq!(fault(schema, json!({"b": 1, "a": 1})), "/b Combination: `a` and `b` exclude each other");
}

#[test]
fn exactly_one_or_at_least_one_field_may_be_needed() {
    let one = json!({"requiredXor": ["a", "b"]});
    assert_eq!(fault(one.clone(), json!({})), " Missing: one of the fields `a` and `b` is needed");
    assert_eq!(fault(one, json!({"a": 1, "b": 1})), " Combination: the fields `a` and `b` exclude each other");
    let some = json!({"requiredOr": ["a", "b"]});
    assert_eq!(fault(some.clone(), json!({})), " Missing: at least one of the fields `a` and `b` is needed");
    assert!(fits(some, json!({"a": 1, "b": 1})));
}

#[test]
fn a_closed_map_knows_the_fields_of_what_it_joins() {
    let schema = json!({"$defs": {"base": {"properties": {"name": {}}}}, "allOf": [{"$ref": "#/$defs/base"}],
        "properties": {"size": {}}, "unevaluatedProperties": false});
    assert!(fits(schema.clone(), json!({"name": 1, "size": 1})));
    assert_eq!(fault(schema, json!({"nmae": 1})), "/nmae UnknownField: unknown field `nmae` (did you mean `name`?)");
}

#[test]
fn names_and_numbers_of_fields_may_be_bound() {
    assert!(fault(json!({"propertyNames": {"maxLength": 2}}), json!({"abc": 1})).starts_with("/abc Range: is 3 characters long"));
    assert_eq!(fault(json!({"minProperties": 1}), json!({})), " Range: has 0 fields, at least 1 are needed");
    assert!(!fits(json!({"maxProperties": 1}), json!({"a": 1, "b": 2})));
}
