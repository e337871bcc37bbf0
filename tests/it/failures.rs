//! What AWS refuses before a run, and how that is told: exit code and message of each kind of failure; nothing is written, nothing is made.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};

use snapbox::{assert_data_eq, file};

use crate::emulator::{self, Rule};
use crate::env::{Command, TestEnv};
use crate::remote::{APPLY, OPERATIONS, shop};

/// A profile whose credentials come from a session of single sign-on that nobody has begun.
const SSO: &str = "[profile platform]\nsso_session = work\nsso_account_id = 111122223333\nsso_role_name = deploy\nregion = eu-west-1\n\
                   [sso-session work]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\nsso_registration_scopes = sso:account:access\n";

/// A case: what it is called, the rules, and what else is different in the run.
type Case = (&'static str, Vec<Rule>, fn(Command<'_>) -> Command<'_>);

fn same(command: Command<'_>) -> Command<'_> {
    command
}

fn without_keys(run: Command<'_>) -> Command<'_> {
    run.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY")
}

/// With the locks in the table.
fn tabled(run: Command<'_>) -> Command<'_> {
    let table = run.account().table();
    run.env("PANKA_LOCK_TABLE", table)
}

fn cases() -> Vec<Case> {
    let s3 = |operation: &str| Rule::on("s3", operation);
    let dynamodb = |operation: &str| Rule::on("dynamodb", operation);
    let kms = "User: arn:aws:iam::111122223333:user/ci is not authorized to perform: kms:GenerateDataKey on resource: \
               arn:aws:kms:eu-west-1:111122223333:key/1 because no identity-based policy allows the kms:GenerateDataKey action";
    vec![
        ("no credentials", vec![], without_keys),
        ("no such profile", vec![], |run| without_keys(run).env("AWS_PROFILE", "nobody")),
        ("no such profile, named in the configuration", vec![], |run| without_keys(run).env("PANKA_CONFIG", "profile.yaml")),
        ("single sign-on without a login", vec![], |run| {
            without_keys(run).env("AWS_CONFIG_FILE", "sso.ini").env("AWS_PROFILE", "platform")
        }),
        ("credentials expired", vec![s3("*").fail("ExpiredToken")], same),
        ("credentials unknown", vec![s3("*").fail("InvalidAccessKeyId")], same),
        ("signature wrong", vec![s3("*").fail("SignatureDoesNotMatch")], same),
        ("no such bucket", vec![], |run| run.env("PANKA_BACKEND_BUCKET", "panka-that-nobody-has-made")),
        ("s3:GetObject denied", vec![s3("GetObject").fail("AccessDenied")], same),
        ("s3:ListBucket denied", vec![s3("ListObjectsV2").fail("AccessDenied")], same),
        ("the key of the bucket denied", vec![s3("GetObject").fail_as("AccessDenied", 403, kms)], same),
        ("another region than configured", vec![], |run| run.env("PANKA_BACKEND_REGION", "us-west-2")),
        ("clock", vec![s3("*").fail("RequestTimeTooSkewed")], same),
        ("slowed down to the end", vec![s3("*").fail("SlowDown")], same),
        ("the service fails", vec![s3("*").fail("InternalError")], same),
        ("nobody listens", vec![], |run| run.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")),
        // A label that is longer than names can have is looked up nowhere.
        ("no such host", vec![], |run| run.env("AWS_ENDPOINT_URL_S3", format!("http://{}.example", "s3".repeat(40))).env("NO_PROXY", "*")),
        ("no TLS where it is asked for", vec![], |run| {
            let port = emulator::port();
            run.env("AWS_ENDPOINT_URL", format!("https://127.0.0.1:{port}"))
        }),
        ("the connection is dropped", vec![s3("*").drop_before()], same),
        ("an endpoint that is not AWS", vec![s3("*").fail_as("", 404, "")], |run| {
            run.env("AWS_ENDPOINT_URL", somebody_else("404 Not Found"))
        }),
        ("no such table", vec![], |run| tabled(run).env("PANKA_LOCK_TABLE", "panka-that-nobody-has-made")),
        ("the table is in another region", vec![], |run| tabled(run).env("PANKA_LOCK_REGION", "us-west-2")),
        ("the table is in the region of the bucket", vec![], |run| tabled(run).env("AWS_REGION", "us-west-2")),
        ("a table with another key", vec![], |run| {
            let other = run.account().in_region("eu-north-1");
            other.create_table_with_key("LockID");
            tabled(run).env("PANKA_LOCK_REGION", "eu-north-1")
        }),
        ("dynamodb:GetItem denied", vec![dynamodb("GetItem").fail("AccessDeniedException")], tabled),
        ("dynamodb:PutItem denied", vec![dynamodb("PutItem").fail("AccessDeniedException")], tabled),
        ("the table slows down to the end", vec![dynamodb("*").fail("ProvisionedThroughputExceededException")], tabled),
        ("the table fails", vec![dynamodb("*").fail("InternalServerError")], tabled),
        ("the table is not reached", vec![], |run| tabled(run).env("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")),
        ("the table drops the connection", vec![dynamodb("PutItem").drop_before()], tabled),
        ("credentials expired at the table", vec![dynamodb("*").fail("ExpiredTokenException")], tabled),
        ("a portal that answers everything", vec![], |run| run.env("AWS_ENDPOINT_URL", somebody_else("200 OK"))),
    ]
}

/// The address of a server on loopback that is no AWS: it answers every request with a page.
fn somebody_else(status: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let mut head = [0; 4096];
            // What was asked does not matter.
            drop(stream.read(&mut head));
            let page = "<html><body>Welcome to the airport. Please log in.</body></html>";
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{page}",
                page.len()
            );
            drop(stream.write_all(answer.as_bytes()));
        }
    });
    address
}

/// The simulated account, which is opened before the lock is taken, has seen no operation.
fn nothing_called(env: &TestEnv) -> bool {
    std::fs::read(env.path(OPERATIONS)).unwrap_or_default().is_empty()
}

/// Nothing stands in the bucket, in the table, and in the simulated account.
fn is_untouched(env: &TestEnv, case: &str) {
    assert_eq!(env.account().keys(), Vec::<String>::new(), "{case}");
    assert_eq!(env.account().item("stack:shop:env:dev"), None, "{case}");
    assert!(nothing_called(env), "{case}: something was called");
}

#[test]
fn each_failure_before_a_run_has_its_code_and_message_and_changes_nothing() {
    let mut told = String::new();
    for (case, rules, prepare) in cases() {
        let env = shop(1);
        env.account().create_table();
        env.account().rules(rules);
        env.write("profile.yaml", "aws: {profile: nobody}\n");
        env.write("sso.ini", SSO);
        let outcome = prepare(env.pipe(&format!("{APPLY} -s shop -e dev")).env("AWS_MAX_ATTEMPTS", "2")).exits(1);
        assert_eq!(outcome.stdout, "", "{case}");
        write!(told, "# {case}\n{}\n\n", outcome.to_string().replace("[stdout]\n[stderr]\n", "")).unwrap();
        is_untouched(&env, case);
    }
    assert_data_eq!(told, file!["failures.txt"].raw());
}

#[test]
fn a_lock_that_was_taken_in_vain_is_given_back() {
    for (rule, code) in [
        (Rule::on("s3", "PutObject").key("stacks/*").fail("AccessDenied"), "P4012"),
        (Rule::on("s3", "PutObject").key("stacks/*").fail("SlowDown"), "P4016"),
        (Rule::on("s3", "PutObject").key("stacks/*").fail("ExpiredToken"), "P4011"),
    ] {
        let env = shop(1);
        env.account().rules([rule]);
        let outcome = env.pipe(&format!("{APPLY} -s shop -e dev -o json")).env("AWS_MAX_ATTEMPTS", "2").run();
        assert!(outcome.codes().contains(&code.to_owned()), "{outcome}");
        assert_eq!(env.account().keys(), ["locks/shop/dev.json"]);
        assert_eq!(env.pipe("panka lock status -s shop -e dev").succeeds().json()["holders"], serde_json::json!({}));
        assert!(nothing_called(&env), "something was called");
    }
}

#[test]
fn a_bucket_elsewhere_is_found_when_no_region_is_configured() {
    let env = shop(1);
    let outcome = env.pipe("panka diff -s shop -e dev --jq .summary.create").env("AWS_REGION", "us-west-2").succeeds();
    assert_eq!(outcome.stdout, "2\n");
    let regions: Vec<_> = env.account().log().iter().map(|call| call["region"].as_str().unwrap().to_owned()).collect();
    assert_eq!(regions[0], "us-west-2");
    assert!(regions[1..].iter().all(|region| region == "eu-west-1"), "{regions:?}");
}

#[test]
fn the_users_own_number_of_attempts_counts() {
    for (attempts, calls) in [("1", 1), ("3", 3)] {
        let env = shop(1);
        env.account().rules([Rule::on("s3", "*").fail("InternalError")]);
        drop(env.pipe("panka diff -s shop -e dev").env("AWS_MAX_ATTEMPTS", attempts).exits(1));
        assert_eq!(env.account().count("s3", "ListObjectsV2"), calls);
    }
}
