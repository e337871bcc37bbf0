//! The wrong type.

use super::*;

#[test]
fn a_wrong_type_names_both_sides() {
    let schema = json!({"properties": {"count": {"type": "integer"}}});
    assert_eq!(fault(schema, json!({"count": "lots"})), r#"/count WrongType: expected an integer, found the string "lots""#);
}

#[test]
fn a_number_where_a_string_is_wanted_wants_quotes() {
    assert_eq!(
        fault(json!({"type": "string"}), json!(1.10)),
        r#" WrongType: expected a string, found the number 1.1 (put it in quotes: "1.1")"#
    );
    assert_eq!(fault(json!({"type": "string"}), json!(true)), r#" WrongType: expected a string, found true (put it in quotes: "true")"#);
}

#[test]
fn a_quoted_number_wants_none() {
    assert_eq!(
        fault(json!({"type": "integer"}), json!("30")),
        r#" WrongType: expected an integer, found the string "30" (write it without quotes: 30)"#
    );
    assert_eq!(
        fault(json!({"type": "boolean"}), json!("true")),
        r#" WrongType: expected true or false, found the string "true" (write it without quotes: true)"#
    );
}

#[test]
fn one_item_without_its_list_is_told_so() {
    assert_eq!(
        fault(json!({"type": "array"}), json!("a")),
        r#" WrongType: expected a list, found the string "a" (write it as a list with one item)"#
    );
}

#[test]
fn a_fraction_is_no_integer_but_an_integer_is_a_number() {
    assert!(!fits(json!({"type": "integer"}), json!(1.5)));
    assert!(fits(json!({"type": "number"}), json!(1)));
}

#[test]
fn a_document_may_be_a_map_or_text() {
    let document = json!({"type": ["object", "string"]});
    assert!(fits(document.clone(), json!({"a": 1})) && fits(document.clone(), json!("{}")));
    assert_eq!(fault(document, json!([])), " WrongType: expected a map or a string, found an empty list");
}

#[test]
fn null_is_nothing() {
    assert_eq!(fault(json!({"type": "string"}), json!(null)), " WrongType: expected a string, found nothing");
    assert!(fits(json!({"type": ["string", "null"]}), json!(null)));
}

#[test]
fn a_secret_is_not_repeated() {
    let schema = json!({"properties": {"MasterUserPassword": {"type": "integer"}, "tokenSecret": {"type": "string", "pattern": "^x"}}});
    for found in faults(schema, json!({"MasterUserPassword": "hunter2", "tokenSecret": "hunter2"})) {
        assert!(!shown(&found).contains("hunter2"), "{}", shown(&found));
    }
}
