use serde_json::json;

use super::*;
use crate::diagnostic::Code;
use crate::state::fold;
use crate::state::tests::{address, intent, journal, outcome, record, sample};

fn selector(text: &str) -> Selector {
    text.parse().unwrap()
}

/// The state after an edit, which must be sound.
fn after(state: &State, edit: Edit) -> State {
    let mut next = state.clone();
    fold(&mut next, &journal(state.epoch + 1, 1, "stack", vec![What::Edit(Box::new(edit))])).unwrap();
    assert_eq!(faults(&next), Vec::new());
    next
}

fn with_pending(op: Operation, at: &str, identifier: Option<&str>) -> State {
    let mut state = sample();
    fold(&mut state, &journal(2, 1, "stack", vec![What::Intent(Box::new(intent(at, op, "t", identifier)))])).unwrap();
    state
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> Code {
    result.unwrap_err().findings()[0].code
}

fn names(state: &State) -> Vec<&str> {
    state.resources.keys().map(Address::as_str).collect()
}

#[test]
fn removing_drops_edges_and_outputs() {
    let state = sample();
    let next = after(&state, remove(&state, &selector("a")).unwrap());
    assert_eq!(names(&next), ["b/jobs/queue"]);
    assert!(next.resources["b/jobs/queue"].depends_on.is_empty() && next.outputs.is_empty());
    assert_eq!(code(remove(&state, &selector("c"))), P7006);
    let next = after(&state, remove(&state, &selector("*/jobs")).unwrap());
    assert_eq!((names(&next), next.outputs.len()), (vec!["a/db/instance"], 1));
}

#[test]
fn a_name_that_is_nearly_right_is_suggested() {
    let error = remove(&sample(), &selector("a/dv")).unwrap_err();
    assert_eq!(error.findings()[0].help[0], "did you mean `a/db`?");
}

#[test]
fn an_unfinished_operation_is_neither_forgotten_nor_moved() {
    let state = with_pending(Operation::Update, "a/db/instance", Some("db-1"));
    assert_eq!(code(remove(&state, &selector("a"))), P7009);
    assert_eq!(code(rename(&state, "a", "c")), P7009);
    assert!(remove(&state, &selector("b")).is_ok());
}

#[test]
fn a_resource_a_component_and_a_service_are_renamed_with_what_refers_to_them() {
    let state = sample();
    let next = after(&state, rename(&state, "a/db/instance", "a/db/main").unwrap());
    assert_eq!(names(&next), ["a/db/main", "b/jobs/queue"]);
    assert_eq!(next.resources["b/jobs/queue"].depends_on, [address("a/db/main")]);
    assert_eq!(next.outputs.keys().collect::<Vec<_>>(), ["a/db.endpoint"]);
    let next = after(&state, rename(&state, "a/db", "c/store").unwrap());
    assert_eq!(names(&next), ["b/jobs/queue", "c/store/instance"]);
    assert_eq!(next.outputs.keys().collect::<Vec<_>>(), ["c/store.endpoint"]);
    let next = after(&state, rename(&state, "a", "z").unwrap());
    assert_eq!(names(&next), ["b/jobs/queue", "z/db/instance"]);
    assert_eq!(next.outputs.keys().collect::<Vec<_>>(), ["z/db.endpoint"]);
    assert_eq!(next.resources["z/db/instance"], state.resources["a/db/instance"]);
    let back = after(&next, rename(&next, "z", "a").unwrap());
    assert_eq!((back.resources, back.outputs), (state.resources, state.outputs));
}

#[test]
fn a_rename_does_not_catch_longer_names() {
    let mut state = sample();
    state.resources.insert(address("a/db2/instance"), record("db-2", &[]));
    state.resources.insert(address("a/db/instance.replica"), record("db-3", &[]));
    let next = after(&state, rename(&state, "a/db/instance", "a/db/main").unwrap());
    assert_eq!(names(&next), ["a/db/instance.replica", "a/db/main", "a/db2/instance", "b/jobs/queue"]);
    let next = after(&state, rename(&state, "a/db", "a/x").unwrap());
    assert_eq!(names(&next), ["a/db2/instance", "a/x/instance", "a/x/instance.replica", "b/jobs/queue"]);
}

#[test]
fn a_rename_that_cannot_be_is_refused() {
    let state = sample();
    assert_eq!(code(rename(&state, "a", "b/jobs")), P7009);
    assert_eq!(code(rename(&state, "a/db", "a/*")), P7009);
    assert_eq!(code(rename(&state, "x", "y")), P7006);
    assert_eq!(code(rename(&state, "a/db/instance", "b/jobs/queue")), P7010);
    assert!(rename(&state, "a", "a").unwrap().is_empty());
}

#[test]
fn protection_is_set_where_it_is_not() {
    let state = sample();
    let next = after(&state, protect(&state, &selector("*"), true).unwrap());
    assert!(next.resources.values().all(|record| record.protect));
    assert!(protect(&next, &selector("*"), true).unwrap().is_empty());
    assert_eq!(code(protect(&state, &selector("c"), true)), P7006);
}

#[test]
fn an_unfinished_create_is_resolved_either_way() {
    let state = with_pending(Operation::Create, "b/jobs/new", None);
    let at = address("b/jobs/new");
    let next = after(&state, resolve(&state, &at, &Found::Nothing).unwrap());
    assert_eq!(next.resources, sample().resources);
    let next = after(&state, resolve(&state, &at, &Found::Instance("new-1".into())).unwrap());
    let record = &next.resources[&at];
    assert_eq!((record.status, record.identifier.as_deref(), record.partial), (Status::Failed, Some("new-1"), false));
}

#[test]
fn an_unfinished_replacement_is_resolved_with_both_instances_known() {
    let state = with_pending(Operation::Create, "a/db/instance", None);
    let at = address("a/db/instance");
    let next = after(&state, resolve(&state, &at, &Found::Instance("db-2".into())).unwrap());
    let record = &next.resources[&at];
    assert_eq!((record.identifier.as_deref(), record.superseded[0].identifier.as_str()), (Some("db-2"), "db-1"));
    let next = after(&state, resolve(&state, &at, &Found::Nothing).unwrap());
    assert_eq!(next.resources, sample().resources);
}

#[test]
fn an_unfinished_update_is_resolved_as_failed_or_gone() {
    let state = with_pending(Operation::Update, "a/db/instance", Some("db-1"));
    let at = address("a/db/instance");
    let next = after(&state, resolve(&state, &at, &Found::Instance("db-1".into())).unwrap());
    assert_eq!(next.resources[&at].status, Status::Failed);
    assert_eq!(code(resolve(&state, &at, &Found::Instance("db-9".into()))), P7009);
    let next = after(&state, resolve(&state, &at, &Found::Nothing).unwrap());
    assert_eq!(names(&next), ["b/jobs/queue"]);
}

#[test]
fn an_unfinished_delete_is_resolved_as_gone_or_not_done() {
    let state = with_pending(Operation::Delete, "a/db/instance", Some("db-1"));
    let at = address("a/db/instance");
    let next = after(&state, resolve(&state, &at, &Found::Instance("db-1".into())).unwrap());
    assert_eq!(next.resources, sample().resources);
    let next = after(&state, resolve(&state, &at, &Found::Nothing).unwrap());
    assert_eq!(names(&next), ["b/jobs/queue"]);
    assert!(next.resources["b/jobs/queue"].depends_on.is_empty());
}

#[test]
fn only_what_is_unfinished_is_resolved() {
    assert_eq!(code(resolve(&sample(), &address("a/db/instance"), &Found::Nothing)), P7009);
    assert_eq!(code(resolve(&sample(), &address("x/y/z"), &Found::Nothing)), P7006);
}

#[test]
fn a_pushed_state_takes_the_place_of_the_present_one() {
    let present = sample();
    let mut pushed = present.clone();
    pushed.serial = 7;
    pushed.resources.remove(&address("b/jobs/queue"));
    pushed.resources.insert(address("c/x/y"), record("y", &[]));
    pushed.outputs.insert("_stack.url".into(), json!("https://x"));
    pushed.engine_data.insert("salt".into(), json!("s"));
    let next = after(&present, push(&present, &pushed, false).unwrap());
    assert_eq!((&next.resources, &next.outputs, &next.engine_data), (&pushed.resources, &pushed.outputs, &pushed.engine_data));
    assert_eq!(next.serial, 7);
    assert!(push(&present, &present, false).unwrap().is_empty());
}

#[test]
fn a_state_that_may_not_be_pushed_is_refused() {
    let present = sample();
    let refused = |change: fn(&mut State)| {
        let mut pushed = present.clone();
        change(&mut pushed);
        code(push(&present, &pushed, false))
    };
    assert_eq!(refused(|state| state.stack = "blog".into()), P7004);
    assert_eq!(refused(|state| state.lineage = "other".into()), P7009);
    assert_eq!(refused(|state| state.lineage = String::new()), P7009);
    assert_eq!(refused(|state| state.serial = 0), P7009);
    assert_eq!(refused(|state| drop(state.resources.remove(&address("a/db/instance")))), P7009);
    let mut old = present.clone();
    old.serial = 0;
    assert!(push(&present, &old, true).unwrap().is_empty());
    let empty = State::empty("shop", "dev", "");
    assert_eq!(after(&empty, push(&empty, &present, false).unwrap()).resources, present.resources);
}

#[test]
fn a_result_that_ends_a_resolved_operation_late_changes_nothing() {
    let state = with_pending(Operation::Create, "b/jobs/new", None);
    let mut next = after(&state, resolve(&state, &address("b/jobs/new"), &Found::Nothing).unwrap());
    let before = next.resources.clone();
    let late = What::Result(Box::new(outcome("b/jobs/new", Operation::Create, "t", Ended::Done, Some("new-1"))));
    let epoch = next.epoch;
    fold(&mut next, &journal(epoch, 2, "stack", vec![late])).unwrap();
    assert_eq!(next.resources, before);
}
