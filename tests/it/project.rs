//! `panka render --format pulumi`: the project as files and as a document, of a graph and of a plan.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::env::{TestEnv, repository};
use crate::remote::{queue, with_shop};

const AT: &str = "-s shop -e dev";

/// The stack `shop` with so many queues.
pub(crate) fn shop(queues: usize) -> TestEnv {
    with_shop(TestEnv::new(), &["a"], queues)
}

/// The same, applied in the simulated account.
fn applied(queues: usize) -> TestEnv {
    let env = shop(queues);
    env.pipe(&format!("panka apply {AT} -y -q")).succeeds().json();
    env
}

fn names(project: &Value) -> Vec<&str> {
    project["names"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_project_is_written_into_a_directory() {
    let env = TestEnv::example("user-platform");
    let render = "panka render -s user-platform -e production --var VERSION=v1 --format pulumi --out leaving/pulumi";
    let told = env.pipe(render).succeeds().json();
    assert_eq!(told["files"], json!(["leaving/pulumi/Pulumi.yaml", "leaving/pulumi/Pulumi.production.yaml"]));
    assert_eq!(env.read("leaving/pulumi/Pulumi.production.yaml"), "config: {}\n");
    let first = env.read("leaving/pulumi/Pulumi.yaml");
    env.pipe(render).succeeds().json();
    assert_eq!(env.read("leaving/pulumi/Pulumi.yaml"), first, "same input, same bytes");
}

#[test]
fn a_stack_file_is_kept_and_a_program_of_somebody_else_too() {
    let env = shop(1);
    let render = format!("panka render {AT} --format pulumi --out program");
    env.pipe(&render).succeeds().json();
    env.write("program/Pulumi.dev.yaml", "config: {shop:x: y}\n");
    assert_eq!(env.pipe(&render).succeeds().json()["files"], json!(["program/Pulumi.yaml"]));
    assert_eq!(env.read("program/Pulumi.dev.yaml"), "config: {shop:x: y}\n");
    env.write("program/Pulumi.yaml", "name: mine\n");
    let before = env.files();
    assert_eq!(env.pipe(&format!("{render} -o json")).exits(2).codes(), ["P0018"]);
    env.write("taken", "a file");
    assert_eq!(env.pipe(&format!("panka render {AT} --format pulumi --out taken -o json")).exits(1).codes(), ["P0014"]);
    std::fs::remove_file(env.path("taken")).unwrap();
    env.unchanged_since(&before);
    let refused = env.pipe(&format!("panka render {AT} --format dot --out x -o json")).exits(2);
    assert_eq!(refused.codes(), ["P0015"]);
}

#[test]
fn a_directory_is_for_one_stack_in_one_environment() {
    let env = shop(1);
    env.write(
        "stacks/shop/environments/production.yaml",
        "apiVersion: core.panka.io/v1\nkind: Environment\nmetadata: {name: production}\n",
    );
    env.pipe(&format!("panka render {AT} --format pulumi --out program")).succeeds().json();
    let before = env.files();
    let other = env.pipe("panka render -s shop -e production --format pulumi --out program -o json").exits(2);
    assert_eq!(other.codes(), ["P0018"]);
    env.unchanged_since(&before);
    env.write("mine/Pulumi.yml", "name: mine\n");
    assert_eq!(env.pipe(&format!("panka render {AT} --format pulumi --out mine -o json")).exits(2).codes(), ["P0018"]);
    assert!(!env.path("mine/Pulumi.yaml").exists());
}

#[test]
fn a_name_that_a_replacement_has_moved_on_stays_the_one_that_lives() {
    let env = applied(2);
    env.pipe(&format!("panka apply {AT} -y -q --replace a/q0")).succeeds().json();
    let lives = env.pipe(&format!("panka state show {AT} --jq '.resources[\"a/q0/queue\"].properties.QueueName'")).succeeds().json();
    let name = |script: &str| {
        let project = env.pipe(script).succeeds().json();
        project["program"]["resources"]["a_q0_queue"]["properties"]["queueName"].clone()
    };
    assert_eq!(name(&format!("panka render {AT} --format pulumi")), lives);
    queue(&env, "a", 0, 31);
    assert_eq!(name(&format!("panka diff {AT} | panka render --format pulumi")), lives);
}

#[test]
fn a_document_that_pulumi_would_run_is_refused() {
    let env = shop(1);
    let rule = "apiVersion: components.panka.io/v1\nkind: Resource\nmetadata: {name: rule}\nspec:\n  type: AWS::Events::Rule\n  \
                properties: {EventPattern: {source: [x], detail: {\"fn::readFile\": /etc/hostname}}}\n";
    env.write("stacks/shop/services/a/components/rule/resource.yaml", rule);
    let refused = env.pipe(&format!("panka render {AT} --format pulumi --out program -o json")).exits(3);
    assert_eq!(refused.codes(), ["P5008"]);
    assert!(refused.findings()[0]["message"].as_str().unwrap().contains("/EventPattern/detail/fn::readFile"), "{refused}");
    assert!(!env.path("program").exists());
}

#[test]
fn a_plan_is_rendered_where_its_state_is() {
    let env = applied(1);
    queue(&env, "a", 0, 31);
    let plan = env.pipe(&format!("panka diff {AT}")).succeeds().stdout;
    let refused = TestEnv::new().pipe("panka render --format pulumi -o json").stdin(plan).exits(5).codes();
    assert_eq!(refused, ["P8001"]);
}

#[test]
fn in_a_pipe_a_project_is_one_document_and_on_a_terminal_its_program() {
    let env = shop(2);
    let project = env.pipe(&format!("panka graph {AT} | panka render --format pulumi")).succeeds().json();
    assert_eq!((&project["kind"], &project["stack"], &project["environment"]), (&json!("panka.project/v1"), &json!("shop"), &json!("dev")));
    assert_eq!(names(&project), ["a_q0_queue", "a_q1_queue"]);
    assert_eq!(project["program"]["runtime"], "yaml");
    assert_eq!(project["program"]["resources"]["a_q0_queue"]["type"], "aws-native:sqs:Queue");
    let shown = env.terminal(&format!("panka render {AT} --format pulumi"), "").succeeds();
    assert!(shown.stdout.contains("type: aws-native:sqs:Queue") && shown.stdout.contains("runtime: yaml"), "{shown}");
    let count = env.pipe(&format!("panka render {AT} --format pulumi --jq '.program.resources | length'")).succeeds();
    assert_eq!(count.stdout.trim(), "3", "two queues and the provider");
}

#[test]
fn a_plan_for_an_empty_place_is_rendered_without_a_look_at_the_state() {
    let env = shop(3);
    let plan = env.pipe(&format!("panka diff {AT} --target a/q1")).succeeds().stdout;
    let elsewhere = TestEnv::new();
    let project = elsewhere.pipe("panka render --format pulumi").stdin(plan).succeeds().json();
    assert_eq!((names(&project), project.get("targets")), (vec!["a_q1_queue"], None));
}

#[test]
fn a_selected_and_an_edited_plan_name_their_steps_as_targets() {
    let env = applied(3);
    queue(&env, "a", 0, 31);
    queue(&env, "a", 1, 31);
    std::fs::remove_dir_all(env.path("stacks/shop/services/a/components/q2")).unwrap();
    let urn = |n: usize| format!("urn:pulumi:dev::shop::aws-native:sqs:Queue::a_q{n}_queue");
    let whole = env.pipe(&format!("panka diff {AT} | panka render --format pulumi")).succeeds().json();
    assert_eq!((names(&whole), whole.get("targets")), (vec!["a_q0_queue", "a_q1_queue"], None), "all there is takes part");
    let selected = env.pipe(&format!("panka diff {AT} --target a/q0 | panka render --format pulumi")).succeeds().json();
    let timeout =
        |project: &Value, n: usize| project["program"]["resources"][format!("a_q{n}_queue")]["properties"]["visibilityTimeout"].clone();
    assert_eq!(selected["targets"], json!([urn(0)]));
    assert_eq!((0..3).map(|n| timeout(&selected, n)).collect::<Vec<_>>(), [31, 30, 30], "the rest is as it was recorded");
    let edit = "panka diff -s shop -e dev --jq 'del(.steps[] | select(.op == \"update\"))' | panka render --format pulumi --out edited";
    env.pipe(edit).succeeds().json();
    let text = env.read("edited/Pulumi.yaml");
    assert!(text.contains(&format!("#   pulumi up --target {}\n", urn(2))), "{text}");
    assert!(!text.contains("a_q2_queue:"), "{text}");
}

#[test]
fn a_value_of_which_only_a_digest_is_left_stays_as_pulumi_has_it() {
    let env = shop(1);
    let image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/resize:v3";
    env.write(
        "stacks/shop/services/a/components/resize/lambda.yaml",
        format!(
            "apiVersion: components.panka.io/v1\nkind: Lambda\nmetadata: {{name: resize}}\nspec: {{code: {{imageUri: \"{image}\"}}}}\n"
        ),
    );
    env.pipe(&format!("panka apply {AT} -y -q")).succeeds().json();
    queue(&env, "a", 0, 31);
    let project = env.pipe(&format!("panka diff {AT} | panka render --format pulumi")).succeeds().json();
    let function = &project["program"]["resources"]["a_resize_function"];
    assert_eq!((&function["properties"]["code"], &function["options"]["ignoreChanges"]), (&json!({}), &json!(["code.imageUri"])));
    assert_eq!(project["configuration"], json!({}));
    assert_eq!(project["targets"], json!(["urn:pulumi:dev::shop::aws-native:sqs:Queue::a_q0_queue"]));
}

#[test]
fn a_plan_that_is_stale_or_touches_what_is_protected_gives_no_project() {
    let env = applied(2);
    queue(&env, "a", 0, 31);
    let plan = env.pipe(&format!("panka diff {AT}")).succeeds().stdout;
    env.pipe(&format!("panka apply {AT} -y -q")).succeeds().json();
    let before = env.files();
    let stale = env.pipe("panka render --format pulumi --out program -o json").stdin(plan).exits(5);
    assert_eq!(stale.codes(), ["P8001"]);
    env.unchanged_since(&before);
    env.edit("stacks/shop/services/a/components/q1/sqs.yaml", "spec: {", "spec: {lifecycle: {protect: true}, ");
    env.pipe(&format!("panka apply {AT} -y -q")).succeeds().json();
    std::fs::remove_dir_all(env.path("stacks/shop/services/a/components/q1")).unwrap();
    let refused = env.pipe(&format!("panka diff {AT} | panka render --format pulumi --out program -o json")).run();
    assert!(refused.codes().contains(&"P3021".to_owned()), "{refused}");
    assert!(!env.path("program").exists());
}

/// Types of all resources of every golden manifest and of the examples, with whether a stack of their own carries them.
fn emitted() -> BTreeSet<(String, bool)> {
    let env = TestEnv::example("user-platform");
    let mut graphs = vec![env.pipe("panka graph -s user-platform -e production --var VERSION=v1").succeeds().json()];
    for golden in std::fs::read_dir(repository().join("tests/manifests/good")).unwrap() {
        let path = golden.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            graphs.push(env.pipe(&format!("panka parse {} -e dev | panka graph", path.display())).succeeds().json());
        }
    }
    let resources = graphs.iter().flat_map(|graph| graph["resources"].as_array().unwrap());
    resources.map(|resource| (resource["type"].as_str().unwrap().to_owned(), resource["nested"] == true)).collect()
}

#[test]
fn the_guide_lists_the_types_whose_names_nobody_has_published() {
    let names = std::fs::read_to_string(repository().join("tests/data/pulumi/aws-native-names.json")).unwrap();
    let published: Value = serde_json::from_str(&names).unwrap();
    let emitted = emitted();
    let mut unpublished: BTreeSet<&str> =
        emitted.iter().filter(|(_, nested)| !nested).map(|(name, _)| name.as_str()).filter(|name| published.get(name).is_none()).collect();
    if emitted.iter().any(|(_, nested)| *nested) {
        unpublished.insert("AWS::CloudFormation::Stack");
    }
    let guide = std::fs::read_to_string(repository().join("docs/guide/pulumi.md")).unwrap();
    let (_, listed) = guide.split_once("publishes of 300 types;").unwrap();
    let listed: BTreeSet<&str> = listed.split('`').filter(|word| word.starts_with("AWS::")).collect();
    assert_eq!(listed, unpublished);
    assert!(emitted.len() > 45, "{emitted:?}");
}
