//! The verdicts of another validator on the same schemas and values.

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
