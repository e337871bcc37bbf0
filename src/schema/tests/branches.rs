//! Combinations of schemas.

use super::*;

#[test]
fn the_branch_that_was_meant_speaks() {
    let schema = json!({"oneOf": [
        {"type": "object", "properties": {"http": {"type": "object", "properties": {"port": {"type": "integer"}}, "additionalProperties": false}},
         "required": ["http"], "additionalProperties": false},
        {"type": "object", "properties": {"tcp": {"type": "object"}}, "required": ["tcp"], "additionalProperties": false}]});
    assert_eq!(fault(schema.clone(), json!({"http": {"port": "a"}})), r#"/http/port WrongType: expected an integer, found the string "a""#);
    let misspelt = faults(schema, json!({"tcpp": {}}));
    assert!(misspelt.iter().any(|fault| fault.help.as_deref() == Some("did you mean `tcp`?")), "{misspelt:#?}");
}

#[test]
fn an_optional_value_is_spoken_of_as_the_value() {
    let schema =
        json!({"$defs": {"Size": {"type": "object"}}, "properties": {"size": {"anyOf": [{"$ref": "#/$defs/Size"}, {"type": "null"}]}}});
    assert!(fits(schema.clone(), json!({"size": null})));
    assert_eq!(fault(schema, json!({"size": 3})), "/size WrongType: expected a map, found the number 3");
}

#[test]
fn a_value_of_no_branchs_type_is_told_all_types() {
    let schema = json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]});
    assert_eq!(fault(schema.clone(), json!(5)), r#" WrongType: expected a list or a string, found the number 5 (put it in quotes: "5")"#);
    assert_eq!(fault(schema, json!(["a", 5])), r#"/1 WrongType: expected a string, found the number 5 (put it in quotes: "5")"#);
}

#[test]
fn branches_of_single_values_are_one_list() {
    let schema = json!({"oneOf": [{"type": "string", "enum": ["postgres", "mysql"]}, {"const": "mariadb", "description": "a fork"}]});
    assert_eq!(
        fault(schema, json!("postgress")),
        r#" Range: expected one of `postgres`, `mysql`, `mariadb`; found the string "postgress" (did you mean `postgres`?)"#
    );
}

#[test]
fn a_tag_decides_which_branch_speaks() {
    let schema = json!({"oneOf": [
        {"properties": {"type": {"const": "sqs"}, "batch": {"type": "integer"}}, "required": ["type"], "additionalProperties": false},
        {"properties": {"type": {"const": "http"}, "method": {}, "path": {}}, "required": ["type", "method", "path"], "additionalProperties": false}]});
    let found = faults(schema, json!({"type": "http"}));
    assert_eq!(found.iter().map(|fault| fault.kind).collect::<Vec<_>>(), [FaultKind::Missing, FaultKind::Missing]);
}

#[test]
fn sets_of_required_fields_are_told_as_such() {
    let one = json!({"type": "object", "oneOf": [{"required": ["HostedZoneId"]}, {"required": ["HostedZoneName"]}]});
    assert_eq!(fault(one.clone(), json!({})), " Missing: exactly one of these is needed: `HostedZoneId`; `HostedZoneName`");
    assert_eq!(
        fault(one, json!({"HostedZoneId": 1, "HostedZoneName": 1})),
        " Combination: `HostedZoneId` and `HostedZoneName` exclude each other"
    );
    let any = json!({"anyOf": [{"required": ["A"]}, {"required": ["B", "C"]}]});
    assert_eq!(fault(any.clone(), json!({"B": 1})), " Missing: at least one of these is needed: `A`; `B` and `C`");
    assert!(fits(any, json!({"A": 1, "B": 1, "C": 1})));
}

#[test]
fn a_value_that_fits_two_of_one_is_ambiguous() {
    let schema = json!({"oneOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"type": "integer"}}}]});
    assert!(fault(schema, json!({})).starts_with(" Combination: fits more than one"));
}

#[test]
fn not_says_what_it_refuses() {
    assert_eq!(fault(json!({"not": {"required": ["a"]}}), json!({"a": 1})), " Combination: `a` is not allowed here");
    assert_eq!(fault(json!({"not": {"enum": ["rdsadmin"]}}), json!("rdsadmin")), r#" Range: the string "rdsadmin" is not allowed"#);
    assert!(fits(json!({"not": {"required": ["a"]}}), json!({})));
}

#[test]
fn a_condition_chooses() {
    let schema = json!({"if": {"properties": {"mode": {"const": "provisioned"}}, "required": ["mode"]},
        "then": {"required": ["capacity"]}, "else": {"not": {"required": ["capacity"]}}});
    assert_eq!(fault(schema.clone(), json!({"mode": "provisioned"})), " Missing: the field `capacity` is missing");
    assert_eq!(fault(schema.clone(), json!({"mode": "x", "capacity": 1})), " Combination: `capacity` is not allowed here");
    assert!(fits(schema, json!({"mode": "provisioned", "capacity": 1})));
}

#[test]
fn a_value_that_two_exclusive_branches_list_fits_neither() {
    let schema = json!({"oneOf": [{"const": "b"}, {"enum": ["a", "b"]}]});
    assert!(fits(schema.clone(), json!("a")));
    assert!(!fits(schema, json!("b")));
    assert!(fits(json!({"anyOf": [{"const": "b"}, {"enum": ["a", "b"]}]}), json!("b")));
}
