//! The engine `pulumi`: plans carried out by the real command line, with the state in a bucket and the lock in a table.
//!
//! Where Pulumi is not built, which takes Go, the tests say so and pass; under CI=true that is a failure.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::emulator::Rule;
use crate::env::TestEnv;
use crate::project::shop;
use crate::pulumi::{queue_attribute, with_pulumi};

pub(crate) const AT: &str = "-s shop -e dev";
pub(crate) const APPLY: &str = "panka apply -y -q -o json";

/// A place that deploys with Pulumi: state in S3, lock in DynamoDB.
pub(crate) fn deploying(env: TestEnv) -> Option<TestEnv> {
    let mut env = with_pulumi(env)?;
    env.account().create_bucket();
    env.account().create_table();
    let (bucket, table) = (env.account().bucket(), env.account().table());
    let variables = [
        ("PANKA_BACKEND_BUCKET", bucket.as_str()),
        ("PANKA_LOCK_TABLE", table.as_str()),
        ("PANKA_TEST_CLOCK", ""),
        // None of these may reach Pulumi.
        ("PULUMI_BACKEND_URL", "file:///nowhere"),
        ("PULUMI_STACK", "another"),
    ];
    for (name, value) in variables {
        env.set(name, value);
    }
    Some(env)
}

/// Steps of a run as `address op outcome`.
pub(crate) fn steps(run: &Value) -> Vec<String> {
    let text = |step: &Value, key: &str| step[key].as_str().unwrap().to_owned();
    run["steps"].as_array().unwrap().iter().map(|step| ["address", "op", "outcome"].map(|key| text(step, key)).join(" ")).collect()
}

/// Calls of Cloud Control that change something.
pub(crate) fn changes(env: &TestEnv) -> u64 {
    ["CreateResource", "UpdateResource", "DeleteResource"].iter().map(|call| env.account().count("cloudcontrolapi", call)).sum()
}

/// Nothing is left to do: panka's plan is empty, a run calls nobody, and Pulumi's own preview sees no change.
pub(crate) fn converged(env: &TestEnv, at: &str) {
    env.account().forget_calls();
    env.pipe(&format!("panka diff --exit-code {at}")).succeeds().json();
    let check = env.pipe(&format!("panka diff --check --exit-code {at}")).succeeds().json();
    assert_eq!(check["differences"], json!([]));
    let again = env.pipe(&format!("{APPLY} {at}")).succeeds().json();
    assert_eq!((&again["steps"], changes(env)), (&json!([]), 0));
}

#[test]
fn a_stack_is_put_up_changed_replaced_and_destroyed() {
    let Some(env) = deploying(TestEnv::example("user-platform")) else { return };
    let at = "-s user-platform -e dev --var VERSION=v1";
    let run = env.pipe(&format!("{APPLY} {at}")).succeeds().json();
    assert_eq!((&run["engine"], &run["simulated"]), (&json!("pulumi"), &json!(false)));
    assert_eq!(steps(&run).len(), env.account().live().len());
    assert_eq!(queue_attribute(&env, "user-platform-dev-notify-queue", "VisibilityTimeout").as_deref(), Some("60"));
    let url = run["outputs"]["_stack.queueUrl"].as_str().unwrap();
    assert!(url.ends_with("/user-platform-dev-notify-queue"), "{url}");
    converged(&env, at);

    let at = "-s user-platform -e dev --var VERSION=v2";
    let run = env.pipe(&format!("{APPLY} {at}")).succeeds().json();
    let wanted = [
        "notify/mailer/service update done",
        "notify/mailer/task-definition replace done",
        "users/api/service update done",
        "users/api/task-definition replace done",
    ];
    assert_eq!(steps(&run), wanted);
    converged(&env, at);

    env.edit("stacks/user-platform/services/notify/components/queue/sqs.yaml", "spec: {", "spec: {name: renamed, ");
    std::fs::remove_dir_all(env.path("stacks/user-platform/services/users/components/avatars")).unwrap();
    let api = "stacks/user-platform/services/users/components/api/microservice.yaml";
    env.edit(api, "    - {name: AVATARS, value: \"s3://${avatars.bucketName}/img\"}\n", "");
    let mailer = "stacks/user-platform/services/notify/components/mailer/worker.yaml";
    env.edit(mailer, "  dependsOn: [{component: users/avatars, access: read}]\n", "");
    let done = steps(&env.pipe(&format!("{APPLY} {at}")).succeeds().json());
    for step in ["notify/queue/queue replace done", "users/avatars/bucket delete done", "users/avatars/policy delete done"] {
        assert!(done.contains(&step.to_owned()), "{step} in {done:?}");
    }
    assert_eq!(queue_attribute(&env, "user-platform-dev-notify-queue", "VisibilityTimeout"), None);
    assert_eq!(queue_attribute(&env, "renamed", "VisibilityTimeout").as_deref(), Some("60"));
    converged(&env, at);

    let run = env.pipe("panka destroy -y -q -o json -s user-platform -e dev").succeeds().json();
    assert_eq!(run["summary"]["done"].as_u64().unwrap(), run["steps"].as_array().unwrap().len() as u64);
    assert_eq!(env.account().live(), Vec::<Value>::new());
    let left = env.pipe("panka state show -s user-platform -e dev --jq '.resources | length'").succeeds();
    assert_eq!(left.stdout.trim(), "0");
}

#[test]
fn a_failed_step_is_told_on_its_line_and_the_next_apply_goes_on() {
    let Some(env) = deploying(shop(4)) else { return };
    env.account().rules([Rule::on("cloudcontrolapi", "CreateResource").nth(3).fail_as("AccessDeniedException", 400, "not yours")]);
    let failed = env.pipe(&format!("{APPLY} {AT} --parallelism 1 --events events.ndjson")).exits(6);
    let finding = failed.findings().into_iter().find(|finding| finding["code"] == "P5100").unwrap();
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("AccessDeniedException") && message.contains("not yours"), "{message}");
    let place = finding["span"].to_string();
    assert!(place.contains("components/q") && place.contains("sqs.yaml"), "{place}");
    let run = failed.json();
    assert_eq!((&run["summary"]["failed"], &run["summary"]["done"]), (&json!(1), &json!(2)));
    let names: Vec<String> = env
        .read("events.ndjson")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].as_str().unwrap().to_owned())
        .collect();
    for name in ["run-started", "step-started", "step-done", "step-failed", "state-folded", "run-finished"] {
        assert!(names.iter().any(|one| one == name), "{name} in {names:?}");
    }
    env.account().rules([]);
    env.account().forget_calls();
    let run = env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    assert_eq!((run["summary"].clone(), env.account().count("cloudcontrolapi", "CreateResource")), (json!({"done": 2}), 2));
    converged(&env, AT);
}

/// A secret of the account, and a database that has it as its password.
pub(crate) fn database(env: &TestEnv, password: &str) {
    let request = json!({"Name": "prod/db", "SecretString": json!({"password": password}).to_string(), "ClientRequestToken": "0123456789abcdef0123456789abcdef"});
    assert_eq!(env.account().service("secretsmanager", "secretsmanager.CreateSecret", &request).status, 200);
    env.write(
        "stacks/shop/services/a/components/db/rds.yaml",
        "apiVersion: components.panka.io/v1\nkind: RDS\nmetadata: {name: db}\nspec:\n  engine: {type: postgres, version: \"16\"}\n  \
         database: {name: orders, username: app, passwordSecret: {ref: prod/db, key: password}}\n",
    );
}

#[test]
fn secrets_reach_the_service_and_nothing_else() {
    let Some(env) = deploying(shop(0)) else { return };
    let planted = "planted-8c1f-secret";
    database(&env, planted);
    let outcome = env.pipe(&format!("panka apply -y -o json {AT} --events events.ndjson -vv")).succeeds();
    let secret = planted.as_bytes();
    let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
    assert!(!holds(outcome.stdout.as_bytes()) && !holds(outcome.stderr.as_bytes()), "it was printed");
    for (path, bytes) in env.files() {
        assert!(!holds(&bytes), "it is in {}", path.display());
    }
    let objects = env.account().objects();
    assert!(objects.keys().any(|key| key.contains("/pulumi/")), "Pulumi keeps its state beside panka's: {:?}", objects.keys());
    for (key, bytes) in objects {
        assert!(!holds(&bytes), "it is in {key}");
    }
    converged(&env, AT);
}

#[test]
fn a_password_that_the_run_makes_is_read_before_the_database_wants_it() {
    let Some(env) = deploying(shop(1)) else { return };
    env.write(
        "stacks/shop/services/a/components/db/rds.yaml",
        "apiVersion: components.panka.io/v1\nkind: RDS\nmetadata: {name: db}\nspec: {engine: {type: postgres, version: \"16\"}, database: {name: orders}}\n",
    );
    let unread = Rule::on("secretsmanager", "GetSecretValue").fail_as("AccessDeniedException", 400, "not yours");
    env.account().rules([unread]);
    let failed = env.pipe(&format!("{APPLY} {AT} --events events.ndjson")).exits(6);
    assert!(failed.stderr.contains("not yours"), "{failed}");
    let state = env.pipe("panka state show -s shop -e dev --jq '.resources | map_values(.identifier != null)'").succeeds().json();
    assert_eq!(state["a/db/password"], json!(true), "what was made stays known: {state}");
    env.account().rules([]);
    let run = env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    let made = |run: &Value, address: &str| steps(run).iter().any(|step| step.starts_with(address));
    assert!(made(&run, "a/db/instance create done") && !made(&run, "a/db/password"), "{:?}", steps(&run));
    converged(&env, AT);
    // A change beside it asks for nothing to be made first.
    env.edit("stacks/shop/services/a/components/db/rds.yaml", "name: orders}", "name: orders}, backup: {retentionDays: 9}");
    let run = env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    assert_eq!(steps(&run), ["a/db/instance update done"]);
    converged(&env, AT);
    // What has been made once is not made anew by a change beside it.
    let held = || {
        let request = json!({"SecretId": "shop-dev-a-db-panka-password"});
        env.account().service("secretsmanager", "secretsmanager.GetSecretValue", &request).json()["SecretString"].clone()
    };
    let before = held();
    let whole: Value = serde_json::from_str(before.as_str().unwrap()).unwrap();
    assert_eq!(whole["username"], json!("panka"), "{before}");
    env.edit("stacks/shop/services/a/components/db/rds.yaml", "spec: {", "spec: {tags: {team: orders}, ");
    let run = env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    assert!(steps(&run).contains(&"a/db/password update done".to_owned()), "{:?}", steps(&run));
    assert_eq!(held(), before);
    converged(&env, AT);
    // Left to AWS, the password has no secret of panka's, and given back to panka it has another.
    env.edit(
        "stacks/shop/services/a/components/db/rds.yaml",
        "database: {name: orders}",
        "database: {name: orders, managedPassword: true}",
    );
    let run = env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    assert_eq!(steps(&run), ["a/db/instance update done", "a/db/password delete done"]);
    converged(&env, AT);
    env.edit("stacks/shop/services/a/components/db/rds.yaml", ", managedPassword: true", "");
    let run = env.pipe(&format!("{APPLY} {AT} --events again.ndjson")).succeeds().json();
    assert_eq!(steps(&run), ["a/db/instance update done", "a/db/password create done"]);
    let told = |event: &str, address: &str| {
        let lines = env.read("again.ndjson");
        let is = |line: &&str| line.contains(&format!("\"{event}\"")) && line.contains(address);
        lines.lines().filter(is).count()
    };
    assert_eq!((told("step-done", "a/db/password"), told("step-done", "a/db/instance")), (1, 1));
    converged(&env, AT);
}

#[test]
fn a_name_is_free_before_another_component_takes_it() {
    let Some(env) = deploying(shop(1)) else { return };
    let queue = |component: &str, spec: &str| {
        env.write(
            format!("stacks/shop/services/a/components/{component}/sqs.yaml"),
            format!("apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {{name: {component}}}\nspec: {spec}\n"),
        );
    };
    queue("old", "{name: orders}");
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    std::fs::remove_dir_all(env.path("stacks/shop/services/a/components/old")).unwrap();
    queue("new", "{name: orders}");
    let run = env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    assert_eq!(steps(&run), ["a/new/queue create done", "a/old/queue delete done"]);
    converged(&env, AT);
}

#[test]
fn a_last_snapshot_is_there_before_the_database_goes_or_nothing_goes() {
    let Some(env) = deploying(shop(0)) else { return };
    let database = |engine: &str| {
        env.write(
            "stacks/shop/services/a/components/db/rds.yaml",
            format!(
                "apiVersion: components.panka.io/v1\nkind: RDS\nmetadata: {{name: db}}\nspec: {{engine: {{type: {engine}}}, backup: {{finalSnapshot: true}}}}\n"
            ),
        );
    };
    database("postgres");
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    env.account().rules([Rule::on("rds", "CreateDBSnapshot").fail_as("AccessDenied", 403, "not yours")]);
    let before = env.account().live();
    env.account().forget_calls();
    let refused = env.pipe("panka destroy -s shop -e dev -y -q -o json").exits(6);
    assert_eq!(refused.codes(), ["P8014"]);
    assert_eq!((changes(&env), env.account().live()), (0, before), "without the snapshot nothing goes");
    env.account().rules([]);
    env.pipe("panka destroy -s shop -e dev -y -q").succeeds().json();
    assert_eq!(env.account().live(), Vec::<Value>::new());
    assert_eq!(env.account().count("rds", "CreateDBSnapshot"), 2);
    assert!(env.account().count("rds", "DescribeDBSnapshots") > 0);
    database("aurora-postgresql");
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    env.pipe("panka destroy -s shop -e dev -y -q").succeeds().json();
    assert_eq!(env.account().count("rds", "CreateDBClusterSnapshot"), 1);
}

#[test]
fn a_key_of_kms_encrypts_in_the_place_of_a_passphrase() {
    let Some(mut env) = deploying(shop(0)) else { return };
    let key = env.account().service("kms", "TrentService.CreateKey", &json!({}));
    let key: Value = serde_json::from_slice(&key.success()).unwrap();
    env.set("PULUMI_CONFIG_PASSPHRASE", "");
    let provider = format!("awskms://{}?region=eu-west-1", key["KeyMetadata"]["KeyId"].as_str().unwrap());
    env.set("PANKA_PULUMI_SECRETS_PROVIDER", provider);
    let planted = "planted-9d2e-secret";
    database(&env, planted);
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    for (key, bytes) in env.account().objects() {
        assert!(!bytes.windows(planted.len()).any(|window| window == planted.as_bytes()), "it is in {key}");
    }
    converged(&env, AT);
    env.pipe("panka destroy -s shop -e dev -y -q").succeeds().json();
    assert_eq!(env.account().live(), Vec::<Value>::new());
}

/// A program `pulumi` that is this script.
pub(crate) fn program(env: &TestEnv, script: &str) -> PathBuf {
    env.write("bin/pulumi", script);
    let path = env.path("bin/pulumi");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// A program `pulumi` that answers as it is told.
fn pretend(env: &TestEnv, version: &str, plugins: &str) -> PathBuf {
    let script = format!("#!/bin/sh\ncase $1 in version) echo '{version}';; plugin) echo '{plugins}';; *) exit 9;; esac\n");
    program(env, &script)
}

#[test]
fn what_is_missing_is_told_before_anything_is_done() {
    let mut env = shop(1).with_account();
    env.set("PANKA_ENGINE", "pulumi");
    env.set("PATH", format!("{}:/usr/bin:/bin", PathBuf::from(env!("CARGO_BIN_EXE_panka")).parent().unwrap().display()));
    let apply = format!("{APPLY} {AT}");
    assert_eq!(env.pipe(&apply).exits(2).codes(), ["P5004"]);
    env.set("PULUMI_CONFIG_PASSPHRASE", "x");
    assert_eq!(env.pipe(&apply).exits(1).codes(), ["P5001"]);
    env.set("PANKA_PULUMI_PATH", env.path("bin/nothing"));
    assert_eq!(env.pipe(&apply).exits(1).codes(), ["P5001"]);
    env.set("PANKA_PULUMI_PATH", pretend(&env, "v3.100.0", "[]"));
    assert_eq!(env.pipe(&apply).exits(1).codes(), ["P5002"]);
    env.set("PANKA_PULUMI_PATH", pretend(&env, "v3.250.0", r#"[{"name": "yaml", "kind": "language", "version": "1.30.0"}]"#));
    let refused = env.pipe(&apply).exits(1);
    assert_eq!(refused.codes(), ["P5003"]);
    assert!(refused.stderr.contains("pulumi plugin install resource aws-native v1.84.0"), "{refused}");
    let native =
        r#"[{"name": "yaml", "kind": "language", "version": "1.30.0"}, {"name": "aws-native", "kind": "resource", "version": "1.84.0"}]"#;
    env.set("PANKA_PULUMI_PATH", pretend(&env, "v3.250.0", native));
    // A command of Pulumi's that fails before any step leaves nothing to settle.
    assert_eq!(env.pipe(&apply).exits(1).codes(), ["P5015"]);
    assert_eq!(env.pipe(&format!("panka diff {AT} --jq '.summary.create'")).succeeds().stdout.trim(), "1");
    assert_eq!(changes(&env), 0);
}

#[test]
fn a_stack_of_one_engine_is_not_taken_over_by_another() {
    let Some(env) = deploying(shop(1)) else { return };
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    let refused = env.pipe(&format!("{APPLY} {AT} --engine local --allow-simulated")).exits(2);
    assert_eq!(refused.codes(), ["P5014"]);
}

#[test]
fn the_program_of_a_run_can_be_kept() {
    let Some(env) = deploying(shop(2)) else { return };
    env.pipe(&format!("{APPLY} {AT} --keep-program kept")).succeeds().json();
    let program = env.read("kept/Pulumi.yaml");
    assert!(program.contains("a_q0_queue:") && program.contains("a_q1_queue:"), "{program}");
    assert!(env.read("kept/Pulumi.dev.yaml").contains("encryptionsalt"), "with it Pulumi reads what it has encrypted");
}

#[test]
fn a_lock_of_pulumi_that_somebody_else_holds_is_told_and_cleared_when_that_is_asked() {
    let Some(env) = deploying(shop(1)) else { return };
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    let key = "stacks/shop/dev/pulumi/.pulumi/locks/organization/shop/dev/7d0c.json";
    let lock = json!({"pid": 1, "username": "ann", "hostname": "elsewhere", "timestamp": "2026-11-28T12:00:00Z"});
    env.account().put_object(key, lock.to_string().as_bytes());
    crate::remote::queue(&env, "a", 0, 31);
    let refused = env.pipe(&format!("{APPLY} {AT}")).exits(4);
    assert_eq!(refused.codes(), ["P5005"]);
    assert!(refused.stderr.contains("ann@elsewhere") && refused.stderr.contains("--cancel-pulumi"), "{refused}");
    let run = env.pipe(&format!("{APPLY} {AT} --cancel-pulumi")).succeeds().json();
    assert_eq!(steps(&run), ["a/q0/queue update done"]);
    converged(&env, AT);
}

#[test]
fn a_signal_ends_the_run_after_what_is_under_way_and_the_next_one_goes_on() {
    let Some(env) = deploying(shop(3)) else { return };
    env.account().rules([Rule::on("cloudcontrolapi", "CreateResource").nth(2).hold_before()]);
    let child = env.pipe(&format!("exec {APPLY} {AT} --parallelism 1")).start();
    crate::env::wait_until("the second create", || env.account().holds());
    crate::env::interrupt(&child);
    env.account().rules([]);
    env.account().release_all();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{}", String::from_utf8_lossy(&ended.stderr));
    let run: Value = serde_json::from_slice(&ended.stdout).unwrap();
    let lives = env.account().live().len();
    assert_eq!(run["summary"]["done"], lives, "{run}");
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    assert_eq!(env.account().live().len(), 3);
    converged(&env, AT);
}

#[test]
fn a_plan_and_pulumis_preview_of_it_agree() {
    let Some(env) = deploying(TestEnv::example("user-platform")) else { return };
    let check = |version: &str| {
        let at = format!("-s user-platform -e dev --var VERSION={version}");
        let check = env.pipe(&format!("panka diff --check --exit-code {at}")).succeeds().json();
        (check["steps"].as_u64().unwrap(), check["differences"].clone(), at)
    };
    let (steps, differences, at) = check("v1");
    assert!(steps > 40 && differences == json!([]), "{differences}");
    assert_eq!((changes(&env), env.account().keys()), (0, Vec::<String>::new()), "it is a look");
    env.pipe(&format!("{APPLY} {at}")).succeeds().json();
    let (steps, differences, _) = check("v2");
    assert_eq!((steps, differences), (4, json!([])));
}

/// The commands of a section of README.md, by its heading.
fn commands(heading: &str) -> Vec<String> {
    let text = std::fs::read_to_string(crate::env::repository().join("README.md")).unwrap();
    let (_, section) = text.split_once(&format!("\n## {heading}\n")).unwrap();
    let (_, block) = section.split_once("```bash\n").unwrap();
    block.split_once("```").unwrap().0.lines().map(str::to_owned).collect()
}

#[test]
fn the_way_from_nothing_to_the_first_apply_is_as_the_readme_says() {
    let Some(mut env) = with_pulumi(TestEnv::example("user-platform")) else { return };
    let account = env.account().in_region("us-east-1");
    account.create_bucket();
    account.create_table();
    for (name, value) in [
        ("PANKA_TEST_CLOCK", ""),
        ("PULUMI_CONFIG_PASSPHRASE", ""),
        ("PULUMI_BACKEND_URL", ""),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ] {
        env.set(name, value);
    }
    std::fs::create_dir_all(env.home().join(".panka")).unwrap();
    std::fs::write(env.home().join(".panka/passphrase"), "of the test").unwrap();
    let commands = commands("Use it with your account");
    let (first, rest) = commands.split_first().unwrap();
    // The provider of the tests stands on PATH; the real one is in no package registry.
    assert!(first.starts_with("pulumi plugin install resource aws-native"), "{first}");
    let script = rest.join("\n").replace("acme-panka-locks", &account.table()).replace("acme-panka", &account.bucket());
    let shown = env.terminal(&script, "y\n").succeeds();
    assert!(
        shown.stdout.contains("engine pulumi") && shown.stdout.contains("Do you want to apply this plan to user-platform in dev?"),
        "{shown}"
    );
    assert!(env.account().live().len() > 40);
}

#[test]
fn one_resource_that_aws_refuses_in_the_middle_of_forty_leaves_the_rest_in_the_state() {
    let Some(env) = deploying(TestEnv::example("user-platform")) else { return };
    let at = "-s user-platform -e dev --var VERSION=v1";
    let refused = Rule::on("cloudcontrolapi", "CreateResource").resource("AWS::RDS::DBInstance");
    env.account().rules([refused.fail_as("AccessDeniedException", 400, "not yours")]);
    let failed = env.pipe(&format!("{APPLY} {at}")).exits(6);
    let finding = failed.findings().into_iter().find(|finding| finding["code"] == "P5100").unwrap();
    assert!(finding["span"].to_string().contains("components/db/rds.yaml"), "{finding}");
    let run = failed.json();
    let known = env.pipe("panka state show -s user-platform -e dev --jq '[.resources[] | select(.identifier)] | length'").succeeds().json();
    assert_eq!((&known, &run["summary"]["done"]), (&json!(env.account().live().len()), &known), "all that lives is in the state");
    env.account().rules([]);
    let made = env.pipe(&format!("{APPLY} {at}")).succeeds().json()["summary"]["done"].as_u64().unwrap();
    assert_eq!(made, 44 - known.as_u64().unwrap());
    converged(&env, at);
}

#[test]
fn a_state_of_pulumi_that_is_not_of_this_place_stops_everything_before_it_begins() {
    let Some(mut env) = deploying(shop(2)) else { return };
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    let elsewhere = env.home().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    env.set("PANKA_PULUMI_BACKEND", format!("file://{}", elsewhere.display()));
    env.account().forget_calls();
    let destroy = env.pipe("panka destroy -y -q -o json -s shop -e dev").exits(5);
    assert_eq!(destroy.codes(), ["P5009"]);
    crate::remote::queue(&env, "a", 0, 31);
    assert_eq!(env.pipe(&format!("{APPLY} {AT}")).exits(5).codes(), ["P5009"]);
    assert_eq!((changes(&env), env.account().live().len()), (0, 2));
    env.set("PANKA_PULUMI_BACKEND", "");
    assert_eq!(steps(&env.pipe(&format!("{APPLY} {AT}")).succeeds().json()), ["a/q0/queue update done"]);
    converged(&env, AT);
}

#[test]
fn what_is_retained_when_its_component_goes_stays_in_the_account() {
    let Some(env) = deploying(shop(2)) else { return };
    env.edit("stacks/shop/services/a/components/q0/sqs.yaml", "spec: {", "spec: {lifecycle: {retainOnDelete: true}, ");
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    std::fs::remove_dir_all(env.path("stacks/shop/services/a/components/q0")).unwrap();
    let run = env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    assert_eq!(run["summary"]["done"], 1, "{run}");
    assert_eq!(env.account().live().len(), 2, "it stays");
    let known = env.pipe("panka state show -s shop -e dev --jq '.resources | keys'").succeeds().json();
    assert_eq!(known, json!(["a/q1/queue"]));
    converged(&env, AT);
}

#[test]
fn a_replacement_that_keeps_its_name_is_done() {
    let Some(env) = deploying(shop(1)) else { return };
    let table = |key: &str| {
        env.write(
            "stacks/shop/services/a/components/role/resource.yaml",
            format!(
                "apiVersion: components.panka.io/v1\nkind: Resource\nmetadata: {{name: role}}\nspec:\n  type: AWS::IAM::Role\n  \
                 lifecycle: {{replace: delete-first}}\n  properties: {{RoleName: shop-ci, Path: /{key}/, AssumeRolePolicyDocument: {{Version: \"2012-10-17\", Statement: []}}}}\n"
            ),
        );
    };
    table("one");
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    table("two");
    let run = env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    assert_eq!(steps(&run), ["a/role/resource replace done"]);
    converged(&env, AT);
}

#[test]
fn a_role_that_is_assumed_deploys_and_reads_secrets() {
    let Some(env) = deploying(shop(0)) else { return };
    database(&env, "of the role");
    let role = format!("arn:aws:iam::{}:role/deploy", env.account().number());
    env.edit("stacks/shop/stack.yaml", "provider: {", &format!("provider: {{roleArn: \"{role}\", "));
    env.account().rules([Rule::on("sts", "AssumeRole").fail_as("AccessDenied", 403, "not for you")]);
    let refused = env.pipe(&format!("{APPLY} {AT}")).exits(1);
    assert!(refused.stderr.contains("not for you") && refused.stderr.contains("sts:AssumeRole"), "{refused}");
    assert_eq!(changes(&env), 0);
    env.account().rules([]);
    env.account().forget_calls();
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    assert!(env.account().count("sts", "AssumeRole") >= 2, "by panka for the secret, by Pulumi for the rest");
    converged(&env, AT);
}

#[test]
fn what_the_journal_does_not_take_is_kept_beside_it_and_found_out_by_the_next_run() {
    let Some(env) = deploying(TestEnv::example("user-platform")) else { return };
    let at = "-s user-platform -e dev --var VERSION=v1";
    env.account().rules([Rule::on("s3", "PutObject").key("*/journal/*").after(2).fail_as("AccessDenied", 403, "not any more")]);
    let failed = env.pipe(&format!("{APPLY} {at}")).run();
    assert!(!matches!(failed.code, Some(0)), "{failed}");
    let kept: Vec<PathBuf> = env.files().into_keys().filter(|path| path.starts_with(".panka/orphans")).collect();
    let [file] = &kept[..] else { panic!("{kept:?}\n{failed}") };
    let results = env.read(file.to_str().unwrap()).lines().filter(|line| line.contains("\"result\"")).count();
    let lives = env.account().live().len();
    assert!(results > 20 && results < lives, "one level was taken, all others are here: {results} of {lives}");
    env.account().rules([]);
    env.account().forget_calls();
    let again = env.pipe(&format!("{APPLY} {at}")).succeeds().json();
    assert_eq!((&again["steps"], changes(&env), env.account().live().len()), (&json!([]), 0, lives), "what was made is known again");
    converged(&env, at);
}
