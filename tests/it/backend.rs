//! Setting up the backend: made, repaired, looked at; broken off at every call; and what stands in the way.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::emulator::Rule;
use crate::env::TestEnv;

/// An account with nothing in it, and the flags that name its backend.
pub(crate) fn place() -> (TestEnv, String) {
    let env = TestEnv::new().with_account();
    let flags = format!("--bucket {} --table {} --region eu-west-1", env.account().bucket(), env.account().table());
    (env, flags)
}

pub(crate) fn create(env: &TestEnv, flags: &str) -> Value {
    env.pipe(&format!("panka backend create {flags} -y -q")).succeeds().json()
}

pub(crate) fn changes(document: &Value) -> Vec<String> {
    let steps = document["steps"].as_array().unwrap().iter().filter(|step| step["action"] != "none");
    steps.map(|step| format!("{} {}", step["action"].as_str().unwrap(), step["setting"].as_str().unwrap_or("-"))).collect()
}

/// The checks that are findings or unknown: `versioning: P4019`.
pub(crate) fn findings(env: &TestEnv, flags: &str) -> Vec<String> {
    let status = env.pipe(&format!("panka backend status {flags}")).succeeds().json();
    let lines = status["checks"].as_array().unwrap().iter().filter(|line| line["result"] != "ok");
    let code = |line: &Value| line["finding"]["code"].as_str().unwrap_or("unknown").to_owned();
    lines.map(|line| format!("{}: {}", line["check"].as_str().unwrap_or("-"), code(line))).collect()
}

fn is_read(operation: &str) -> bool {
    ["Get", "Head", "Describe", "List", "Scan"].iter().any(|start| operation.starts_with(start))
}

/// Calls that change something.
pub(crate) fn writes(env: &TestEnv) -> Vec<String> {
    let calls = env.account().calls();
    let names = calls.iter().map(|call| call["operation"].as_str().unwrap().to_owned());
    names.filter(|operation| !is_read(operation)).collect()
}

#[test]
fn a_backend_is_made_and_used_and_nothing_is_left_to_be_found() {
    let (env, flags) = place();
    let made = create(&env, &format!("{flags} --tag team=platform"));
    let should = made["steps"].as_array().unwrap().len();
    assert_eq!(changes(&made).len(), should, "{made:#}");
    assert_eq!(
        made["init"],
        format!("panka init --region eu-west-1 --bucket {} --table {}", env.account().bucket(), env.account().table())
    );
    env.account().forget_calls();
    let again = create(&env, &format!("{flags} --tag team=platform"));
    assert_eq!(changes(&again), Vec::<String>::new());
    assert_eq!(writes(&env), Vec::<String>::new());
    env.pipe(made["init"].as_str().unwrap()).succeeds().json();
    crate::env::copy(&crate::env::repository().join("examples/user-platform"), &env.work());
    let at = "-s user-platform -e dev";
    env.pipe(&format!("panka apply {at} --engine local --allow-simulated --auto-approve -q")).succeeds().json();
    env.pipe("panka backend status --exit-code").succeeds().json();
    assert_eq!(findings(&env, ""), Vec::<String>::new());
    // The probes are gone again, and nothing of the state was touched.
    assert!(env.account().keys().iter().all(|key| !key.contains("probes/")), "{:?}", env.account().keys());
    env.pipe(&format!("panka diff {at} --engine local --exit-code")).succeeds().json();
}

/// How each setting is broken by hand: the check that names it, the code, and what does it.
fn breaks() -> Vec<(&'static str, &'static str, fn(&TestEnv))> {
    fn s3(env: &TestEnv, method: &str, below: &str, body: &str) {
        env.account().s3(method, below, body.as_bytes()).success();
    }
    fn table(env: &TestEnv, operation: &str, mut request: Value) {
        request["TableName"] = json!(env.account().table());
        env.account().dynamodb(operation, request).success();
    }
    vec![
        ("versioning", "P4019", |env| {
            s3(env, "PUT", "?versioning", "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>");
        }),
        ("publicAccessBlock", "P4028", |env| s3(env, "DELETE", "?publicAccessBlock", "")),
        ("ownership", "P4028", |env| {
            let body = "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>";
            s3(env, "PUT", "?ownershipControls", body);
        }),
        ("policy", "P4028", |env| s3(env, "DELETE", "?policy", "")),
        ("lifecycle", "P4028", |env| s3(env, "DELETE", "?lifecycle", "")),
        ("tags", "P4028", |env| s3(env, "DELETE", "?tagging", "")),
        ("deletionProtection", "P4028", |env| table(env, "UpdateTable", json!({"DeletionProtectionEnabled": false}))),
        ("billing", "P4028", |env| {
            let capacity = json!({"ReadCapacityUnits": 1, "WriteCapacityUnits": 1});
            table(env, "UpdateTable", json!({"BillingMode": "PROVISIONED", "ProvisionedThroughput": capacity}));
        }),
        ("timeToLive", "P4026", |env| {
            let off = json!({"Enabled": false, "AttributeName": "expiresAt"});
            table(env, "UpdateTimeToLive", json!({"TimeToLiveSpecification": off}));
        }),
        ("pointInTimeRecovery", "P4028", |env| {
            table(env, "UpdateContinuousBackups", json!({"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": false}}));
        }),
    ]
}

#[test]
fn each_setting_that_is_broken_by_hand_is_named_and_repaired() {
    let (env, flags) = place();
    let flags = format!("{flags} --tag team=platform");
    let made = create(&env, &flags);
    for (setting, code, break_it) in breaks() {
        break_it(&env);
        assert_eq!(findings(&env, &flags), [format!("{setting}: {code}")]);
        drop(env.pipe(&format!("panka backend status {flags} --exit-code")).exits(10));
        let repaired = create(&env, &flags);
        assert_eq!(changes(&repaired).iter().map(|change| change.split(' ').nth(1).unwrap()).collect::<Vec<_>>(), [setting]);
        assert_eq!(findings(&env, &flags), Vec::<String>::new(), "{setting}");
    }
    // Encryption cannot be turned off in S3; a key that is asked for is set.
    let key = "arn:aws:kms:eu-west-1:111122223333:key/1";
    let with_key = create(&env, &format!("{flags} --kms-key {key}"));
    assert_eq!(changes(&with_key), ["update encryption", "update document", "update document"]);
    let again = create(&env, &flags);
    assert_eq!(again["steps"][4]["before"], json!({"algorithm": "aws:kms", "key": key}));
    assert_eq!(changes(&again), Vec::<String>::new(), "a key that is there stays, and so does the right to use it");
    assert_eq!(findings(&env, &flags), Vec::<String>::new());
    let broken: BTreeSet<&str> = breaks().iter().map(|(setting, ..)| *setting).chain(["encryption"]).collect();
    let settings: BTreeSet<&str> = made["steps"].as_array().unwrap().iter().filter_map(|step| step["setting"].as_str()).collect();
    let of_access = ["document", "trust", "policies"].into();
    assert_eq!(&settings - &broken, &settings & &of_access, "each setting is broken once; those of roles elsewhere");
}

#[test]
fn what_others_have_put_into_the_same_settings_stays() {
    let (env, flags) = place();
    create(&env, &flags);
    let bucket = env.account().bucket();
    let theirs = json!({"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{bucket}/public/*")});
    let policy = json!({"Version": "2012-10-17", "Statement": [theirs]});
    env.account().s3("PUT", "?policy", policy.to_string().as_bytes()).success();
    let rule = "<LifecycleConfiguration><Rule><ID>theirs</ID><Status>Enabled</Status><Filter><Prefix>logs/</Prefix></Filter>\
                <Expiration><Days>5</Days></Expiration></Rule></LifecycleConfiguration>";
    env.account().s3("PUT", "?lifecycle", rule.as_bytes()).success();
    env.account().s3("PUT", "?tagging", b"<Tagging><TagSet><Tag><Key>owner</Key><Value>ann</Value></Tag></TagSet></Tagging>").success();
    assert_eq!(
        changes(&create(&env, &format!("{flags} --tag team=platform"))),
        ["update policy", "update lifecycle", "update tags", "update tags", "update tags", "update tags"]
    );
    let text = |below: &str| String::from_utf8(env.account().s3("GET", below, b"").success()).unwrap();
    let statements = serde_json::from_str::<Value>(&text("?policy")).unwrap()["Statement"].clone();
    assert_eq!((&statements[0], statements.as_array().unwrap().len()), (&theirs, 2));
    assert!(text("?lifecycle").contains("<Days>5</Days>") && text("?lifecycle").contains("panka-states"), "{}", text("?lifecycle"));
    assert!(text("?tagging").contains("ann") && text("?tagging").contains("platform"), "{}", text("?tagging"));
    assert_eq!(changes(&create(&env, &flags)), Vec::<String>::new());
}

/// Every setting, and roles for pipelines.
const ALL: &str = "--tag team=platform --github acme/shop:production --gitlab acme/shop --account 111122223333";

/// Every call of a `backend create` on nothing, with which of its kind it is.
fn calls_of_create() -> Vec<(String, String, u64)> {
    let (env, flags) = place();
    create(&env, &format!("{flags} {ALL}"));
    let mut seen = std::collections::BTreeMap::new();
    let text = |call: &Value, name: &str| call[name].as_str().unwrap().to_owned();
    let mut nth = |call: &Value| {
        let count = seen.entry((text(call, "service"), text(call, "operation"))).or_insert(0);
        *count += 1;
        *count
    };
    let calls: Vec<_> = env.account().log().iter().map(|call| (text(call, "service"), text(call, "operation"), nth(call))).collect();
    // The same read once more is broken off like the first.
    calls.into_iter().filter(|(_, operation, nth)| *nth == 1 || !is_read(operation)).collect()
}

#[test]
fn killed_at_any_call_it_goes_on_from_there() {
    for (service, operation, nth) in calls_of_create() {
        // A read that has been answered is as one that has not.
        for after in [false, true].into_iter().filter(|after| !after || !is_read(&operation)) {
            let (env, flags) = place();
            let flags = format!("{flags} {ALL}");
            let rule = Rule::on(&service, &operation).nth(nth);
            env.account().rules([if after { rule.hold_after() } else { rule.hold_before() }]);
            let mut child = env.pipe(&format!("exec panka backend create {flags} -y -q")).start();
            env.account().held(1);
            child.kill().unwrap();
            child.wait().unwrap();
            env.account().rules([]);
            create(&env, &flags);
            assert_eq!(findings(&env, &flags), Vec::<String>::new(), "{service} {operation} {nth} {after}");
        }
    }
}

#[test]
fn denied_at_any_call_it_says_what_is_made_and_goes_on_from_there() {
    for (service, operation, nth) in calls_of_create() {
        let (env, flags) = place();
        let flags = format!("{flags} {ALL}");
        env.account().rules([Rule::on(&service, &operation).nth(nth).fail("AccessDenied")]);
        let outcome = env.pipe(&format!("panka backend create {flags} -y -q -o json")).exits(1);
        // S3 says no more than that the bucket is not to be had; whether it is somebody else's is found out by listing one's own.
        let code = if operation == "HeadBucket" { "P4027" } else { "P4012" };
        assert_eq!(outcome.codes(), [code], "{service} {operation} {nth}: {outcome}");
        let what = format!("{service} {operation} {nth}: {outcome}");
        let written = !writes(&env).iter().all(|one| *one == operation);
        assert_eq!(outcome.stderr.contains("done so far"), written, "{what}");
        env.account().rules([]);
        create(&env, &flags);
        assert_eq!(findings(&env, &flags), Vec::<String>::new(), "{what}");
    }
}

#[test]
fn each_permission_that_is_missing_is_named() {
    let (env, flags) = place();
    create(&env, &flags);
    for one in panka::setup::PERMISSIONS {
        let (service, action) = one.action.split_once(':').unwrap();
        let operation = match one.action {
            "s3:ListBucket" => "ListObjectsV2",
            "s3:ListBucketVersions" => "ListObjectVersions",
            "s3:GetObjectVersion" | "s3:GetObject" => "GetObject",
            "s3:GetEncryptionConfiguration" => "GetBucketEncryption",
            "s3:GetBucketPublicAccessBlock" => "GetPublicAccessBlock",
            "s3:GetLifecycleConfiguration" => "GetBucketLifecycleConfiguration",
            _ if service == "kms" => continue,
            _ => action,
        };
        env.account().rules([Rule::on(service, operation).fail("AccessDenied")]);
        let found = findings(&env, &flags);
        env.account().rules([]);
        assert!(found.contains(&format!("{}: P4012", one.action)), "{}: {found:?}", one.action);
        let others: Vec<_> = found.iter().filter(|line| line.contains("P4012") && !line.starts_with(one.action)).collect();
        assert!(others.is_empty() || operation == "GetObject" || action == "DescribeTable", "{}: {others:?}", one.action);
    }
}

#[test]
fn a_key_that_refuses_is_named() {
    let (env, flags) = place();
    let flags = format!("{flags} --kms-key arn:aws:kms:eu-west-1:111122223333:key/1");
    create(&env, &flags);
    assert_eq!(findings(&env, &flags), Vec::<String>::new());
    let kms = "User: arn:aws:iam::111122223333:user/ci is not authorized to perform: kms:GenerateDataKey on resource: x";
    env.account().rules([Rule::on("s3", "PutObject").fail_as("AccessDenied", 403, kms)]);
    assert_eq!(findings(&env, &flags), ["s3:PutObject: P4012", "kms:GenerateDataKey: P4012"]);
}

#[test]
fn what_stands_in_the_way_is_a_finding_and_nothing_is_changed() {
    let (env, flags) = place();
    let refused = |flags: &str, code: &str, text: &str| {
        env.account().forget_calls();
        let outcome = env.pipe(&format!("panka backend create {flags} -y -q -o json")).run();
        assert_eq!(outcome.codes(), [code], "{flags}: {outcome}");
        assert!(outcome.stderr.contains(text), "{flags}: {outcome}");
        assert_eq!(writes(&env), Vec::<String>::new());
    };
    let (other, _) = place();
    other.account().create_bucket();
    refused(&format!("--bucket {} --region eu-west-1", other.account().bucket()), "P4027", "another account");
    let (bucket, table) = (env.account().bucket(), env.account().table());
    for (wrong, text) in [
        ("--bucket No_Bucket --region eu-west-1", "--bucket"),
        ("--bucket acme- --region eu-west-1", "--bucket"),
        ("--bucket acme --region Ireland", "--region"),
        ("--bucket acme --region eu-west-1 --table x", "--table"),
        ("--bucket acme --region eu-west-1 --kms-key alias/x", "--kms-key"),
        ("--bucket acme --region eu-west-1 --tag team", "--tag"),
        ("--region eu-west-1", "no bucket is named"),
    ] {
        refused(wrong, "P0017", text);
    }
    env.account().create_table_with_key("LockID");
    refused(&format!("--bucket {bucket} --table {table} --region eu-west-1"), "P4025", "LockID: S");
    env.account().in_region("us-west-2").create_bucket();
    env.account().rules([Rule::on("s3", "HeadBucket").redirect("us-west-2")]);
    refused(&flags, "P4014", "--region us-west-2");
    env.account().rules([Rule::on("s3", "HeadBucket").fail("AccessDenied")]);
    refused(&flags, "P4012", "s3:ListBucket");
}

#[test]
fn it_shows_what_it_does_and_asks() {
    let (env, flags) = place();
    let outcome = env.pipe(&format!("panka backend create {flags} --dry-run")).succeeds();
    assert_eq!((&outcome.json()["dryRun"], outcome.json()["steps"][0]["action"].as_str()), (&json!(true), Some("create")));
    let outcome = env.pipe(&format!("panka backend create {flags} -o json")).exits(2);
    assert!(outcome.codes() == ["P0008"] && outcome.stderr.contains("--auto-approve"), "{outcome}");
    let outcome = env.terminal(&format!("panka backend create {flags}"), "no\n").exits(1);
    assert!(outcome.stdout.contains("not approved"), "{outcome}");
    assert_eq!(writes(&env), Vec::<String>::new());
    let outcome = env.terminal(&format!("panka backend create {flags}"), "yes\n").succeeds();
    assert!(outcome.stdout.contains("publicAccessBlock") && outcome.stdout.contains("panka init --region"), "{outcome}");
    let status = env.terminal(&format!("panka backend status {flags}"), "").succeeds();
    assert!(status.stdout.contains("everything is as it should be"), "{status}");
}

#[test]
fn a_bucket_and_a_table_that_are_not_there_are_one_finding_each() {
    let (env, flags) = place();
    assert_eq!(findings(&env, &flags), ["-: P4013", "-: P4018", "-: P4028", "-: P4028"]);
    create(&env, &flags);
    env.account().rules([Rule::on("s3", "PutObject").nth(1).fail("InternalError")]);
    assert_eq!(findings(&env, &flags), Vec::<String>::new(), "a service that stumbles is asked again");
    env.account().rules([Rule::on("s3", "PutObject").nth(1).drop_answer(), Rule::on("dynamodb", "PutItem").nth(1).drop_answer()]);
    assert_eq!(findings(&env, &flags), Vec::<String>::new(), "a write whose answer was lost is one's own");
}

#[test]
fn a_store_that_ignores_conditions_is_found() {
    let (env, flags) = place();
    create(&env, &flags);
    // The answer to the second write says that it went through.
    env.account().rules([Rule::on("dynamodb", "PutItem").nth(2).fail_as("None", 200, "written")]);
    assert_eq!(findings(&env, &flags), ["dynamodb:PutItem: P4030"]);
}

#[test]
fn a_service_that_is_still_at_it_is_waited_for() {
    let (env, flags) = place();
    env.account().rules([
        Rule::on("s3", "PutBucketVersioning").first(2).fail_as("OperationAborted", 409, "A conflicting operation is in progress"),
        Rule::on("dynamodb", "UpdateContinuousBackups").first(1).fail_as(
            "ContinuousBackupsUnavailableException",
            400,
            "Backups are being enabled",
        ),
    ]);
    create(&env, &flags);
    assert_eq!(findings(&env, &flags), Vec::<String>::new());
}

#[test]
fn init_makes_what_is_missing_or_says_the_command() {
    let (env, flags) = place();
    let outcome = env.pipe(&format!("panka init {flags}")).succeeds();
    assert!(outcome.stderr.contains(&format!("panka backend create {flags}")), "{outcome}");
    assert_eq!(writes(&env), Vec::<String>::new());
    let outcome = env.terminal(&format!("panka init {flags} --force"), "no\n").succeeds();
    assert!(
        outcome.stdout.contains("Do you want to make this in account") && outcome.stdout.contains(&format!("panka backend create {flags}")),
        "{outcome}"
    );
    assert_eq!(writes(&env), Vec::<String>::new());
    let (bucket, table) = (env.account().bucket(), env.account().table());
    let outcome = env.terminal("panka init --force", &format!("eu-west-1\n{bucket}\n{table}\n\nyes\n")).succeeds();
    assert!(outcome.stdout.contains("no state yet") && !outcome.stdout.contains("P40"), "{outcome}");
    assert_eq!(findings(&env, ""), Vec::<String>::new());
    let (env, flags) = place();
    env.account().rules([Rule::on("s3", "CreateBucket").fail("AccessDenied")]);
    let outcome = env.terminal(&format!("panka init {flags}"), "yes\n").exits(1);
    assert!(outcome.stdout.contains("s3:CreateBucket") && outcome.stdout.contains("the configuration is written"), "{outcome}");
}
