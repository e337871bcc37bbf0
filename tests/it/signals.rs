//! Signals at every moment of a verb: exit 130, no lock held, and the next apply goes on.

use std::cell::RefCell;
use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use serde_json::json;

use crate::env::{TestEnv, wait_until};

const PLACE: &str = "-s user-platform -e dev";
/// Linux: an open that would wait fails instead.
const O_NONBLOCK: i32 = 0o4000;

/// The panka that runs in a place.
fn process(env: &TestEnv) -> Option<PathBuf> {
    let work = env.work().canonicalize().unwrap();
    let ours = |path: &PathBuf| {
        fs::read_link(path.join("cwd")).is_ok_and(|cwd| cwd == work)
            && fs::read_link(path.join("exe")).is_ok_and(|exe| exe.ends_with("panka"))
    };
    fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path()).find(ours)
}

fn signal(process: &Path, name: &str) {
    assert!(Command::new("kill").arg(name).arg(process.file_name().unwrap()).status().unwrap().success());
}

/// Waits for the end of a run and holds it to what a signal must leave.
fn ends_interrupted(env: &TestEnv, mut child: Child, what: &str) {
    wait_until(&format!("the end of {what}"), || process(env).is_none());
    assert_eq!(child.wait().unwrap().code(), Some(130), "{what}");
    let status = env.pipe(&format!("panka lock status {PLACE}")).succeeds().json();
    assert_eq!(status["holders"], json!({}), "{what}: the lock is held");
}

fn goes_on(env: &TestEnv, what: &str) {
    let run = env.pipe(&format!("panka apply {PLACE} -y -q")).succeeds().json();
    assert_eq!(run["exit"], 0, "{what}");
    drop(env.pipe(&format!("panka diff {PLACE} --exit-code")).succeeds());
}

fn faults(env: &TestEnv, rules: &serde_json::Value) {
    env.write("faults.json", json!({"kind": "panka.faults/v1", "seed": 1, "rules": rules}).to_string());
}

fn has_event(env: &TestEnv, name: &str) -> bool {
    fs::read_to_string(env.path("events.ndjson")).is_ok_and(|text| text.contains(&format!("\"event\":\"{name}\"")))
}

#[test]
fn waiting_for_a_lock() {
    for (verb, name) in [
        ("apply -y -q --lock-timeout 10m --events events.ndjson", "-INT"),
        ("destroy -y -q --lock-timeout 10m --events events.ndjson", "-TERM"),
    ] {
        let env = TestEnv::example("user-platform");
        goes_on(&env, "the first apply");
        env.edit("stacks/user-platform/stack.yaml", "{team: identity}", "{team: others}");
        drop(env.pipe(&format!("panka lock acquire {PLACE} > lock.json")).succeeds());
        let before = fs::read(env.path(".panka/locks/user-platform/dev.json")).unwrap();
        let child = env.pipe(&format!("exec panka {verb} {PLACE}")).start();
        wait_until("it waits", || has_event(&env, "lock-waiting"));
        signal(&process(&env).unwrap(), name);
        wait_until("the end", || process(&env).is_none());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{verb}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("P8005") && said.contains("stack:user-platform:env:dev"), "{said}");
        assert_eq!(fs::read(env.path(".panka/locks/user-platform/dev.json")).unwrap(), before, "the lock of the other is untouched");
        drop(env.pipe("panka lock release lock.json").succeeds());
        goes_on(&env, verb);
    }
}

#[test]
fn a_state_verb_that_waits_for_a_lock() {
    let env = TestEnv::example("user-platform");
    goes_on(&env, "the first apply");
    drop(env.pipe(&format!("panka lock acquire {PLACE} > lock.json")).succeeds());
    let child = env.pipe(&format!("exec panka state protect users/avatars {PLACE}")).env("PANKA_LOCK_TIMEOUT", "10m").start();
    wait_until("it runs", || process(&env).is_some());
    // The wait itself shows nowhere but in the time that passes: whenever the signal comes, the end is the same.
    signal(&process(&env).unwrap(), "-INT");
    wait_until("the end", || process(&env).is_none());
    let code = child.wait_with_output().unwrap().status.code();
    assert!(code == Some(130) || code.is_none(), "{code:?}");
    drop(env.pipe("panka lock release lock.json").succeeds());
    goes_on(&env, "after the wait");
}

#[test]
fn the_plan() {
    let env = TestEnv::example("user-platform");
    goes_on(&env, "the first apply");
    let state = env.path(".panka/stacks/user-platform/dev/state.json");
    let text = fs::read(&state).unwrap();
    fs::remove_file(&state).unwrap();
    // A state that nobody writes into the pipe keeps the plan waiting for it.
    assert!(Command::new("mkfifo").arg(&state).status().unwrap().success());
    let child = env.pipe(&format!("exec panka apply -y -q {PLACE}")).start();
    // Without a reader there is nobody to open it for.
    let writer = || fs::OpenOptions::new().write(true).custom_flags(O_NONBLOCK).open(&state).ok();
    let open = RefCell::new(None);
    wait_until("the plan reads the state", || {
        *open.borrow_mut() = writer();
        open.borrow().is_some()
    });
    signal(&process(&env).unwrap(), "-INT");
    wait_until("the end of the plan", || process(&env).is_none());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    fs::remove_file(&state).unwrap();
    fs::write(&state, text).unwrap();
    let status = env.pipe(&format!("panka lock status {PLACE}")).succeeds().json();
    assert_eq!(status["holders"], json!({}));
    goes_on(&env, "the plan");
}

#[test]
fn the_prompt() {
    for name in ["-INT", "-TERM"] {
        let env = TestEnv::example("user-platform");
        let mut child = env.terminal(&format!("exec panka apply {PLACE}"), "").start();
        // Nothing is typed.
        drop(child.stdin.take());
        let asks = |env: &TestEnv| {
            let files = process(env).and_then(|path| fs::read_dir(path.join("fd")).ok()).into_iter().flatten().flatten();
            files.filter(|file| fs::read_link(file.path()).is_ok_and(|link| link == Path::new("/dev/tty"))).count() >= 2
        };
        wait_until("it asks", || asks(&env));
        signal(&process(&env).unwrap(), name);
        ends_interrupted(&env, child, "the prompt");
        assert!(!env.path(".panka/stacks").exists(), "nothing was written");
        goes_on(&env, "the prompt");
    }
}

#[test]
fn recovery() {
    let env = TestEnv::example("user-platform");
    faults(&env, &json!([{"match": {"address": "_stack/network/vpc"}, "do": {"crash": "after-call"}}]));
    assert_ne!(env.pipe(&format!("panka apply {PLACE} -y -q --faults faults.json")).run().code, Some(0));
    faults(&env, &json!([{"match": {"address": "_stack/network/vpc"}, "do": "hang"}]));
    let child = env.pipe(&format!("exec panka apply {PLACE} -y -q --faults faults.json --events events.ndjson")).start();
    wait_until("it holds the lock", || has_event(&env, "lock-acquired"));
    signal(&process(&env).unwrap(), "-INT");
    ends_interrupted(&env, child, "recovery");
    goes_on(&env, "recovery");
}

#[test]
fn the_run() {
    let env = TestEnv::example("user-platform");
    faults(&env, &json!([{"match": {"address": "_stack/network/vpc"}, "do": {"latency": 0.5}}]));
    let child = env.pipe(&format!("exec panka apply {PLACE} -y -q --faults faults.json --events events.ndjson")).start();
    wait_until("a step has started", || has_event(&env, "step-started"));
    signal(&process(&env).unwrap(), "-INT");
    ends_interrupted(&env, child, "the run");
    let listed = env.pipe(&format!("panka state list {PLACE}")).succeeds().json();
    assert!(listed["resources"].as_array().unwrap().iter().all(|line| line["status"] == "ready"), "what ran was finished: {listed}");
    goes_on(&env, "the run");
}

#[test]
fn the_run_twice() {
    let env = TestEnv::example("user-platform");
    faults(&env, &json!([{"match": {"address": "_stack/network/vpc"}, "do": "hang"}]));
    let child = env.pipe(&format!("exec panka apply {PLACE} -y -q --faults faults.json --events events.ndjson")).start();
    wait_until("the hanging step has started", || {
        fs::read_to_string(env.path("events.ndjson"))
            .is_ok_and(|text| text.lines().any(|line| line.contains("\"step-started\"") && line.contains("_stack/network/vpc")))
    });
    let panka = process(&env).unwrap();
    signal(&panka, "-INT");
    // Two signals at once may be heard as one: each is repeated until the end.
    wait_until("the end", || {
        if panka.exists() && process(&env).is_some() {
            Command::new("kill").arg("-INT").arg(panka.file_name().unwrap()).output().unwrap();
        }
        process(&env).is_none()
    });
    let code = child.wait_with_output().unwrap().status.code();
    assert_eq!(code, Some(130));
    let status = env.pipe(&format!("panka lock status {PLACE}")).succeeds().json();
    assert_eq!(status["holders"], json!({}));
    let listed = env.pipe(&format!("panka state list {PLACE}")).succeeds().json();
    assert!(listed["resources"].as_array().unwrap().iter().any(|line| line["status"] == "creating"), "its intent stays: {listed}");
    goes_on(&env, "two signals");
}
