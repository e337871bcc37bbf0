//! What can go wrong with Pulumi itself: a command that fails, lies or hangs. Each is told, nothing is lost, and the next run goes on.

use crate::deploy::{APPLY, AT, changes, converged, deploying, program, steps};
use crate::emulator::Rule;
use crate::env::TestEnv;
use crate::project::shop;
use crate::remote::queue;

/// Puts a program before the real one: what it does first is a piece of shell, in which `$*` are the arguments. It stands aside once there is a file
/// `well` in the home.
fn meddled(env: &mut TestEnv, script: &str) {
    let tools = crate::env::repository().join("target/test-tools/bin/pulumi");
    let script = format!("#!/bin/sh\nif [ ! -e \"$HOME/well\" ]; then\n{script}\nfi\nexec {} \"$@\"\n", tools.display());
    let path = program(env, &script);
    env.set("PANKA_PULUMI_PATH", path);
}

fn well(env: &TestEnv) {
    std::fs::write(env.home().join("well"), "").unwrap();
}

#[test]
fn a_run_whose_end_pulumi_cannot_tell_is_settled_by_the_next_one() {
    let lost = ["echo 'error: no connection' >&2; exit 1", "echo '{}'; exit 0", "echo '{\"version\": 3, \"depl'; exit 0"];
    for answer in lost {
        let Some(mut env) = deploying(shop(2)) else { return };
        let script =
            format!("case \"$*\" in up*) touch \"$HOME/ran\";; \"stack export\"*) if [ -e \"$HOME/ran\" ]; then {answer}; fi;; esac");
        meddled(&mut env, &script);
        let apply = format!("{APPLY} {AT}");
        let failed = env.pipe(&apply).exits(6);
        assert!(failed.codes().contains(&"P5015".to_owned()) && failed.codes().contains(&"P8006".to_owned()), "{failed}");
        assert_eq!(env.account().live().len(), 2);
        well(&env);
        env.account().forget_calls();
        env.pipe(&apply).succeeds().json();
        assert_eq!((changes(&env), env.account().live().len()), (0, 2), "what was made is known again");
        converged(&env, AT);
    }
}

#[test]
fn what_somebody_deleted_in_aws_is_made_again() {
    let Some(env) = deploying(shop(2)) else { return };
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    let url = env.pipe(&format!("panka state {AT} --jq '.resources[\"a/q0/queue\"].identifier' -r")).succeeds().stdout;
    drop(env.account().service("sqs", "AmazonSQS.DeleteQueue", &serde_json::json!({"QueueUrl": url.trim()})));
    assert_eq!(env.account().live().len(), 1);
    queue(&env, "a", 0, 31);
    let failed = env.pipe(&format!("{APPLY} {AT}")).exits(6);
    assert!(failed.codes().contains(&"P5100".to_owned()), "{failed}");
    let again = env.pipe(&format!("{} {AT}", APPLY.replace(" -q", ""))).succeeds();
    assert!(again.codes().contains(&"P5103".to_owned()), "{again}");
    assert_eq!(env.account().live().len(), 2);
    converged(&env, AT);
}

#[test]
fn a_run_that_ends_without_a_word_is_no_success_and_is_told() {
    for answer in ["exit 0", "printf '{\"sequence\": 1,'; exit 0"] {
        let Some(mut env) = deploying(shop(2)) else { return };
        meddled(&mut env, &format!("case \"$*\" in up*) {answer};; esac"));
        let failed = env.pipe(&format!("{APPLY} {AT}")).exits(6);
        assert_eq!(failed.codes(), ["P5006"], "{failed}");
        assert!(failed.stderr.contains("a/q0/queue"), "{failed}");
        well(&env);
        env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
        converged(&env, AT);
    }
}

#[test]
fn another_passphrase_is_told_before_anything_is_begun() {
    let Some(mut env) = deploying(shop(1)) else { return };
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    queue(&env, "a", 0, 31);
    env.account().forget_calls();
    env.set("PULUMI_CONFIG_PASSPHRASE", "another");
    let refused = env.pipe(&format!("{APPLY} {AT}")).exits(1);
    assert_eq!(refused.codes(), ["P5015"]);
    assert!(refused.stderr.contains("earlier runs of this stack"), "{refused}");
    assert_eq!(changes(&env), 0);
    env.set("PULUMI_CONFIG_PASSPHRASE", "");
    env.set("PULUMI_CONFIG_PASSPHRASE_FILE", env.home().join("none"));
    assert_eq!(env.pipe(&format!("{APPLY} {AT}")).exits(2).codes(), ["P5004"]);
    std::fs::write(env.home().join("none"), "the passphrase of the test").unwrap();
    assert_eq!(steps(&env.pipe(&format!("{APPLY} {AT}")).succeeds().json()), ["a/q0/queue update done"]);
    converged(&env, AT);
}

#[test]
fn a_secret_that_may_not_be_read_is_told_before_anything_is_begun() {
    let Some(env) = deploying(shop(1)) else { return };
    crate::deploy::database(&env, "x");
    env.account().rules([Rule::on("secretsmanager", "GetSecretValue").fail_as("AccessDeniedException", 400, "not yours")]);
    let refused = env.pipe(&format!("{APPLY} {AT}")).exits(1);
    assert_eq!((refused.codes(), changes(&env)), (vec!["P5015".to_owned()], 0));
    assert!(refused.stderr.contains("not yours") && refused.stderr.contains("`prod/db`"), "{refused}");
}

#[test]
fn a_program_is_not_kept_over_one_of_somebody_else() {
    let Some(env) = deploying(shop(1)) else { return };
    env.write("kept/Pulumi.yaml", "name: other\nruntime: nodejs\n");
    let refused = env.pipe(&format!("{APPLY} {AT} --keep-program kept")).exits(2);
    assert_eq!((refused.codes(), changes(&env)), (vec!["P0018".to_owned()], 0));
    assert_eq!(env.read("kept/Pulumi.yaml"), "name: other\nruntime: nodejs\n");
}

#[test]
fn two_signals_end_a_command_of_pulumi_that_hangs() {
    let Some(mut env) = deploying(shop(1)) else { return };
    meddled(&mut env, "case \"$*\" in \"stack init\"*) touch \"$HOME/hangs\"; exec sleep 300;; esac");
    let child = env.pipe(&format!("exec {APPLY} {AT}")).start();
    crate::env::wait_until("it hangs", || env.home().join("hangs").exists());
    for _ in 0..2 {
        crate::env::interrupt(&child);
    }
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(130), "{said}");
    assert!(said.contains("P8005") && said.contains("stack init"), "{said}");
    well(&env);
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    converged(&env, AT);
}
