//! Targets and exclusions.

use super::*;
use crate::diagnostic::Error;
use crate::diagnostic::codes::apply::P8002;

fn chain() -> [Resource; 4] {
    [queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue"), queue("b/three/queue").waits("a/two/queue"), queue("b/four/queue")]
}

fn selected(state: &State, resources: impl IntoIterator<Item = Resource>, targets: &[&str], excludes: &[&str]) -> Result<Plan, Error> {
    let parse = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    diff(&graph(resources), Some(state), &Options { targets: parse(targets), excludes: parse(excludes), ..options() })
}

fn empty() -> State {
    State::empty("shop", "dev", "lineage-1")
}

#[test]
fn a_target_pulls_in_what_it_needs() {
    let plan = selected(&empty(), chain(), &["b/three"], &[]).unwrap();
    assert_eq!(steps(&plan), [("a/one/queue", Op::Create), ("a/two/queue", Op::Create), ("b/three/queue", Op::Create)]);
    assert_eq!(plan.warnings[0].message, "1 step is left out, since nothing selected needs them");
}

#[test]
fn what_exists_already_is_not_pulled_in() {
    let plan = selected(&state_of([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue")]), chain(), &["b/three"], &[]).unwrap();
    assert_eq!(steps(&plan), [("b/three/queue", Op::Create)]);
}

#[test]
fn an_exclusion_takes_along_what_needs_it() {
    let plan = selected(&empty(), chain(), &[], &["a/two"]).unwrap();
    assert_eq!(steps(&plan), [("a/one/queue", Op::Create), ("b/four/queue", Op::Create)]);
    assert_eq!(plan.warnings.len(), 1);
    assert_eq!(plan.warnings[0].help, ["`b/three/queue` needs `a/two/queue`"]);
}

#[test]
fn a_target_that_needs_an_excluded_step_is_left_out() {
    let plan = selected(&empty(), chain(), &["b"], &["a/one"]).unwrap();
    assert_eq!(steps(&plan), [("b/four/queue", Op::Create)]);
}

#[test]
fn a_selector_that_matches_nothing_is_refused() {
    for (targets, excludes) in [(&["zzz"][..], &[][..]), (&[][..], &["a/nine"][..]), (&["a", "b/*/nope"][..], &[][..])] {
        let error = selected(&empty(), chain(), targets, excludes).unwrap_err();
        assert_eq!((error.findings()[0].code.name(), error.findings().len()), ("P0009", 1));
    }
}

#[test]
fn a_selector_may_match_what_is_only_in_the_state() {
    let state = state_of(chain());
    let plan = selected(&state, [queue("b/four/queue")], &["b/three"], &[]).unwrap();
    assert_eq!(steps(&plan), [("b/three/queue", Op::Delete)]);
}

#[test]
fn the_targeted_delete_of_something_used_pulls_in_those_that_let_go() {
    let state = state_of([queue("a/one/queue"), queue("a/two/queue").waits("a/one/queue")]);
    let plan = selected(&state, [queue("a/two/queue"), queue("a/new/queue")], &["a/one"], &[]).unwrap();
    assert_eq!(steps(&plan), [("a/one/queue", Op::Delete), ("a/two/queue", Op::None)]);
}

#[test]
fn users_that_keep_an_old_instance_are_refused() {
    let group = |name: &str| resource("a/api/group", "AWS::EC2::SecurityGroup", json!({"GroupDescription": name}));
    let user = || queue("a/one/queue").refers("KmsMasterKeyId", "a/api/group", "GroupId");
    let error = selected(&state_of([group("one"), user()]), [group("two"), user()], &["a/api"], &[]).unwrap_err();
    let [finding] = error.findings() else { panic!("{error}") };
    assert_eq!(finding.code, P8002);
    assert!(finding.message.contains("`a/one/queue`") && finding.message.contains("`a/api/group`"), "{finding:?}");
}

#[test]
fn an_output_of_what_is_left_out_is_not_counted() {
    let mut whole = graph(chain());
    whole.outputs.insert("b/four.url".into(), json!({"$ref": "b/four/queue", "attribute": "QueueUrl"}));
    let only = Options { targets: vec!["a".parse().unwrap()], ..options() };
    assert_eq!(diff(&whole, None, &only).unwrap().outputs_changed, Vec::<String>::new());
    assert_eq!(diff(&whole, None, &options()).unwrap().outputs_changed, ["b/four.url"]);
}

#[test]
fn the_outputs_of_a_component_that_is_left_out_stay_as_they_are() {
    let make = |fifo: bool| {
        let one = queue("a/one/queue").named("QueueName", "one").with("DelaySeconds", json!(i32::from(fifo)));
        let mut whole = graph([
            if fifo { one.with("FifoQueue", json!(true)) } else { one },
            queue("b/two/queue").with("DelaySeconds", json!(i32::from(fifo))),
        ]);
        whole.outputs.insert("a/one.name".into(), json!({"$ref": "a/one/queue", "attribute": "QueueName"}));
        whole.outputs.insert("a/one.fifo".into(), json!(fifo));
        whole
    };
    let empty = empty();
    let state = applied(&plan(&make(false), &empty), empty);
    let only = |target: &str| Options { targets: vec![target.parse().unwrap()], ..options() };
    assert_eq!(diff(&make(true), Some(&state), &only("b")).unwrap().outputs_changed, Vec::<String>::new());
    assert_eq!(diff(&make(true), Some(&state), &only("a")).unwrap().outputs_changed, ["a/one.fifo", "a/one.name"]);
}

#[test]
fn an_order_edge_is_no_use_of_an_instance() {
    let group = |name: &str| resource("a/api/group", "AWS::EC2::SecurityGroup", json!({"GroupDescription": name}));
    let user = |delay: i32| queue("a/one/queue").waits("a/api/group").with("DelaySeconds", json!(delay));
    let plan = selected(&state_of([group("one"), user(0)]), [group("two"), user(1)], &["a/api"], &[]).unwrap();
    assert_eq!(plan.warnings.len(), 1, "{:?}", plan.warnings);
}
