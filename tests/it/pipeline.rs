//! The spine: parse, graph, diff, apply as single stages, as one verb, and everything between, on the example stack.

use serde_json::{Value, json};

use crate::env::TestEnv;

const PLACE: &str = "-s user-platform -e dev";
const QUEUE: &str = "stacks/user-platform/services/notify/components/queue/sqs.yaml";
const DATABASE: &str = "stacks/user-platform/services/users/components/db/rds.yaml";

fn example() -> TestEnv {
    TestEnv::example("user-platform")
}

fn applied() -> TestEnv {
    let env = example();
    let run = env.pipe(&format!("panka apply {PLACE} --auto-approve --quiet")).succeeds().json();
    assert_eq!(run["summary"], json!({ "done": 44 }));
    env
}

/// The state without what differs from run to run: lineage, ids of runs, digests that cover them.
fn comparable_state(env: &TestEnv) -> Value {
    let mut state = env.pipe(&format!("panka state show {PLACE}")).succeeds().json();
    for key in ["lineage", "digest", "updated", "epoch", "fences", "folded"] {
        state.as_object_mut().unwrap().remove(key);
    }
    for record in state["resources"].as_object_mut().unwrap().values_mut() {
        for key in ["created", "updated"] {
            record.as_object_mut().unwrap().remove(key);
        }
    }
    without_digests(&mut state);
    state
}

/// Digests of what may not be written down are keyed with the lineage, so that equal values differ from place to place.
fn without_digests(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if let Some(digest) = map.get_mut("$sensitive") {
                *digest = json!("a digest");
            }
            map.values_mut().for_each(without_digests);
        }
        Value::Array(items) => items.iter_mut().for_each(without_digests),
        _ => {}
    }
}

/// Address and operation of each step.
fn steps(plan: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    plan["steps"].as_array().unwrap().iter().map(|step| (text(&step["address"]), text(&step["op"]))).collect()
}

fn named(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(address, op)| ((*address).to_owned(), (*op).to_owned())).collect()
}

#[test]
fn three_ways_to_apply_leave_the_same_state() {
    let composite = applied();
    let expected = comparable_state(&composite);
    for script in [
        format!("panka parse {PLACE} | panka graph | panka diff | panka apply --auto-approve -q"),
        format!("panka parse {PLACE} | panka graph | panka lock | panka state | panka diff | panka apply --auto-approve -q"),
        format!("panka parse {PLACE} | panka apply --auto-approve -q"),
        format!("panka graph {PLACE} | jq . | panka apply --auto-approve -q"),
    ] {
        let env = example();
        let run = env.pipe(&script).succeeds().json();
        assert_eq!(run["exit"], 0, "{script}");
        assert_eq!(comparable_state(&env), expected, "{script}");
        let lock = env.pipe(&format!("panka lock status {PLACE}")).succeeds().json();
        assert_eq!(lock["holders"], json!({}), "{script}");
    }
}

#[test]
fn a_second_diff_is_empty_and_a_second_apply_writes_nothing() {
    let env = applied();
    let plan = env.pipe(&format!("panka diff {PLACE} --exit-code")).succeeds().json();
    assert_eq!(plan["steps"], json!([]));
    assert_eq!(plan["summary"]["unchanged"], 44);
    let before = env.files();
    let run = env.pipe(&format!("panka apply {PLACE} --auto-approve")).succeeds().json();
    assert_eq!(run.get("run"), None);
    env.unchanged_since(&before);
}

#[test]
fn a_diff_finds_and_changes_nothing() {
    let env = example();
    let before = env.files();
    let plan = env.pipe(&format!("panka diff {PLACE} --exit-code")).exits(10).json();
    assert_eq!(plan["summary"]["create"], 44);
    env.unchanged_since(&before);
}

#[test]
fn equal_input_gives_equal_bytes() {
    let env = example();
    for verb in ["parse", "graph", "diff"] {
        let once = env.pipe(&format!("panka {verb} {PLACE}")).succeeds().stdout;
        assert_eq!(env.pipe(&format!("panka {verb} {PLACE}")).succeeds().stdout, once, "{verb}");
    }
    let piped = env.pipe(&format!("panka parse {PLACE} | panka graph")).succeeds().stdout;
    assert_eq!(env.pipe(&format!("panka graph {PLACE}")).succeeds().stdout, piped);
}

#[test]
fn a_queue_timeout_is_one_update() {
    let env = applied();
    env.edit(QUEUE, "visibilityTimeout: 60", "visibilityTimeout: 90");
    let plan = env.pipe(&format!("panka diff {PLACE}")).succeeds().json();
    assert_eq!(steps(&plan), named(&[("notify/queue/queue", "update")]));
    let change = &plan["steps"][0]["changes"][0];
    assert_eq!((&change["path"], &change["before"], &change["after"]), (&json!("/VisibilityTimeout"), &json!(60), &json!(90)));
    assert_eq!(change["replace"], "no");
    let run = env.pipe(&format!("panka apply {PLACE} -y -q")).succeeds().json();
    assert_eq!(run["summary"], json!({ "done": 1 }));
    let state = env.pipe(&format!("panka state show {PLACE}")).succeeds().json();
    assert_eq!(state["resources"]["notify/queue/queue"]["properties"]["VisibilityTimeout"], 90);
    assert_eq!(state["serial"], 2);
}

#[test]
fn a_new_image_replaces_the_task_definition_and_switches_the_service() {
    let env = applied();
    let plan = env.pipe(&format!("panka diff {PLACE} --var VERSION=v2.0.0")).succeeds().json();
    let expected = [
        ("notify/mailer/service", "update"),
        ("notify/mailer/task-definition", "replace"),
        ("users/api/service", "update"),
        ("users/api/task-definition", "replace"),
    ];
    assert_eq!(steps(&plan), named(&expected));
    let replaced = &plan["steps"][3];
    assert_eq!(replaced["changes"][0]["path"], "/ContainerDefinitions/0/Image");
    assert_eq!((&replaced["changes"][0]["replace"], &replaced["changes"][0]["rule"]), (&json!("yes"), &json!("create-only")));
    assert_eq!(plan["steps"][2]["changes"][0]["unknown"], true);
    env.pipe(&format!("panka apply {PLACE} --var VERSION=v2.0.0 -y -q")).succeeds().json();
    let after = env.pipe(&format!("panka diff {PLACE} --var VERSION=v2.0.0 --exit-code")).succeeds().json();
    assert_eq!(after["steps"], json!([]));
}

#[test]
fn storage_grows_in_place_and_another_engine_is_a_replacement() {
    let env = applied();
    env.edit(DATABASE, "allocatedGB: 20", "allocatedGB: 40");
    let plan = env.pipe(&format!("panka diff {PLACE}")).succeeds().json();
    assert_eq!(steps(&plan), named(&[("users/db/instance", "update")]));
    assert_eq!(plan["steps"][0]["changes"][0]["path"], "/AllocatedStorage");
    env.edit(DATABASE, "allocatedGB: 40", "allocatedGB: 20");
    env.edit(DATABASE, "username: app", "username: owner");
    let plan = env.pipe(&format!("panka diff {PLACE}")).succeeds().json();
    let database = plan["steps"].as_array().unwrap().iter().find(|step| step["address"] == "users/db/instance").unwrap();
    assert_eq!(database["op"], "replace");
    let change = database["changes"].as_array().unwrap().iter().find(|change| change["path"] == "/MasterUsername").unwrap();
    assert_eq!((&change["replace"], &change["rule"]), (&json!("yes"), &json!("create-only")));
}

#[test]
fn a_removed_component_is_deleted_and_a_protected_one_is_not() {
    let env = applied();
    std::fs::remove_dir_all(env.path("stacks/user-platform/services/notify/components/mailer")).unwrap();
    let plan = env.pipe(&format!("panka diff {PLACE}")).succeeds().json();
    assert!(steps(&plan).iter().all(|(address, op)| address.starts_with("notify/mailer/") && op == "delete"), "{:?}", steps(&plan));
    assert_eq!(plan["summary"]["delete"], 7);
    env.pipe(&format!("panka state protect {PLACE} notify/mailer/log-group")).succeeds().json();
    let outcome = env.pipe(&format!("panka apply {PLACE} -y -q -o json")).exits(3);
    assert!(outcome.codes().contains(&"P3021".to_owned()), "{outcome}");
    let run = env.pipe(&format!("panka apply {PLACE} -y -q --skip-protected")).exits(6).json();
    assert_eq!(run["summary"], json!({ "done": 6, "blocked": 1 }));
    env.pipe(&format!("panka state unprotect {PLACE} notify/mailer/log-group")).succeeds().json();
    env.pipe(&format!("panka apply {PLACE} -y -q")).succeeds().json();
}

#[test]
fn destroy_leaves_an_empty_state_and_goes_on_counting() {
    let env = applied();
    let outcome = env.pipe(&format!("panka destroy {PLACE} -q -o json")).exits(2);
    assert_eq!(outcome.codes(), ["P0008"]);
    let run = env.pipe(&format!("panka destroy {PLACE} -y -q")).succeeds().json();
    assert_eq!((&run["operation"], &run["summary"]), (&json!("destroy"), &json!({ "done": 44 })));
    let state = env.pipe(&format!("panka state show {PLACE}")).succeeds().json();
    assert_eq!((&state["resources"], &state["outputs"], &state["serial"]), (&json!({}), &json!({}), &json!(2)));
    env.pipe(&format!("panka destroy {PLACE} -y -q")).succeeds().json();
}

#[test]
fn destroying_a_protected_environment_needs_its_name() {
    let env = example();
    let place = "-s user-platform -e production";
    // Everything that is protected is set free first, so that only the question is left.
    env.pipe(&format!("panka apply {place} --var ACCOUNT=1 -y -q")).succeeds().json();
    env.pipe(&format!("panka state unprotect {place} '*'")).succeeds().json();
    let outcome = env.pipe(&format!("panka destroy {place} -y -q -o json")).exits(1);
    assert_eq!(outcome.codes(), ["P8004"]);
    env.pipe(&format!("panka destroy {place} -y -q --confirm user-platform")).succeeds().json();
}

#[test]
fn the_terminal_is_asked_and_no_changes_nothing() {
    let env = example();
    let before = env.files();
    let outcome = env.terminal(&format!("panka apply {PLACE}"), "n\n").run();
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.stdout.contains("SIMULATED") && outcome.stdout.contains("not approved"), "{outcome}");
    env.unchanged_since(&before);
    let outcome = env.terminal(&format!("panka apply {PLACE}"), "yes\n").run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let state = env.pipe(&format!("panka state list {PLACE}")).succeeds().json();
    assert_eq!(state["resources"].as_array().unwrap().len(), 44);
}

#[test]
fn a_piped_plan_is_asked_for_on_the_terminal_too() {
    let env = example();
    let outcome = env.terminal(&format!("panka diff {PLACE} | panka apply -q --jq .summary"), "y\n").run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(outcome.stdout.contains("44"), "{outcome}");
}

#[test]
fn a_plan_made_before_the_state_moved_is_refused() {
    let env = applied();
    env.edit(QUEUE, "visibilityTimeout: 60", "visibilityTimeout: 90");
    drop(env.pipe(&format!("panka plan {PLACE} --out plan.json")).succeeds());
    env.edit(QUEUE, "visibilityTimeout: 90", "visibilityTimeout: 120");
    env.pipe(&format!("panka apply {PLACE} -y -q")).succeeds().json();
    let before = env.files();
    let outcome = env.pipe("panka apply plan.json -y -q -o json").exits(5);
    assert_eq!(outcome.codes(), ["P8001"], "{outcome}");
    assert!(outcome.stderr.contains("notify/queue/queue"), "{outcome}");
    let after: Vec<_> = env.files().into_iter().filter(|(path, bytes)| before.get(path) != Some(bytes)).map(|(path, _)| path).collect();
    assert!(after.iter().all(|path| path.starts_with(".panka/locks")), "{after:?}");
}

#[test]
fn a_saved_plan_is_applied_as_it_stands() {
    let env = example();
    let drawn = env.pipe(&format!("panka plan {PLACE} --out plan.json -o table")).succeeds().stdout;
    assert!(drawn.contains("SIMULATED"), "{drawn}");
    let run = env.pipe("panka apply plan.json -y -q").succeeds().json();
    assert_eq!(run["summary"], json!({ "done": 44 }));
}

#[test]
fn an_edited_plan_is_worked_out_anew() {
    let env = example();
    let only_notify = "jq '.steps |= map(select(.address | startswith(\"notify/queue/\")))'";
    let run = env.pipe(&format!("panka diff {PLACE} | {only_notify} | panka apply -y -q")).succeeds().json();
    assert_eq!(run["summary"], json!({ "done": 2 }));
    let without_queue = "jq 'del(.steps[] | select(.address == \"_stack/network/vpc\"))'";
    let outcome = env.pipe(&format!("panka diff {PLACE} | {without_queue} | panka apply -y -q -o json")).exits(3);
    assert!(outcome.codes().iter().all(|code| code == "P8002"), "{outcome}");
    assert!(outcome.stderr.contains("_stack/network/vpc"), "{outcome}");
}

#[test]
fn a_plan_that_was_edited_into_a_circle_is_refused_before_the_question() {
    let env = example();
    let turned = "jq '(.steps[] | select(.address == \"_stack/network/vpc\") | .desired.dependsOn) = [\"users/db/subnet-group\"]'";
    let outcome = env.pipe(&format!("panka diff {PLACE} | {turned} | panka apply -o json")).exits(3);
    assert_eq!(outcome.codes(), ["P8007"], "{outcome}");
    let path = "_stack/network/private-subnet-1 → _stack/network/vpc → users/db/subnet-group → _stack/network/private-subnet-1";
    assert!(outcome.stderr.contains(path), "{outcome}");
}

#[test]
fn targets_pull_in_what_they_need_and_excludes_drop_what_needs_them() {
    let env = example();
    let plan = env.pipe(&format!("panka diff {PLACE} --target users/db/subnet-group")).succeeds().json();
    let expected = [
        ("_stack/network/private-subnet-1", "create"),
        ("_stack/network/private-subnet-2", "create"),
        ("_stack/network/vpc", "create"),
        ("users/db/subnet-group", "create"),
    ];
    assert_eq!(steps(&plan), named(&expected));
    let plan = env.pipe(&format!("panka diff {PLACE} --exclude _stack")).succeeds().json();
    assert!(
        steps(&plan).iter().all(|(address, _)| !address.starts_with("_stack/") && address != "users/db/instance"),
        "{:?}",
        steps(&plan)
    );
    let outcome = env.pipe(&format!("panka diff {PLACE} --target users/nothing -o json")).exits(2);
    assert_eq!(outcome.codes(), ["P0009"]);
}

#[test]
fn a_reader_that_stops_is_a_quiet_end() {
    let env = applied();
    let outcome = env.pipe(&format!("panka state show {PLACE} -o table | head -1; panka state list {PLACE} | head -c 1")).succeeds();
    assert_eq!(outcome.stderr, "", "{outcome}");
}

#[test]
fn events_tell_the_run_without_a_gap() {
    let env = example();
    env.pipe(&format!("panka apply {PLACE} -y -q --events events.ndjson")).succeeds().json();
    let text = env.read("events.ndjson");
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let numbers: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>());
    let count = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert_eq!((count("step-done"), count("run-started"), count("run-finished"), count("step-failed")), (44, 1, 1, 0));
    assert!(events.iter().all(|event| event["simulated"] == true));
    let outcome = env.pipe(&format!("panka destroy {PLACE} -y -q --events fd:3 3>&1 >/dev/null | head -1")).succeeds();
    assert!(outcome.stdout.contains("panka.event/v1"), "{outcome}");
}

#[test]
fn a_failed_step_is_exit_6_and_the_next_apply_goes_on() {
    let env = example();
    env.write(
        "faults.json",
        r#"{"kind":"panka.faults/v1","seed":1,"rules":[{"match":{"address":"users/db/instance","op":"create","nth":1},"do":{"fail":"InvalidRequest"}}]}"#,
    );
    let outcome = env.pipe(&format!("panka apply {PLACE} -y -q --faults faults.json --on-failure continue")).exits(6);
    let run = outcome.json();
    assert_eq!(run["summary"]["failed"], 1, "{outcome}");
    assert!(outcome.stderr.contains("rds.yaml"), "the finding stands on the YAML line\n{outcome}");
    assert!(run["left"].as_array().unwrap().contains(&json!("users/db/instance")));
    let run = env.pipe(&format!("panka apply {PLACE} -y -q")).succeeds().json();
    assert_eq!(run["exit"], 0);
    env.pipe(&format!("panka diff {PLACE} --exit-code -q")).succeeds().json();
}
