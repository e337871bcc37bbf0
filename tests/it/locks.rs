//! Locks as items of a DynamoDB table, as objects of a bucket, and as both: what a person sees and does, and what lies there then.

use serde_json::{Value, json};

use crate::emulator::Rule;
use crate::env::{TestEnv, wait_until};
use crate::remote::{APPLY, Locks, creates, held_apply, queue, shop};

const KEY: &str = "stack:shop:env:dev";

fn tabled(queues: usize) -> TestEnv {
    Locks::Table.of(shop(queues))
}

#[test]
fn a_run_takes_and_frees_an_item_of_the_table() {
    let env = tabled(1);
    env.pipe(APPLY).succeeds().json();
    let item = env.account().item(KEY).unwrap();
    assert_eq!((&item["epoch"]["N"], &item["holders"]), (&json!("1"), &json!({"M": {}})), "{item}");
    assert!(!env.account().keys().iter().any(|key| key.starts_with("locks/")), "no lock in the bucket");
    let year = 365 * 86_400;
    let ends: i64 = item["expiresAt"]["N"].as_str().unwrap().parse().unwrap();
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    assert!(ends > now + year, "an item is removed long after any lease");
    let writes: Vec<Value> = env.account().log().into_iter().filter(|call| call["service"] == "dynamodb").collect();
    assert!(writes.iter().all(|call| call["operation"] != "PutItem" || call["ConditionExpression"].is_string()), "{writes:#?}");
    queue(&env, "a", 0, 31);
    env.pipe(APPLY).succeeds().json();
    assert_eq!(env.account().item(KEY).unwrap()["epoch"]["N"], "2");
    env.account().forget_calls();
    env.pipe(APPLY).succeeds().json();
    assert_eq!(env.account().count("dynamodb", "GetItem") + env.account().count("dynamodb", "PutItem"), 0, "nothing to do, no lock");
}

#[test]
fn every_verb_of_locks_works_on_the_table() {
    let env = tabled(1);
    let status = env.pipe("panka lock status").succeeds().json();
    assert_eq!((&status["holders"], &status["epoch"]), (&json!({}), &json!(0)));
    let ticket = env.pipe("panka lock acquire --ttl 5m --operation maintenance | tee ticket.json").succeeds().json();
    let item = env.account().item(KEY).unwrap();
    assert_eq!(item["holders"]["M"]["stack"]["M"]["lockId"]["S"], ticket["lock"]["lockId"]);
    let locks = env.pipe("panka lock list").succeeds().json();
    assert_eq!((locks["locks"].as_array().unwrap().len(), &locks["locks"][0]["operation"]), (1, &json!("maintenance")));
    let refused = env.pipe("panka lock acquire -o json </dev/null").exits(4);
    assert_eq!(refused.codes(), ["P6001"]);
    let renewed = env.pipe("panka lock renew ticket.json --ttl 10m").succeeds().json();
    assert!(renewed["lock"]["expiresAt"].as_str() > ticket["lock"]["expiresAt"].as_str(), "{renewed}");
    let elsewhere = env.pipe(&format!("{APPLY} --lock ticket.json -o json")).env_remove("PANKA_LOCK_TABLE").exits(2);
    assert_eq!(elsewhere.codes(), ["P6003"], "{elsewhere}");
    env.pipe(&format!("{APPLY} --lock ticket.json")).succeeds().json();
    // A ticket says where its lock lies, whatever the surroundings say now.
    let free = env.pipe("panka lock release ticket.json").env_remove("PANKA_LOCK_TABLE").succeeds().json();
    assert_eq!(free["holders"], json!({}));
    env.pipe("panka lock acquire | panka lock release").succeeds().json();
    let ticket = env.pipe("panka lock acquire").succeeds().json();
    let id = ticket["lock"]["lockId"].as_str().unwrap();
    let broken = env.pipe(&format!("panka lock break --lock-id {id} --reason 'dead runner'")).succeeds().json();
    assert_eq!((&broken["unsealed"], &broken["lastReleased"]["broken"]["reason"]), (&json!([3]), &json!("dead runner")));
    assert_eq!(env.account().item(KEY).unwrap()["unsealed"], json!({"NS": ["3"]}));
    env.pipe(&format!("panka graph | panka lock | panka state | panka diff | {APPLY}")).succeeds().json();
    assert_eq!(env.account().item(KEY).unwrap()["holders"], json!({"M": {}}));
    assert!(!env.account().keys().iter().any(|key| key.starts_with("locks/")), "no lock in the bucket");
}

#[test]
fn the_epoch_does_not_fall_when_an_item_is_deleted() {
    let env = tabled(1);
    for n in 0..3 {
        queue(&env, "a", 0, 31 + n);
        env.pipe(APPLY).succeeds().json();
    }
    env.account().delete_item(KEY);
    queue(&env, "a", 0, 41);
    env.pipe(APPLY).succeeds().json();
    assert_eq!(env.account().item(KEY).unwrap()["epoch"]["N"], "4");
}

#[test]
fn an_item_that_is_deleted_during_a_run_ends_it() {
    let env = tabled(2);
    env.account().rules([Rule::on("s3", "PutObject").key("stacks/*/journal/*").nth(2).hold_before()]);
    let running = env.pipe(&format!("exec {APPLY} -o json")).start();
    env.account().held(1);
    env.account().delete_item(KEY);
    env.account().ended("dynamodb", "GetItem", 3);
    env.account().rules([]);
    env.account().release_all();
    let ended = running.wait_with_output().unwrap();
    let findings = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(5), "{findings}");
    assert!(findings.contains("P6002") && findings.contains("deleted"), "{findings}");
    assert_eq!(env.account().item(KEY), None, "it does not put itself back");
    env.account().rules([]);
    env.pipe(&format!("{APPLY} --lock-timeout 20s")).succeeds().json();
    env.pipe("panka diff --exit-code").succeeds().json();
}

#[test]
fn a_team_moves_from_one_to_the_other_with_both_and_no_lock_is_given_twice() {
    let env = tabled(1);
    let apply = |locks: &str, timeout: u32| {
        queue(&env, "a", 0, timeout);
        env.pipe(&format!("{APPLY} --lock-type {locks}")).succeeds().json();
    };
    apply("dynamodb", 31);
    apply("dynamodb+s3", 32);
    let lock = || serde_json::from_slice::<Value>(&env.account().objects()["locks/shop/dev.json"]).unwrap();
    assert_eq!((&lock()["epoch"], &env.account().item(KEY).unwrap()["epoch"]["N"]), (&json!(2), &json!("2")));
    for (holder, other) in [("dynamodb", "dynamodb+s3"), ("dynamodb+s3", "dynamodb"), ("dynamodb+s3", "s3"), ("s3", "dynamodb+s3")] {
        drop(env.pipe(&format!("panka lock acquire --lock-type {holder} > ticket.json")).succeeds());
        let refused = env.pipe(&format!("panka lock acquire --lock-type {other} -o json </dev/null")).exits(4);
        assert_eq!(refused.codes(), ["P6001"], "{holder} {other}: {refused}");
        env.pipe("panka lock release ticket.json").succeeds().json();
    }
    apply("s3", 33);
    assert!(lock()["epoch"].as_u64() > env.account().item(KEY).unwrap()["epoch"]["N"].as_str().unwrap().parse().ok());
    env.pipe("panka diff --exit-code").succeeds().json();
}

#[test]
fn a_table_without_a_ttl_is_named_once_a_run_and_stands_in_nobodys_way() {
    let env = shop(1);
    env.account().create_table_with_key("lockKey");
    let table = env.account().table();
    let tabled = |script: &str| env.pipe(script).env("PANKA_LOCK_TABLE", &table).succeeds();
    let run = tabled("panka apply -y --allow-simulated");
    assert_eq!(run.stderr.matches("P4026").count(), 1, "{run}");
    for verb in ["panka state protect a/q0/queue -o json", "panka lock status -o json", "panka lock acquire -o json"] {
        assert_eq!(tabled(verb).codes(), ["P4026"], "{verb}");
    }
    let ttl = |on: bool, attribute: &str| {
        let specification = json!({"Enabled": on, "AttributeName": attribute});
        let request = json!({"TableName": table, "TimeToLiveSpecification": specification});
        env.account().dynamodb("UpdateTimeToLive", request).success();
    };
    ttl(true, "ttl");
    let other = tabled("panka lock status -o json");
    assert!(other.codes() == ["P4026"] && other.stderr.contains("`ttl`"), "{other}");
    ttl(true, "expiresAt");
    assert_eq!(tabled("panka lock status -o json").stderr, "");
    // Nobody needs the right to ask.
    env.account().rules([Rule::on("dynamodb", "DescribeTimeToLive").fail("AccessDeniedException")]);
    assert_eq!(tabled("panka lock status -o json").stderr, "");
}

#[test]
fn status_says_how_a_holder_looks() {
    let env = tabled(2);
    env.account().rules([Rule::on("s3", "PutObject").key("stacks/*/journal/*").nth(1).hold_before()]);
    let mut running = env.pipe(&format!("exec {APPLY}")).start();
    env.account().held(1);
    let holder = || env.pipe("panka lock status").succeeds().json()["holders"]["stack"].clone();
    let alive = holder();
    assert_eq!(alive["observed"]["liveness"], "alive", "{alive}");
    assert_eq!(env.pipe("panka lock list").succeeds().json()["locks"][0]["liveness"], "alive");
    running.kill().unwrap();
    running.wait().unwrap();
    env.account().rules([]);
    env.account().release_all();
    wait_until("its holder is stale", || holder()["observed"]["liveness"] == "stale");
    let table = env.pipe("panka lock status -o table").succeeds().stdout;
    assert!(table.contains(" ago (stale)"), "{table}");
}

#[test]
fn an_item_that_is_damaged_is_an_error_and_one_of_another_tool_is_nobodys_business() {
    let env = tabled(1);
    env.pipe(APPLY).succeeds().json();
    queue(&env, "a", 0, 31);
    let good = env.account().item(KEY).unwrap();
    let put = |item: &Value| env.account().dynamodb("PutItem", json!({"TableName": env.account().table(), "Item": item})).success();
    let number = |text: &str| json!({"N": text});
    let holder = |ttl: &str| {
        json!({"M": {"stack": {"M": {"lockId": {"S": "x"}, "epoch": number("1"), "lockedBy": {"S": "x"},
        "lockedAt": {"S": "x"}, "operation": {"S": "x"}, "ttl": number(ttl), "expiresAt": {"S": "x"}, "lastHeartbeat": {"S": "x"},
        "beat": number("0"), "metadata": {"M": {"hostname": {"S": "x"}, "pid": number("1"), "version": {"S": "x"}}}}}}})
    };
    for (field, value) in [
        ("epoch", json!(null)),
        ("epoch", json!({"S": "one"})),
        ("epoch", number("1.5")),
        ("epoch", number("-1")),
        ("epoch", number("18446744073709551615")),
        ("rev", number("18446744073709551615")),
        ("version", json!(null)),
        ("version", number("1")),
        ("holders", json!({"M": {"everything": holder("60")["M"]["stack"]}})),
        ("holders", json!({"M": {"stack": {"S": "ann"}}})),
        ("holders", holder("18446744073709551615")),
        ("unsealed", json!({"SS": ["x"]})),
        ("Info", json!({"S": "of another tool"})),
    ] {
        let mut item = good.clone();
        if value.is_null() {
            item.as_object_mut().unwrap().remove(field);
        } else {
            item[field] = value.clone();
        }
        put(&item);
        for (script, exit) in [(&*format!("{APPLY} -o json"), 1), ("panka lock status -o json", 1), ("panka lock list -o json", 0)] {
            let outcome = env.pipe(script).exits(exit);
            assert_eq!(outcome.codes(), ["P6005"], "{field} {value}: {outcome}");
            assert!(outcome.stderr.contains(KEY), "{field} {value}: {outcome}");
        }
        assert_eq!(env.account().item(KEY), Some(item), "{field} {value}: written over");
    }
    put(&good);
    put(&json!({"lockKey": {"S": "terraform/prod"}, "Info": {"S": "{}"}}));
    assert_eq!(env.pipe("panka lock list").succeeds().json()["locks"], json!([]));
    env.pipe(APPLY).succeeds().json();
}

#[test]
fn of_two_runs_one_applies_and_the_other_is_refused_or_waits_and_goes_on() {
    for locks in [Locks::Bucket, Locks::Table, Locks::Both] {
        let mut env = locks.of(shop(2));
        env.set("PANKA_LOCK_TTL", "30");
        let first = held_apply(&env, "");
        env.account().rules([]);
        let refused = env.pipe("panka apply -y --allow-simulated").exits(4);
        for said in [
            "P6001",
            "stack:shop:env:dev is locked by tester@",
            "(apply) since ",
            "host ",
            &format!(" pid {}", first.id()),
            "held for ",
            "last heartbeat ",
            "(alive)",
            "lock id ",
            "--lock-timeout",
            "panka lock break",
        ] {
            assert!(refused.stderr.contains(said), "{locks:?}: {said}: {refused}");
        }
        drop(env.pipe(&format!("{APPLY} --lock-timeout 1s")).exits(4));
        let waiting = env.pipe("exec panka apply -y --allow-simulated --lock-timeout 60s --events waiting.ndjson").start();
        let said = || std::fs::read_to_string(env.path("waiting.ndjson")).unwrap_or_default();
        wait_until(&format!("{locks:?}: it says that it waits"), || said().contains("lock-waiting"));
        env.account().release_all();
        assert_eq!(first.wait_with_output().unwrap().status.code(), Some(0), "{locks:?}");
        let ended = waiting.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(0), "{locks:?}: {told}");
        assert!(told.contains("waiting") && told.contains("tester@"), "{locks:?}: {told}");
        assert!(creates(&env).values().all(|tokens| tokens.len() == 1), "{locks:?}: it went on with what the first had left");
        env.pipe("panka diff --exit-code").succeeds().json();
    }
}

#[test]
fn a_dead_run_is_broken_at_once_or_taken_over_and_never_with_no_takeover() {
    for locks in [Locks::Bucket, Locks::Table, Locks::Both] {
        let mut env = locks.of(shop(2));
        env.set("PANKA_LOCK_TTL", "600");
        let mut first = held_apply(&env, "");
        env.account().rules([]);
        first.kill().unwrap();
        first.wait().unwrap();
        env.account().release_all();
        for verb in [&*format!("{APPLY} --no-takeover"), "panka lock acquire --no-takeover", "panka graph | panka lock --no-takeover"] {
            drop(env.pipe(verb).exits(4));
        }
        let id = env.pipe("panka lock status").succeeds().json()["holders"]["stack"]["lockId"].as_str().unwrap().to_owned();
        drop(env.pipe("panka lock break --lock-id 0193-nobody -o json </dev/null").exits(2));
        let broken = env.pipe(&format!("panka lock break --lock-id {id} --reason 'dead runner'")).succeeds().json();
        assert_eq!((&broken["holders"], &broken["unsealed"]), (&json!({}), &json!([1])), "{locks:?}");
        env.pipe(APPLY).succeeds().json();
        assert_eq!(env.pipe("panka lock status").succeeds().json()["unsealed"], json!([]), "{locks:?}");
        assert!(creates(&env).values().all(|tokens| tokens.len() == 1), "{locks:?}");
        env.pipe("panka diff --exit-code").succeeds().json();
    }
}

#[test]
fn flags_that_mean_nothing_or_another_lock_are_refused() {
    let env = tabled(1);
    for flag in ["--lock-table ''", "--lock-region ''", "--lock-table 'bad name'", "--lock-table a/b", "--lock-table arn:aws:s3:::x"] {
        let outcome = env.pipe(&format!("{APPLY} -o json {flag}")).exits(2);
        assert_eq!(outcome.codes(), ["P0013"], "{flag}: {outcome}");
    }
    env.write("stacks/shop/environments/prod.yaml", "apiVersion: core.panka.io/v1\nkind: Environment\nmetadata: {name: prod}\n");
    drop(env.pipe("panka lock acquire -e prod > ticket.json").succeeds());
    for verb in ["release", "renew"] {
        let outcome = env.pipe(&format!("panka lock {verb} -e dev ticket.json -o json")).exits(2);
        assert_eq!(outcome.codes(), ["P6003"], "{verb}: {outcome}");
    }
    assert_eq!(env.pipe("panka lock list").succeeds().json()["locks"].as_array().unwrap().len(), 1, "it is still held");
    drop(env.pipe("panka lock release ticket.json").succeeds());
}

#[test]
fn a_table_with_another_key_never_looks_free() {
    let env = shop(1);
    env.account().create_table_with_key("LockID");
    let table = env.account().table();
    let item = json!({"TableName": table, "Item": {"LockID": {"S": "terraform/prod"}}});
    env.account().dynamodb("PutItem", item).success();
    for verb in ["panka lock list -o json", "panka lock status -o json", "panka lock acquire -o json"] {
        assert_eq!(env.pipe(verb).env("PANKA_LOCK_TABLE", &table).exits(1).codes(), ["P4025"], "{verb}");
    }
}
