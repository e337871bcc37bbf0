//! The backend of a team: the state in S3 and the lock beside it, the engine simulated.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::emulator::Rule;
use crate::env::TestEnv;

/// A place whose backend is a bucket of its own, with the clock of the world and leases of three seconds.
pub(crate) fn place(env: TestEnv) -> TestEnv {
    let mut env = env.with_account();
    env.account().create_bucket();
    let bucket = env.account().bucket();
    let variables =
        [("PANKA_BACKEND_BUCKET", bucket.as_str()), ("PANKA_ENGINE", "local"), ("PANKA_LOCK_TTL", "3"), ("PANKA_TEST_CLOCK", "")];
    for (name, value) in variables {
        env.set(name, value);
    }
    env
}

/// What keeps the locks of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Locks {
    /// Objects of the bucket.
    Bucket,
    /// Items of a table.
    Table,
    /// Both at once.
    Both,
}

impl Locks {
    /// A rule for the reads (`Get`) or writes (`Put`) of its records, or for both (`*`). With both homes it is for the table.
    pub(crate) fn rule(self, which: &str) -> Rule {
        match (self, which) {
            (Self::Bucket, "*") => Rule::on("s3", "*").key("locks/*"),
            (Self::Bucket, _) => Rule::on("s3", &format!("{which}Object")).key("locks/*"),
            (Self::Table | Self::Both, "*") => Rule::on("dynamodb", "*"),
            (Self::Table | Self::Both, _) => Rule::on("dynamodb", &format!("{which}Item")),
        }
    }

    /// Lays the locks of a place there.
    pub(crate) fn of(self, mut env: TestEnv) -> TestEnv {
        if self != Self::Bucket {
            env.account().create_table();
            let table = env.account().table();
            env.set("PANKA_LOCK_TABLE", &table);
        }
        if self == Self::Both {
            env.set("PANKA_LOCK_TYPE", "dynamodb+s3");
            // Twice as many calls are made in a lease.
            env.set("PANKA_LOCK_TTL", "4");
        }
        env
    }
}

/// The same with the stack `shop`: services `a` and `b`, each of so many queues.
pub(crate) fn shop(queues: usize) -> TestEnv {
    with_shop(place(TestEnv::new()), &["a", "b"], queues)
}

/// Writes the stack `shop`: each of its services has so many queues.
pub(crate) fn with_shop(env: TestEnv, services: &[&str], queues: usize) -> TestEnv {
    env.write(
        "stacks/shop/stack.yaml",
        "apiVersion: core.panka.io/v1\nkind: Stack\nmetadata: {name: shop}\nspec: {provider: {name: aws, region: eu-west-1}}\n",
    );
    env.write("stacks/shop/environments/dev.yaml", "apiVersion: core.panka.io/v1\nkind: Environment\nmetadata: {name: dev}\n");
    for service in services {
        for n in 0..queues {
            queue(&env, service, n, 30);
        }
    }
    env
}

/// Writes one queue of a service.
pub(crate) fn queue(env: &TestEnv, service: &str, n: usize, timeout: u32) {
    let text = format!("apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {{name: q{n}}}\nspec: {{visibilityTimeout: {timeout}}}\n");
    env.write(format!("stacks/shop/services/{service}/components/q{n}/sqs.yaml"), text);
}

/// The apply of a place, without its stack and environment.
pub(crate) const APPLY: &str = "panka apply -y -q --allow-simulated";

/// The simulated account's log of what was asked of it.
pub(crate) const OPERATIONS: &str = ".panka/local-cloud/000000000000/eu-west-1/operations.ndjson";

/// The tokens with which the simulated account was asked to make each resource: one for each that was made once.
pub(crate) fn creates(env: &TestEnv) -> BTreeMap<String, BTreeSet<String>> {
    let mut tokens: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let log = std::fs::read_to_string(env.path(OPERATIONS)).unwrap_or_default();
    for line in log.lines() {
        let operation: Value = serde_json::from_str(line).unwrap();
        if operation["call"] == "create" {
            let text = |key: &str| operation[key].as_str().unwrap().to_owned();
            tokens.entry(text("address")).or_default().insert(text("token"));
        }
    }
    tokens
}

/// Keys of the bucket below the place of the shop, with ids of runs and sequences left out.
fn kinds_of_objects(env: &TestEnv, place: &str) -> Vec<String> {
    let below = |key: &String| {
        key.split_once(&format!("{place}/")).map(|(_, rest)| rest.split_once('/').map_or(rest, |(folder, _)| folder).to_owned())
    };
    let mut kinds: Vec<String> = env.account().keys().iter().map(|key| below(key).unwrap_or_else(|| format!("elsewhere: {key}"))).collect();
    kinds.retain(|kind| !kind.starts_with("elsewhere: locks/"));
    kinds.dedup();
    kinds
}

#[test]
fn a_stack_lives_in_a_bucket() {
    let env = place(TestEnv::example("user-platform"));
    let at = "-s user-platform -e dev";
    let run = env.pipe(&format!("{APPLY} {at}")).succeeds().json();
    assert_eq!((&run["exit"], &run["simulated"], run["steps"].as_array().unwrap().len()), (&json!(0), &json!(true), 44));
    let types =
        env.pipe(&format!("panka state list {at} --jq '.resources | map(select(.type == \"AWS::SQS::Queue\")) | length'")).succeeds();
    assert_eq!(types.stdout.trim(), "2");
    assert_eq!(kinds_of_objects(&env, "stacks/user-platform/dev"), ["runs", "state.json"]);
    assert!(!env.path(".panka/stacks").exists(), "no state is left on this machine");
    let status = env.pipe(&format!("panka lock status {at}")).succeeds().json();
    assert_eq!(status["holders"], json!({}));
    env.account().forget_calls();
    let again = env.pipe(&format!("{APPLY} {at}")).succeeds().json();
    assert_eq!(again["steps"], json!([]));
    let calls: Vec<_> = env.account().log().iter().map(|call| call["operation"].as_str().unwrap().to_owned()).collect();
    assert_eq!(calls, ["ListObjectsV2", "GetObject"], "a run with nothing to do reads the state, and that is all");
    let piped =
        env.pipe(&format!("panka parse {at} | panka graph | panka lock | panka state | panka diff | panka apply -y -q --allow-simulated"));
    assert_eq!(piped.succeeds().json()["steps"], json!([]));
    env.pipe(&format!("panka destroy {at} -y -q --allow-simulated")).succeeds().json();
    let state = env.pipe(&format!("panka state show {at}")).succeeds().json();
    assert_eq!((&state["resources"], &state["serial"]), (&json!({}), &json!(2)));
    assert_eq!(kinds_of_objects(&env, "stacks/user-platform/dev"), ["runs", "state.json"]);
}

#[test]
fn objects_lie_below_the_prefix_and_are_those_of_the_design() {
    let mut env = shop(1);
    env.set("PANKA_BACKEND_PREFIX", "team/");
    env.pipe(&format!("{APPLY} -s shop -e dev")).succeeds().json();
    let keys = env.account().keys();
    assert_eq!(keys.len(), 3, "{keys:?}");
    assert_eq!((keys[0].as_str(), keys[2].as_str()), ("team/locks/shop/dev.json", "team/stacks/shop/dev/state.json"));
    assert!(keys[1].starts_with("team/stacks/shop/dev/runs/"), "{keys:?}");
    let status = env.pipe("panka lock status -s shop -e dev").succeeds().json();
    assert_eq!((&status["holders"], &status["epoch"]), (&json!({}), &json!(1)));
    assert_eq!(env.pipe("panka lock list").succeeds().json()["locks"], json!([]));
}

#[test]
fn a_simulation_does_not_pass_for_a_deployment() {
    let env = shop(1);
    for verb in ["apply", "destroy"] {
        let refused = env.pipe(&format!("panka {verb} -y -q -s shop -e dev -o json")).exits(2);
        assert_eq!(refused.codes(), ["P5011"], "{verb}");
    }
    assert_eq!(env.account().keys(), Vec::<String>::new());
    env.pipe("panka apply -y -q -s shop -e dev --allow-simulated").succeeds().json();
    env.pipe("panka destroy -y -q -s shop -e dev --allow-simulated").succeeds().json();
}

#[test]
fn every_request_is_told_with_its_time_on_demand() {
    let env = shop(1);
    env.pipe(&format!("{APPLY} -s shop -e dev")).succeeds().json();
    env.account().forget_calls();
    let shown = env.pipe("panka state show -s shop -e dev -v").succeeds();
    let told: Vec<&str> = shown.stderr.lines().filter(|line| line.contains(" ms, ")).collect();
    let operations: Vec<_> = env.account().log().iter().map(|call| call["operation"].as_str().unwrap().to_owned()).collect();
    assert_eq!(told.len(), operations.len(), "{}", shown.stderr);
    for (line, operation) in told.iter().zip(operations) {
        assert!(line.contains(&format!("S3 {operation} ")) && line.contains(" 200 in "), "{line}");
    }
    let quiet = env.pipe("panka state show -s shop -e dev").succeeds();
    assert_eq!(quiet.stderr, "");
}

#[test]
fn init_says_what_the_bucket_holds_and_every_verb_uses_it() {
    let mut env = shop(1);
    let bucket = env.account().bucket();
    env.set("PANKA_BACKEND_BUCKET", "");
    let init = format!("panka init --region eu-west-1 --bucket {bucket} --force -o json");
    let found = env.pipe(&init).succeeds().json();
    assert_eq!(found["found"], format!("s3://{bucket} answers: no state yet"));
    env.pipe(&format!("{APPLY} -s shop -e dev")).succeeds().json();
    assert!(env.account().keys().contains(&"stacks/shop/dev/state.json".to_owned()));
    let found = env.pipe(&init).succeeds().json();
    assert_eq!(found["found"], format!("s3://{bucket} answers: the state of one stack in one environment"));
    let origin = "panka config show -s shop -e dev --origin --jq '.settings[] | select(.key == \"backend.bucket\") | .origin'";
    assert_eq!(env.pipe(origin).succeeds().json(), "~/.panka/config.yaml");
    // What is written is right, even if the bucket cannot be looked into.
    let table = env.account().table();
    let with_table = format!("{init} --table {table}");
    assert_eq!(env.pipe(&with_table).succeeds().codes(), ["P4018"], "there is no such table yet");
    env.account().create_table_with_key("lockKey");
    assert_eq!(env.pipe(&with_table).succeeds().codes(), ["P4026"], "it has no TTL");
    assert_eq!(env.pipe("panka lock status -s shop -e dev --jq .epoch").succeeds().stdout, "0\n", "another lock than that in the bucket");
    env.pipe(&init).succeeds().json();
    let there = "panka init --region eu-west-1 --bucket panka-of-nobody --force -o json";
    let outcome = env.pipe(there).succeeds();
    assert_eq!((outcome.codes(), &outcome.json()["found"]), (vec!["P4013".to_owned()], &json!(null)), "{outcome}");
    // What the stack says goes before the files.
    let stack = env.read("stacks/shop/stack.yaml").replace("spec: {", "spec: {backend: {bucket: panka-of-nobody}, ");
    env.write("stacks/shop/stack.yaml", stack);
    assert_eq!(env.pipe(origin).succeeds().json(), "stack.yaml");
    assert_eq!(env.pipe("panka state show -s shop -e dev -o json").exits(1).codes(), ["P4013"]);
}

/// An apply that is held by the emulator in the middle of its run, and what it left.
pub(crate) fn held_apply(env: &TestEnv, flags: &str) -> std::process::Child {
    env.account().rules([Rule::on("s3", "PutObject").key("*/journal/*").nth(2).hold_before()]);
    let child = env.pipe(&format!("exec {APPLY} -s shop -e dev {flags}")).start();
    assert_eq!(env.account().held(1).len(), 1);
    child
}

#[test]
fn of_two_runs_at_once_one_is_refused_or_waits() {
    let mut env = shop(2);
    env.set("PANKA_LOCK_TTL", "60");
    let mut first = held_apply(&env, "");
    let refused = env.pipe(&format!("{APPLY} -s shop -e dev -o json")).exits(4);
    assert_eq!(refused.codes(), ["P6001"]);
    let finding = &refused.findings()[0];
    assert!(finding["message"].as_str().unwrap().contains("locked by tester@"), "{finding}");
    assert!(finding["note"].as_str().unwrap().contains("(alive)"), "{finding}");
    let status = env.pipe("panka lock status -s shop -e dev").succeeds().json();
    assert_eq!(status["holders"]["stack"]["operation"], "apply");
    let list = env.pipe("panka lock list").succeeds().json();
    assert_eq!(list["locks"][0]["key"], "stack:shop:env:dev");
    let waiting = env.pipe(&format!("{APPLY} -s shop -e dev --lock-timeout 1m")).start();
    env.account().ended("s3", "GetObject", env.account().count("s3", "GetObject") + 2);
    env.account().release_all();
    assert!(first.wait().unwrap().success());
    let outcome = waiting.wait_with_output().unwrap();
    let run: Value = serde_json::from_slice(&outcome.stdout).unwrap();
    assert_eq!((outcome.status.code(), &run["exit"]), (Some(0), &json!(0)));
    assert_eq!(env.pipe("panka state show -s shop -e dev").succeeds().json()["serial"], 1, "the second had nothing left to do");
}

#[test]
fn a_lock_that_is_broken_stops_its_holder() {
    let mut env = shop(2);
    env.set("PANKA_LOCK_TTL", "60");
    let first = held_apply(&env, "-o json");
    let status = env.pipe("panka lock status -s shop -e dev").succeeds().json();
    let id = status["holders"]["stack"]["lockId"].as_str().unwrap();
    let broken = env.pipe(&format!("panka lock break -s shop -e dev --lock-id {id} --reason 'the runner is gone'")).succeeds().json();
    assert_eq!((&broken["holders"], &broken["lastReleased"]["broken"]["reason"]), (&json!({}), &json!("the runner is gone")));
    env.account().rules([]);
    let next = env.pipe(&format!("{APPLY} -s shop -e dev")).succeeds().json();
    assert_eq!(next["exit"], 0);
    let before = env.account().objects();
    env.account().release_all();
    let outcome = first.wait_with_output().unwrap();
    assert_eq!(outcome.status.code(), Some(5), "{}", String::from_utf8_lossy(&outcome.stderr));
    assert_eq!(env.account().objects(), before, "it has written nothing more");
    env.pipe("panka state verify -s shop -e dev").succeeds().json();
}

#[test]
fn services_run_beside_each_other_and_a_stack_waits_for_them() {
    let mut env = shop(30);
    env.set("PANKA_LOCK_TTL", "60");
    let a = env.pipe(&format!("{APPLY} -s shop -e dev --service a")).start();
    let b = env.pipe(&format!("{APPLY} -s shop -e dev --service b")).start();
    for child in [a, b] {
        let outcome = child.wait_with_output().unwrap();
        assert_eq!(outcome.status.code(), Some(0), "{}", String::from_utf8_lossy(&outcome.stderr));
    }
    let state = env.pipe("panka state show -s shop -e dev").succeeds().json();
    assert_eq!(state["resources"].as_object().unwrap().len(), 60);
    env.pipe("panka diff -s shop -e dev --exit-code").succeeds().json();
    // A service at work keeps the stack out, and another service not.
    queue(&env, "a", 0, 60);
    queue(&env, "b", 0, 60);
    let holding = held_apply(&env, "--service a");
    assert_eq!(env.pipe(&format!("{APPLY} -s shop -e dev -o json")).exits(4).codes(), ["P6001"]);
    assert_eq!(env.pipe(&format!("{APPLY} -s shop -e dev --service a -o json")).exits(4).codes(), ["P6001"]);
    let other = env.pipe(&format!("{APPLY} -s shop -e dev --service b")).succeeds().json();
    assert_eq!(other["steps"][0]["address"], "b/q0/queue");
    env.account().release_all();
    assert_eq!(holding.wait_with_output().unwrap().status.code(), Some(0));
    env.pipe("panka diff -s shop -e dev --exit-code").succeeds().json();
}

#[test]
fn fifty_rounds_of_two_services_at_once_lose_nothing() {
    let mut env = shop(1);
    env.set("PANKA_LOCK_TTL", "60");
    env.pipe(&format!("{APPLY} -s shop -e dev")).succeeds().json();
    for round in 1..=50_u32 {
        // A run reads the files of all services: none is written while one is at work.
        ["a", "b"].iter().for_each(|service| queue(&env, service, 0, 100 + round));
        let children = ["a", "b"].map(|service| env.pipe(&format!("{APPLY} -s shop -e dev --service {service}")).start());
        for child in children {
            let outcome = child.wait_with_output().unwrap();
            assert_eq!(outcome.status.code(), Some(0), "round {round}: {}", String::from_utf8_lossy(&outcome.stderr));
        }
        let state = env.pipe("panka state show -s shop -e dev").succeeds().json();
        for address in ["a/q0/queue", "b/q0/queue"] {
            assert_eq!(state["resources"][address]["properties"]["VisibilityTimeout"], 100 + round, "round {round}: {address}");
        }
        assert_eq!(state["serial"], 1 + 2 * round);
    }
}

#[test]
fn twenty_processes_ask_for_a_lock_and_one_has_it() {
    let env = shop(1);
    let children: Vec<_> = (0..20).map(|_| env.pipe("exec panka lock acquire -s shop -e dev").start()).collect();
    let codes: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap().status.code()).collect();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Some(4)).count(), 19, "{codes:?}");
}

#[test]
fn a_holder_that_was_stopped_beyond_its_lease_writes_nothing_more() {
    let env = shop(6);
    // At its first intents: nothing is under way in the simulated account then, whose lock a stopped process would keep.
    env.account().rules([Rule::on("s3", "PutObject").key("*/journal/*").nth(1).hold_before()]);
    let mut first = env.pipe(&format!("exec {APPLY} -s shop -e dev -o json")).start();
    assert_eq!(env.account().held(1).len(), 1);
    let pid = first.id().to_string();
    let signal = |name: &str| assert!(std::process::Command::new("kill").args([name, &pid]).status().unwrap().success());
    signal("-STOP");
    env.account().rules([]);
    // It must be silent for a lease and a sixth; then the next one takes over.
    let run = env.pipe(&format!("{APPLY} -s shop -e dev --lock-timeout 30s")).succeeds().json();
    assert_eq!(run["exit"], 0);
    let before = env.account().objects();
    let state = env.pipe("panka state show -s shop -e dev").succeeds().json();
    env.account().release_all();
    signal("-CONT");
    let end = Instant::now() + Duration::from_secs(30);
    let status = loop {
        match first.try_wait().unwrap() {
            Some(status) => break status,
            None => assert!(Instant::now() < end, "the old holder goes on and on"),
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(status.code(), Some(5));
    assert_eq!(env.account().objects(), before, "it has written nothing more");
    assert_eq!(env.pipe("panka state show -s shop -e dev").succeeds().json(), state);
    env.pipe("panka diff -s shop -e dev --exit-code").succeeds().json();
}

#[test]
fn requests_say_that_they_are_of_panka() {
    let env = shop(1);
    env.pipe("panka diff -s shop -e dev").succeeds().json();
    let agent = env.account().log()[0]["user-agent"].as_str().unwrap().to_owned();
    assert!(agent.contains(concat!("app/panka-", env!("CARGO_PKG_VERSION"))), "{agent}");
}
