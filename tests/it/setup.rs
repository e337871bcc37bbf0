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
    assert_eq!(template["Resources"].as_object().unwrap().len(), 44);
    let markdown = env.pipe(&format!("panka diff {place} | panka render --format markdown")).succeeds().stdout;
    assert!(markdown.contains("44"), "{markdown}");
    let outcome = env.pipe(&format!("panka diff {place} | panka render --format cloudformation -o json")).exits(2);
    assert_eq!(outcome.codes(), ["P0015"]);
}

/// What a shell is offered for the last of these words.
fn completed(env: &TestEnv, words: &[&str]) -> Vec<String> {
    let line = std::iter::once("panka").chain(words.iter().copied()).map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let script = format!("COMPLETE=bash _CLAP_IFS=\"\n\" _CLAP_COMPLETE_INDEX={} panka -- {line}", words.len());
    env.pipe(&script).succeeds().stdout.lines().map(str::to_owned).collect()
}

#[test]
fn shells_complete_what_the_repository_and_panka_know() {
    let env = TestEnv::example("user-platform");
    assert_eq!(completed(&env, &["diff", "-s", ""]), ["user-platform"]);
    assert_eq!(completed(&env, &["diff", "-e", ""]), ["dev", "production"]);
    assert_eq!(completed(&env, &["diff", "-e", "p"]), ["production"]);
    assert_eq!(completed(&env, &["apply", "-e", "dev", "--service", ""]), ["_stack", "notify", "users"]);
    let addresses = completed(&env, &["apply", "-s", "user-platform", "-e", "dev", "--target", "users/a"]);
    assert!(addresses.contains(&"users/api".to_owned()) && addresses.contains(&"users/avatars/bucket".to_owned()), "{addresses:?}");
    assert!(completed(&env, &["explain", "P70"]).contains(&"P7012".to_owned()));
    assert!(completed(&env, &["explain", "Mic"]).contains(&"MicroService".to_owned()));
    assert_eq!(completed(&TestEnv::new(), &["diff", "-s", ""]), Vec::<String>::new());
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(env.pipe(&format!("COMPLETE={shell} panka")).succeeds().stdout.contains("panka"), "{shell}");
    }
}

#[test]
fn init_asks_again_offers_what_is_there_and_stops_at_the_end_of_input() {
    let env = TestEnv::new();
    let config = env.home().join(".panka/config.yaml");
    let outcome = env.terminal("panka init", "eu-wst-1\neu-west-1\nNo_Bucket\n\u{4}").run();
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.stdout.contains("did you mean `eu-west-1`") && outcome.stdout.contains("--bucket cannot be"), "{outcome}");
    assert!(!config.exists(), "nothing is written without all answers");
    drop(env.terminal("panka init", "eu-west-1\nacme-panka\nacme-locks\ndeploy\n").succeeds());
    let before = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{before}parallelism: 7\n")).unwrap();
    let again = env.terminal("panka init", "eu-west-2\n\n\n-\ny\n").succeeds();
    assert!(again.stdout.contains("[acme-panka]") && again.stdout.contains("[deploy]"), "{again}");
    let written = std::fs::read_to_string(&config).unwrap();
    for value in ["region: eu-west-2", "bucket: acme-panka", "table: acme-locks", "parallelism: 7"] {
        assert!(written.contains(value), "{written}");
    }
    assert!(!written.contains("deploy"), "{written}");
    let refused = env.terminal("panka init", "eu-west-3\n\n\n\nn\n").exits(1);
    assert_eq!(std::fs::read_to_string(&config).unwrap(), written, "{refused}");
}

#[test]
fn fmt_leaves_configs_alone_and_never_fails_on_yaml() {
    let env = TestEnv::example("user-platform");
    assert_eq!(env.pipe("panka fmt --check").succeeds().json()["files"], json!([]), "the examples are formatted");
    let odd = "spec:   {a:   1}\n";
    env.write("stacks/user-platform/services/users/components/api/configs/own.yaml", odd);
    drop(env.pipe("panka fmt").succeeds());
    assert_eq!(env.read("stacks/user-platform/services/users/components/api/configs/own.yaml"), odd);
    for text in [
        "a: |\n  one  \n  two\n\n\n",
        "a: >+\n  one\n\n\n# end\n",
        "a:\n  -\n  - b\n  -\n",
        "a: |2\n    x\n  y\n",
        "a: \"x \\\n  y\"\n",
        "? a\n: b\n",
    ] {
        let outcome = env.pipe("panka fmt -").stdin(text).succeeds();
        let again = env.pipe("panka fmt -").stdin(outcome.stdout.clone()).succeeds();
        assert_eq!(outcome.stdout, again.stdout, "{text:?}");
    }
}

#[test]
fn all_that_is_wrong_is_told_in_one_run() {
    let env = TestEnv::example("user-platform");
    // P1 in one component, P2 in another, P3 in a third.
    env.edit("stacks/user-platform/services/users/components/avatars/s3.yaml", "spec: {", "spec: {colour: red, ");
    env.edit("stacks/user-platform/services/notify/components/mailer/worker.yaml", "queue: {component: queue}", "queue: {component: queu}");
    env.write(
        "stacks/user-platform/services/notify/components/stream/resource.yaml",
        "apiVersion: components.panka.io/v1\nkind: Resource\nmetadata: {name: stream}\nspec: {type: AWS::Kinesis::Stream, properties: {ShardCount: many}}\n",
    );
    let outcome = env.pipe("panka validate -s user-platform -e dev -o json").exits(3);
    let codes = outcome.codes();
    for code in ["P1010", "P2001", "P3003"] {
        assert!(codes.iter().any(|found| found == code), "{code} in {codes:?}: {outcome}");
    }
    // What follows from the component that could not be read is not told: others use it.
    assert!(!outcome.stderr.contains("there is no component `users/avatars`") && !outcome.stderr.contains("`avatars`"), "{outcome}");
    let outcome = env.pipe("panka diff -s user-platform -e dev -o json").exits(3);
    assert_eq!(outcome.codes(), codes);
}
