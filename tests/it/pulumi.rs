//! Rendered projects, run by hand: the real Pulumi and its YAML host, the provider that stands in for Pulumi's own, the emulator.
//!
//! Where Pulumi is not built, which takes Go, the tests say so and pass; under CI=true that is a failure.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::catalog::in_ci;
use crate::env::{Outcome, TestEnv, repository};

/// The directory of the tools; none where Pulumi is not built.
#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn tools() -> Option<PathBuf> {
    let folder = repository().join("target/test-tools/bin");
    if folder.join("pulumi").is_file() && folder.join("pulumi-language-yaml").is_file() {
        return Some(folder);
    }
    assert!(!in_ci(), "Pulumi is not built: `make tools`, which needs Go");
    println!("skipped: Pulumi is not built (`make tools` does it, where Go is)");
    None
}

/// A place with an account, in which Pulumi can be run; its home and its state are outside of the working directory.
pub(crate) fn with_pulumi(env: TestEnv) -> Option<TestEnv> {
    let tools = tools()?;
    let mut env = env.with_account();
    let panka = PathBuf::from(env!("CARGO_BIN_EXE_panka"));
    let path = format!("{}:{}:/usr/local/bin:/usr/bin:/bin", panka.parent().unwrap().display(), tools.display());
    let backend = env.home().join("backend");
    std::fs::create_dir(&backend).unwrap();
    let variables = [
        ("PATH", path),
        ("PULUMI_HOME", env.home().join("pulumi").display().to_string()),
        ("PULUMI_BACKEND_URL", format!("file://{}", backend.display())),
        ("PULUMI_CONFIG_PASSPHRASE", "the passphrase of the test".to_owned()),
        ("PULUMI_SKIP_UPDATE_CHECK", "true".to_owned()),
        ("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true".to_owned()),
    ];
    for (name, value) in variables {
        env.set(name, value);
    }
    Some(env)
}

/// A project in the directory `program`.
struct Project<'e> {
    env: &'e TestEnv,
    /// Where it is rendered from, and with which variables.
    place: String,
}

impl<'e> Project<'e> {
    /// Renders it and makes its Pulumi stack.
    fn new(env: &'e TestEnv, place: &str) -> Self {
        let project = Self { env, place: place.to_owned() };
        project.render("");
        let environment = place.split_once("-e ").unwrap().1.split(' ').next().unwrap();
        project.pulumi(&format!("stack select --create {environment}"));
        project
    }

    /// Renders it anew, with further flags.
    fn render(&self, flags: &str) {
        let env = self.env;
        env.pipe(&format!("panka render {} {flags} --format pulumi --out program", self.place)).succeeds().json();
    }

    /// Runs the command line in its directory.
    fn run(&self, words: &str) -> Outcome {
        self.env.pipe(&format!("cd program && exec pulumi {words} --non-interactive")).run()
    }

    /// The same, when it must succeed: its standard output.
    fn pulumi(&self, words: &str) -> String {
        let outcome = self.run(words);
        assert_eq!(outcome.code, Some(0), "pulumi {words}\n{outcome}");
        outcome.stdout
    }

    /// Runs it, and tells what was done: operation by logical name, without what stayed the same.
    fn up(&self, flags: &str) -> BTreeMap<String, String> {
        self.configure();
        done(&self.pulumi(&format!("up --yes --skip-preview --json {flags}")))
    }

    /// Sets what the program asks for: a person would, by the commands at its head.
    fn configure(&self) {
        let program = self.env.read("program/Pulumi.yaml");
        let config = program.split_once("\nconfig:\n").map(|(_, rest)| rest).unwrap_or_default();
        let keys = config.lines().take_while(|line| line.starts_with(' ')).filter(|line| !line.starts_with("   "));
        for key in keys.map(|line| line.trim().trim_end_matches(':')) {
            self.pulumi(&format!("config set --secret {key} not-a-real-one"));
        }
    }

    /// Destroys it.
    fn destroy(&self) {
        self.pulumi("destroy --yes --skip-preview");
    }
}

/// What the events of a run tell of resources: the last operation of each but `same`. A replacement is told as `replace`.
fn done(events: &str) -> BTreeMap<String, String> {
    let mut done = BTreeMap::new();
    for line in events.lines() {
        let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let metadata = &event["resOutputsEvent"]["metadata"];
        let (Some(op), Some(urn)) = (metadata["op"].as_str(), metadata["urn"].as_str()) else { continue };
        let name = urn.rsplit("::").next().unwrap().to_owned();
        let op = match op {
            "create-replacement" | "delete-replaced" | "replace" => "replace",
            op => op,
        };
        if op != "same" && !urn.contains("pulumi:pulumi:Stack") && !urn.contains("pulumi:providers:") {
            done.insert(name, op.to_owned());
        }
    }
    done
}

fn of(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, op)| ((*name).to_owned(), (*op).to_owned())).collect()
}

/// What the service itself says of a queue, by its own API; none when there is no such queue.
pub(crate) fn queue_attribute(env: &TestEnv, name: &str, attribute: &str) -> Option<String> {
    let account = env.account().in_region("us-east-1");
    let url = format!("{}/{}/{name}", env.account().endpoint(), env.account().number());
    let answer = account.service("sqs", "AmazonSQS.GetQueueAttributes", &json!({"QueueUrl": url, "AttributeNames": ["All"]}));
    (answer.status == 200).then(|| answer.json()["Attributes"][attribute].as_str().unwrap().to_owned())
}

/// The task definition of a service of the cluster, by the API of ECS.
fn task_definition(env: &TestEnv, environment: &str, service: &str) -> String {
    let account = env.account().in_region("us-east-1");
    let request =
        json!({"cluster": format!("user-platform-{environment}-cluster"), "services": [format!("user-platform-{environment}-{service}")]});
    let answer = account.service("ecs", "AmazonEC2ContainerServiceV20141113.DescribeServices", &request).json();
    answer["services"][0]["taskDefinition"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[test]
fn user_platform_is_put_up_changed_replaced_and_destroyed_by_hand() {
    let Some(env) = with_pulumi(TestEnv::example("user-platform")) else { return };
    let project = Project::new(&env, "-s user-platform -e dev");
    project.render("--var VERSION=v1");
    let made = project.up("");
    assert!(made.values().all(|op| op == "create"), "{made:?}");
    let names = env.pipe("panka render -s user-platform -e dev --var VERSION=v1 --format pulumi --jq '.names | keys'").succeeds().json();
    assert_eq!(json!(made.keys().collect::<Vec<_>>()), names);
    assert_eq!(env.account().live().len(), made.len());
    assert_eq!(queue_attribute(&env, "user-platform-dev-notify-queue", "VisibilityTimeout").as_deref(), Some("60"));
    let first = task_definition(&env, "dev", "users-api");
    let outputs: Value = serde_json::from_str(&project.pulumi("stack output --json")).unwrap();
    assert!(outputs["_stack.queueUrl"].as_str().unwrap().ends_with("/user-platform-dev-notify-queue"), "{outputs}");

    assert_eq!(project.up(""), of(&[]), "a second run changes nothing");

    project.render("--var VERSION=v2");
    let changed = [
        ("notify_mailer_service", "update"),
        ("notify_mailer_task-definition", "replace"),
        ("users_api_service", "update"),
        ("users_api_task-definition", "replace"),
    ];
    assert_eq!(project.up(""), of(&changed));
    assert_ne!(task_definition(&env, "dev", "users-api"), first);

    env.edit("stacks/user-platform/services/notify/components/queue/sqs.yaml", "spec: {", "spec: {name: renamed, ");
    project.render("--var VERSION=v2");
    let replaced = project.up("");
    assert_eq!(replaced.get("notify_queue_queue").map(String::as_str), Some("replace"), "{replaced:?}");
    assert_eq!(queue_attribute(&env, "user-platform-dev-notify-queue", "VisibilityTimeout"), None);
    assert_eq!(queue_attribute(&env, "renamed", "VisibilityTimeout").as_deref(), Some("60"));
    assert_eq!(project.up(""), of(&[]));

    project.destroy();
    assert_eq!(env.account().live(), Vec::<Value>::new());
    assert_eq!(queue_attribute(&env, "renamed", "VisibilityTimeout"), None);
}

#[test]
fn user_platform_in_production_is_put_up_and_destroyed_by_hand() {
    let Some(env) = with_pulumi(TestEnv::example("user-platform")) else { return };
    let project = Project::new(&env, "-s user-platform -e production --var VERSION=v1");
    let made = project.up("");
    assert_eq!(env.account().live().len(), made.len());
    assert_eq!(project.up(""), of(&[]));
    let refused = project.run("destroy --yes --skip-preview --target '**::users_db_instance' --target-dependents");
    assert_ne!(refused.code, Some(0), "what is protected is not destroyed");
    assert!(refused.stderr.contains("protect") || refused.stdout.contains("protect"), "{refused}");
    env.edit("stacks/user-platform/environments/production.yaml", "protect: true", "protect: false");
    project.render("");
    // What depended on the database went; and AWS protects the database too.
    assert_eq!(project.up("").get("users_db_instance").map(String::as_str), Some("update"));
    project.destroy();
    assert_eq!(env.account().live(), Vec::<Value>::new());
}

#[test]
fn a_selected_plan_does_its_steps_and_nothing_else() {
    let Some(env) = with_pulumi(TestEnv::example("user-platform")) else { return };
    let at = "-s user-platform -e dev";
    env.pipe(&format!("panka apply {at} --var VERSION=v1 -y -q")).succeeds().json();
    let project = Project::new(&env, "-s user-platform -e dev --var VERSION=v1");
    project.up("");
    let diff = format!("panka diff {at} --var VERSION=v2 --target notify/mailer");
    env.pipe(&format!("{diff} | panka render --format pulumi --out program")).succeeds().json();
    let program = env.read("program/Pulumi.yaml");
    let (_, command) = program.split_once("#   pulumi up ").unwrap_or_else(|| panic!("{program}"));
    let done = project.up(command.lines().next().unwrap());
    assert_eq!(done, of(&[("notify_mailer_service", "update"), ("notify_mailer_task-definition", "replace")]));
}
