//! Text, numbers and listed values.

use super::*;

#[test]
fn lengths_are_counted_in_characters() {
    let schema = json!({"type": "string", "minLength": 3, "maxLength": 4});
    assert!(fits(schema.clone(), json!("éééé")));
    assert_eq!(fault(schema.clone(), json!("éé")), " Range: is 2 characters long, at least 3 are needed");
    assert_eq!(fault(schema, json!("ééééé")), " Range: is 5 characters long, at most 4 are allowed");
    assert_eq!(fault(json!({"minLength": 1}), json!("")), " Range: may not be empty");
}

#[test]
fn numbers_have_ends() {
    let schema = json!({"type": "integer", "minimum": 1, "maximum": 3});
    assert_eq!(fault(schema.clone(), json!(0)), " Range: 0 is too small, at least 1 is needed");
    assert_eq!(fault(schema, json!(4)), " Range: 4 is too large, at most 3 is allowed");
    assert_eq!(fault(json!({"exclusiveMinimum": 1}), json!(1)), " Range: 1 is too small, more than 1 is needed");
    assert!(fits(json!({"minimum": -0.5, "exclusiveMaximum": 1}), json!(0.99)));
}

#[test]
fn steps_are_kept() {
    assert!(fits(json!({"multipleOf": 64}), json!(128)) && fits(json!({"multipleOf": 0.1}), json!(0.3)));
    assert_eq!(fault(json!({"multipleOf": 64}), json!(100)), " Range: 100 is not a multiple of 64");
}

#[test]
fn a_listed_value_is_guessed() {
    let schema = json!({"type": "string", "enum": ["ENABLED", "DISABLED"]});
    assert_eq!(
        fault(schema, json!("enabled")),
        r#" Range: expected one of `ENABLED`, `DISABLED`; found the string "enabled" (did you mean `ENABLED`?)"#
    );
}

#[test]
fn a_long_list_is_cut() {
    let schema = json!({"enum": (0..40).map(|n| format!("value-number-{n}")).collect::<Vec<_>>()});
    assert!(fault(schema, json!("x")).contains("and 28 more"));
}

#[test]
fn case_may_be_free() {
    let schema = json!({"type": "string", "enumCaseInsensitive": ["monday"]});
    assert!(fits(schema.clone(), json!("Monday")));
    assert!(!fits(schema, json!("Mo")));
}

#[test]
fn a_listed_value_may_be_a_number() {
    let schema = json!({"enum": [1, 3, 5]});
    assert!(fits(schema.clone(), json!(3)));
    assert_eq!(fault(schema.clone(), json!(2)), " Range: expected one of 1, 3, 5; found the number 2");
    assert!(fault(schema, json!("3")).starts_with(" WrongType: expected an integer"));
}

#[test]
fn a_pattern_is_searched_for_and_shown() {
    let schema = json!({"type": "string", "pattern": "^[a-z]+$"});
    assert_eq!(fault(schema, json!("A1")), r#" Malformed: "A1" does not match the pattern `^[a-z]+$`"#);
    assert!(fits(json!({"pattern": "b"}), json!("abc")));
}

#[test]
fn long_text_is_cut_in_messages() {
    let found = fault(json!({"type": "integer"}), json!("x".repeat(500)));
    assert!(found.len() < 120, "{found}");
}

#[test]
fn formats_are_the_callers() {
    fn even(text: &str) -> Result<(), String> {
        if text.len().is_multiple_of(2) { Ok(()) } else { Err(format!("`{text}` is odd")) }
    }
    let dialect = Dialect { formats: |name| if name == "even" { Some(even) } else { None }, ..Dialect::default() };
    let schema = Schema::compile_in(&json!({"items": {"format": "even"}}), dialect).unwrap();
    assert_eq!(shown(&schema.check(&json!(["ab", "abc"]), &NoForms)[0]), "/1 Malformed: `abc` is odd");
    assert!(fits(json!({"format": "unheard-of"}), json!("x")));
}
