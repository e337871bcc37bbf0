//! What the engine finds, and how it says so.

#![expect(clippy::needless_pass_by_value, reason = "cases read best with their values in place")]

use serde_json::{Value, json};

use super::{Dialect, Fault, FaultKind, FormVerdict, Forms, NoForms, Place, Schema, Type};

fn faults(schema: Value, value: Value) -> Vec<Fault> {
    Schema::compile(&schema).unwrap().check(&value, &NoForms)
}

/// The only fault, as `pointer kind: message (help)`.
fn fault(schema: Value, value: Value) -> String {
    let faults = faults(schema, value);
    let [fault] = faults.as_slice() else { panic!("one fault is expected: {faults:#?}") };
    shown(fault)
}

fn shown(fault: &Fault) -> String {
    let help = fault.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    format!("{} {:?}: {}{help}", fault.pointer, fault.kind, fault.message)
}

fn fits(schema: Value, value: Value) -> bool {
    faults(schema, value).is_empty()
}

mod types {
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
        assert_eq!(
            fault(json!({"type": "string"}), json!(true)),
            r#" WrongType: expected a string, found true (put it in quotes: "true")"#
        );
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
}

mod maps {
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
}

mod scalars {
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
}

mod lists {
    use super::*;

    #[test]
    fn items_are_counted_and_checked() {
        let schema = json!({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2});
        assert_eq!(fault(schema.clone(), json!([])), " Range: may not be empty");
        assert_eq!(fault(schema.clone(), json!([1, 2, 3])), " Range: has 3 items, at most 2 are allowed");
        assert!(fault(schema, json!([1, "a"])).starts_with("/1 WrongType"));
    }

    #[test]
    fn a_repeated_item_is_found_in_short_and_long_lists() {
        let schema = json!({"uniqueItems": true});
        assert_eq!(fault(schema.clone(), json!(["a", "b", "a"])), "/2 Range: repeats item 1");
        let mut long: Vec<u32> = (0..100).collect();
        long.push(7);
        assert_eq!(fault(schema, json!(long)), "/100 Range: repeats item 8");
    }

    #[test]
    fn items_may_be_told_apart_by_a_field() {
        let schema = json!({"uniqueKeys": ["Name"]});
        assert_eq!(fault(schema, json!([{"Name": "a"}, {"Name": "b"}, {"Name": "a", "x": 1}])), "/2 Range: has the same `Name` as item 1");
    }

    #[test]
    fn the_first_items_may_have_schemas_of_their_own() {
        for keyword in ["prefixItems", "items"] {
            let schema = json!({keyword: [{"type": "string"}, {"type": "integer"}]});
            assert!(fits(schema.clone(), json!(["a", 1, "anything"])));
            assert!(fault(schema, json!(["a", "b"])).starts_with("/1 WrongType"));
        }
    }
}

mod branches {
    use super::*;

    #[test]
    fn the_branch_that_was_meant_speaks() {
        let schema = json!({"oneOf": [
            {"type": "object", "properties": {"http": {"type": "object", "properties": {"port": {"type": "integer"}}, "additionalProperties": false}},
             "required": ["http"], "additionalProperties": false},
            {"type": "object", "properties": {"tcp": {"type": "object"}}, "required": ["tcp"], "additionalProperties": false}]});
        assert_eq!(
            fault(schema.clone(), json!({"http": {"port": "a"}})),
            r#"/http/port WrongType: expected an integer, found the string "a""#
        );
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
        assert_eq!(
            fault(schema.clone(), json!(5)),
            r#" WrongType: expected a list or a string, found the number 5 (put it in quotes: "5")"#
        );
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
}

mod references {
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
}

mod forms {
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
}

mod places {
    use super::*;

    fn schema() -> Schema {
        Schema::compile(
            &json!({"definitions": {"Endpoint": {"type": "object", "properties": {"Address": {"type": "string", "pattern": "^a"}}}},
            "properties": {
                "Endpoint": {"$ref": "#/definitions/Endpoint"},
                "Tags": {"type": "array", "insertionOrder": false, "items": {"type": "object", "properties": {"Key": {"type": "string"}}}},
                "Map": {"type": "object", "patternProperties": {"^[a-z]+$": {"type": "integer"}}},
                "Either": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
            "required": ["Tags"], "if": {"required": ["Map"]}, "then": {"required": ["Either"]}}),
        )
        .unwrap()
    }

    #[test]
    fn a_pointer_leads_through_references_lists_and_maps() {
        let schema = schema();
        assert_eq!(schema.at("/Endpoint/Address").unwrap().pattern().unwrap().source(), "^a");
        assert!(schema.at("/Tags/3/Key").is_some() && schema.at("/Tags/*/Key").is_some());
        assert!(schema.at("/Map/abc").unwrap().types().contains(Type::Integer));
        assert!(schema.at("/Map/*").is_some() && schema.at("/Map/ABC").is_none());
        assert!(schema.at("/Endpoint/Port").is_none() && schema.at("Endpoint").is_none());
    }

    #[test]
    fn a_place_tells_its_types_fields_and_notes() {
        let schema = schema();
        assert_eq!(schema.at("/Either").unwrap().types().words(), "a string or an integer");
        assert_eq!(schema.at("/Endpoint").unwrap().fields(), ["Address"]);
        assert_eq!(schema.at("/Tags").unwrap().note("insertionOrder"), Some(&json!(false)));
        assert_eq!(schema.root().required(), ["Tags"], "what only a condition requires is not always required");
    }
}

/// The verdict of another validator on the same schemas and values.
mod against_another_engine {
    use proptest::prelude::*;

    use super::*;

    fn scalar() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(Value::from),
            (-3_i64..6).prop_map(Value::from),
            Just(json!(0.5)),
            "[ab]{0,3}".prop_map(Value::from)
        ]
    }

    fn value() -> impl Strategy<Value = Value> {
        scalar().prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[abc]", inner, 0..3).prop_map(|map| json!(map))
            ]
        })
    }

    fn leaf() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(json!({})),
            Just(json!({"type": "string", "minLength": 1, "maxLength": 2})),
            Just(json!({"type": "string", "pattern": "^a"})),
            Just(json!({"type": ["integer", "null"], "minimum": 0})),
            Just(json!({"type": "number", "exclusiveMaximum": 3})),
            Just(json!({"type": "boolean"})),
            Just(json!({"enum": ["a", 1, null]})),
            Just(json!({"const": "b"})),
            Just(json!({"type": "array", "uniqueItems": true, "minItems": 1})),
            Just(json!({"required": ["a"]})),
            Just(json!({"minProperties": 1})),
            Just(json!({"dependentRequired": {"a": ["b"]}})),
        ]
    }

    fn schema() -> impl Strategy<Value = Value> {
        leaf().prop_recursive(3, 16, 3, |inner| {
            let some = || prop::collection::vec(inner.clone(), 1..3);
            prop_oneof![
                some().prop_map(|of| json!({"allOf": of})),
                some().prop_map(|of| json!({"anyOf": of})),
                some().prop_map(|of| json!({"oneOf": of})),
                inner.clone().prop_map(|of| json!({"not": of})),
                (inner.clone(), inner.clone(), inner.clone()).prop_map(|(when, then, or)| json!({"if": when, "then": then, "else": or})),
                inner.clone().prop_map(|of| json!({"type": "array", "items": of, "maxItems": 2})),
                (inner.clone(), inner.clone()).prop_map(
                    |(a, b)| json!({"type": "object", "properties": {"a": a, "b": b}, "required": ["a"], "additionalProperties": false})
                ),
                (inner.clone(), inner.clone())
                    .prop_map(|(a, b)| json!({"type": "object", "patternProperties": {"^a": a}, "additionalProperties": b})),
                (inner.clone(), inner).prop_map(|(a, b)| json!({"$defs": {"x": a}, "properties": {"a": {"$ref": "#/$defs/x"}, "b": b}}))
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        #[test]
        fn the_same_values_fit(schema in schema(), values in prop::collection::vec(value(), 1..6)) {
            // References are given from the whole schema; only those at its top can be followed here.
            prop_assume!(!schema.to_string().contains("$ref") || schema.get("$defs").is_some() && schema.to_string().matches("$ref").count() == 1);
            let other = jsonschema::draft202012::new(&schema).unwrap();
            let ours = Schema::compile(&schema).unwrap();
            for value in values {
                let faults = ours.check(&value, &NoForms);
                prop_assert_eq!(faults.is_empty(), other.is_valid(&value), "{} against {}: {:?}", value, schema, faults);
            }
        }
    }
}
