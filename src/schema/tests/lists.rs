//! Items of lists.

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
