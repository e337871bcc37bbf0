//! No command forgets what there is, and none gets stuck on it.

use std::fs;

use serde_json::{Value, json};

use crate::env::TestEnv;

const AT: &str = "-s user-platform -e dev";
const PLACE: &str = ".panka/stacks/user-platform/dev";
const ACCOUNT: &str = ".panka/local-cloud/000000000000/us-east-1";

fn applied() -> TestEnv {
    let env = TestEnv::example("user-platform");
    drop(env.pipe(&format!("panka apply -y -q {AT}")).succeeds());
    env
}

fn resources(env: &TestEnv) -> Value {
    env.pipe(&format!("panka state {AT} --jq .resources")).succeeds().json()
}

/// Deletes a resource from the simulated account, as somebody would in the console.
fn vanish(env: &TestEnv, address: &str) {
    let record = resources(env)[address].clone();
    assert_ne!(record, Value::Null, "{address}");
    let file = format!("{ACCOUNT}/operations.ndjson");
    let log = env.read(&file);
    let last: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    let deleted = json!({
        "seq": last["seq"].as_u64().unwrap() + 1,
        "at": last["at"],
        "call": "delete",
        "place": "somebody/else",
        "address": "some/thing/else",
        "type": record["type"],
        "identifier": record["identifier"],
        "token": "",
        "request": "",
    });
    env.write(&file, format!("{log}{deleted}\n"));
}

fn settled(env: &TestEnv, more: &str) {
    drop(env.pipe(&format!("panka diff {AT} --exit-code {more}")).succeeds());
    drop(env.pipe(&format!("panka state verify {AT}")).succeeds());
}

#[test]
fn a_deleted_state_is_no_empty_place() {
    let damages: [&[&str]; 4] = [&["state.json"], &["state.json", "runs"], &["state.json", "runs", "journal"], &[""]];
    for gone in damages {
        let env = applied();
        let copy = env.pipe(&format!("panka state pull {AT}")).succeeds().stdout;
        for name in gone {
            let path = env.path(format!("{PLACE}/{name}").trim_end_matches('/'));
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
        let before = env.files();
        for verb in ["diff", "plan", "apply -y", "destroy -y", "state", "outputs", "state verify"] {
            let outcome = env.pipe(&format!("panka {verb} {AT} -o json </dev/null")).exits(1);
            assert_eq!(outcome.codes(), ["P7012"], "{gone:?} {verb}: {outcome}");
            env.unchanged_since(&before);
        }
        // A copy is the way back.
        drop(env.pipe(&format!("panka state push {AT}")).stdin(copy).succeeds());
        settled(&env, "");
    }
}

#[test]
fn a_state_deleted_beside_the_journal_of_a_later_run_is_no_empty_place() {
    let env = applied();
    env.write("crash.json", r#"{"kind": "panka.faults/v1", "seed": 1, "rules": [{"match": {"nth": 1}, "do": {"crash": "after-call"}}]}"#);
    drop(env.pipe(&format!("panka destroy -y -q {AT} --faults crash.json")).run());
    fs::remove_file(env.path(format!("{PLACE}/state.json"))).unwrap();
    fs::remove_dir_all(env.path(format!("{PLACE}/runs"))).unwrap();
    fs::remove_dir_all(env.path(".panka/locks")).unwrap();
    let before = env.files();
    let outcome = env.pipe(&format!("panka apply -y {AT} -o json")).exits(1);
    assert_eq!(outcome.codes(), ["P7012"], "{outcome}");
    env.unchanged_since(&before);
}

#[test]
fn a_lock_that_was_only_taken_says_nothing_of_a_state() {
    let env = TestEnv::example("user-platform");
    drop(env.pipe(&format!("panka lock acquire {AT} > t.json && panka lock release t.json")).succeeds());
    drop(env.pipe(&format!("panka diff {AT}")).succeeds());
    drop(env.pipe(&format!("panka apply -y -q {AT}")).succeeds());
}

#[test]
fn what_vanished_is_made_again() {
    let env = applied();
    vanish(&env, "users/api/service");
    let outcome = env.pipe(&format!("panka apply -y {AT} --var VERSION=v2 -o json")).succeeds();
    let warned = outcome.findings().into_iter().find(|finding| finding["code"] == "P5103").unwrap_or_else(|| panic!("{outcome}"));
    assert_eq!(warned["subject"], "users/api/service");
    settled(&env, "--var VERSION=v2");
    vanish(&env, "users/api/service");
    drop(env.pipe(&format!("panka destroy -y -q {AT}")).succeeds());
}

#[test]
fn what_vanished_after_a_failed_operation_is_made_again() {
    let env = applied();
    env.write(
        "fail.json",
        r#"{"kind": "panka.faults/v1", "seed": 1, "rules": [{"match": {"address": "users/api/service"}, "do": {"fail": "InvalidRequest"}}]}"#,
    );
    drop(env.pipe(&format!("panka apply -y -q {AT} --var VERSION=v2 --faults fail.json")).exits(6));
    vanish(&env, "users/api/service");
    let outcome = env.pipe(&format!("panka apply -y {AT} --var VERSION=v2 -o json")).succeeds();
    assert!(outcome.codes().contains(&"P5103".to_owned()), "{outcome}");
    settled(&env, "--var VERSION=v2");
}

#[test]
fn a_failed_operation_that_has_left_everything_as_wanted_needs_no_call() {
    let env = applied();
    env.write(
        "fail.json",
        r#"{"kind": "panka.faults/v1", "seed": 1, "rules": [{"match": {"address": "users/db/subnet-group", "op": "delete"}, "do": {"fail": "InvalidRequest"}}]}"#,
    );
    drop(env.pipe(&format!("panka destroy -y -q {AT} --target users/db --faults fail.json")).exits(6));
    let calls = || env.read(format!("{ACCOUNT}/operations.ndjson")).lines().filter(|line| line.contains("db/subnet-group")).count();
    let before = calls();
    drop(env.pipe(&format!("panka apply -y -q {AT}")).succeeds());
    assert_eq!(calls(), before, "it was read and compared");
    settled(&env, "");
}

#[test]
fn a_place_outlives_its_simulated_account() {
    let env = applied();
    for round in ["v2", "v3", "v4"] {
        fs::remove_dir_all(env.path(".panka/local-cloud")).unwrap();
        let mut codes = Vec::new();
        for _ in 0..4 {
            let outcome = env.pipe(&format!("panka apply -y -q {AT} --var VERSION={round} --replace users/api/service")).run();
            codes.push(outcome.code);
            assert_ne!(outcome.code, Some(70), "{outcome}");
        }
        assert_eq!(codes.last(), Some(&Some(0)), "{codes:?}");
        settled(&env, &format!("--var VERSION={round}"));
    }
    fs::remove_dir_all(env.path(".panka/local-cloud")).unwrap();
    drop(env.pipe(&format!("panka apply -y -q {AT} --var VERSION=v4 --replace '*'")).succeeds());
    settled(&env, "--var VERSION=v4");
    drop(env.pipe(&format!("panka destroy -y -q {AT}")).succeeds());
}

#[test]
fn a_replacement_without_those_who_hold_the_old_one_is_refused_when_planned() {
    let env = applied();
    let before = env.files();
    for line in [
        format!("panka diff {AT} --replace users/api/target-group --exclude users/api/service -o json"),
        format!("panka apply -y {AT} --replace users/api/target-group --exclude users/api/service --exclude users/api/listener.80 -o json"),
        format!(
            "panka diff {AT} --replace users/api/target-group --jq 'del(.steps[] | select(.address | endswith(\"service\")))' | panka apply -y -o json"
        ),
    ] {
        let outcome = env.pipe(&line).exits(3);
        assert!(outcome.codes().iter().all(|code| code == "P8002"), "{line}: {outcome}");
        env.unchanged_since(&before);
    }
    // What depends on it without using it stands in nobody's way.
    drop(env.pipe(&format!("panka apply -y -q {AT} --replace users/api/target-group")).succeeds());
    settled(&env, "");
}

#[test]
fn a_pushed_state_is_of_the_place_that_is_named() {
    let env = applied();
    drop(env.pipe(&format!("panka state pull {AT} > copy.json")).succeeds());
    let before = env.files();
    for place in ["-s other -e dev", "-s user-platform -e production"] {
        let outcome = env.pipe(&format!("panka state push {place} copy.json -o json")).exits(1);
        assert_eq!(outcome.codes(), ["P7004"], "{outcome}");
        env.unchanged_since(&before);
    }
    fs::write(env.path(format!("{PLACE}/state.json")), "{\"kind\": \"panka.sta").unwrap();
    drop(env.pipe(&format!("panka state push {AT} copy.json")).succeeds());
    settled(&env, "");
}

#[test]
fn verify_counts_what_it_has_verified() {
    let env = applied();
    let count = resources(&env).as_object().unwrap().len();
    let verified = env.pipe(&format!("panka state verify {AT}")).succeeds().json();
    assert_eq!((verified["resources"].as_array().unwrap().len(), &verified["done"]), (count, &json!("verified")));
    let run = fs::read_dir(env.path(format!("{PLACE}/runs"))).unwrap().next().unwrap().unwrap().path();
    fs::write(run, "{\"run\": ").unwrap();
    assert_eq!(env.pipe(&format!("panka state verify {AT} -o json")).exits(1).codes(), ["P7002"]);
}

#[test]
fn a_moved_resource_says_that_its_name_stays() {
    let env = applied();
    let outcome = env.pipe(&format!("panka state mv notify/queue notify/jobs {AT} --dry-run -o json")).succeeds();
    assert_eq!(outcome.codes(), ["P7014"], "{outcome}");
    let outcome = env.pipe(&format!("panka state mv notify/queue notify/jobs {AT} -o json")).succeeds();
    assert_eq!(outcome.codes(), ["P7014"], "{outcome}");
    let outcome = env.pipe(&format!("panka state mv _stack/network/public-route _stack/network/way-out {AT} -o json")).succeeds();
    assert!(!outcome.stderr.contains("P7014"), "what has no name of its own: {outcome}");
}

#[test]
fn an_edit_that_would_leave_an_unsound_state_is_refused_before_it_is_written() {
    let env = applied();
    env.write("crash.json", r#"{"kind": "panka.faults/v1", "seed": 1, "rules": [{"match": {"address": "*/*/service", "op": "create", "nth": 1}, "do": {"crash": "after-accepted"}}]}"#);
    drop(env.pipe(&format!("panka apply -y -q {AT} --replace notify/mailer/service --faults crash.json")).run());
    let state = resources(&env);
    let pending: Vec<&String> =
        state.as_object().unwrap().iter().filter(|(_, record)| record.get("pending").is_some()).map(|(a, _)| a).collect();
    let [address] = &pending[..] else { panic!("{pending:?}") };
    let taken = state["users/api/service"]["identifier"].as_str().unwrap();
    let outcome = env.pipe(&format!("panka state resolve {address} --identifier '{taken}' {AT} -o json")).exits(2);
    assert_eq!(outcome.codes(), ["P7009"], "{outcome}");
    drop(env.pipe(&format!("panka apply -y -q {AT}")).succeeds());
    settled(&env, "");
}

#[test]
fn while_another_run_lives_it_is_said_who_that_is() {
    let env = TestEnv::example("user-platform");
    env.write("slow.json", r#"{"kind": "panka.faults/v1", "seed": 1, "rules": [{"match": {}, "do": {"latency": 1.5}}]}"#);
    let script = format!(
        "panka apply -y -q {AT} --faults slow.json --events events.ndjson >/dev/null 2>&1 & \
         until grep -qs step-started events.ndjson; do :; done; \
         panka plan {AT} -o json >plan.json 2>plan.err; \
         panka apply -y {AT} --lock-timeout 1s -o json >second.json 2>second.err; echo $?; \
         kill -9 $!; wait"
    );
    let outcome = env.pipe(&script).run();
    assert!(outcome.stdout.contains('4'), "{outcome}");
    for file in ["plan.err", "second.err"] {
        let said = env.read(file);
        assert!(said.contains("P6001") && said.contains("is locked by"), "{file}: {said}");
        assert!(!said.contains("resolve") && !said.contains("P8006"), "{file}: {said}");
    }
    // When it is dead, its steps are to be settled.
    let after = env.pipe(&format!("panka plan {AT} -o json")).succeeds();
    assert!(after.stdout.contains("P8006"), "{after}");
}
