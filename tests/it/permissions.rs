//! What runs ask of AWS for states and locks is in the table of permissions, and what plans ask in the part of it that writes nothing.

use std::collections::BTreeSet;

use panka::setup::{PERMISSIONS, Role};

use crate::deploy::{APPLY, AT, deploying};
use crate::env::TestEnv;
use crate::project::shop;

/// The permission that a call needs (Amazon S3 API Reference, "Required permissions for Amazon S3 API operations").
fn needed(operation: &str) -> &str {
    match operation {
        "HeadObject" => "GetObject",
        "ListObjects" | "ListObjectsV2" | "HeadBucket" => "ListBucket",
        "ListObjectVersions" => "ListBucketVersions",
        "DeleteObjects" => "DeleteObject",
        // It reads as well, which every role may.
        "CopyObject" => "PutObject",
        other => other,
    }
}

/// What was asked of a service since it was last looked at.
fn asked(env: &TestEnv) -> BTreeSet<String> {
    let calls = env.account().calls();
    env.account().forget_calls();
    let text = |call: &serde_json::Value, name: &str| call[name].as_str().unwrap().to_owned();
    let of_backend = calls.iter().filter(|call| ["s3", "dynamodb"].contains(&text(call, "service").as_str()));
    of_backend.map(|call| format!("{}:{}", text(call, "service"), needed(&text(call, "operation")))).collect()
}

fn allowed(role: Role) -> BTreeSet<String> {
    PERMISSIONS.iter().filter(|one| one.role <= role).map(|one| one.action.to_owned()).collect()
}

#[test]
fn runs_ask_for_nothing_that_the_table_does_not_know() {
    let Some(env) = deploying(shop(2)) else { return };
    env.account().forget_calls();
    env.pipe(&format!("{APPLY} {AT}")).succeeds().json();
    let mut all = asked(&env);
    assert!(all.contains("s3:PutObject") && all.contains("dynamodb:PutItem"), "{all:?}");
    for verb in ["diff", "state history", "lock list", "lock status", "state show"] {
        env.pipe(&format!("panka {verb} {AT}")).succeeds().json();
    }
    env.pipe(&format!("panka diff --check {AT}")).succeeds().json();
    let reading = asked(&env);
    assert_eq!(reading.difference(&allowed(Role::Plan)).collect::<Vec<_>>(), Vec::<&String>::new());
    env.pipe(&format!("panka destroy -y -q {AT}")).succeeds().json();
    all.extend(reading);
    all.extend(asked(&env));
    assert_eq!(all.difference(&allowed(Role::Deploy)).collect::<Vec<_>>(), Vec::<&String>::new());
    // These stand for what happens in a bucket that keeps versions, and in trouble.
    let rare = ["s3:GetObjectVersion", "s3:GetBucketVersioning", "dynamodb:DescribeTable", "kms:Decrypt", "kms:GenerateDataKey"];
    // What only a look at the backend needs says so.
    let of_status: Vec<&str> =
        PERMISSIONS.iter().filter(|one| one.needed_by.starts_with("`backend status`")).map(|one| one.action).collect();
    let used = |one: &String| all.contains(one) || rare.contains(&one.as_str()) || of_status.contains(&one.as_str());
    let unused: Vec<String> = allowed(Role::Deploy).into_iter().filter(|one| !used(one)).collect();
    assert!(unused.is_empty(), "nothing needs {unused:?}");
}
