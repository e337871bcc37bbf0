//! What is known after a create whose end nobody saw, and how Pulumi takes over what it does not know.

use std::process::Child;

use serde_json::{Value, json};

use crate::deploy::{APPLY, AT, changes, converged, deploying, steps};
use crate::emulator::Rule;
use crate::env::{TestEnv, wait_until};
use crate::project::shop;

/// A resource whose identifier follows from its name.
const ROLE: (&str, &str) = ("AWS::IAM::Role", "{RoleName: shop-ci, AssumeRolePolicyDocument: {Version: \"2012-10-17\", Statement: []}}");
/// One whose identifier AWS chooses.
const GATEWAY: (&str, &str) = ("AWS::EC2::InternetGateway", "{}");

const ADDRESS: &str = "a/one/resource";

/// A stack of one resource, and a queue that was deployed before it.
fn with(what: (&str, &str)) -> Option<TestEnv> {
    let env = deploying(shop(1))?;
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    env.write(
        "stacks/shop/services/a/components/one/resource.yaml",
        format!(
            "apiVersion: components.panka.io/v1\nkind: Resource\nmetadata: {{name: one}}\nspec:\n  type: {}\n  properties: {}\n",
            what.0, what.1
        ),
    );
    Some(env)
}

/// Starts a run whose create of the resource waits in the service: after it is done, or before it will not be.
fn creating(env: &TestEnv, what: (&str, &str), done: bool) -> Child {
    let create = || Rule::on("cloudcontrolapi", "CreateResource").resource(what.0);
    if done {
        env.account().rules([create().hold_after()]);
    } else {
        env.account().rules([create().hold_before(), create().fail("InternalFailure")]);
    }
    let child = env.pipe(&format!("exec {APPLY} {AT}")).start();
    wait_until("the create", || env.account().holds());
    child
}

/// Processes of this place whose command holds one of these.
fn processes(env: &TestEnv, commands: &[&str]) -> Vec<u32> {
    let home = env.home().display().to_string();
    let pids = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let read = |pid: u32, file: &str| {
        let bytes = std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\0', " ")
    };
    let ours = |pid: &u32| read(*pid, "environ").contains(&home) && commands.iter().any(|command| read(*pid, "cmdline").contains(command));
    pids.filter(ours).collect()
}

fn kill(env: &TestEnv, commands: &[&str]) {
    for pid in processes(env, commands) {
        // It may have ended by itself.
        std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    }
}

/// Ends a run as a machine that fails does.
fn lose(env: &TestEnv, mut child: Child) {
    kill(env, &["panka", "pulumi"]);
    child.wait().unwrap();
    env.account().rules([]);
    env.account().release_all();
    env.pipe(&format!("panka lock break {AT} -y")).succeeds().json();
}

fn lives(env: &TestEnv, what: (&str, &str)) -> usize {
    env.account().live().iter().filter(|one| one["type"] == what.0).count()
}

#[test]
fn a_create_that_was_under_way_when_everything_died_is_found_by_its_name() {
    for done in [true, false] {
        let Some(env) = with(ROLE) else { return };
        let child = creating(&env, ROLE, done);
        lose(&env, child);
        let before = lives(&env, ROLE);
        assert_eq!(before, usize::from(done));
        env.account().forget_calls();
        let run = env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
        assert_eq!(lives(&env, ROLE), 1, "{run}");
        assert_eq!(changes(&env), 1 - u64::try_from(before).unwrap(), "nothing is made twice");
        converged(&env, AT);
    }
}

#[test]
fn a_create_that_two_signals_have_cut_off_is_found_by_its_name() {
    let Some(env) = with(ROLE) else { return };
    let child = creating(&env, ROLE, true);
    for _ in 0..2 {
        crate::env::interrupt(&child);
    }
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{}", String::from_utf8_lossy(&ended.stderr));
    env.account().rules([]);
    env.account().release_all();
    env.account().forget_calls();
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    assert_eq!((lives(&env, ROLE), changes(&env)), (1, 0));
    converged(&env, AT);
}

#[test]
fn what_nobody_can_know_waits_for_a_person_who_says_it() {
    for done in [true, false] {
        let Some(env) = with(GATEWAY) else { return };
        let child = creating(&env, GATEWAY, done);
        lose(&env, child);
        let before = lives(&env, GATEWAY);
        let refused = env.pipe(&format!("{APPLY} {AT}")).exits(6);
        assert!(refused.stderr.contains(&format!("panka state resolve {ADDRESS}")), "{refused}");
        let live = env.account().live();
        let answer = match live.iter().find(|one| one["type"] == GATEWAY.0) {
            Some(one) => format!("--identifier {}", one["identifier"].as_str().unwrap()),
            None => "--absent".to_owned(),
        };
        env.pipe(&format!("panka state resolve {ADDRESS} {answer} {AT}")).succeeds().json();
        env.account().forget_calls();
        env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
        assert_eq!((lives(&env, GATEWAY), changes(&env)), (1, 1 - u64::try_from(before).unwrap()), "{answer}");
        converged(&env, AT);
    }
}

#[test]
fn a_provider_that_dies_leaves_a_create_that_is_looked_for() {
    for what in [ROLE, GATEWAY] {
        let Some(env) = with(what) else { return };
        let child = creating(&env, what, true);
        kill(&env, &["pulumi_provider"]);
        env.account().rules([]);
        env.account().release_all();
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(6), "{said}");
        assert!(said.contains("P8006") && said.contains(ADDRESS), "{said}");
        let again = env.pipe(&format!("{APPLY} {AT}"));
        if what == ROLE {
            again.succeeds().json();
            converged(&env, AT);
        } else {
            assert!(again.exits(6).stderr.contains("panka state resolve"));
        }
        assert_eq!(lives(&env, what), 1);
    }
}

#[test]
fn a_language_host_that_dies_ends_the_run_with_a_finding_and_the_next_goes_on() {
    for what in [ROLE, GATEWAY] {
        let Some(env) = with(what) else { return };
        let child = creating(&env, what, true);
        kill(&env, &["pulumi-language-yaml"]);
        env.account().rules([]);
        env.account().release_all();
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(6), "{said}");
        assert!(said.contains("P5006") && said.contains("run the command again to go on"), "{said}");
        env.account().forget_calls();
        env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
        assert_eq!((lives(&env, what), changes(&env)), (1, 0), "nothing is made twice");
        converged(&env, AT);
    }
}

#[test]
fn a_pulumi_that_is_killed_leaves_no_process_behind() {
    let Some(env) = with(ROLE) else { return };
    let child = creating(&env, ROLE, true);
    kill(&env, &["bin/pulumi up"]);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(6), "{}", String::from_utf8_lossy(&ended.stderr));
    wait_until("all are gone", || processes(&env, &["pulumi"]).is_empty());
    env.account().rules([]);
    env.account().release_all();
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    assert_eq!(lives(&env, ROLE), 1);
    converged(&env, AT);
}

/// Pulumi's state of the place is gone.
fn forget(env: &TestEnv) {
    for key in env.account().keys().into_iter().filter(|key| key.contains("/pulumi/")) {
        env.account().s3("DELETE", &format!("/{key}"), b"").success();
    }
}

#[test]
fn a_lost_state_of_pulumi_is_made_again_from_what_stands_in_aws() {
    let Some(env) = deploying(TestEnv::example("user-platform")) else { return };
    let at = "-s user-platform -e dev --var VERSION=v1";
    env.pipe(&format!("{APPLY} {at}")).succeeds().json();
    let live = env.account().live();
    forget(&env);
    let refused = env.pipe(&format!("{APPLY} -s user-platform -e dev --var VERSION=v2")).exits(5);
    assert_eq!(refused.codes(), ["P5009"]);
    assert!(refused.stderr.contains("panka apply --adopt"), "{refused}");
    env.account().forget_calls();
    let run = env.pipe(&format!("{APPLY} {at} --adopt")).succeeds().json();
    assert_eq!((&run["steps"], changes(&env)), (&json!([]), 0));
    assert_eq!(env.account().live(), live);
    converged(&env, at);
    env.account().forget_calls();
    env.pipe(&format!("{APPLY} {at} --adopt")).succeeds().json();
    assert_eq!(changes(&env), 0, "there is nothing left to take over");
    let at = "-s user-platform -e dev --var VERSION=v2";
    assert_eq!(steps(&env.pipe(&format!("{APPLY} {at}")).succeeds().json()).len(), 4);
    converged(&env, at);
    env.pipe("panka destroy -y -q -s user-platform -e dev").succeeds().json();
    assert_eq!(env.account().live(), Vec::<Value>::new(), "what depends on what is known too");
}

#[test]
fn a_stack_of_another_engine_is_taken_over_when_that_is_asked() {
    let Some(env) = with(ROLE) else { return };
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    forget(&env);
    let key = "stacks/shop/dev/state.json";
    let stored = String::from_utf8(env.account().objects()[key].clone()).unwrap();
    let (fields, _) = stored.split_once(",\"digest\":\"").unwrap();
    let fields = fields.replace("\"engine\":\"pulumi\"", "\"engine\":\"cloudcontrol\"");
    let digest = panka::document::Digest::of_bytes(format!("{fields}}}").as_bytes());
    let other = format!("{fields},\"digest\":\"{}\"}}\n", digest.as_str());
    env.account().put_object(key, other.as_bytes());
    let refused = env.pipe(&format!("{APPLY} {AT}")).exits(2);
    assert_eq!(refused.codes(), ["P5014"]);
    assert!(refused.stderr.contains("--engine pulumi --adopt"), "{refused}");
    env.account().forget_calls();
    let shown = env.pipe(&format!("panka apply -y -o json {AT} --engine pulumi --adopt")).succeeds();
    assert!(shown.stderr.contains("taken over 2 resources"), "{shown}");
    assert_eq!(changes(&env), 0);
    converged(&env, AT);
}

#[test]
fn what_is_not_as_the_state_says_is_not_taken_over() {
    let Some(env) = with(ROLE) else { return };
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    forget(&env);
    let account = env.account().in_region("eu-west-1");
    let url = env.account().live().iter().find(|one| one["type"] == "AWS::SQS::Queue").unwrap()["identifier"].clone();
    let change = json!({"QueueUrl": url, "Attributes": {"VisibilityTimeout": "77"}});
    assert_eq!(account.service("sqs", "AmazonSQS.SetQueueAttributes", &change).status, 200);
    let refused = env.pipe(&format!("{APPLY} {AT} --adopt")).exits(1);
    assert_eq!(refused.codes(), ["P5016"]);
    assert!(refused.stderr.contains("a/q0/queue") && refused.stderr.contains("visibilityTimeout"), "{refused}");
    assert_eq!(account.service("sqs", "AmazonSQS.DeleteQueue", &json!({"QueueUrl": url})).status, 200);
    let refused = env.pipe(&format!("{APPLY} {AT} --adopt")).exits(1);
    assert!(refused.codes() == ["P5016"] && refused.stderr.contains("nothing under the identifier"), "{refused}");
    let local = env.pipe(&format!("{APPLY} {AT} --engine local --allow-simulated --adopt")).exits(2);
    assert_eq!(local.codes(), ["P5014"]);
}

#[test]
fn what_has_the_name_and_not_the_tags_is_somebody_elses() {
    let group = ("AWS::Logs::LogGroup", "{LogGroupName: shop-log}");
    let Some(env) = with(group) else { return };
    let child = creating(&env, group, false);
    lose(&env, child);
    let account = env.account().in_region("eu-west-1");
    let call =
        |operation: &str| account.service("logs", &format!("Logs_20140328.{operation}"), &json!({"logGroupName": "shop-log"})).success();
    call("CreateLogGroup");
    let refused = env.pipe(&format!("{APPLY} {AT}")).exits(6);
    assert_eq!(refused.codes(), ["P5101"], "{refused}");
    let known = env.pipe(&format!("panka state show {AT} --jq '.resources[\"{ADDRESS}\"].identifier'")).succeeds();
    assert_eq!(known.stdout.trim(), "null");
    call("DeleteLogGroup");
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    converged(&env, AT);
}
