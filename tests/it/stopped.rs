//! Holders that are stopped past the end of their lease, with a write under way, while another run goes on; then they wake up. Whatever they
//! were about to do: they write nothing, to the bucket or to the table.

use std::process::{Child, Command};
use std::thread;

use serde_json::{Value, json};

use crate::emulator::Rule;
use crate::env::{TestEnv, wait_until};
use crate::remote::{APPLY, Locks, OPERATIONS, creates, queue, shop};
use crate::remote_crash::{calls, is_write};

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").arg(name).arg(child.id().to_string()).status().unwrap().success(), "{name}");
}

/// Stops a run outside of its calls: one that is stopped within holds the file of the simulated account, and nobody else could make a call.
fn stop_between_calls(env: &TestEnv, run: &Child) {
    let account = env.path(OPERATIONS).with_file_name(".lock");
    assert!(account.is_file());
    wait_until("stopped outside of a call", || {
        signal(run, "-STOP");
        let free = Command::new("flock").args(["-n".as_ref(), account.as_os_str(), "true".as_ref()]).status().unwrap().success();
        if !free {
            signal(run, "-CONT");
        }
        free
    });
}

/// The writes of a run that holds its lock, in order: service, operation, number among its like. The first write of all takes the lock.
fn writes(locks: Locks) -> Vec<(String, String, u64)> {
    let env = locks.of(shop(2));
    env.pipe(APPLY).succeeds().json();
    let mut found: Vec<_> = calls(&env.account().log()).into_iter().filter(|(_, operation, _)| is_write(operation)).collect();
    found.remove(0);
    found
}

/// All that lies in the bucket and in the table.
fn bytes(env: &TestEnv, locks: Locks) -> (std::collections::BTreeMap<String, Vec<u8>>, Option<Value>) {
    let item = (locks == Locks::Table).then(|| env.account().item("stack:shop:env:dev").unwrap());
    (env.account().objects(), item)
}

fn stopped_at((service, operation, nth): &(String, String, u64), after: bool, locks: Locks) {
    let what = format!("stopped {} {service} {operation} {nth}", if after { "after" } else { "before" });
    let env = locks.of(shop(2));
    let rule = Rule::on(service, operation).nth(*nth);
    env.account().rules([if after { rule.hold_after() } else { rule.hold_before() }]);
    let mut first = env.pipe(&format!("exec {APPLY} -o json")).start();
    let mut is_over = false;
    wait_until(&format!("{what}: held or ended"), || {
        is_over = first.try_wait().unwrap().is_some();
        is_over || env.account().holds()
    });
    if is_over {
        // How many objects the journal has is a matter of how fast the steps are.
        return;
    }
    let under_way = env.account().held(1)[0]["key"].as_str().unwrap().to_owned();
    // The steps beside the call that is held come to their end meanwhile.
    env.pipe("panka lock status").succeeds().json();
    signal(&first, "-STOP");
    env.account().rules([]);
    queue(&env, "a", 0, 31);
    let second = env.pipe(&format!("{APPLY} --lock-timeout 30s")).succeeds().json();
    assert_eq!(second["exit"], 0, "{what}");
    let before = bytes(&env, locks);
    // First the write that was under way lands, late; then its process goes on.
    env.account().release_all();
    signal(&first, "-CONT");
    let ended = first.wait_with_output().unwrap();
    let (code, said) = (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned());
    let was_done = serde_json::from_slice::<Value>(&ended.stdout).is_ok_and(|run| run["exit"] == 0);
    if was_done {
        assert_eq!(code, Some(0), "{what}: all was written before: {said}");
    } else {
        assert_eq!(code, Some(5), "{what}: {said}");
        assert!(said.contains("P6002"), "{what}: {said}");
    }
    let now = bytes(&env, locks);
    let mut changed: Vec<_> = now.0.keys().chain(before.0.keys()).filter(|key| before.0.get(*key) != now.0.get(*key)).collect();
    // The record of a run that had written its state: true whenever it lands, and nobody else's.
    changed.retain(|key| !(**key == under_way && key.contains("/runs/")));
    assert!(changed.is_empty(), "{what}: wrote {changed:?}\n{said}");
    assert_eq!(before.1, now.1, "{what}: wrote to the table");
    assert!(creates(&env).values().all(|tokens| tokens.len() == 1), "{what}: {:?}", creates(&env));
    let plan = env.pipe("panka diff --exit-code").succeeds().json();
    assert_eq!(plan["summary"]["unchanged"], json!(4), "{what}");
}

fn stopped_at_every_write(locks: Locks) {
    let writes = writes(locks);
    assert!(writes.len() > 6, "{writes:?}");
    let moments: Vec<_> = writes.iter().flat_map(|write| [(write, false), (write, true)]).collect();
    for some in moments.chunks(8) {
        thread::scope(|scope| {
            for (write, after) in some {
                scope.spawn(move || stopped_at(write, *after, locks));
            }
        });
    }
}

#[test]
fn a_holder_stopped_at_a_write_writes_nothing_when_it_wakes() {
    stopped_at_every_write(Locks::Bucket);
}

#[test]
fn a_holder_whose_lock_is_in_a_table_stopped_at_a_write_writes_nothing_when_it_wakes() {
    stopped_at_every_write(Locks::Table);
}

#[test]
fn a_holder_that_wakes_calls_the_provider_no_more() {
    let called = |env: &TestEnv| std::fs::read_to_string(env.path(OPERATIONS)).unwrap_or_default().lines().count();
    for locks in [Locks::Bucket, Locks::Table, Locks::Both] {
        let env = locks.of(shop(3));
        let slow = json!({"kind": "panka.faults/v1", "seed": 1, "rules": [{"match": {"op": "create"}, "do": {"latency": 1.5}}]});
        env.write("faults.json", slow.to_string());
        let first = env.pipe(&format!("exec {APPLY} -o json --parallelism 1 --faults faults.json")).start();
        wait_until(&format!("{locks:?}: a call"), || called(&env) > 0);
        stop_between_calls(&env, &first);
        queue(&env, "a", 0, 31);
        env.pipe(&format!("{APPLY} --lock-timeout 30s")).succeeds().json();
        let (before, stored) = (called(&env), bytes(&env, locks));
        signal(&first, "-CONT");
        let ended = first.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(5), "{locks:?}: {}", String::from_utf8_lossy(&ended.stderr));
        assert_eq!(called(&env), before, "{locks:?}: it has called the provider");
        assert!(bytes(&env, locks) == stored, "{locks:?}: it has written");
        env.pipe("panka diff --exit-code").succeeds().json();
    }
}
