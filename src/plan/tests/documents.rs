//! The document itself.

use super::*;

fn sample() -> Plan {
    let group = |name: &str| resource("a/api/group", "AWS::EC2::SecurityGroup", json!({"GroupDescription": name}));
    let user = || queue("a/one/queue").refers("KmsMasterKeyId", "a/api/group", "GroupId");
    change([group("one"), user(), queue("a/old/queue")], [group("two"), user(), queue("a/new/queue")])
}

#[test]
fn a_plan_is_read_as_it_was_written() {
    let plan = sample();
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
}

#[test]
fn a_plan_fits_its_schema() {
    let schema = serde_json::to_value(schemars::schema_for!(Plan)).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value = serde_json::to_value(sample()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&value).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn a_graph_fits_its_schema_and_is_read_as_it_was_written() {
    let graph = graph([queue("a/one/queue").named("QueueName", "x"), queue("a/two/queue").refers("KmsMasterKeyId", "a/one/queue", "Arn")]);
    let value = serde_json::to_value(&graph).unwrap();
    assert_eq!(serde_json::from_value::<Graph>(value.clone()).unwrap(), graph);
    let schema = serde_json::to_value(schemars::schema_for!(Graph)).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&value));
}

#[test]
fn the_digest_does_not_count_the_lock() {
    let plan = sample();
    let mut locked = plan.clone();
    locked.lock = Some(crate::manifest::LockTicket {
        key: "k".into(),
        scope: "stack".into(),
        lock_id: "l".into(),
        epoch: 1,
        expires_at: "2026-01-01T00:00:00Z".into(),
        backend: None,
    });
    assert_eq!(plan.digest(), locked.digest());
}

#[test]
fn no_secret_and_no_write_only_value_is_shown_as_a_change() {
    let db = |password: &str| resource("a/db/instance", "AWS::RDS::DBInstance", json!({"MasterUserPassword": password}));
    let changes = change([db("hunter2")], [db("hunter3")]).steps[0].changes.clone();
    assert!(!serde_json::to_string(&changes).unwrap().contains("hunter"));
}
