//! Resources that are made or changed in place.

use super::*;
use crate::plan::Replace;

#[test]
fn everything_is_created_in_an_empty_place() {
    let graph = graph([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue")]);
    let plan = diff(&graph, None, &options()).unwrap();
    assert_eq!(steps(&plan), [("a/one/queue", Op::Create), ("a/two/queue", Op::Create)]);
    assert_eq!(needs(&plan, "a/two/queue"), ["a/one/queue"]);
    assert_eq!((plan.summary.create, plan.summary.unchanged), (2, 0));
    assert_eq!((plan.base.lineage, plan.base.serial), (None, 0));
}

#[test]
fn nothing_changed_is_an_empty_plan() {
    let plan = change([queue("a/one/queue")], [queue("a/one/queue")]);
    assert!(plan.is_empty());
    assert_eq!(plan.summary.unchanged, 1);
}

#[test]
fn a_changed_property_is_an_update_of_that_property() {
    let plan = change(
        [queue("a/one/queue").with("VisibilityTimeout", json!(30)), queue("a/two/queue")],
        [queue("a/one/queue").with("VisibilityTimeout", json!(60)), queue("a/two/queue")],
    );
    assert_eq!(steps(&plan), [("a/one/queue", Op::Update)]);
    assert_eq!(paths(&plan.steps[0]), ["/VisibilityTimeout"]);
    assert_eq!(plan.steps[0].reason, "`/VisibilityTimeout` differs");
    assert_eq!((plan.summary.update, plan.summary.unchanged), (1, 1));
}

#[test]
fn a_change_that_may_replace_is_an_update_that_says_so() {
    let function =
        |seconds: u32| resource("a/f/function", "AWS::Lambda::Function", json!({"DurableConfig": {"ExecutionTimeout": seconds}}));
    let plan = change([function(60)], [function(90)]);
    assert_eq!(steps(&plan), [("a/f/function", Op::Update)]);
    assert_eq!(plan.steps[0].changes[0].replace, Replace::May);
}

#[test]
fn what_is_not_a_property_changes_without_a_call() {
    let plan = change([queue("a/one/queue"), queue("a/two/queue")], [queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue")]);
    assert_eq!(steps(&plan), [("a/two/queue", Op::None)]);
    assert_eq!(plan.steps[0].reason, "its edges differ");
    assert!(!plan.is_empty());
    let plan = change([queue("a/one/queue")], [queue("a/one/queue").living(|life| life.protect = true)]);
    assert_eq!((steps(&plan), &*plan.steps[0].reason), (vec![("a/one/queue", Op::None)], "its protection differs"));
}

#[test]
fn ignored_changes_are_no_changes() {
    let wanted = |seconds: i32, delay: i32| {
        queue("a/one/queue")
            .with("VisibilityTimeout", json!(seconds))
            .with("DelaySeconds", json!(delay))
            .living(|life| life.ignore_changes = vec!["/VisibilityTimeout".into()])
    };
    assert!(change([wanted(30, 0)], [wanted(60, 0)]).is_empty());
    let plan = change([wanted(30, 0)], [wanted(60, 5)]);
    assert_eq!(paths(&plan.steps[0]), ["/DelaySeconds"]);
    assert_eq!(plan.steps[0].desired.as_ref().unwrap().properties["VisibilityTimeout"], json!(30));
}

#[test]
fn a_write_only_value_is_compared_by_its_digest() {
    let db = |password: &str| resource("a/db/instance", "AWS::RDS::DBInstance", json!({"MasterUserPassword": password}));
    assert!(change([db("one")], [db("one")]).is_empty());
    let plan = change([db("one")], [db("two")]);
    let change = &plan.steps[0].changes[0];
    assert!(change.sensitive);
    assert!(!format!("{:?}{:?}", change.before, change.after).contains("one"));
}

#[test]
fn a_secret_is_the_same_as_long_as_its_name_is() {
    let db = |name: &str| resource("a/db/instance", "AWS::RDS::DBInstance", json!({"MasterUserPassword": {"$secret": {"name": name}}}));
    assert!(change([db("prod/db")], [db("prod/db")]).is_empty());
    assert_eq!(paths(&change([db("prod/db")], [db("prod/other")]).steps[0]), ["/MasterUserPassword"]);
}

#[test]
fn a_failed_resource_is_updated_even_if_nothing_differs() {
    let mut state = state_of([queue("a/one/queue")]);
    record(&mut state, "a/one/queue").status = Status::Failed;
    let plan = plan(&graph([queue("a/one/queue")]), &state);
    assert_eq!(steps(&plan), [("a/one/queue", Op::Update)]);
    assert_eq!(plan.steps[0].reason, "its last operation failed");
}

#[test]
fn a_failed_resource_that_cannot_be_changed_in_place_is_replaced() {
    let properties = json!({"Action": "lambda:InvokeFunction", "FunctionName": "f", "Principal": "sqs.amazonaws.com"});
    let permission = || resource("a/one/permission", "AWS::Lambda::Permission", properties.clone());
    let mut state = state_of([permission()]);
    record(&mut state, "a/one/permission").status = Status::Failed;
    let plan = plan(&graph([permission()]), &state);
    assert_eq!(steps(&plan), [("a/one/permission", Op::Replace)]);
    assert_eq!(plan.steps[0].reason, "its last operation failed, and it cannot be changed in place");
}

#[test]
fn a_resource_that_was_never_made_is_created_again() {
    let mut state = state_of([queue("a/one/queue")]);
    let record = record(&mut state, "a/one/queue");
    (record.status, record.identifier) = (Status::Failed, None);
    let plan = plan(&graph([queue("a/one/queue")]), &state);
    assert_eq!(steps(&plan), [("a/one/queue", Op::Create)]);
    assert!(plan.steps[0].base.is_some());
}

#[test]
fn a_pending_resource_blocks_what_needs_it() {
    let all = || [queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue").with("DelaySeconds", json!(1))];
    let mut state = state_of([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue")]);
    record(&mut state, "a/one/queue").status = Status::Updating;
    let plan = plan(&graph(all()), &state);
    let codes: Vec<&str> = plan.steps.iter().map(|step| step.blocked.as_ref().unwrap().code.name()).collect();
    assert_eq!(codes, ["P8006", "P8003"]);
    assert_eq!(plan.summary.blocked, 2);
    assert_eq!(plan.warnings[0].code.name(), "P8006");
    assert!(!plan.warnings[0].is_error());
}

#[test]
fn an_old_instance_that_is_left_over_gets_its_delete() {
    let mut state = state_of([queue("a/one/queue")]);
    let old = Superseded {
        identifier: "old".into(),
        type_name: "AWS::SQS::Queue".into(),
        epoch: 3,
        generation: 0,
        nested: false,
        depends_on: Vec::new(),
        partial: false,
    };
    record(&mut state, "a/one/queue").superseded = vec![old.clone()];
    let plan = plan(&graph([queue("a/one/queue")]), &state);
    assert_eq!(steps(&plan), [("a/one/queue", Op::None)]);
    assert_eq!(plan.steps[0].superseded, [old]);
}

#[test]
fn changed_outputs_alone_are_something_to_do() {
    let mut with_output = graph([queue("a/one/queue")]);
    with_output.outputs.insert("a/one.url".into(), json!({"$ref": "a/one/queue", "attribute": "QueueUrl"}));
    let state = state_of([queue("a/one/queue")]);
    let first = plan(&with_output, &state);
    assert_eq!((first.outputs_changed.as_slice(), first.is_empty()), (["a/one.url".to_owned()].as_slice(), false));
    let state = applied(&first, state);
    assert!(plan(&with_output, &state).is_empty());
    assert_eq!(plan(&graph([queue("a/one/queue")]), &state).outputs_changed, ["a/one.url"]);
}

#[test]
fn documents_of_different_stacks_are_refused() {
    let error = diff(&graph([queue("a/one/queue")]), Some(&State::empty("other", "dev", "l")), &options()).unwrap_err();
    assert_eq!(error.findings()[0].code.name(), "P0007");
}

#[test]
fn a_graph_of_another_catalog_is_refused() {
    let mut graph = graph([queue("a/one/queue")]);
    graph.digests.catalog = "000000000000".into();
    assert_eq!(diff(&graph, None, &options()).unwrap_err().findings()[0].code.name(), "P0007");
}

#[test]
fn a_delete_waits_for_the_old_instance_that_depended_on_it() {
    let mut state = state_of([queue("a/one/queue"), queue("a/two/queue")]);
    let depends_on = vec!["a/two/queue".parse().unwrap()];
    record(&mut state, "a/one/queue").superseded = vec![Superseded {
        identifier: "old".into(),
        type_name: "AWS::SQS::Queue".into(),
        epoch: 3,
        generation: 0,
        nested: false,
        depends_on,
        partial: false,
    }];
    let plan = plan(&graph([queue("a/one/queue")]), &state);
    assert_eq!(needs(&plan, "a/two/queue"), ["a/one/queue"]);
    let mut edited = plan.clone();
    edited.steps.remove(0);
    assert_eq!(edited.recompute(Some(&state)).unwrap_err().findings()[0].code.name(), "P8002");
}
