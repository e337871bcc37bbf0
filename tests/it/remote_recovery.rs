//! Ways back: versions of the snapshot, states that were deleted or damaged, states that move.

use serde_json::{Value, json};

use crate::emulator::Rule;
use crate::env::{TestEnv, repository};
use crate::remote::{APPLY, queue, shop};

const AT: &str = "-s shop -e dev";
const SNAPSHOT: &str = "stacks/shop/dev/state.json";

/// The ids of the versions of the snapshot, newest first, without the marks of deletions.
fn versions(env: &TestEnv) -> Vec<String> {
    let history = env.pipe(&format!("panka state history {AT}")).succeeds().json();
    let kept = history["versions"].as_array().unwrap().iter().filter(|version| version["bytes"].is_u64());
    kept.map(|version| version["version"].as_str().unwrap().to_owned()).collect()
}

/// Flips a byte in the middle of the snapshot, which makes a version that is damaged.
fn damage(env: &TestEnv) {
    let mut bytes = env.account().objects()[SNAPSHOT].clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    env.account().put_object(SNAPSHOT, &bytes);
}

fn refused(env: &TestEnv, code: &str) {
    let before = env.account().objects();
    for verb in ["diff", "apply -y --allow-simulated", "state show", "state protect a/q0", "destroy -y --allow-simulated"] {
        let outcome = env.pipe(&format!("panka {verb} {AT} -o json")).exits(1);
        assert_eq!(outcome.codes(), [code], "{verb}: {outcome}");
    }
    assert_eq!(env.account().objects(), before, "nothing was written");
}

#[test]
fn a_damaged_snapshot_is_had_back_from_its_versions() {
    let env = shop(2);
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    let state = env.pipe(&format!("panka state show {AT}")).succeeds().json();
    damage(&env);
    refused(&env, "P7002");
    let [damaged, good] = &versions(&env)[..] else { panic!("two versions") };
    let pulled = env.pipe(&format!("panka state pull {AT} --version {good}")).succeeds().json();
    assert_eq!(pulled["resources"], state["resources"]);
    assert_eq!(env.pipe(&format!("panka state restore {AT} {damaged} -o json")).exits(1).codes(), ["P7002"]);
    assert_eq!(env.pipe(&format!("panka state restore {AT} no-such-version -o json")).exits(2).codes(), ["P7009"]);
    for verb in ["restore ''", "pull --version ''"] {
        assert_eq!(env.pipe(&format!("panka state {verb} {AT} -o json")).exits(2).codes(), ["P7009"], "{verb}");
    }
    let dry = env.pipe(&format!("panka state restore {AT} {good} --dry-run")).succeeds().json();
    assert_eq!(dry["done"], "would restore");
    refused(&env, "P7002");
    let restored = env.pipe(&format!("panka state restore {AT} {good}")).succeeds().json();
    assert_eq!((&restored["done"], restored["resources"].as_array().unwrap().len()), (&json!("restored"), 4));
    env.pipe(&format!("panka diff {AT} --exit-code")).succeeds().json();
    let history = env.pipe(&format!("panka state history {AT}")).succeeds().json();
    assert_eq!(history["runs"].as_array().unwrap().last().unwrap()["operation"], "state restore");
    let after = env.pipe(&format!("panka state show {AT}")).succeeds().json();
    assert!(after["serial"].as_u64() > state["serial"].as_u64() && after["epoch"].as_u64() > state["epoch"].as_u64());
    assert_eq!((&after["resources"], &after["lineage"]), (&state["resources"], &state["lineage"]));
    queue(&env, "a", 0, 90);
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
}

#[test]
fn a_snapshot_that_cannot_be_trusted_stops_everything_and_is_had_back() {
    let env = shop(1);
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    let good = env.account().objects()[SNAPSHOT].clone();
    let version = versions(&env).remove(0);
    let text = String::from_utf8(good.clone()).unwrap();
    env.write("stacks/shop/environments/test.yaml", "apiVersion: core.panka.io/v1\nkind: Environment\nmetadata: {name: test}\n");
    env.pipe(&format!("{APPLY} -s shop -e test")).succeeds().json();
    let foreign = env.account().objects()["stacks/shop/test/state.json"].clone();
    for (what, bytes, code) in [
        ("cut in half", good[..good.len() / 2].to_owned(), "P7002"),
        ("empty", Vec::new(), "P7002"),
        ("no JSON", b"<html>".to_vec(), "P7002"),
        ("newer", text.replace("panka.state/v1", "panka.state/v2").into_bytes(), "P7003"),
        ("of another environment", foreign, "P7004"),
    ] {
        env.account().put_object(SNAPSHOT, &bytes);
        refused(&env, code);
        env.pipe(&format!("panka state restore {AT} {version}")).succeeds().json();
        let plan = env.pipe(&format!("panka diff {AT} --exit-code")).succeeds().json();
        assert_eq!(plan["summary"]["unchanged"], 2, "{what}");
    }
}

#[test]
fn a_snapshot_is_restored_with_what_the_journal_holds_since() {
    let mut env = shop(2);
    env.set("PANKA_LOCK_TIMEOUT", "30s");
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    queue(&env, "a", 0, 90);
    env.account().rules([Rule::on("s3", "PutObject").key("*/state.json").hold_before()]);
    let mut child = env.pipe(&format!("exec {APPLY} {AT}")).start();
    assert_eq!(env.account().held(1).len(), 1);
    child.kill().unwrap();
    child.wait().unwrap();
    env.account().rules([]);
    env.account().release_all();
    damage(&env);
    let versions = versions(&env);
    let restored = env.pipe(&format!("panka state restore {AT} {}", versions[1])).succeeds();
    assert_eq!(restored.stderr, "", "the journal goes on from that version");
    let state = env.pipe(&format!("panka state show {AT}")).succeeds().json();
    assert_eq!(state["resources"]["a/q0/queue"]["properties"]["VisibilityTimeout"], 90);
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    env.pipe(&format!("panka diff {AT} --exit-code")).succeeds().json();
}

#[test]
fn a_snapshot_that_was_deleted_is_no_empty_state() {
    let env = shop(1);
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    env.account().delete_object(SNAPSHOT);
    refused(&env, "P7012");
    let versions = versions(&env);
    env.pipe(&format!("panka state restore {AT} {}", versions[0])).succeeds().json();
    env.pipe(&format!("panka diff {AT} --exit-code")).succeeds().json();
}

fn migrate(env: &TestEnv, flags: &str) -> Value {
    env.pipe(&format!("panka state migrate {AT} {flags}")).succeeds().json()
}

#[test]
fn a_state_moves_from_here_to_a_bucket_and_back() {
    let mut env = shop(2);
    let bucket = env.account().bucket();
    env.set("PANKA_BACKEND_BUCKET", "");
    env.pipe(&format!("panka apply -y -q {AT}")).succeeds().json();
    let state = env.pipe(&format!("panka state show {AT}")).succeeds().json();
    let there = format!("--to s3 --to-bucket {bucket}");
    let dry = migrate(&env, &format!("{there} --dry-run"));
    assert_eq!((&dry["dry_run"], &dry["resources"]), (&json!(true), &json!(4)));
    assert_eq!(env.account().keys(), Vec::<String>::new());
    let moved = migrate(&env, &there);
    assert_eq!((&moved["to"], &moved["objects"]), (&json!(format!("s3://{bucket}/{SNAPSHOT}")), &json!(1)));
    let left = env.pipe(&format!("panka apply -y {AT} -o json")).exits(1);
    assert_eq!(left.codes(), ["P7013"]);
    assert!(left.findings()[0]["message"].as_str().unwrap().contains(&bucket), "{left}");
    env.set("PANKA_BACKEND_BUCKET", &bucket);
    let now = env.pipe(&format!("panka state show {AT}")).succeeds().json();
    assert_eq!((&now["resources"], &now["outputs"], &now["lineage"]), (&state["resources"], &state["outputs"], &state["lineage"]));
    queue(&env, "a", 0, 90);
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    // Another bucket that is in use is not written over.
    let taken = env.pipe(&format!("panka state migrate {AT} --to s3 --to-bucket {bucket} -o json")).exits(2);
    assert_eq!(taken.codes(), ["P0017"], "it is there already");
    migrate(&env, "--to local");
    assert_eq!(env.pipe(&format!("panka state show {AT} -o json")).exits(1).codes(), ["P7013"]);
    env.set("PANKA_BACKEND_BUCKET", "");
    env.pipe(&format!("panka diff {AT} --exit-code")).succeeds().json();
    let home = env.pipe(&format!("panka state show {AT}")).succeeds().json();
    assert_eq!(home["resources"]["a/q0/queue"]["properties"]["VisibilityTimeout"], 90);
    assert!(home["epoch"].as_u64() > now["epoch"].as_u64());
}

#[test]
fn a_state_moves_to_a_bucket_with_its_locks_in_a_table() {
    let mut env = shop(1);
    env.account().create_table();
    let (bucket, table) = (env.account().bucket(), env.account().table());
    env.set("PANKA_BACKEND_BUCKET", "");
    env.pipe(&format!("panka apply -y -q {AT}")).succeeds().json();
    let elsewhere = env.pipe(&format!("panka state migrate {AT} --to local --to-lock-table t -o json")).exits(2);
    assert_eq!(elsewhere.codes(), ["P0017"]);
    drop(env.pipe(&format!("panka state migrate {AT} --to s3 --to-bucket b --to-lock-region eu-west-1")).exits(2));
    migrate(&env, &format!("--to s3 --to-bucket {bucket} --to-lock-table {table}"));
    let item = env.account().item("stack:shop:env:dev").unwrap();
    assert_eq!(item["holders"], json!({"M": {}}), "the lock there was taken, and given back");
    assert!(!env.account().keys().iter().any(|key| key.starts_with("locks/")), "no lock in the bucket");
    env.set("PANKA_BACKEND_BUCKET", &bucket);
    env.set("PANKA_LOCK_TABLE", &table);
    queue(&env, "a", 0, 90);
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    env.pipe(&format!("panka diff {AT} --exit-code")).succeeds().json();
}

#[test]
fn a_migration_that_was_killed_is_done_again() {
    let mut env = shop(1);
    let flags = format!("--to s3 --to-bucket {} --to-prefix new/", env.account().bucket());
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    // The copy is written, and what stays behind is not marked.
    env.account().rules([Rule::on("s3", "PutObject").key(SNAPSHOT).hold_before()]);
    let mut child = env.pipe(&format!("exec panka state migrate {AT} {flags}")).start();
    assert_eq!(env.account().held(1).len(), 1);
    child.kill().unwrap();
    child.wait().unwrap();
    env.account().rules([]);
    env.account().release_all();
    env.pipe(&format!("panka diff {AT} --exit-code")).succeeds().json();
    env.set("PANKA_LOCK_TIMEOUT", "30s");
    migrate(&env, &flags);
    assert_eq!(env.pipe(&format!("panka state show {AT} -o json")).exits(1).codes(), ["P7013"]);
    env.set("PANKA_BACKEND_PREFIX", "new/");
    env.pipe(&format!("panka diff {AT} --exit-code")).succeeds().json();
}

#[test]
fn a_state_that_is_in_use_is_not_written_over() {
    let mut env = shop(1);
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    env.set("PANKA_BACKEND_PREFIX", "other/");
    env.write("stacks/shop/services/a/components/more/sqs.yaml", "apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {name: more}\n");
    // The queues of the first one exist in the simulated account.
    env.pipe(&format!("{APPLY} {AT}")).exits(6).json();
    let before = env.account().objects();
    let flags = format!("--to s3 --to-bucket {} -o json", env.account().bucket());
    assert_eq!(env.pipe(&format!("panka state migrate {AT} {flags}")).exits(2).codes(), ["P7009"]);
    let state = |objects: &std::collections::BTreeMap<String, Vec<u8>>| objects[SNAPSHOT].clone();
    assert_eq!(state(&env.account().objects()), state(&before));
}

#[test]
fn the_guide_from_files_to_a_bucket_can_be_followed() {
    let mut env = shop(1);
    env.set("PANKA_BACKEND_BUCKET", "");
    env.pipe(&format!("panka apply -y -q {AT}")).succeeds().json();
    let guide = std::fs::read_to_string(repository().join("docs/guide/bucket.md")).unwrap();
    let mut commands = guide.split("```sh\n").skip(1).flat_map(|rest| rest.split("```").next().unwrap().lines());
    let mut last = String::new();
    for command in commands.by_ref() {
        let command = command.replace("acme-panka", &env.account().bucket());
        last = env.pipe(&command).run().to_string();
        assert!(last.contains("[exit 0]"), "{command}\n{last}");
    }
    assert!(last.contains("panka.migration/v1"), "{last}");
    std::fs::remove_file(env.path("panka.yaml")).unwrap();
    env.pipe(&format!("panka diff {AT} --exit-code")).succeeds().json();
}

#[test]
fn a_copy_takes_the_place_of_a_state_that_is_damaged_or_deleted() {
    for bucket in [true, false] {
        let mut env = shop(1);
        if !bucket {
            env.set("PANKA_BACKEND_BUCKET", "");
        }
        env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
        let pulled = env.pipe(&format!("panka state pull {AT} | tee copy.json")).succeeds().json();
        let file = format!(".panka/{SNAPSHOT}");
        for damaged in [true, false] {
            match (bucket, damaged) {
                (true, true) => damage(&env),
                (true, false) => env.account().delete_object(SNAPSHOT),
                (false, true) => env.write(&file, env.read(&file).replace("q0", "q9")),
                (false, false) => std::fs::remove_file(env.path(&file)).unwrap(),
            }
            let code = if damaged { "P7002" } else { "P7012" };
            assert_eq!(env.pipe(&format!("panka state show {AT} -o json")).exits(1).codes(), [code]);
            let pushed = env.pipe(&format!("panka state push {AT} copy.json")).succeeds().json();
            assert_eq!((&pushed["done"], pushed["resources"].as_array().unwrap().len()), (&json!("pushed"), 2));
            let state = env.pipe(&format!("panka state show {AT}")).succeeds().json();
            assert_eq!((&state["resources"], &state["lineage"]), (&pulled["resources"], &pulled["lineage"]));
            assert!(state["serial"].as_u64() > pulled["serial"].as_u64());
        }
        env.pipe(&format!("panka diff {AT} --exit-code")).succeeds().json();
    }
}
