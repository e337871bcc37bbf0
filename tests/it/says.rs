//! What people read: short, in time, and in their own terms.

use std::fs;

use crate::env::TestEnv;

const AT: &str = "-s user-platform -e dev";

fn applied() -> TestEnv {
    let env = TestEnv::example("user-platform");
    drop(env.pipe(&format!("panka apply -y -q {AT}")).succeeds());
    env
}

#[test]
fn after_an_apply_a_terminal_shows_the_summary_and_the_outputs_of_the_stack() {
    let env = TestEnv::example("user-platform");
    let shown = env.terminal(&format!("panka apply -y -q {AT}"), "").succeeds().stdout;
    assert!(shown.contains("44 steps done") || shown.contains("44 of 44 steps done"), "{shown}");
    assert!(shown.contains("apiUrl") && shown.contains("queueUrl"), "{shown}");
    assert!(!shown.contains("users/db/instance") && !shown.contains("users/db.endpoint"), "{shown}");
    let env = TestEnv::example("user-platform");
    let detailed = env.terminal(&format!("panka apply -y -v {AT}"), "").succeeds().stdout;
    assert!(detailed.contains("users/db.endpoint"), "{detailed}");
    // What went wrong is always shown.
    let env = TestEnv::example("user-platform");
    env.write(
        "fail.json",
        r#"{"kind": "panka.faults/v1", "seed": 1, "rules": [{"match": {"address": "users/db/instance"}, "do": {"fail": "InvalidRequest"}}]}"#,
    );
    let failed = env.terminal(&format!("panka apply -y -q {AT} --faults fail.json"), "").exits(6).stdout;
    assert!(failed.contains("users/db/instance") && failed.contains("failed"), "{failed}");
}

#[test]
fn a_stale_plan_is_one_table() {
    let env = applied();
    drop(env.pipe(&format!("panka plan {AT} --var VERSION=v2 --out plan.json")).succeeds());
    drop(env.pipe(&format!("panka apply -y -q {AT} --var VERSION=v3")).succeeds());
    let outcome = env.pipe("panka apply -y plan.json -o json").exits(5);
    assert_eq!(outcome.codes(), ["P8001"], "{outcome}");
    let note = outcome.findings()[0]["note"].as_str().unwrap().to_owned();
    let rows: Vec<&str> = note.lines().collect();
    assert!(rows[0].starts_with("resource") && rows[0].contains("by") && rows[0].contains("run"), "{note}");
    assert!(rows.iter().any(|row| row.contains("users/api/service") && row.contains("properties") && row.contains("tester@")), "{note}");
}

#[test]
fn a_piped_plan_is_a_document_and_one_on_a_terminal_is_drawn() {
    let env = TestEnv::example("user-platform");
    assert_eq!(env.pipe(&format!("panka plan {AT}")).succeeds().json()["kind"], "panka.plan/v1");
    drop(env.pipe(&format!("panka plan {AT} | panka apply -y -q")).succeeds());
    assert!(env.terminal(&format!("panka plan {AT}"), "").succeeds().stdout.contains("plan of user-platform in dev"));
    assert!(env.pipe(&format!("panka plan {AT} -o table")).succeeds().stdout.contains("plan of user-platform in dev"));
    assert_eq!(env.pipe("panka explain P7012").succeeds().json()["kind"], "panka.explanations/v1");
    assert!(env.terminal("panka explain P7012", "").succeeds().stdout.contains("There was a state"));
}

#[test]
fn with_json_no_plan_is_drawn_on_standard_error_unless_asked_for() {
    let env = TestEnv::example("user-platform");
    let quiet = env.pipe(&format!("panka apply -y {AT} -o json")).succeeds();
    assert!(!quiet.stderr.contains("plan of user-platform"), "{quiet}");
    let asked = env.pipe(&format!("panka apply -y -v {AT} -o json --var VERSION=v2")).succeeds();
    assert!(asked.stderr.contains("plan of user-platform"), "{asked}");
}

#[test]
fn annotations_count_their_paths_from_the_workspace() {
    let env = TestEnv::new();
    let example = TestEnv::example("user-platform");
    fs::create_dir_all(env.path("deploy")).unwrap();
    let copy = format!("cp -r {}/. {}", example.work().display(), env.path("deploy").display());
    drop(env.pipe(&copy).succeeds());
    env.edit("deploy/stacks/user-platform/services/notify/components/queue/sqs.yaml", "spec:", "spek:");
    let workspace = env.work().display().to_string();
    let script = format!("cd deploy && GITHUB_ACTIONS=true GITHUB_WORKSPACE={workspace} panka validate {AT}");
    let outcome = env.pipe(&script).exits(3);
    assert!(outcome.stderr.contains("file=deploy/stacks/user-platform/services/notify/components/queue/sqs.yaml,"), "{outcome}");
}

#[test]
fn the_first_signal_says_at_once_what_happens_and_what_a_second_does() {
    let env = TestEnv::example("user-platform");
    env.write("slow.json", r#"{"kind": "panka.faults/v1", "seed": 1, "rules": [{"match": {}, "do": {"latency": 1.0}}]}"#);
    let child = env.pipe(&format!("exec panka apply -y {AT} --faults slow.json --events events.ndjson")).start();
    crate::env::wait_until("a step runs", || fs::read_to_string(env.path("events.ndjson")).is_ok_and(|text| text.contains("step-started")));
    crate::env::interrupt(&child);
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(130), "{said}");
    let (told, done) = (said.find("stopping:").unwrap(), said.rfind("created").unwrap());
    assert!(told < done && said.contains("Ctrl-C again"), "{said}");
    assert_eq!(said.matches("stopping:").count(), 1, "{said}");
    drop(env.pipe(&format!("panka apply -y -q {AT}")).succeeds());
}

#[test]
fn what_only_the_excluded_need_is_left_out_with_them() {
    let env = TestEnv::example("user-platform");
    let plan = env.pipe(&format!("panka diff {AT} --exclude users/api --exclude notify/mailer")).succeeds().json();
    let addresses: Vec<&str> = plan["steps"].as_array().unwrap().iter().map(|step| step["address"].as_str().unwrap()).collect();
    assert!(!addresses.iter().any(|address| address.starts_with("users/api/") || address.starts_with("notify/mailer/")), "{addresses:?}");
    assert!(!addresses.contains(&"_stack/cluster/cluster"), "{addresses:?}");
    assert!(addresses.contains(&"users/db/instance") && addresses.contains(&"_stack/network/vpc"), "{addresses:?}");
    let plan = env.pipe(&format!("panka diff {AT} --exclude users/api/service")).succeeds().json();
    let addresses: Vec<&str> = plan["steps"].as_array().unwrap().iter().map(|step| step["address"].as_str().unwrap()).collect();
    assert!(!addresses.contains(&"users/api/task-definition"), "{addresses:?}");
    drop(env.pipe(&format!("panka apply -y -q {AT} --exclude users/api --exclude notify/mailer")).succeeds());
    drop(env.pipe(&format!("panka apply -y -q {AT}")).succeeds());
}

#[test]
fn a_signal_ends_what_is_tried_again_and_again() {
    let env = applied();
    env.write(
        "fail.json",
        r#"{"kind": "panka.faults/v1", "seed": 1, "rules": [{"match": {"op": "update"}, "do": {"fail": "InternalFailure"}}]}"#,
    );
    let script = format!("exec panka apply -y {AT} --var VERSION=v2 --faults fail.json --events events.ndjson");
    let child = env.pipe(&script).start();
    crate::env::wait_until("it is tried again", || {
        fs::read_to_string(env.path("events.ndjson")).is_ok_and(|text| text.matches("step-retried").count() > 2)
    });
    crate::env::interrupt(&child);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{}", String::from_utf8_lossy(&ended.stderr));
    let events = env.read("events.ndjson");
    let after = &events[events.find("stopping:").unwrap()..];
    let again = |event: &serde_json::Value| event["event"] == "step-started" && event["attempt"].as_u64() > Some(1);
    let tried = after.lines().skip(1).filter(|line| again(&serde_json::from_str(line).unwrap())).count();
    assert_eq!(tried, 0, "{after}");
    drop(env.pipe(&format!("panka apply -y -q {AT} --var VERSION=v2")).succeeds());
}
