//! The real binary killed at many points of a run; one plain apply converges, and nothing is made twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::env::TestEnv;

const PLACE: &str = "-s user-platform -e dev";
const OPERATIONS: &str = ".panka/local-cloud/000000000000/us-east-1/operations.ndjson";
const POLL: Duration = Duration::from_millis(1);
const DEADLINE: Duration = Duration::from_secs(30);

/// How many different create requests the simulated account has seen for each address, by its own log of operations. A request that is sent
/// again carries the same token and makes nothing new.
fn creates(env: &TestEnv) -> BTreeMap<String, usize> {
    let mut tokens: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in env.read(OPERATIONS).lines() {
        let operation: Value = serde_json::from_str(line).unwrap();
        if operation["call"] == "create" {
            let text = |key: &str| operation[key].as_str().unwrap().to_owned();
            tokens.entry(text("address")).or_default().insert(text("token"));
        }
    }
    tokens.into_iter().map(|(address, tokens)| (address, tokens.len())).collect()
}

/// One plain apply after the crash, and what must hold then.
fn converges(env: &TestEnv, what: &str) {
    let run = env.pipe(&format!("panka apply {PLACE} -y -q")).succeeds().json();
    assert_eq!(run["exit"], 0, "{what}");
    let counts = creates(env);
    assert_eq!(counts.len(), 44, "{what}");
    assert!(counts.values().all(|count| *count == 1), "{what}: made more than once: {counts:?}");
    let plan = env.pipe(&format!("panka diff {PLACE} --exit-code")).succeeds().json();
    assert_eq!(plan["summary"]["unchanged"], 44, "{what}");
    env.pipe(&format!("panka state verify {PLACE}")).succeeds().json();
    // A run that was killed after its last write leaves its lock behind, and one with nothing to do takes none: the next writer takes it over.
    env.pipe(&format!("panka state protect {PLACE} notify/queue/queue")).succeeds().json();
    let status = env.pipe(&format!("panka lock status {PLACE}")).succeeds().json();
    assert_eq!(status["holders"], json!({}), "{what}: the lock is still held");
}

/// Kills whatever runs in the working directory of the place, as the kernel would.
fn kill(env: &TestEnv) {
    let work = env.work().canonicalize().unwrap();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        if fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == work) {
            Command::new("kill").arg("-9").arg(entry.file_name()).status().unwrap();
        }
    }
}

fn faults(point: &str, nth: usize) -> String {
    json!({ "kind": "panka.faults/v1", "seed": 1, "rules": [{ "match": { "nth": nth }, "do": { "crash": point } }] }).to_string()
}

#[test]
fn a_run_that_dies_around_a_call_is_picked_up() {
    for point in ["before-journal", "before-call", "after-accepted", "after-call", "after-journal"] {
        for nth in [1, 2, 11, 30] {
            let env = TestEnv::example("user-platform");
            env.write("faults.json", faults(point, nth));
            let killed = env.pipe(&format!("panka apply {PLACE} -y -q --faults faults.json")).run();
            assert_ne!(killed.code, Some(0), "{point} {nth}: {killed}");
            converges(&env, &format!("{point} {nth}"));
        }
    }
}

#[test]
fn a_run_killed_at_any_event_is_picked_up() {
    for line in [1, 2, 3, 5, 9, 20, 45, 80, 120, 128, 130] {
        let env = TestEnv::example("user-platform");
        let mut child = env.panka(["apply", "-s", "user-platform", "-e", "dev", "-y", "-q", "--events", "events.ndjson"]).start();
        let deadline = Instant::now() + DEADLINE;
        loop {
            let seen = fs::read(env.path("events.ndjson")).map_or(0, |text| text.iter().filter(|byte| **byte == b'\n').count());
            if seen >= line || child.try_wait().unwrap().is_some() {
                break;
            }
            assert!(Instant::now() < deadline, "event {line} never came");
            std::thread::sleep(POLL);
        }
        kill(&env);
        child.wait().unwrap();
        converges(&env, &format!("killed at event {line}"));
    }
}

#[test]
fn a_second_run_while_one_is_at_work_is_refused() {
    let env = TestEnv::example("user-platform");
    let latency =
        json!({ "kind": "panka.faults/v1", "seed": 1, "rules": [{ "match": { "address": "_stack/network/vpc" }, "do": "hang" }] });
    env.write("faults.json", latency.to_string());
    let mut first = env
        .panka(["apply", "-s", "user-platform", "-e", "dev", "-y", "-q", "--faults", "faults.json", "--events", "events.ndjson"])
        .start();
    let deadline = Instant::now() + DEADLINE;
    while !fs::read_to_string(env.path("events.ndjson")).is_ok_and(|text| text.contains("step-started")) {
        assert!(Instant::now() < deadline, "the first run never started a step");
        std::thread::sleep(POLL);
    }
    let outcome = env.pipe(&format!("panka apply {PLACE} -y -q -o json")).exits(4);
    assert_eq!(outcome.codes(), ["P6001"]);
    let shown = env.pipe(&format!("panka state list {PLACE}")).succeeds().json();
    assert!(shown["resources"].as_array().unwrap().iter().any(|line| line["status"] == "creating"), "{shown}");
    kill(&env);
    first.wait().unwrap();
    converges(&env, "after the hang");
}
