//! AWS fails in the middle of a run: what passes is borne, what stays stops the run clearly, and one plain apply goes on from there.

use std::collections::BTreeMap;
use std::thread;

use serde_json::json;

use crate::emulator::Rule;
use crate::env::{Outcome, TestEnv, wait_until};
use crate::remote::{APPLY, Locks, creates, queue, shop};

/// Queues of each of the two services.
const QUEUES: usize = 4;

/// Everything exists, was made once, is known, and the lock is free.
fn is_whole(env: &TestEnv, what: &str) {
    let made = creates(env);
    assert_eq!(made.len(), 2 * QUEUES, "{what}");
    assert!(made.values().all(|tokens| tokens.len() == 1), "{what}: made more than once: {made:?}");
    let plan = env.pipe("panka diff --exit-code").succeeds().json();
    assert_eq!(plan["summary"]["unchanged"], 2 * QUEUES, "{what}");
    env.pipe("panka state verify").succeeds().json();
    assert_eq!(env.pipe("panka lock status").succeeds().json()["holders"], json!({}), "{what}");
}

fn converges(env: &TestEnv, what: &str) {
    env.account().rules([]);
    env.pipe(&format!("{APPLY} --lock-timeout 20s")).succeeds().json();
    is_whole(env, what);
}

fn journal(operation: &str) -> Rule {
    Rule::on("s3", operation).key("stacks/*/journal/*")
}

#[test]
fn what_passes_is_borne_and_nothing_is_made_twice() {
    let put = || journal("PutObject");
    let state = || Rule::on("s3", "PutObject").key("stacks/*/state.json");
    let lock = |which: &str| Locks::Bucket.rule(which);
    let item = |which: &str| Locks::Table.rule(which);
    let cases = [
        ("throttled", put().first(3).fail("SlowDown")),
        ("failing", put().every(3).fail("InternalError")),
        ("slow", Rule::on("s3", "*").latency(60)),
        ("journal written, no answer", put().every(3).drop_answer()),
        ("journal not written, no answer", put().every(3).drop_before()),
        ("journal written, half an answer", put().every(3).truncate()),
        ("state written, no answer", state().first(1).drop_answer()),
        ("run record written, no answer", Rule::on("s3", "PutObject").key("stacks/*/runs/*").first(1).drop_answer()),
        ("journal deleted, no answer", Rule::on("s3", "DeleteObject*").first(1).drop_answer()),
        ("list cut in half", Rule::on("s3", "ListObjectsV2").first(1).truncate()),
        ("lock taken, no answer", lock("Put").first(1).drop_answer()),
        ("lock given back, no answer", lock("Put").nth(2).drop_answer()),
        ("lock throttled", lock("*").every(2).fail("SlowDown")),
        ("item taken, no answer", item("Put").first(1).drop_answer()),
        ("item taken, half an answer", item("Put").first(1).truncate()),
        ("item given back, no answer", item("Put").nth(2).drop_answer()),
        ("item throttled", item("*").every(2).fail("ProvisionedThroughputExceededException")),
        ("item not read", item("Get").first(1).drop_before()),
        ("two writes at once", put().nth(2).fail("ConditionalRequestConflict")),
    ];
    thread::scope(|scope| {
        for (what, rule) in cases {
            scope.spawn(move || {
                let locks = if what.starts_with("item") { Locks::Table } else { Locks::Bucket };
                let mut env = locks.of(shop(QUEUES));
                // As long as in earnest: whoever is throttled waits for seconds.
                env.set("PANKA_LOCK_TTL", "60");
                env.account().rules([rule]);
                let run = env.pipe(APPLY).succeeds().json();
                assert_eq!(run["summary"], json!({"done": 2 * QUEUES}), "{what}");
                assert!(env.account().struck()[0] > 0, "{what}: the rule never struck");
                env.account().rules([]);
                is_whole(&env, what);
            });
        }
    });
}

/// Applies where the store takes the first object of the journal, which holds intents, and nothing after it.
fn cut(env: &TestEnv, code: &str) -> Outcome {
    env.account().rules([journal("PutObject").after(1).fail(code), Rule::on("s3", "PutObject").key("*/state.json").fail(code)]);
    env.pipe(&format!("{APPLY} -o json")).env("AWS_MAX_ATTEMPTS", "1").exits(6)
}

fn orphans(env: &TestEnv) -> Vec<String> {
    let files = env.files().into_keys().map(|path| path.display().to_string());
    files.filter(|path| path.starts_with(".panka/orphans/")).collect()
}

#[test]
fn a_store_that_stays_away_stops_the_run_and_the_next_goes_on() {
    for (code, finding) in [("InternalError", "P4024"), ("ExpiredToken", "P4011"), ("AccessDenied", "P4012"), ("SlowDown", "P4016")] {
        let env = shop(QUEUES);
        let outcome = cut(&env, code);
        assert!(outcome.codes().contains(&finding.to_owned()), "{outcome}");
        env.account().rules([]);
        assert_eq!(env.pipe("panka lock status").succeeds().json()["holders"], json!({}), "the lock is given back");
        let shown = env.pipe("panka state list").succeeds().json();
        assert!(shown["resources"].as_array().unwrap().iter().any(|line| line["status"] == "creating"), "{shown}");
        converges(&env, code);
    }
}

#[test]
fn a_run_whose_snapshot_is_refused_is_incomplete_and_the_next_folds_its_journal() {
    let env = shop(QUEUES);
    env.account().rules([Rule::on("s3", "PutObject").key("*/state.json").fail("AccessDenied")]);
    let outcome = env.pipe(&format!("{APPLY} -o json")).exits(6);
    assert_eq!(outcome.codes(), ["P4012"], "{outcome}");
    assert_eq!(outcome.json()["summary"], json!({"done": 2 * QUEUES}));
    env.account().rules([]);
    let plan = env.pipe("panka diff --exit-code").succeeds().json();
    assert_eq!(plan["summary"]["unchanged"], 2 * QUEUES, "readers fold the journal");
    queue(&env, "a", 0, 31);
    env.pipe(&format!("{APPLY} --lock-timeout 20s")).succeeds().json();
    is_whole(&env, "no snapshot");
}

#[test]
fn what_a_cut_off_run_learned_can_be_fed_back() {
    let env = shop(QUEUES);
    let outcome = cut(&env, "InternalError");
    let [file] = &orphans(&env)[..] else { panic!("one file of orphans\n{outcome}") };
    assert!(outcome.stderr.contains(file), "{outcome}");
    env.account().rules([]);
    let fed = env.pipe(&format!("panka state resolve --from {file}")).succeeds().json();
    assert!(!fed["resources"].as_array().unwrap().is_empty(), "{fed}");
    let left = env.pipe("panka state list").succeeds().json();
    assert!(left["resources"].as_array().unwrap().iter().all(|line| line["status"] == "ready"), "{left}");
    converges(&env, "fed back");
}

#[test]
fn results_that_nothing_takes_are_said_to_be_lost() {
    let env = shop(QUEUES);
    env.write(".panka/orphans", "in the way");
    let outcome = cut(&env, "InternalError");
    assert!(outcome.stderr.contains("results were lost"), "{outcome}");
    converges(&env, "no orphans");
}

/// Ways in which the records of locks are out of reach.
fn out_of_reach(locks: Locks) -> [(&'static str, Rule); 4] {
    let writes = || locks.rule("Put").after(1);
    let throttled = if locks == Locks::Bucket { "SlowDown" } else { "ProvisionedThroughputExceededException" };
    [
        ("failing", writes().fail(if locks == Locks::Bucket { "InternalError" } else { "InternalServerError" })),
        ("throttled", writes().fail(throttled)),
        ("dropped", writes().drop_before()),
        ("silent", writes().hold_before()),
    ]
}

/// A run whose creates take so many seconds, with leases of four.
fn slow(locks: Locks, seconds: u32) -> TestEnv {
    let mut env = locks.of(shop(QUEUES));
    env.set("PANKA_LOCK_TTL", "4");
    let rules = json!([{ "match": { "op": "create" }, "do": { "latency": seconds } }]);
    env.write("faults.json", json!({ "kind": "panka.faults/v1", "seed": 1, "rules": rules }).to_string());
    env
}

/// Runs `check` for each home of locks and each way in which it is out of reach, on a place whose creates take so many seconds.
fn out_of_reach_everywhere(seconds: u32, check: impl Fn(&TestEnv, &str) + Sync) {
    for locks in [Locks::Bucket, Locks::Table, Locks::Both] {
        thread::scope(|scope| {
            for (what, rule) in out_of_reach(locks) {
                let check = &check;
                scope.spawn(move || {
                    let env = slow(locks, seconds);
                    env.account().rules([rule]);
                    check(&env, &format!("{what} {locks:?}"));
                });
            }
        });
    }
}

#[test]
fn a_lock_out_of_reach_for_longer_than_the_lease_ends_the_writing() {
    out_of_reach_everywhere(9, |env, what| {
        let outcome = env.pipe(&format!("{APPLY} -o json --faults faults.json")).env("AWS_MAX_ATTEMPTS", "1").exits(5);
        assert!(outcome.codes().contains(&"P6002".to_owned()), "{what}: {outcome}");
        let keys = env.account().keys();
        assert!(!keys.iter().any(|key| key.ends_with("state.json") || key.contains("/runs/")), "{what}: {keys:?}");
        let log = env.account().log();
        let taken = log
            .iter()
            .find(|call| call["operation"] == "PutItem" || call["key"] == "locks/shop/dev.json" && call["operation"] == "PutObject");
        let since = |call: &serde_json::Value| call["at"].as_f64().unwrap() - taken.unwrap()["at"].as_f64().unwrap();
        let late: Vec<_> = log.iter().filter(|call| call["key"].as_str().unwrap().starts_with("stacks/") && since(call) > 4.0).collect();
        assert!(late.is_empty(), "{what}: written after the end of the lease: {late:#?}");
        // What was learned too late is kept, and what is left is said.
        assert_eq!(orphans(env).len(), 1, "{what}: {outcome}");
        let run = outcome.json();
        assert_eq!(run["exit"], 5, "{what}: {run}");
        env.account().rules([]);
        env.account().release_all();
        converges(env, what);
    });
}

#[test]
fn a_lock_out_of_reach_for_a_part_of_the_lease_is_borne() {
    out_of_reach_everywhere(5, |env, what| {
        let script = format!("exec {APPLY} -o json --faults faults.json --events events.ndjson");
        let running = env.pipe(&script).env("AWS_MAX_ATTEMPTS", "1").start();
        let told = || std::fs::read_to_string(env.path("events.ndjson")).unwrap_or_default();
        wait_until(&format!("{what}: a renewal has failed"), || told().contains("could not be renewed"));
        env.account().rules([]);
        env.account().release_all();
        let ended = running.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{what}: {}", String::from_utf8_lossy(&ended.stderr));
        is_whole(env, what);
    });
}

#[test]
fn a_state_that_somebody_writes_during_a_run_is_not_written_over() {
    let key = "stacks/shop/dev/state.json";
    for what in ["an older copy", "a damaged copy", "deleted"] {
        let env = shop(QUEUES);
        env.pipe(APPLY).succeeds().json();
        let older = env.account().objects()[key].clone();
        env.pipe("panka state protect a/q1").succeeds().json();
        queue(&env, "a", 0, 31);
        env.account().rules([Rule::on("s3", "PutObject").key("*/state.json").hold_before()]);
        let running = env.pipe(&format!("exec {APPLY} -o json")).start();
        assert_eq!(env.account().held(1).len(), 1);
        env.account().rules([]);
        let other = match what {
            "an older copy" => Some(older),
            "a damaged copy" => Some(older[..older.len() / 2].to_owned()),
            _ => None,
        };
        match &other {
            Some(bytes) => env.account().put_object(key, bytes),
            None => env.account().delete_object(key),
        }
        env.account().release_all();
        let ended = running.wait_with_output().unwrap();
        let findings = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(5), "{what}: {findings}");
        assert!(findings.contains("P7005"), "{what}: {findings}");
        assert_eq!(env.account().objects().get(key), other.as_ref(), "{what}: what the other wrote stands");
        assert!(env.account().keys().iter().any(|key| key.contains("/journal/")), "{what}: what the run did is in the journal");
        assert_eq!(env.pipe("panka lock status").succeeds().json()["holders"], json!({}), "{what}");
    }
}

/// The operations on S3, with how often each was sent.
fn counts(env: &TestEnv) -> BTreeMap<String, u64> {
    env.account().calls().iter().map(|call| (call["operation"].as_str().unwrap().to_owned(), call["calls"].as_u64().unwrap())).collect()
}

#[test]
fn a_run_with_nothing_to_do_lists_and_reads_once_and_writes_nothing() {
    let env = shop(QUEUES);
    env.pipe(APPLY).succeeds().json();
    env.account().forget_calls();
    env.pipe(APPLY).succeeds().json();
    assert_eq!(counts(&env), BTreeMap::from([("GetObject".to_owned(), 1), ("ListObjectsV2".to_owned(), 1)]));
}

/// Bytes sent to S3 as journal objects, from what is logged of a run that changes one queue among so many.
fn journaled(queues: usize) -> u64 {
    let mut env = shop(queues);
    // Nothing dies here, and on a machine with much to do a run of this size takes longer than a short lease bears.
    env.set("PANKA_LOCK_TTL", "60");
    env.pipe(APPLY).succeeds().json();
    env.account().forget_calls();
    queue(&env, "a", 0, 31);
    env.pipe(APPLY).succeeds().json();
    let log = env.account().log();
    let of_journal = log.iter().filter(|call| call["operation"] == "PutObject" && call["key"].as_str().unwrap().contains("/journal/"));
    of_journal.map(|call| call["bytesIn"].as_u64().unwrap()).sum()
}

#[test]
fn what_is_journaled_for_a_change_does_not_grow_with_the_stack() {
    let (few, many) = (journaled(5), journaled(150));
    assert!(few > 500 && few.abs_diff(many) < few / 10, "{few} {many}");
}
