//! Runs of one service: beside each other, and never beside one of the whole stack.

use std::fs;

use serde_json::{Value, json};

use crate::env::{TestEnv, wait_until};

const PLACE: &str = "-s user-platform -e dev";
const QUEUE: &str = "stacks/user-platform/services/notify/components/queue/sqs.yaml";
const DATABASE: &str = "stacks/user-platform/services/users/components/db/rds.yaml";

/// The example applied, then changed in both services; changes take a while.
fn changed() -> TestEnv {
    let env = TestEnv::example("user-platform");
    env.pipe(&format!("panka apply {PLACE} -y -q")).succeeds().json();
    change(&env, 1);
    let rules = json!([{"match": {"op": "update"}, "do": {"latency": 0.7}}]);
    env.write("faults.json", json!({"kind": "panka.faults/v1", "seed": 1, "rules": rules}).to_string());
    env
}

/// Gives the queue and the database another number.
fn change(env: &TestEnv, number: u32) {
    env.edit(QUEUE, &format!("visibilityTimeout: {}", 59 + number), &format!("visibilityTimeout: {}", 60 + number));
    env.edit(DATABASE, &format!("allocatedGB: {}", 10 + 10 * number), &format!("allocatedGB: {}", 20 + 10 * number));
}

fn events(env: &TestEnv, file: &str) -> Vec<Value> {
    fs::read_to_string(env.path(file)).unwrap_or_default().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn wait_for(env: &TestEnv, file: &str, event: &str) {
    wait_until(&format!("{event} in {file}"), || events(env, file).iter().any(|line| line["event"] == event));
}

fn properties(env: &TestEnv) -> (Value, Value) {
    let state = env.pipe(&format!("panka state show {PLACE}")).succeeds().json();
    let of = |address: &str, name: &str| state["resources"][address]["properties"][name].clone();
    (of("notify/queue/queue", "VisibilityTimeout"), of("users/db/instance", "AllocatedStorage"))
}

#[test]
fn two_services_are_applied_at_once_and_nothing_is_lost() {
    let env = changed();
    let apply = |service: &str| {
        env.pipe(&format!("exec panka apply {PLACE} -y -q --service {service} --faults faults.json --events {service}.ndjson"))
    };
    let (notify, users) = (apply("notify").start(), apply("users").start());
    for child in [notify, users] {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let run: Value = serde_json::from_slice(&output.stdout).unwrap();
        let services: Vec<&str> = run["steps"].as_array().unwrap().iter().map(|step| step["address"].as_str().unwrap()).collect();
        assert!(!services.is_empty());
        assert!(services.iter().all(|address| address.split('/').next() == services[0].split('/').next()), "{services:?}");
    }
    assert_eq!(properties(&env), (61.into(), "30".into()));
    let plan = env.pipe(&format!("panka diff {PLACE} --exit-code")).succeeds().json();
    assert_eq!(plan["summary"]["unchanged"], 44);
    env.pipe(&format!("panka state verify {PLACE}")).succeeds().json();
}

#[test]
fn a_run_over_the_stack_waits_for_that_of_a_service_or_is_refused() {
    let env = changed();
    let service = env.pipe(&format!("exec panka apply {PLACE} -y -q --service notify --faults faults.json --events notify.ndjson")).start();
    wait_for(&env, "notify.ndjson", "step-started");
    let refused = env.pipe(&format!("panka apply {PLACE} -y -q -o json")).exits(4);
    assert_eq!(refused.codes(), ["P6001"]);
    let again = env.pipe(&format!("panka apply {PLACE} -y -q -o json --service notify")).exits(4);
    assert!(again.stderr.contains("stack:user-platform:env:dev:service:notify"), "{again}");
    let waited = env.pipe(&format!("panka apply {PLACE} -y -q --lock-timeout 1m")).succeeds().json();
    assert_eq!(waited["exit"], 0);
    assert_eq!(service.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(properties(&env), (61.into(), "30".into()));
}

#[test]
fn a_service_waits_for_a_run_over_the_stack() {
    let env = changed();
    let stack = env.pipe(&format!("exec panka apply {PLACE} -y -q --faults faults.json --events stack.ndjson")).start();
    wait_for(&env, "stack.ndjson", "step-started");
    let refused = env.pipe(&format!("panka apply {PLACE} -y -q -o json --service users")).exits(4);
    assert_eq!(refused.codes(), ["P6001"]);
    assert_eq!(stack.wait_with_output().unwrap().status.code(), Some(0));
}

#[test]
fn what_lies_outside_of_a_service_is_refused_by_name_and_nothing_happens() {
    let env = TestEnv::example("user-platform");
    for verb in ["diff", "plan", "apply -y"] {
        let outcome = env.pipe(&format!("panka {verb} {PLACE} --service notify -o json </dev/null")).exits(2);
        assert!(outcome.codes().iter().all(|code| code == "P8012"), "{verb}\n{outcome}");
        assert!(outcome.stderr.contains("_stack/network/vpc"), "{outcome}");
    }
    let outcome = env.pipe(&format!("panka diff {PLACE} | panka apply -y --service notify -o json")).exits(2);
    assert!(outcome.codes().iter().all(|code| code == "P8012"), "{outcome}");
    for (service, code) in [("nobody", "P0009"), ("No", "P0017"), ("a/b", "P0017"), ("", "P0017")] {
        let outcome = env.panka(["diff", "-s", "user-platform", "-e", "dev", "-o", "json", "--service", service]).exits(2);
        assert_eq!(outcome.codes(), [code], "{service}");
    }
    assert!(!env.path(".panka").exists());
    env.pipe(&format!("panka apply {PLACE} -y -q")).succeeds().json();
    let outcome = env.pipe(&format!("panka destroy {PLACE} -y --service notify -o json")).exits(2);
    assert!(outcome.codes().iter().all(|code| code == "P8012"), "users/api refers to the queue: {outcome}");
}

#[test]
fn a_service_scope_goes_through_the_pipe() {
    let env = changed();
    let script =
        format!("panka graph {PLACE} | panka lock --service notify | panka state | panka diff --service notify | panka apply -y -q");
    let run = env.pipe(&script).succeeds().json();
    assert_eq!(run["exit"], 0);
    assert_eq!(properties(&env), (61.into(), "20".into()), "users is left as it was");
    let status = env.pipe(&format!("panka lock status {PLACE}")).succeeds().json();
    assert_eq!(status["holders"], json!({}));
    change(&env, 2);
    // The lock of one service does not cover a plan over the whole stack.
    let outcome = env.pipe(&format!("panka graph {PLACE} | panka lock --service notify | panka diff | panka apply -y -o json")).exits(2);
    assert!(outcome.codes().contains(&"P8012".to_owned()), "{outcome}");
    assert!(outcome.stderr.contains("panka lock release"), "{outcome}");
}

#[test]
fn verbs_that_do_not_narrow_refuse_to_be_narrowed() {
    let env = changed();
    let before = env.files();
    for verb in [
        "parse",
        "graph",
        "validate",
        "render --format dot",
        "fmt --check",
        "outputs",
        "state list",
        "state rm notify/queue",
        "state",
        "lock status",
    ] {
        let outcome = env.pipe(&format!("panka {verb} {PLACE} --service notify -o json </dev/null")).exits(2);
        assert_eq!(outcome.codes(), ["P0017"], "{verb}\n{outcome}");
    }
    env.unchanged_since(&before);
}
