//! What a schema says of one place.

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
