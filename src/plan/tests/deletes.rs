//! Resources that go: order, protection, what stays in AWS, renames.

use super::*;
use crate::plan::{Destination, destroy};

#[test]
fn what_is_not_wanted_any_more_is_deleted_in_reverse() {
    let all = [queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue"), queue("a/three/queue").waits("a/two/queue")];
    let plan = change(all, [queue("a/z/queue")]);
    assert_eq!(
        steps(&plan),
        [("a/one/queue", Op::Delete), ("a/three/queue", Op::Delete), ("a/two/queue", Op::Delete), ("a/z/queue", Op::Create)]
    );
    assert_eq!(needs(&plan, "a/one/queue"), ["a/two/queue"]);
    assert_eq!(needs(&plan, "a/two/queue"), ["a/three/queue"]);
}

#[test]
fn a_delete_waits_for_the_update_that_lets_go() {
    let user = || queue("a/two/queue").with("KmsMasterKeyId", json!("alias/aws/sqs"));
    let plan = change([queue("a/one/queue"), user().refers("KmsMasterKeyId", "a/one/queue", "Arn")], [user()]);
    assert_eq!(steps(&plan), [("a/one/queue", Op::Delete), ("a/two/queue", Op::Update)]);
    assert_eq!(needs(&plan, "a/one/queue"), ["a/two/queue"]);
}

#[test]
fn a_delete_waits_for_the_edge_that_goes() {
    let plan = change([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue")], [queue("a/two/queue")]);
    assert_eq!(steps(&plan), [("a/one/queue", Op::Delete), ("a/two/queue", Op::None)]);
    assert_eq!(needs(&plan, "a/one/queue"), ["a/two/queue"]);
}

#[test]
fn a_protected_record_is_not_deleted_though_the_manifest_is_gone() {
    let plan = change([queue("a/one/queue").living(|life| life.protect = true), queue("a/two/queue")], []);
    assert_eq!(step(&plan, "a/one/queue").blocked.as_ref().unwrap().code.name(), "P3021");
    assert!(step(&plan, "a/two/queue").blocked.is_none());
    assert_eq!((plan.summary.delete, plan.summary.blocked), (2, 1));
}

#[test]
fn what_a_protected_record_needs_stays_too() {
    let plan = change([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue").living(|life| life.protect = true)], []);
    assert_eq!(step(&plan, "a/one/queue").blocked.as_ref().unwrap().code.name(), "P8003");
}

#[test]
fn a_retained_resource_is_forgotten() {
    let plan = change([queue("a/one/queue").living(|life| life.retain_on_delete = true)], []);
    assert_eq!(steps(&plan), [("a/one/queue", Op::Forget)]);
    assert_eq!(plan.summary.forget, 1);
}

#[test]
fn a_destroy_deletes_all_and_every_output() {
    let mut whole = graph([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue")]);
    whole.outputs.insert("_stack.url".into(), json!({"$ref": "a/one/queue", "attribute": "QueueUrl"}));
    let empty = State::empty("shop", "dev", "l");
    let state = applied(&plan(&whole, &empty), empty);
    let plan = destroy(&state, Destination::default(), &options()).unwrap();
    assert_eq!(steps(&plan), [("a/one/queue", Op::Delete), ("a/two/queue", Op::Delete)]);
    assert_eq!(needs(&plan, "a/one/queue"), ["a/two/queue"]);
    assert!(plan.destroy && plan.outputs.is_empty());
    assert_eq!(plan.outputs_changed, ["_stack.url"]);
    let state = applied(&plan, state);
    assert!(state.resources.is_empty());
    assert!(destroy(&state, Destination::default(), &options()).unwrap().is_empty());
}

#[test]
fn a_destroy_of_a_part_takes_what_depends_on_it_along() {
    let state = state_of([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue"), queue("b/three/queue")]);
    let part = Options { targets: vec!["a/one".parse().unwrap()], ..options() };
    let plan = destroy(&state, Destination::default(), &part).unwrap();
    assert_eq!(steps(&plan), [("a/one/queue", Op::Delete), ("a/two/queue", Op::Delete)]);
}

#[test]
fn a_pending_delete_is_planned_around() {
    let mut state = state_of([queue("a/one/queue"), queue("a/two/queue")]);
    record(&mut state, "a/one/queue").status = Status::Deleting;
    let plan = plan(&graph([queue("a/two/queue")]), &state);
    assert_eq!(plan.steps[0].blocked.as_ref().unwrap().code.name(), "P8006");
}

#[test]
fn a_delete_and_a_create_alike_are_hinted_to_be_a_rename() {
    let make = |address: &str, base: &str| {
        queue(address).named("QueueName", base).with("DelaySeconds", json!(7)).with("VisibilityTimeout", json!(40))
    };
    let plan = change([make("a/one/queue", "one")], [make("a/uno/queue", "uno")]);
    assert_eq!(plan.warnings.len(), 1);
    assert_eq!(plan.warnings[0].code.name(), "P8009");
    assert_eq!(plan.warnings[0].help, ["if it was renamed: panka state mv a/one/queue a/uno/queue"]);
}

#[test]
fn a_renamed_component_is_one_hint() {
    let make = |component: &str| {
        [
            queue(&format!("a/{component}/queue")).with("DelaySeconds", json!(3)),
            queue(&format!("a/{component}/dead-letter-queue")).with("MessageRetentionPeriod", json!(1_209_600)),
        ]
    };
    let plan = change(make("one"), make("uno"));
    assert_eq!(plan.warnings.len(), 1);
    assert_eq!(plan.warnings[0].help.len(), 2);
    assert!(plan.warnings[0].help[0].ends_with("a/one/dead-letter-queue a/uno/dead-letter-queue"), "{:?}", plan.warnings);
}

#[test]
fn a_delete_and_a_create_that_differ_are_no_rename() {
    let plan = change([queue("a/one/queue").with("DelaySeconds", json!(7))], [queue("a/uno/queue").with("DelaySeconds", json!(8))]);
    assert!(plan.warnings.is_empty());
    let plan = change([queue("a/one/queue")], [resource("a/uno/queue", "AWS::SNS::Topic", json!({}))]);
    assert!(plan.warnings.is_empty());
}

#[test]
fn a_create_waits_for_the_delete_whose_name_it_takes_over() {
    let table = |address: &str| resource(address, "AWS::DynamoDB::Table", json!({"TableName": "orders"}));
    let plan = change([table("a/one/table")], [table("a/uno/table")]);
    assert_eq!(needs(&plan, "a/uno/table"), ["a/one/table"]);
}
