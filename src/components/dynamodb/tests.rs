//! Tables as resources.

use serde_json::json;

use crate::components::tests::{checked, findings, get};

#[test]
fn a_table_with_a_key_alone() {
    let translated = checked(&[("orders/carts", "DynamoDB", json!({"hashKey": {"name": "id", "type": "S"}}))]);
    let mut properties = get(&translated, "orders/carts/table").properties.clone();
    properties.remove("Tags");
    assert_eq!(
        json!(properties),
        json!({
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
            "DeletionProtectionEnabled": false,
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": false},
            "TableClass": "STANDARD",
            "TableName": "shop-dev-orders-carts"
        })
    );
    assert!(!translated.outputs.contains_key("orders/carts.streamArn"));
}

#[test]
fn a_table_with_everything() {
    let spec = json!({
        "name": "carts", "hashKey": {"name": "customer", "type": "S"}, "rangeKey": {"name": "created", "type": "N"},
        "billingMode": "PROVISIONED", "readCapacity": 5, "writeCapacity": 2,
        "globalSecondaryIndexes": [
            {"name": "by-state", "hashKey": {"name": "state", "type": "S"}, "rangeKey": {"name": "created", "type": "N"},
             "projection": "INCLUDE", "attributes": ["total"], "readCapacity": 3, "writeCapacity": 1}
        ],
        "localSecondaryIndexes": [{"name": "by-total", "rangeKey": {"name": "total", "type": "N"}, "projection": "KEYS_ONLY"}],
        "ttl": {"enabled": true, "attributeName": "expires"}, "encryption": {"kmsKey": "alias/orders"},
        "stream": {"enabled": true, "viewType": "NEW_IMAGE"}, "tableClass": "STANDARD_INFREQUENT_ACCESS", "lifecycle": {"protect": true}
    });
    let translated = checked(&[("orders/carts", "DynamoDB", spec)]);
    let table = &get(&translated, "orders/carts/table").properties;
    assert_eq!(table["TableName"], "carts");
    assert_eq!(
        table["AttributeDefinitions"],
        json!([
            {"AttributeName": "created", "AttributeType": "N"},
            {"AttributeName": "customer", "AttributeType": "S"},
            {"AttributeName": "state", "AttributeType": "S"},
            {"AttributeName": "total", "AttributeType": "N"}
        ])
    );
    assert_eq!(table["ProvisionedThroughput"], json!({"ReadCapacityUnits": 5, "WriteCapacityUnits": 2}));
    assert_eq!(
        table["GlobalSecondaryIndexes"],
        json!([{
            "IndexName": "by-state",
            "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}, {"AttributeName": "created", "KeyType": "RANGE"}],
            "Projection": {"NonKeyAttributes": ["total"], "ProjectionType": "INCLUDE"},
            "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 1}
        }])
    );
    assert_eq!(
        table["LocalSecondaryIndexes"],
        json!([{
            "IndexName": "by-total",
            "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"}, {"AttributeName": "total", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"}
        }])
    );
    assert_eq!(table["TimeToLiveSpecification"], json!({"AttributeName": "expires", "Enabled": true}));
    assert_eq!(table["SSESpecification"], json!({"KMSMasterKeyId": "alias/orders", "SSEEnabled": true, "SSEType": "KMS"}));
    assert_eq!(table["StreamSpecification"], json!({"StreamViewType": "NEW_IMAGE"}));
    assert_eq!(table["DeletionProtectionEnabled"], true);
    assert_eq!(table["PointInTimeRecoverySpecification"], json!({"PointInTimeRecoveryEnabled": true}));
    assert!(get(&translated, "orders/carts/table").lifecycle.protect);
    assert_eq!(translated.outputs["orders/carts.streamArn"], json!({"$ref": "orders/carts/table", "attribute": "StreamArn"}));
}

#[test]
fn the_account_s_own_key_needs_no_name() {
    let spec = json!({"hashKey": {"name": "id", "type": "S"}, "encryption": {"kmsKey": "alias/aws/dynamodb"}});
    let translated = checked(&[("a/t", "DynamoDB", spec)]);
    assert_eq!(get(&translated, "a/t/table").properties["SSESpecification"], json!({"SSEEnabled": true, "SSEType": "KMS"}));
}

#[test]
fn capacity_goes_with_its_billing_mode() {
    let spec = json!({"hashKey": {"name": "id", "type": "S"}, "readCapacity": 1});
    assert_eq!(findings(&[("a/t", "DynamoDB", spec)]), [("P1018", "/readCapacity".to_owned())]);
    let spec = json!({
        "hashKey": {"name": "id", "type": "S"}, "billingMode": "PROVISIONED", "readCapacity": 1, "writeCapacity": 1,
        "globalSecondaryIndexes": [{"name": "abc", "hashKey": {"name": "x", "type": "S"}, "readCapacity": 1}]
    });
    assert_eq!(findings(&[("a/t", "DynamoDB", spec)]), [("P1018", "/globalSecondaryIndexes/0".to_owned())]);
}

#[test]
fn indexes_that_cannot_be_are_reported() {
    let spec = json!({
        "hashKey": {"name": "id", "type": "S"},
        "globalSecondaryIndexes": [{"name": "one", "hashKey": {"name": "id", "type": "N"}, "attributes": ["x"]}],
        "localSecondaryIndexes": [{"name": "one", "rangeKey": {"name": "at", "type": "N"}, "projection": "INCLUDE"}],
        "ttl": {"enabled": true}, "encryption": {"enabled": false, "kmsKey": "x"}
    });
    let found = findings(&[("a/t", "DynamoDB", spec)]);
    let expected = [
        ("P1017", "/encryption/kmsKey"),
        ("P1017", "/globalSecondaryIndexes/0/hashKey/type"),
        ("P1018", "/globalSecondaryIndexes/0/attributes"),
        ("P1018", "/localSecondaryIndexes"),
        ("P1018", "/localSecondaryIndexes/0/attributes"),
        ("P1018", "/ttl/enabled"),
        ("P1019", "/localSecondaryIndexes/0"),
    ];
    assert_eq!(found, expected.map(|(code, pointer)| (code, pointer.to_owned())));
}
