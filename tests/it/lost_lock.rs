//! Runs that lose their lock while they are at work: they end with 5, write nothing more, and what they learned too late is fed back.

use std::fs;

use serde_json::{Value, json};

use crate::env::{TestEnv, wait_until};

const PLACE: &str = "-s user-platform -e dev";
const GATEWAY: &str = "_stack/network/internet-gateway";

fn events(env: &TestEnv, file: &str) -> Vec<Value> {
    fs::read_to_string(env.path(file)).unwrap_or_default().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// A place whose leases are two seconds long, and a run that starts there under a fault script.
fn at_work(rules: &Value) -> (TestEnv, std::process::Child) {
    let mut env = TestEnv::example("user-platform");
    env.set("PANKA_LOCK_TTL", "2");
    env.write("faults.json", json!({"kind": "panka.faults/v1", "seed": 1, "rules": rules}).to_string());
    let child = env.pipe(&format!("exec panka apply {PLACE} -y -q -o json --faults faults.json --events first.ndjson")).start();
    wait_until("the slow call is under way", || {
        events(&env, "first.ndjson").iter().any(|event| event["event"] == "step-accepted" && event["address"] == GATEWAY)
    });
    (env, child)
}

fn orphans(env: &TestEnv) -> Vec<String> {
    let files = fs::read_dir(env.path(".panka/orphans")).unwrap().flatten();
    files.map(|file| format!(".panka/orphans/{}", file.file_name().into_string().unwrap())).collect()
}

#[test]
fn a_run_whose_heartbeat_stops_loses_its_lock_to_the_next() {
    let rules = json!([{"match": {"address": GATEWAY}, "do": {"latency": 9}}, {"match": {"op": "create"}, "do": "freeze"}]);
    let (env, first) = at_work(&rules);
    let second = env.pipe(&format!("panka apply {PLACE} -y -q --lock-timeout 30s --events second.ndjson")).succeeds().json();
    assert_eq!(second["exit"], 0);
    assert!(events(&env, "second.ndjson").iter().any(|event| event["event"] == "lock-taken-over"));
    let before = env.files();
    let output = first.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("P6002") && said.contains("P8006"), "{said}");
    let after = env.files();
    let written = |path: &&std::path::PathBuf| before.get(*path) != after.get(*path);
    let foreign: Vec<_> =
        after.keys().filter(written).filter(|path| path.starts_with(".panka/stacks") || path.starts_with(".panka/locks")).collect();
    assert!(foreign.is_empty(), "the one that lost its lock wrote {foreign:?}");
    // What it learned is known by now.
    let [file] = &orphans(&env)[..] else { panic!("{:?}", orphans(&env)) };
    let told = env.pipe(&format!("panka state resolve --from {file} {PLACE} -o json")).succeeds();
    assert_eq!(told.json()["resources"], json!([]));
    assert!(told.stderr.contains("P7009"), "{told}");
    drop(env.pipe(&format!("panka diff {PLACE} --exit-code")).succeeds());
}

#[test]
fn what_a_run_learned_after_its_lock_was_broken_is_fed_back() {
    let (env, first) = at_work(&json!([{"match": {"address": GATEWAY}, "do": {"latency": 2}}]));
    let status = env.pipe(&format!("panka lock status {PLACE}")).succeeds().json();
    let id = status["holders"]["stack"]["lockId"].as_str().unwrap();
    drop(env.pipe(&format!("panka lock break {PLACE} --lock-id {id} --reason test")).succeeds());
    assert_eq!(first.wait_with_output().unwrap().status.code(), Some(5));
    let listed = |env: &TestEnv| {
        let list = env.pipe(&format!("panka state list {PLACE} {GATEWAY}")).succeeds().json();
        list["resources"][0]["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(listed(&env), "creating");
    let [file] = &orphans(&env)[..] else { panic!("{:?}", orphans(&env)) };
    let settled = env.pipe(&format!("panka state resolve --from {file} {PLACE}")).succeeds().json();
    assert_eq!(settled["resources"][0]["address"], GATEWAY);
    assert_eq!((settled["resources"][0]["status"].as_str(), listed(&env).as_str()), (Some("ready"), "ready"));
    env.pipe(&format!("panka apply {PLACE} -y -q")).succeeds().json();
    drop(env.pipe(&format!("panka diff {PLACE} --exit-code")).succeeds());
}

#[test]
fn a_file_that_is_no_such_file_is_refused() {
    let env = TestEnv::example("user-platform");
    env.pipe(&format!("panka apply {PLACE} -y -q")).succeeds().json();
    env.write("other.ndjson", "{\"kind\":\"panka.event/v1\"}\n");
    for (arguments, exit) in
        [("--from nowhere.ndjson", 1), ("--from other.ndjson", 1), ("--from other.ndjson users/db/instance", 2), ("", 2)]
    {
        let before = env.files();
        drop(env.pipe(&format!("panka state resolve {arguments} {PLACE} -o json")).exits(exit));
        env.unchanged_since(&before);
    }
}
