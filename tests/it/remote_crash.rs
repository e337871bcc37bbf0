//! The real binary killed at every call to S3 and DynamoDB; one plain apply converges, and nothing is made twice.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::emulator::Rule;
use crate::env::TestEnv;
use crate::remote::{APPLY, Locks, creates, shop};

const AT: &str = "-s shop -e dev";

/// The calls of a log to the backend, in order: service, operation, number among its like.
pub(crate) fn calls(log: &[Value]) -> Vec<(String, String, u64)> {
    let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
    let mut found = Vec::new();
    for call in log {
        let text = |key: &str| call[key].as_str().unwrap().to_owned();
        let (service, operation) = (text("service"), text("operation"));
        let count = counts.entry((service.clone(), operation.clone())).or_default();
        *count += 1;
        found.push((service, operation, *count));
    }
    found
}

/// Starts an apply, waits until the emulator holds the call, and kills it there. A call that a run does not come to lets it end.
fn kill_at(env: &TestEnv, (service, operation, nth): &(String, String, u64), after: bool, what: &str) {
    let rule = Rule::on(service, operation).nth(*nth);
    env.account().rules([if after { rule.hold_after() } else { rule.hold_before() }]);
    let mut child = env.pipe(&format!("exec {APPLY} {AT} --lock-timeout 30s")).start();
    let deadline = Instant::now() + Duration::from_secs(60);
    while !env.account().holds() && child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "{what}: neither held nor ended");
        thread::sleep(Duration::from_millis(5));
    }
    // One that has ended already is not there to be killed.
    let _ended = child.kill();
    child.wait().unwrap();
    env.account().rules([]);
    env.account().release_all();
}

/// One plain apply after the crash, and what must hold then.
fn converges(env: &TestEnv, what: &str) {
    let run = env.pipe(&format!("{APPLY} {AT} --lock-timeout 30s")).succeeds().json();
    assert_eq!(run["exit"], 0, "{what}");
    let counts = creates(env);
    assert_eq!(counts.len(), 4, "{what}: {counts:?}");
    assert!(counts.values().all(|tokens| tokens.len() == 1), "{what}: made more than once: {counts:?}");
    env.pipe(&format!("panka diff {AT} --exit-code")).succeeds().json();
    env.pipe(&format!("panka state verify {AT}")).succeeds().json();
    // A run that was killed after its last write leaves its lock and its journal behind, and one with nothing to do takes none: the next
    // writer takes it over and clears away.
    env.pipe(&format!("PANKA_LOCK_TIMEOUT=30s panka state protect {AT} a/q0")).succeeds().json();
    let status = env.pipe(&format!("panka lock status {AT}")).succeeds().json();
    assert_eq!(status["holders"], json!({}), "{what}: the lock is still held");
    for (key, bytes) in env.account().objects() {
        let journal = key.contains("/journal/").then(|| serde_json::from_slice::<Value>(&bytes).unwrap());
        let sealed = |journal: &Value| journal["entries"].as_array().unwrap().iter().all(|entry| entry["what"]["seal"].is_object());
        assert!(journal.as_ref().is_none_or(sealed), "{what}: left {key}: {journal:?}");
    }
}

/// Runs `check` for every point, twelve at a time: most of their time they wait for a lease to end.
fn at_all(points: &[((String, String, u64), bool)], check: impl Fn(&(String, String, u64), bool) + Sync) {
    for some in points.chunks(12) {
        thread::scope(|scope| {
            for (call, after) in some {
                scope.spawn(|| check(call, *after));
            }
        });
    }
}

pub(crate) fn is_write(operation: &str) -> bool {
    operation.starts_with("Put") || operation.starts_with("Delete")
}

/// Where a run can be killed: before and after each write, and at each read, which leaves nothing behind either way. With locks in both homes
/// only the calls about locks are other ones than elsewhere.
fn points(locks: Locks, log: &[Value]) -> Vec<((String, String, u64), bool)> {
    let of_lock = |call: &Value| call["service"] == "dynamodb" || call["key"].as_str().unwrap().starts_with("locks/");
    let all = calls(log).into_iter().zip(log).filter(|(_, call)| locks != Locks::Both || of_lock(call));
    all.map(|(call, _)| call).flat_map(|call| [is_write(&call.1).then(|| (call.clone(), false)), Some((call, true))]).flatten().collect()
}

/// The write of the first intents: the lock in the bucket is written before.
fn first_intents(locks: Locks) -> (String, String, u64) {
    ("s3".to_owned(), "PutObject".to_owned(), if locks == Locks::Table { 1 } else { 2 })
}

#[test]
fn a_run_killed_at_any_call_is_picked_up() {
    killed_at_any_call(Locks::Bucket);
}

#[test]
fn a_run_with_its_lock_in_a_table_killed_at_any_call_is_picked_up() {
    killed_at_any_call(Locks::Table);
}

#[test]
fn a_run_with_its_lock_in_both_killed_at_any_call_is_picked_up() {
    killed_at_any_call(Locks::Both);
}

fn killed_at_any_call(locks: Locks) {
    let clean = locks.of(shop(2));
    clean.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    let points = points(locks, &clean.account().log());
    assert!(points.len() > 9, "{points:?}");
    at_all(&points, |call, after| {
        let what = format!("killed {} {call:?}", if after { "after" } else { "before" });
        let env = locks.of(shop(2));
        kill_at(&env, call, after, &what);
        let status = env.pipe(&format!("panka lock status {AT}")).succeeds().json();
        if status["holders"] != json!({}) {
            let refused = env.pipe(&format!("{APPLY} {AT} -o json --no-takeover")).run();
            let state = env.pipe(&format!("panka state show {AT}")).succeeds().json();
            let done = state["resources"].as_object().unwrap().values().filter(|record| record["status"] == "ready").count();
            // With nothing left to do no lock is needed.
            assert_eq!(
                refused.code,
                Some(if done == 4 && state["outputs"].as_object().unwrap().len() > 4 { 0 } else { 4 }),
                "{what}: {refused}"
            );
        }
        converges(&env, &what);
    });
}

#[test]
fn a_run_killed_while_it_recovers_is_picked_up() {
    killed_while_it_recovers(Locks::Bucket);
}

#[test]
fn a_run_with_its_lock_in_a_table_killed_while_it_recovers_is_picked_up() {
    killed_while_it_recovers(Locks::Table);
}

fn killed_while_it_recovers(locks: Locks) {
    let first = first_intents(locks);
    let probe = locks.of(shop(2));
    kill_at(&probe, &first, true, "the first");
    probe.account().forget_calls();
    probe.pipe(&format!("{APPLY} {AT} --lock-timeout 30s")).succeeds().json();
    let mut points = points(locks, &probe.account().log());
    points.retain(|((_, operation, _), _)| is_write(operation));
    assert!(points.len() > 12, "{points:?}");
    at_all(&points, |call, after| {
        let what = format!("recovery killed {} {call:?}", if after { "after" } else { "before" });
        let env = locks.of(shop(2));
        kill_at(&env, &first, true, &what);
        kill_at(&env, call, after, &what);
        converges(&env, &what);
    });
}

#[test]
fn between_a_kill_and_the_next_run_state_and_lock_tell_the_truth() {
    let env = shop(2);
    kill_at(&env, &first_intents(Locks::Bucket), true, "after the first intents");
    let state = env.pipe(&format!("panka state show {AT}")).succeeds().json();
    let resources = state["resources"].as_object().unwrap();
    assert!(!resources.is_empty() && resources.values().all(|record| record["status"] == "creating"), "{resources:?}");
    assert!(resources.values().all(|record| record["pending"]["intent"]["token"].is_string()), "{resources:?}");
    let listed = env.pipe(&format!("panka state list {AT} --jq '.resources | map(.status) | unique' ")).succeeds();
    assert_eq!(listed.json(), json!(["creating"]));
    let status = env.pipe(&format!("panka lock status {AT}")).succeeds().json();
    assert_eq!(status["holders"]["stack"]["operation"], "apply");
    // Until its lease is over, nobody can tell a dead run from a living one.
    let looked = env.pipe(&format!("panka diff {AT} -o json")).succeeds();
    let pending = looked.json()["warnings"].as_array().is_some_and(|found| found.iter().any(|warning| warning["code"] == "P8006"));
    assert!(pending || looked.codes().contains(&"P6001".to_owned()), "{looked}");
    converges(&env, "after all that");
}
