//! One stack that has every kind, with all fields of each, deployed with Pulumi.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::deploy::{APPLY, deploying, steps};
use crate::env::{TestEnv, repository};

/// The first has the stack whose network is that of all.
const MANIFESTS: [&str; 10] = [
    "microservice-full",
    "dynamodb-full",
    "lambda-full",
    "rds-aurora",
    "rds-full",
    "resource-minimal",
    "s3-full",
    "sns-full",
    "sqs-full",
    "worker-full",
];

/// All that these manifests hold as one stack. The services of each get a name of their own, wherever they are named.
fn whole(manifests: &[&str]) -> String {
    let mut documents = Vec::new();
    for manifest in manifests {
        let text = std::fs::read_to_string(repository().join(format!("tests/manifests/good/{manifest}.yaml"))).unwrap();
        let (stack, components) = text.split_once("\n---\n").unwrap();
        if documents.is_empty() {
            documents.push(stack.to_owned());
        }
        let names =
            components.split("service: ").skip(1).map(|rest| rest.split(|c: char| !c.is_ascii_lowercase() && c != '-').next().unwrap());
        let names: BTreeSet<&str> = names.collect();
        let mut components = components.to_owned();
        for name in names {
            let own = format!("{manifest}-{name}");
            components = components.replace(&format!("service: {name}"), &format!("service: {own}"));
            components = with_prefix(&components, &format!("{name}/"), &format!("{own}/"));
        }
        documents.push(components);
    }
    documents.join("\n---\n")
}

/// Puts another prefix where a word begins with one.
fn with_prefix(text: &str, before: &str, after: &str) -> String {
    let mut written = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(before) {
        let (head, tail) = rest.split_at(at);
        written.push_str(head);
        let begins = !head.ends_with(|c: char| c.is_alphanumeric() || "_/.:-".contains(c));
        let names = tail[before.len()..].starts_with(|c: char| c.is_ascii_lowercase());
        written.push_str(if begins && names { after } else { before });
        rest = &tail[before.len()..];
    }
    written + rest
}

/// panka plans nothing more, and Pulumi would do nothing.
fn is_settled(env: &TestEnv, parse: &str) {
    env.pipe(&format!("{parse} | panka diff --exit-code")).succeeds().json();
    let check = env.pipe(&format!("{parse} | panka diff --check --exit-code")).succeeds().json();
    assert_eq!(check["differences"], json!([]));
}

#[test]
fn a_stack_with_every_kind_is_put_up_changed_and_destroyed() {
    let Some(env) = deploying(TestEnv::new()) else { return };
    let parse = "panka parse whole.yaml -e dev";
    env.write("whole.yaml", whole(&MANIFESTS));
    let password = json!({"Name": "prod/orders-db", "SecretString": "{\"password\": \"x\"}", "ClientRequestToken": "0123456789abcdef0123456789abcdef"});
    env.account().in_region("us-east-1").service("secretsmanager", "secretsmanager.CreateSecret", &password).success();
    let kinds = env.pipe(&format!("{parse} --jq '[.components[].type] | unique | length'")).succeeds();
    assert_eq!(kinds.stdout.trim(), "9", "{kinds}");
    let run = env.pipe(&format!("{parse} | {APPLY}")).succeeds().json();
    assert_eq!(steps(&run).len(), env.account().live().len());
    is_settled(&env, parse);

    // What is removed goes, what it has given others is taken back, and a name that changes replaces.
    env.write("whole.yaml", whole(&MANIFESTS[..9]).replace("name: shop-mails", "name: shop-letters"));
    let done = steps(&env.pipe(&format!("{parse} | {APPLY}")).succeeds().json());
    assert!(done.iter().any(|step| step.starts_with("worker-full-notify/mailer/") && step.ends_with("delete done")), "{done:?}");
    assert!(done.contains(&"sqs-full-orders/mails/queue replace done".to_owned()), "{done:?}");
    is_settled(&env, parse);

    // AWS has a protection of its own, which goes with panka's.
    env.write(
        "whole.yaml",
        whole(&MANIFESTS[..9]).replace("name: shop-mails", "name: shop-letters").replace("protect: true", "protect: false"),
    );
    env.pipe(&format!("{parse} | {APPLY}")).succeeds().json();
    is_settled(&env, parse);
    env.pipe("panka destroy -s shop -e dev -y -q").succeeds().json();
    let left: Vec<Value> = env.account().live().into_iter().map(|one| one["type"].clone()).collect();
    assert_eq!(left, ["AWS::DynamoDB::Table"], "one is retained");
}
