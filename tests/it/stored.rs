//! What is stored: corrupt, newer, foreign, deleted; read-only and full disks; the verbs that change it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use crate::env::TestEnv;

const PLACE: &str = "-s user-platform -e dev";
const STATE: &str = ".panka/stacks/user-platform/dev/state.json";

fn applied() -> TestEnv {
    let env = TestEnv::example("user-platform");
    env.pipe(&format!("panka apply {PLACE} --auto-approve --quiet")).succeeds().json();
    env
}

fn refused(env: &TestEnv, script: &str, exit: i32, code: &str) {
    let before = env.files();
    let outcome = env.pipe(script).exits(exit);
    assert_eq!(outcome.codes()[0], code, "{script}\n{outcome}");
    env.unchanged_since(&before);
}

#[test]
fn a_state_that_cannot_be_trusted_stops_everything() {
    for (damage, code) in [
        ("head -c 300 STATE > x && mv x STATE", "P7002"),
        ("sed -i s/:1209600/:1209601/ STATE", "P7002"),
        ("echo '{}' > STATE", "P7002"),
        (": > STATE", "P7002"),
        ("jq -c '.stack = \"other\"' STATE > x && mv x STATE", "P7002"),
        ("jq -c '.serial = 77' STATE > x && mv x STATE", "P7002"),
    ] {
        let env = applied();
        drop(env.pipe(&damage.replace("STATE", STATE)).succeeds());
        for verb in ["diff", "apply -y", "destroy -y", "state show", "outputs"] {
            refused(&env, &format!("panka {verb} {PLACE} -o json"), 1, code);
        }
    }
}

#[test]
fn an_unreadable_state_is_not_an_empty_one() {
    let env = applied();
    let path = env.path(STATE);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let outcome = env.pipe(&format!("panka diff {PLACE} -o json")).exits(1);
    assert!(outcome.codes()[0].starts_with("P7"), "{outcome}");
}

#[test]
fn a_disk_that_takes_nothing_is_said_before_anything_is_called() {
    let env = TestEnv::example("user-platform");
    // Permission bits bind only those who are not root, so a file stands in the way instead.
    env.write(".panka", "in the way");
    let outcome = env.pipe(&format!("panka apply {PLACE} -y -q -o json")).exits(1);
    assert!(outcome.codes()[0].starts_with('P'), "{outcome}");
    assert_eq!(env.read(".panka"), "in the way");
    let env = applied();
    let folder = env.path(".panka/stacks/user-platform/dev");
    if fs::write("/proc/self/oom_score_adj", "0").is_ok() {
        // Root writes anywhere.
        return;
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    refused(&env, &format!("panka destroy {PLACE} -y -q -o json"), 1, "P7007");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_full_disk_loses_nothing() {
    let env = TestEnv::example("user-platform");
    // No file may grow beyond 8 KiB: the journal goes on for a while, the snapshot does not fit.
    let outcome = env.pipe(&format!("trap '' XFSZ; ulimit -f 8; panka apply {PLACE} -y -q -o json")).run();
    assert!(matches!(outcome.code, Some(1 | 6)), "{outcome}");
    let run = env.pipe(&format!("panka apply {PLACE} -y -q")).succeeds().json();
    assert_eq!(run["exit"], 0);
    let plan = env.pipe(&format!("panka diff {PLACE} --exit-code")).succeeds().json();
    assert_eq!(plan["summary"]["unchanged"], 44);
}

#[test]
fn resources_are_forgotten_and_renamed() {
    let env = applied();
    let outcome = env.pipe(&format!("panka state rm {PLACE} users/avatars/policy --dry-run")).succeeds().json();
    assert_eq!(outcome["resources"][0]["address"], "users/avatars/policy");
    assert_eq!(env.pipe(&format!("panka state show {PLACE} --jq .serial")).succeeds().stdout.trim(), "1");
    env.pipe(&format!("panka state rm {PLACE} users/avatars/policy")).succeeds().json();
    let plan = env.pipe(&format!("panka diff {PLACE}")).succeeds().json();
    assert_eq!((&plan["summary"]["create"], &plan["steps"][0]["address"]), (&json!(1), &json!("users/avatars/policy")));
    refused(&env, &format!("panka state rm {PLACE} users/none -o json"), 2, "P7006");

    let env = applied();
    env.pipe(&format!("panka state mv {PLACE} notify/queue notify/mailbox")).succeeds().json();
    let list = env.pipe(&format!("panka state list {PLACE} notify/mailbox --jq '[.resources[].address]'")).succeeds().json();
    assert_eq!(list, json!(["notify/mailbox/dead-letter-queue", "notify/mailbox/queue"]));
    refused(&env, &format!("panka state mv {PLACE} notify/none notify/other -o json"), 2, "P7006");
    refused(&env, &format!("panka state mv {PLACE} users/db users/api -o json"), 2, "P7010");
    let outcome = env.pipe(&format!("panka state verify {PLACE}")).succeeds().json();
    assert_eq!(outcome["done"], "verified");
}

#[test]
fn a_pulled_state_can_be_pushed_and_a_foreign_one_cannot() {
    let env = applied();
    drop(env.pipe(&format!("panka state pull {PLACE} > pulled.json")).succeeds());
    env.pipe(&format!("panka destroy {PLACE} -y -q")).succeeds().json();
    refused(&env, "panka state push pulled.json -o json", 2, "P7009");
    env.pipe("panka state push pulled.json --force").succeeds().json();
    let list = env.pipe(&format!("panka state list {PLACE} --jq '.resources | length'")).succeeds().json();
    assert_eq!(list, 44);
    let other = applied();
    fs::copy(env.path("pulled.json"), other.path("foreign.json")).unwrap();
    refused(&other, "panka state push foreign.json -o json", 2, "P7009");
    refused(&other, "echo '{\"kind\": \"panka.plan/v1\"}' | panka state push -o json", 1, "P7002");
}

#[test]
fn history_lists_the_runs() {
    let env = applied();
    env.pipe(&format!("panka destroy {PLACE} -y -q")).succeeds().json();
    let history = env
        .pipe(&format!("panka state history {PLACE} --jq '[.runs | sort_by(.serial)[] | [.operation, .serial, .exit]]'"))
        .succeeds()
        .json();
    assert_eq!(history, json!([["apply", 1, 0], ["destroy", 2, 0]]));
}

#[test]
fn a_script_holds_a_lock_over_several_verbs() {
    let env = TestEnv::example("user-platform");
    drop(env.pipe(&format!("panka lock acquire {PLACE} --ttl 30m > ticket.json")).succeeds());
    let outcome = env.pipe(&format!("panka apply {PLACE} -y -q -o json")).exits(4);
    assert_eq!(outcome.codes()[0], "P6001");
    assert!(outcome.stderr.contains("tester@") && outcome.stderr.contains("lock acquire"), "{outcome}");
    env.pipe(&format!("panka apply {PLACE} -y -q --lock ticket.json")).succeeds().json();
    let status = env.pipe(&format!("panka lock status {PLACE}")).succeeds().json();
    assert_eq!(status["holders"]["stack"]["operation"], "lock acquire");
    env.pipe("panka lock renew ticket.json --ttl 1h").succeeds().json();
    let locks = env.pipe("panka lock list --jq '.locks | length'").succeeds().json();
    assert_eq!(locks, 1);
    env.pipe("panka lock release ticket.json").succeeds().json();
    refused(&env, "panka lock release ticket.json -o json", 2, "P6003");
    env.pipe(&format!("panka destroy {PLACE} -y -q")).succeeds().json();
}

#[test]
fn breaking_a_lock_hits_the_holder_that_was_shown() {
    let env = TestEnv::example("user-platform");
    refused(&env, &format!("panka lock break {PLACE} -y -o json"), 2, "P6003");
    let ticket = env.pipe(&format!("panka lock acquire {PLACE}")).succeeds().json();
    refused(&env, &format!("panka lock break {PLACE} --lock-id 0193 -o json"), 2, "P6003");
    refused(&env, &format!("panka lock break {PLACE} -o json"), 2, "P0008");
    let outcome = env.terminal(&format!("panka lock break {PLACE} --reason 'the runner died'"), "y\n").run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let status = env.pipe(&format!("panka lock status {PLACE}")).succeeds().json();
    assert_eq!(status["holders"], json!({}));
    assert!(status["epoch"].as_u64() > ticket["lock"]["epoch"].as_u64(), "{status}");
    env.pipe(&format!("panka apply {PLACE} -y -q")).succeeds().json();
}

#[test]
fn a_stage_that_fails_after_lock_names_the_release() {
    let env = TestEnv::example("user-platform");
    let script = format!("panka graph {PLACE} | panka lock | panka diff --target users/nothing");
    let outcome = env.pipe(&script).exits(2);
    assert!(outcome.stderr.contains("panka lock release"), "{outcome}");
}
