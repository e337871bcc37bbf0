//! What every verb does alike: forms of the output, filters, findings, closed pipes, terminals.

use snapbox::{assert_data_eq, str};

use crate::env::TestEnv;

const PARSE: [&str; 5] = ["parse", "-s", "user-platform", "-e", "dev"];

fn parse(more: &[&str]) -> Vec<String> {
    PARSE.iter().chain(more).map(|word| (*word).to_owned()).collect()
}

#[test]
fn a_pipe_gets_one_line_of_json() {
    let env = TestEnv::example("user-platform");
    let outcome = env.panka(PARSE).succeeds();
    assert_eq!((outcome.stdout.lines().count(), outcome.stderr.as_str()), (1, ""));
    assert!(outcome.stdout.starts_with("{\"kind\":\"panka.manifest/v1\",\"stack\":\"user-platform\",\"environment\":\"dev\","));
}

#[test]
fn a_terminal_gets_a_table_and_indented_json_on_request() {
    let env = TestEnv::example("user-platform");
    assert_data_eq!(
        env.terminal("panka parse -s user-platform -e dev", "").succeeds(),
        str![[r"
[stdout]
manifest of user-platform in dev: 5 components, 2 services, us-east-1

component      kind          source
notify/mailer  Worker        stacks/user-platform/services/notify/components/mailer/worker.yaml
notify/queue   SQS           stacks/user-platform/services/notify/components/queue/sqs.yaml
users/api      MicroService  stacks/user-platform/services/users/components/api/microservice.yaml
users/avatars  S3            stacks/user-platform/services/users/components/avatars/s3.yaml
users/db       RDS           stacks/user-platform/services/users/components/db/rds.yaml
[stderr]
[exit 0]
"]]
    );
    let json = env.terminal("panka parse -s user-platform -e dev -o json", "").succeeds();
    assert!(json.stdout.starts_with("{\n  \"kind\": \"panka.manifest/v1\",\n"));
}

#[test]
fn every_form_holds_the_same_document() {
    let env = TestEnv::example("user-platform");
    let json = env.panka(PARSE).succeeds();
    assert_eq!(env.panka(parse(&["-o", "json"])).succeeds().stdout, json.stdout);
    let yaml = env.panka(parse(&["-o", "yaml"])).succeeds();
    env.write("manifest.yaml", &yaml.stdout);
    let read: serde_json::Value = serde_saphyr::from_str(&yaml.stdout).unwrap();
    assert_eq!(read, json.json());
    let tree = env.panka(parse(&["-o", "tree"])).succeeds();
    assert!(tree.stdout.contains("└── users\n    ├── api MicroService\n    ├── avatars S3\n    └── db RDS\n"), "{tree}");
}

#[test]
fn a_filter_runs_on_the_document() {
    let env = TestEnv::example("user-platform");
    let filtered = env.panka(parse(&["--jq", ".components[].id"])).succeeds();
    assert_eq!(filtered.stdout, "\"notify/mailer\"\n\"notify/queue\"\n\"users/api\"\n\"users/avatars\"\n\"users/db\"\n");
    let raw = env.panka(parse(&["-r", "--jq", ".components[] | select(.type == \"SQS\").id"])).succeeds();
    assert_eq!(raw.stdout, "notify/queue\n");
    let external = env.pipe("panka parse -s user-platform -e dev | panka graph --jq '.resources | length'").succeeds();
    let counted = env.pipe("panka graph -s user-platform -e dev").succeeds().json()["resources"].as_array().unwrap().len();
    assert_eq!(external.stdout, format!("{counted}\n"));
}

#[test]
fn a_filter_that_is_not_valid_is_drawn() {
    let env = TestEnv::example("user-platform");
    assert_data_eq!(
        env.panka(parse(&["--jq", ".components | map(.id, lenght)"])).exits(2),
        str![[r"
[stdout]
[stderr]
error[P0011]: jq filter is not valid: `lenght` is not a function
 --> --jq:1:24
  |
1 | .components | map(.id, lenght)
  |                        ^^^^^^ no such function
  |
  = help: did you mean `length`?
  = help: for the field of that name write `.lenght`
[exit 2]
"]]
    );
}

#[test]
fn a_filter_that_fails_names_the_document() {
    let env = TestEnv::example("user-platform");
    let outcome = env.panka(parse(&["-o", "json", "--jq", ".components.id"])).exits(1);
    assert_eq!((outcome.stdout.as_str(), outcome.codes()), ("", vec!["P0012".to_owned()]));
    assert_eq!(outcome.findings()[0]["note"], "applied to a panka.manifest/v1 document");
}

#[test]
fn findings_are_drawn_for_people_and_one_document_for_programs() {
    let env = TestEnv::example("user-platform");
    env.edit("stacks/user-platform/services/notify/components/queue/sqs.yaml", "visibilityTimeout: 60", "visibilitiTimeout: 60");
    assert_data_eq!(
        env.panka(PARSE).exits(3),
        str![[r"
[stdout]
[stderr]
error[P1010]: unknown field `visibilitiTimeout`
 --> stacks/user-platform/services/notify/components/queue/sqs.yaml:4:8
  |
4 | spec: {visibilitiTimeout: 60, deadLetterQueue: {enabled: true, maxReceiveCount: 5}}
  |        ^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `visibilityTimeout`?
[exit 3]
"]]
    );
    let outcome = env.panka(parse(&["-o", "json"])).exits(3);
    assert_eq!((outcome.stderr.lines().count(), outcome.codes()), (1, vec!["P1010".to_owned()]));
}

#[test]
fn github_actions_gets_annotations() {
    let env = TestEnv::example("user-platform");
    env.edit("stacks/user-platform/services/notify/components/queue/sqs.yaml", "visibilityTimeout: 60", "visibilitiTimeout: 60");
    let outcome = env.panka(PARSE).env("GITHUB_ACTIONS", "true").exits(3);
    let first = outcome.stderr.lines().next().unwrap();
    let place = "file=stacks/user-platform/services/notify/components/queue/sqs.yaml,line=4,col=8,title=P1010";
    assert!(first.starts_with(&format!("::error {place}::unknown field")), "{outcome}");
}

#[test]
fn a_reader_that_has_seen_enough_is_a_quiet_end() {
    let env = TestEnv::example("user-platform");
    // Far more than a pipe holds, so that the program does meet the closed end.
    let script = "panka graph -s user-platform -e dev --jq 'range(100000) as $n | .stack' 2>errors | head -1; cat errors";
    assert_eq!(env.pipe(script).succeeds().stdout, "\"user-platform\"\n");
}

#[test]
fn a_full_disk_is_reported() {
    let env = TestEnv::example("user-platform");
    let outcome = env.pipe("panka graph -s user-platform -e dev > /dev/full").exits(1);
    assert!(outcome.stderr.starts_with("error[P0014]: standard output cannot be written"), "{outcome}");
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let env = TestEnv::example("user-platform");
    let coloured = |command: crate::env::Command<'_>| command.succeeds().stdout.contains('\u{1b}');
    let script = "TERM=xterm panka parse -s user-platform -e dev -o tree";
    assert!(coloured(env.terminal(script, "").env_remove("NO_COLOR")));
    assert!(!coloured(env.terminal(script, "")));
    assert!(!coloured(env.terminal(&format!("{script} --no-color"), "").env_remove("NO_COLOR")));
    assert!(!coloured(env.pipe(script).env_remove("NO_COLOR")));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let env = TestEnv::new();
    for words in [vec!["prase"], vec!["parse", "--jqq", "."], vec!["parse", "-r"], vec!["parse", "-o", "xml"], vec![]] {
        let outcome = env.panka(&words).exits(2);
        assert!(outcome.stdout.is_empty() && !outcome.stderr.is_empty(), "{words:?}\n{outcome}");
    }
    assert!(env.panka(["parse", "--help"]).succeeds().stdout.starts_with("Compile the manifests"));
}

#[test]
fn the_schema_of_each_kind_is_printed() {
    let env = TestEnv::new();
    for entry in panka::output::schemas::ALL {
        let printed = env.panka(["schema", entry.kind]).succeeds().json();
        assert_eq!(&printed, entry.schema().as_value(), "{}", entry.kind);
    }
}
