//! The test bed: an AWS on loopback with an account for each test, faults, and counters; and no way anywhere else.

use crate::emulator::Rule;
use crate::env::TestEnv;

#[test]
fn accounts_do_not_see_each_other() {
    let (one, other) = (TestEnv::new().with_account(), TestEnv::new().with_account());
    for env in [&one, &other] {
        env.account().create_bucket();
        env.account().create_table();
    }
    one.account().put_object("a/b.json", b"one");
    assert_eq!(one.account().keys(), ["a/b.json"]);
    assert_eq!(one.account().objects()["a/b.json"], b"one");
    assert_eq!(other.account().keys(), Vec::<String>::new());
    assert_eq!(one.account().item("stack:a:env:b"), None);
    assert_ne!(one.account().number(), other.account().number());
    one.account().delete_object("a/b.json");
    assert_eq!(one.account().keys(), Vec::<String>::new());
}

#[test]
fn calls_of_programs_are_counted_and_struck_by_rules_and_those_of_the_harness_are_not() {
    let env = TestEnv::new().with_account();
    env.account().create_bucket();
    env.account().rules([Rule::on("s3", "PutObject").nth(2).fail("SlowDown")]);
    let put = |key: &str| env.account().s3_as_a_program("PUT", &format!("/{key}"), b"x").status;
    assert_eq!([put("one"), put("two"), put("three")], [200, 503, 200]);
    assert_eq!((env.account().count("s3", "PutObject"), env.account().struck()), (3, vec![1]));
    let log = env.account().log();
    assert_eq!(log.iter().map(|call| call["key"].as_str().unwrap()).collect::<Vec<_>>(), ["one", "two", "three"]);
    assert_eq!(log[1]["outcome"], "refused");
    env.account().forget_calls();
    assert!(env.account().calls().is_empty() && env.account().log().is_empty());
    assert_eq!(env.account().keys(), ["one", "three"]);
}

#[test]
fn a_place_without_an_account_reaches_nothing() {
    let env = TestEnv::new();
    let outcome = env.pipe("echo $AWS_ENDPOINT_URL $https_proxy $AWS_EC2_METADATA_DISABLED $AWS_ACCESS_KEY_ID").succeeds();
    assert_eq!(outcome.stdout, "http://127.0.0.1:9 http://127.0.0.1:9 true\n");
}
