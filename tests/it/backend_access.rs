//! Who may use a backend: policies, roles, trust; and how a backend is deleted again.

use panka::setup::{Backend, Role};
use serde_json::{Value, json};

use crate::backend::{changes, create, findings, place, writes};
use crate::emulator::Rule;
use crate::env::{TestEnv, copy, repository};

/// A call of IAM behind the program's back.
fn iam(env: &TestEnv, form: &str) -> String {
    String::from_utf8(env.account().query("iam", &format!("{form}&Version=2010-05-08")).success()).unwrap()
}

/// A policy in the encoding of forms.
fn quoted(document: &Value) -> String {
    document.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn arn(env: &TestEnv, what: &str) -> String {
    format!("arn:aws:iam::{}:{what}", env.account().number())
}

fn step<'a>(document: &'a Value, subject: &str, setting: &str) -> &'a Value {
    let steps = document["steps"].as_array().unwrap();
    let found = steps.iter().find(|step| step["subject"] == subject && step["setting"].as_str().unwrap_or("-") == setting);
    &found.unwrap_or_else(|| panic!("no {subject} {setting} in {document:#}"))["after"]
}

#[test]
fn policies_are_those_of_the_table_and_roles_trust_whom_flags_name() {
    let (env, flags) = place();
    let made = create(&env, &format!("{flags} --github acme/shop:production --gitlab acme/group/shop:main --account 111122223333"));
    let bucket = env.account().bucket();
    let table = format!("arn:aws:dynamodb:eu-west-1:{}:table/{}", env.account().number(), env.account().table());
    let backend = Backend { partition: "aws".to_owned(), bucket: bucket.clone(), table: Some(table), ..Backend::default() };
    for (role, word) in [(Role::Deploy, "deploy"), (Role::Plan, "plan")] {
        assert_eq!(*step(&made, &format!("policy {bucket}-{word}"), "document"), backend.policy(role));
        assert_eq!(made["roles"][word], arn(&env, &format!("role/{bucket}-{word}")));
        assert_eq!(*step(&made, &format!("role {bucket}-{word}"), "policies"), json!([arn(&env, &format!("policy/{bucket}-{word}"))]));
    }
    let trust = step(&made, &format!("role {bucket}-deploy"), "trust");
    let host = "token.actions.githubusercontent.com";
    let github = &trust["Statement"][0];
    assert_eq!(github["Principal"]["Federated"], arn(&env, &format!("oidc-provider/{host}")));
    assert_eq!(github["Condition"]["StringLike"][format!("{host}:sub")], json!(["repo:acme/shop:environment:production"]));
    assert_eq!(github["Condition"]["StringEquals"][format!("{host}:aud")], "sts.amazonaws.com");
    let gitlab = &trust["Statement"][1]["Condition"]["StringLike"]["gitlab.com:sub"];
    assert_eq!(*gitlab, json!(["project_path:acme/group/shop:ref_type:branch:ref:main"]));
    assert_eq!(trust["Statement"][2]["Principal"]["AWS"], "arn:aws:iam::111122223333:root");
    assert_eq!(findings(&env, &flags), Vec::<String>::new());
}

#[test]
fn without_anybody_who_is_trusted_there_are_policies_and_no_roles() {
    let (env, flags) = place();
    let made = create(&env, &flags);
    assert!(made.get("roles").is_none() && made["policies"]["plan"].is_string(), "{made:#}");
    assert!(!iam(&env, "Action=ListRoles").contains(&format!("{}-deploy", env.account().bucket())));
    assert_eq!(findings(&env, &flags), Vec::<String>::new());
}

#[test]
fn each_part_that_is_broken_by_hand_is_named_and_repaired() {
    let (env, flags) = place();
    let trusting = format!("{flags} --github acme/shop --tag team=platform");
    create(&env, &trusting);
    let bucket = env.account().bucket();
    let policy = arn(&env, &format!("policy/{bucket}-deploy"));
    let open = quoted(&json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}));
    let anybody = quoted(
        &json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}]}),
    );
    let role = format!("RoleName={bucket}-plan");
    let breaks = [
        (format!("Action=CreatePolicyVersion&PolicyArn={policy}&SetAsDefault=true&PolicyDocument={open}"), "document"),
        (format!("Action=UntagPolicy&PolicyArn={policy}&TagKeys.member.1=team"), "tags"),
        (format!("Action=UpdateAssumeRolePolicy&{role}&PolicyDocument={anybody}"), "trust"),
        (format!("Action=DetachRolePolicy&{role}&PolicyArn={}", arn(&env, &format!("policy/{bucket}-plan"))), "policies"),
        (format!("Action=UntagRole&{role}&TagKeys.member.1=team"), "tags"),
    ];
    for (call, setting) in breaks {
        iam(&env, &call);
        assert_eq!(findings(&env, &trusting), [format!("{setting}: P4028")], "{call}");
        assert_eq!(changes(&create(&env, &trusting)), [format!("update {setting}")], "{call}");
        assert_eq!(findings(&env, &trusting), Vec::<String>::new(), "{call}");
    }
    // IAM keeps five versions of a policy.
    for _ in 0..6 {
        let versions = iam(&env, &format!("Action=ListPolicyVersions&PolicyArn={policy}"));
        if versions.matches("<VersionId>").count() < 5 {
            iam(&env, &format!("Action=CreatePolicyVersion&PolicyArn={policy}&SetAsDefault=true&PolicyDocument={open}"));
        }
    }
    assert_eq!(changes(&create(&env, &trusting)), ["update document"]);
    assert_eq!(findings(&env, &trusting), Vec::<String>::new());
    // Without a flag nobody is asked for: the trust that is there stays.
    assert_eq!(changes(&create(&env, &format!("{flags} --tag team=platform"))), Vec::<String>::new());
}

#[test]
fn a_name_that_is_taken_is_a_finding_and_another_one_helps() {
    let (env, flags) = place();
    let bucket = env.account().bucket();
    let nobody = quoted(&json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}));
    iam(&env, &format!("Action=CreatePolicy&PolicyName={bucket}-plan&PolicyDocument={nobody}"));
    let outcome = env.pipe(&format!("panka backend create {flags} -y -q -o json")).exits(1);
    assert_eq!(outcome.codes(), ["P4031"], "{outcome}");
    assert_eq!(writes(&env), Vec::<String>::new());
    let status = findings(&env, &flags);
    assert!(status.contains(&"-: P4031".to_owned()), "{status:?}");
    create(&env, &format!("{flags} --name other-{}", env.account().number()));
    for wrong in [
        "--name a/b",
        "--github shop",
        "--github acme/shop:*",
        "--github a/b/c",
        "--gitlab shop",
        "--account 12",
        "--gitlab a/b --gitlab-host https://x",
    ] {
        let outcome = env.pipe(&format!("panka backend create {flags} {wrong} -y -q -o json")).exits(2);
        assert_eq!(outcome.codes(), ["P0017"], "{wrong}");
    }
}

#[test]
fn who_may_not_look_at_roles_is_told_so_and_sees_the_rest() {
    let (env, flags) = place();
    create(&env, &format!("{flags} --github acme/shop"));
    env.account().rules([Rule::on("iam", "*").fail("AccessDenied")]);
    let found = findings(&env, &flags);
    assert!(!found.is_empty() && found.iter().all(|line| line.ends_with(": unknown")), "{found:?}");
    drop(env.pipe(&format!("panka backend status {flags} --exit-code")).succeeds());
}

#[test]
fn a_backend_is_deleted_when_nothing_is_in_it_any_more() {
    let (env, flags) = place();
    create(&env, &format!("{flags} --github acme/shop"));
    env.pipe(&format!("panka init {flags}")).succeeds().json();
    copy(&repository().join("examples/user-platform"), &env.work());
    let at = "-s user-platform -e dev --engine local --allow-simulated";
    let delete = format!("panka backend delete {flags} -o json");
    let refused = |text: &str| {
        env.account().forget_calls();
        let outcome = env.pipe(&format!("{delete} -y --confirm {}", env.account().bucket())).exits(1);
        assert!(outcome.codes() == ["P4032"] && outcome.stderr.contains(text), "{outcome}");
        assert_eq!(writes(&env), Vec::<String>::new());
    };
    env.pipe(&format!("panka apply {at} -y -q")).succeeds().json();
    refused("user-platform in dev");
    env.pipe(&format!("panka destroy {at} -y -q")).succeeds().json();
    drop(env.pipe("panka lock acquire -s user-platform -e dev > ticket.json").succeeds());
    refused("stack:user-platform:env:dev");
    env.pipe("panka lock release ticket.json").succeeds().json();
    env.account().put_object("photos/a.jpg", b"x");
    refused("photos/a.jpg");
    env.account().delete_object("photos/a.jpg");
    refused("photos/a.jpg");
    let versions = String::from_utf8(env.account().s3("GET", "?versions&prefix=photos/", b"").success()).unwrap();
    for version in versions.split("<VersionId>").skip(1).map(|rest| rest.split('<').next().unwrap()) {
        env.account().s3("DELETE", &format!("/photos/a.jpg?versionId={version}"), b"").success();
    }
    assert_eq!(env.pipe(&delete).exits(2).codes(), ["P0008"]);
    assert_eq!(env.pipe(&format!("{delete} -y")).exits(1).codes(), ["P8004"]);
    let outcome = env.terminal(&format!("panka backend delete {flags}"), "wrong\n").exits(1);
    assert!(outcome.stdout.contains("not approved"), "{outcome}");
    let would = env.pipe(&format!("{delete} --dry-run")).succeeds().json();
    assert_eq!(changes(&would), ["delete -"; 6]);
    let outcome = env.terminal(&format!("panka backend delete {flags}"), &format!("{}\n", env.account().bucket())).succeeds();
    assert!(outcome.stdout.contains("done: 6 changes"), "{outcome}");
    assert_eq!(changes(&env.pipe(&format!("{delete} -y --confirm {}", env.account().bucket())).succeeds().json()), Vec::<String>::new());
    assert_eq!(findings(&env, &flags), ["-: P4013", "-: P4018", "-: P4028", "-: P4028"]);
}

#[test]
fn a_deletion_that_is_denied_anywhere_goes_on_from_there() {
    let calls = [
        ("iam", "DetachRolePolicy"),
        ("iam", "DeleteRole"),
        ("iam", "DeletePolicy"),
        ("dynamodb", "UpdateTable"),
        ("dynamodb", "DeleteTable"),
        ("s3", "DeleteObjects"),
        ("s3", "DeleteBucket"),
    ];
    for (service, operation) in calls {
        let (env, flags) = place();
        create(&env, &format!("{flags} --account 111122223333"));
        env.account().put_object("stacks/shop/dev/left", b"x");
        let delete = format!("panka backend delete {flags} -y -q --confirm {} -o json", env.account().bucket());
        env.account().rules([Rule::on(service, operation).fail("AccessDenied")]);
        let outcome = env.pipe(&delete).exits(1);
        assert_eq!(outcome.codes(), ["P4012"], "{operation}: {outcome}");
        env.account().rules([]);
        env.pipe(&delete).succeeds().json();
        assert_eq!(findings(&env, &flags), ["-: P4013", "-: P4018", "-: P4028", "-: P4028"], "{operation}");
    }
}

#[test]
fn backends_that_share_a_bucket_leave_each_other_alone() {
    let (env, flags) = place();
    let (one, other) =
        (format!("{flags} --backend-prefix one/ --name one-{0}", env.account().number()), format!("{flags} --backend-prefix other/"));
    create(&env, &one);
    create(&env, &other);
    assert_eq!(changes(&create(&env, &one)), Vec::<String>::new());
    assert_eq!((findings(&env, &one), findings(&env, &other)), (Vec::new(), Vec::new()));
    // The names of the other's policies are taken for a third one.
    let outcome = env.pipe(&format!("panka backend create {flags} -y -q -o json")).exits(1);
    assert_eq!(outcome.codes(), ["P4031"], "{outcome}");
    env.account().put_object("other/stacks/shop/dev/x", b"x");
    let outcome = env.pipe(&format!("panka backend delete {one} -y -q -o json --confirm {}", env.account().bucket())).exits(1);
    assert_eq!(outcome.codes(), ["P4032"], "{outcome}");
}

#[test]
fn locks_in_the_bucket_need_no_table() {
    let (env, _) = place();
    let flags = format!("--bucket {} --region eu-west-1", env.account().bucket());
    create(&env, &flags);
    let status = env.pipe(&format!("panka backend status {flags} --exit-code")).succeeds().json();
    let lines = status["checks"].as_array().unwrap();
    assert!(lines.iter().all(|line| !line["subject"].as_str().unwrap().starts_with("table")), "{status:#}");
    assert!(!env.account().calls().iter().any(|call| call["service"] == "dynamodb"));
    // A key that is configured by an alias is no reason to refuse.
    drop(env.pipe(&format!("panka backend status {flags} --exit-code")).env("PANKA_BACKEND_KMS_KEY_ID", "alias/panka").succeeds());
}
