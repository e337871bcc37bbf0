//! Plans that were edited, and plans whose base has moved.

use super::*;
use crate::diagnostic::Error;

fn without(plan: &Plan, address: &str) -> Plan {
    let mut plan = plan.clone();
    plan.steps.retain(|step| step.address.as_str() != address);
    plan
}

/// A careless edit.
type Edit = fn(&mut Plan);

fn codes(result: Result<(), Error>) -> Vec<&'static str> {
    result.err().map_or(Vec::new(), |error| error.findings().iter().map(|finding| finding.code.name()).collect())
}

fn changing() -> (State, Plan) {
    let user = |delay: i32| queue("a/two/queue").refers("KmsMasterKeyId", "a/one/queue", "Arn").with("DelaySeconds", json!(delay));
    let state = state_of([queue("a/one/queue"), user(0), queue("a/old/queue").waits("a/one/queue")]);
    let plan =
        plan(&graph([queue("a/one/queue").with("DelaySeconds", json!(1)), user(1), queue("a/new/queue").waits("a/two/queue")]), &state);
    (state, plan)
}

#[test]
fn a_plan_as_it_was_made_is_left_alone() {
    let (state, plan) = changing();
    let mut again = plan.clone();
    again.recompute(Some(&state)).unwrap();
    assert_eq!(again, plan);
}

#[test]
fn a_dropped_step_that_nothing_needs_is_gone() {
    let (state, plan) = changing();
    let mut edited = without(&plan, "a/one/queue");
    edited.recompute(Some(&state)).unwrap();
    assert_eq!(needs(&edited, "a/two/queue"), Vec::<&str>::new());
    assert_eq!((edited.summary.update, edited.summary.create, edited.summary.delete), (1, 1, 1));
    assert!(edited.base.reads.contains_key("a/one/queue"));
}

#[test]
fn a_kept_step_that_needs_a_dropped_create_is_refused() {
    let plan = diff(&graph([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue")]), None, &options()).unwrap();
    let error = without(&plan, "a/one/queue").recompute(None).unwrap_err();
    assert_eq!(error.findings()[0].code.name(), "P8002");
    let message = &error.findings()[0].message;
    assert!(message.contains("`a/two/queue`") && message.contains("`a/one/queue`"), "{message}");
}

#[test]
fn a_delete_whose_user_is_kept_is_refused() {
    let state = state_of([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue")]);
    let plan = plan(&graph([queue("a/z/queue")]), &state);
    assert_eq!(codes(without(&plan, "a/two/queue").recompute(Some(&state))), ["P8002"]);
    assert_eq!(codes(without(&plan, "a/one/queue").recompute(Some(&state))), [""; 0]);
}

#[test]
fn a_failed_resource_is_no_ground_to_stand_on() {
    let mut state = state_of([queue("a/one/queue")]);
    record(&mut state, "a/one/queue").status = Status::Failed;
    let plan = plan(&graph([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue")]), &state);
    assert_eq!(codes(without(&plan, "a/one/queue").recompute(Some(&state))), ["P8002"]);
}

#[test]
fn a_create_keeps_waiting_for_the_delete_whose_name_it_takes() {
    let table = |address: &str| resource(address, "AWS::DynamoDB::Table", json!({"TableName": "orders"}));
    let state = state_of([table("a/one/table")]);
    let plan = plan(&graph([table("a/uno/table")]), &state);
    assert_eq!(codes(without(&plan, "a/one/table").recompute(Some(&state))), ["P8002"]);
}

#[test]
fn protection_cannot_be_edited_away() {
    let state = state_of([queue("a/one/queue").living(|life| life.protect = true)]);
    let mut plan = plan(&graph([]), &state);
    plan.steps[0].blocked = None;
    plan.recompute(Some(&state)).unwrap();
    assert_eq!(plan.steps[0].blocked.as_ref().unwrap().code.name(), "P3021");
}

#[test]
fn a_plan_that_contradicts_itself_is_refused() {
    let (state, plan) = changing();
    let edits: [(&str, Edit); 5] = [
        ("twice", |plan| plan.steps.push(plan.steps[0].clone())),
        ("nothing desired", |plan| plan.steps.iter_mut().for_each(|step| step.desired = None)),
        ("desired by a delete", |plan| plan.steps[0].op = Op::Delete),
        ("no order", |plan| plan.steps.last_mut().unwrap().op = Op::Replace),
        ("another address", |plan| plan.steps[0].desired.as_mut().unwrap().address = "a/else/queue".parse().unwrap()),
    ];
    for (what, edit) in edits {
        let mut edited = plan.clone();
        edit(&mut edited);
        assert!(codes(edited.recompute(Some(&state))).contains(&"P8007"), "{what}");
    }
}

#[test]
fn a_circle_made_by_hand_is_refused() {
    let mut plan = diff(&graph([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue")]), None, &options()).unwrap();
    plan.steps[0].desired.as_mut().unwrap().depends_on = vec!["a/two/queue".parse().unwrap()];
    assert_eq!(codes(plan.recompute(None)), ["P8007"]);
}

#[test]
fn an_unmoved_base_is_right() {
    let (state, plan) = changing();
    assert_eq!(codes(plan.check_base(&state)), [""; 0]);
}

#[test]
fn other_records_may_move() {
    let (mut state, plan) = changing();
    state.serial += 1;
    let other = state_of([queue("b/z/queue")]).resources;
    state.resources.extend(other);
    assert_eq!(codes(plan.check_base(&state)), [""; 0]);
}

#[test]
fn a_changed_record_is_named_with_its_field_and_run() {
    let (mut state, plan) = changing();
    let changed = record(&mut state, "a/two/queue");
    changed.properties.insert("DelaySeconds".into(), json!(9));
    changed.updated = Touched { at: "2026-02-02T00:00:00Z".into(), run: "run-x".into() };
    let error = plan.check_base(&state).unwrap_err();
    assert_eq!(error.findings()[0].code.name(), "P8001");
    assert_eq!(error.findings()[0].message, "the plan is stale: `a/two/queue` is not what it was");
    assert_eq!(
        error.findings()[0].note.as_deref().unwrap(),
        "resource     changed     by  run    at\na/two/queue  properties      run-x  2026-02-02T00:00:00Z"
    );
}

#[test]
fn a_record_that_is_only_read_counts_too() {
    let user = |delay: i32| queue("a/two/queue").refers("KmsMasterKeyId", "a/one/queue", "Arn").with("DelaySeconds", json!(delay));
    let mut state = state_of([queue("a/one/queue"), user(0)]);
    let plan = plan(&graph([queue("a/one/queue"), user(1)]), &state);
    assert_eq!(plan.base.reads.len(), 1);
    record(&mut state, "a/one/queue").attributes.insert("Arn".into(), json!("arn:other"));
    assert_eq!(codes(plan.check_base(&state)), ["P8001"]);
}

#[test]
fn records_that_came_or_went_make_a_plan_stale() {
    let (mut state, plan) = changing();
    state.resources.remove("a/old/queue");
    assert_eq!(codes(plan.check_base(&state)), ["P8001"]);
    let created = diff(&graph([queue("a/one/queue")]), None, &options()).unwrap();
    assert_eq!(codes(created.check_base(&state_of([queue("a/one/queue")]))), ["P8001"]);
    assert_eq!(codes(created.check_base(&State::empty("shop", "dev", "new"))), [""; 0]);
}

#[test]
fn a_new_user_of_what_is_deleted_makes_a_plan_stale() {
    let state = state_of([queue("a/one/queue")]);
    let plan = plan(&graph([]), &state);
    let now = state_of([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue")]);
    assert_eq!(codes(plan.check_base(&now)), ["P8001"]);
}

#[test]
fn another_lineage_makes_a_plan_stale() {
    let (mut state, plan) = changing();
    state.lineage = "other".into();
    assert_eq!(codes(plan.check_base(&state)), ["P8001"]);
}
