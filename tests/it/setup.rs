//! Verbs that set things up and explain: init, config, stack init, validate, fmt, version, explain, schema, outputs, render.

use serde_json::json;

use crate::env::TestEnv;

#[test]
fn init_asks_or_takes_flags_and_writes_a_configuration() {
    let env = TestEnv::new();
    let outcome = env.terminal("panka init", "eu-west-1\nacme-panka\nacme-locks\ndeploy\n").run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let written = std::fs::read_to_string(env.home().join(".panka/config.yaml")).unwrap();
    for value in ["region: eu-west-1", "bucket: acme-panka", "table: acme-locks", "profile: deploy"] {
        assert!(written.contains(value), "{written}");
    }
    let outcome = env.pipe("panka init --region eu-west-1 -o json").exits(2);
    assert_eq!(outcome.codes(), ["P0018"]);
    env.pipe("panka init --region us-west-2 --bucket other-bucket --force").succeeds().json();
    drop(env.pipe("panka init --here --region us-east-1 && cat panka.yaml").succeeds());
    let origin = "panka config show --origin --jq '[.settings[] | select(.key == \"aws.region\" or .key == \"backend.bucket\") | [.value, .origin]]'";
    assert_eq!(env.pipe(origin).succeeds().json(), json!([["us-east-1", "panka.yaml"], ["other-bucket", "~/.panka/config.yaml"]]));
    let from_variable = env.pipe(origin).env("PANKA_BACKEND_BUCKET", "from-env").succeeds().json();
    assert_eq!(from_variable[1], json!(["from-env", "PANKA_BACKEND_BUCKET"]));
    let from_flag = env.pipe(&format!("{origin} --backend-bucket from-flag")).env("PANKA_BACKEND_BUCKET", "from-env").succeeds().json();
    assert_eq!(from_flag[1], json!(["from-flag", "--backend-bucket"]));
}

#[test]
fn init_refuses_what_aws_would() {
    let env = TestEnv::new();
    for (flags, code) in
        [("--region Europe", "P0017"), ("--bucket No_Bucket", "P0017"), ("--table locks", "P0017"), ("--bucket ab", "P0017")]
    {
        let outcome = env.pipe(&format!("panka init {flags} -o json")).exits(2);
        assert_eq!(outcome.codes(), [code], "{flags}");
        assert!(env.files().is_empty());
    }
    let outcome = env.pipe("panka init -o json").exits(2);
    assert_eq!(outcome.codes(), ["P0008"]);
}

#[test]
fn a_wrong_configuration_is_found_with_its_line() {
    let env = TestEnv::example("user-platform");
    env.write("panka.yaml", "backend:\n  buckt: x\n");
    let outcome = env.pipe("panka diff -s user-platform -e dev -o json").exits(2);
    assert_eq!(outcome.codes(), ["P0013"]);
    assert!(outcome.findings()[0]["span"].as_str().unwrap().contains(":2:"), "{outcome}");
    env.write("panka.yaml", "parallelism: 0\n");
    let outcome = env.pipe("panka diff -s user-platform -e dev -o json").exits(2);
    assert_eq!(outcome.codes(), ["P0013"]);
}

#[test]
fn a_new_stack_is_valid_and_can_be_applied() {
    let env = TestEnv::new();
    let written = env.pipe("panka stack init shop --region eu-central-1").succeeds().json();
    assert!(written["files"].as_array().unwrap().contains(&json!("stacks/shop/stack.yaml")));
    let valid = env.pipe("panka validate --strict").succeeds().json();
    assert_eq!(valid["valid"].as_array().unwrap().len(), 2);
    let run = env.pipe("panka apply -e dev --auto-approve -q").succeeds().json();
    assert_eq!(run["exit"], 0);
    assert!(run["outputs"]["_stack.queueUrl"].as_str().unwrap().starts_with("https://sqs.eu-central-1."));
    assert_eq!(env.pipe("panka fmt --check").succeeds().json()["files"], json!([]));
    let outcome = env.pipe("panka stack init shop -o json").exits(2);
    assert_eq!(outcome.codes(), ["P0018"]);
    let outcome = env.pipe("panka stack init Shop -o json").exits(2);
    assert_eq!(outcome.codes(), ["P0017"]);
}

#[test]
fn outputs_are_read_one_or_all() {
    let env = TestEnv::example("user-platform");
    env.pipe("panka apply -s user-platform -e dev -y -q").succeeds().json();
    let place = "-s user-platform -e dev";
    let url = env.pipe(&format!("panka outputs {place} queueUrl -r --jq '.outputs[]'")).succeeds().stdout;
    assert_eq!(url.trim(), "https://sqs.us-east-1.amazonaws.com/000000000000/user-platform-dev-notify-queue");
    let component = env.pipe(&format!("panka outputs {place} notify/queue.arn -r --jq '.outputs[]'")).succeeds().stdout;
    assert_eq!(component.trim(), "arn:aws:sqs:us-east-1:000000000000:user-platform-dev-notify-queue");
    let outcome = env.pipe(&format!("panka outputs {place} queueUri -o json")).exits(2);
    assert_eq!(outcome.codes(), ["P0016"]);
    assert!(outcome.stderr.contains("queueUrl"), "{outcome}");
}

#[test]
fn validate_checks_every_environment_and_tells_all_findings() {
    let env = TestEnv::example("user-platform");
    let valid = env.pipe("panka validate --jq '[.valid[] | [.environment, .components]]'").succeeds().json();
    assert_eq!(valid, json!([["dev", 5], ["production", 5]]));
    env.edit("stacks/user-platform/services/notify/components/queue/sqs.yaml", "visibilityTimeout: 60", "visibilityTimout: 60");
    env.edit("stacks/user-platform/services/users/components/db/rds.yaml", "allocatedGB: 20", "allocatedGB: 5");
    let outcome = env.pipe("panka validate -o json").exits(3);
    assert_eq!(outcome.codes(), ["P1010", "P1013"]);
    let outcome = env.pipe("panka validate -o json").env("GITHUB_ACTIONS", "true").exits(3);
    assert!(outcome.stderr.contains("::error file=stacks/user-platform/services/notify/components/queue/sqs.yaml,line="), "{outcome}");
}

#[test]
fn fmt_keeps_comments_and_meaning() {
    let env = TestEnv::example("user-platform");
    let before = env.pipe("panka parse -s user-platform -e dev --jq '.components | map(.spec)'").succeeds().stdout;
    env.write("stacks/user-platform/services/notify/components/queue/sqs.yaml",
        "# keep me\napiVersion:   components.panka.io/v1\nkind: SQS\nmetadata: { name:   queue }\nspec: {visibilityTimeout:   60,   deadLetterQueue: {enabled: true, maxReceiveCount: 5}} # and me\n");
    env.pipe("panka fmt --check").exits(10).json();
    env.pipe("panka fmt").succeeds().json();
    let text = env.read("stacks/user-platform/services/notify/components/queue/sqs.yaml");
    assert!(text.contains("# keep me") && text.contains("# and me"), "{text}");
    env.pipe("panka fmt --check").succeeds().json();
    assert_eq!(env.pipe("panka parse -s user-platform -e dev --jq '.components | map(.spec)'").succeeds().stdout, before);
    let outcome = env.pipe("printf 'a: [1,\\n' | panka fmt - -o json").exits(3);
    assert_eq!(outcome.codes(), ["P1001"]);
}

#[test]
fn codes_and_kinds_are_explained() {
    let env = TestEnv::new();
    let page = env.pipe("panka explain p1010 -r --jq '.explanations[0].page'").succeeds().stdout;
    assert!(page.contains("field"), "{page}");
    let page = env.pipe("panka explain SQS -r --jq '.explanations[0].page'").succeeds().stdout;
    assert!(page.contains("`visibilityTimeout`"), "{page}");
    let outcome = env.pipe("panka explain SQSs -o json").exits(2);
    assert!(outcome.stderr.contains("SQS"), "{outcome}");
}

#[test]
fn schemas_are_printed_for_every_kind() {
    let env = TestEnv::new();
    let kinds = env.pipe("panka schema --jq '.[].kind' -r").succeeds().stdout;
    assert!(kinds.lines().count() >= 15);
    for kind in kinds.lines() {
        let schema = env.pipe(&format!("panka schema {kind}")).succeeds().json();
        assert_eq!(schema["title"], kind);
    }
}

#[test]
fn graphs_are_rendered() {
    let env = TestEnv::example("user-platform");
    let place = "-s user-platform -e dev";
    let dot = env.pipe(&format!("panka graph {place} | panka render --format dot")).succeeds().stdout;
    assert!(dot.starts_with("digraph") && dot.contains("users/db/instance"), "{dot}");
    let mermaid = env.pipe(&format!("panka render {place} --format mermaid")).succeeds().stdout;
    assert!(mermaid.contains("flowchart") || mermaid.contains("graph "), "{mermaid}");
    let template = env.pipe(&format!("panka render {place} --format cloudformation")).succeeds().json();
    assert_eq!(template["Resources"].as_object().unwrap().len(), 43);
    let markdown = env.pipe(&format!("panka diff {place} | panka render --format markdown")).succeeds().stdout;
    assert!(markdown.contains("43"), "{markdown}");
    let outcome = env.pipe(&format!("panka diff {place} | panka render --format cloudformation -o json")).exits(2);
    assert_eq!(outcome.codes(), ["P0015"]);
}
