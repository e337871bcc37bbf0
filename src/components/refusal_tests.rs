//! What AWS refuses and no schema says: one line each, with the line beside it that is taken.

use serde_json::{Value, json};

use super::tests::{checked, findings, found_alone};

/// A component that is refused with a code at a place, and one that is taken.
type Row = (&'static str, Value, (&'static str, &'static str), Value);

#[test]
fn what_aws_refuses_is_a_finding_and_what_stands_beside_it_is_none() {
    let function = |more: Value| {
        let mut spec = json!({"runtime": "python3.13", "handler": "index.handler", "code": {"inline": "def handler(e, c): pass"}});
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        spec
    };
    let insights = |kind: &str, class: &str| json!({"engine": {"type": kind}, "instance": {"class": class}, "monitoring": {"performanceInsights": true}});
    let rows: Vec<Row> = vec![
        ("SQS", json!({"tags": {"Team": "a", "team": "b"}}), ("P3009", "/tags/team"), json!({"tags": {"Team": "a", "teams": "b"}})),
        ("SQS", json!({"tags": {"AWS:x": "b"}}), ("P3009", "/tags/AWS:x"), json!({"tags": {"awsome": "b"}})),
        (
            "SQS",
            json!({"overrides": {"queue": {"Tags": [{"Key": "a", "Value": "b"}]}}}),
            ("P3009", "/overrides/queue/Tags"),
            json!({"overrides": {"queue": {"DelaySeconds": 5}}}),
        ),
        (
            "SQS",
            json!({"lifecycle": {"ignoreChanges": ["/DelaySecond"]}}),
            ("P2018", "/lifecycle/ignoreChanges/0"),
            json!({"lifecycle": {"ignoreChanges": ["/DelaySeconds"]}}),
        ),
        (
            "SQS",
            json!({"lifecycle": {"ignoreChanges": ["/Tags/0/Kex"]}}),
            ("P2018", "/lifecycle/ignoreChanges/0"),
            json!({"lifecycle": {"ignoreChanges": ["/Tags/0/Key", "/**/Kex"]}}),
        ),
        ("RDS", insights("mysql", "db.t3.micro"), ("P3023", "/monitoring/performanceInsights"), insights("postgres", "db.t3.micro")),
        (
            "RDS",
            insights("aurora-mysql", "db.t4g.medium"),
            ("P3023", "/monitoring/performanceInsights"),
            insights("aurora-mysql", "db.r7g.large"),
        ),
        ("SQS", json!({"name": "orders.new"}), ("P3008", ""), json!({"name": "orders-new"})),
        ("S3", json!({"name": "192.168.5.4"}), ("P3008", ""), json!({"name": "192.168.5.4a"})),
        ("S3", json!({"name": "xn--orders"}), ("P3008", ""), json!({"name": "xn-orders"})),
        (
            "Lambda",
            function(json!({"environment": [{"name": "AWS_REGION", "value": "x"}]})),
            ("P1013", "/environment/0/name"),
            function(json!({})),
        ),
    ];
    for (kind, refused, (code, place), taken) in rows {
        assert_eq!(findings(&[("a/x", kind, refused.clone())]), [(code, place.to_owned())], "{refused}");
        checked(&[("a/x", kind, taken)]);
    }
}

#[test]
fn a_trigger_runs_no_more_calls_than_the_function_has() {
    let of = |reserved: u32| {
        let trigger = json!({"type": "sqs", "source": {"component": "q"}, "maxConcurrency": 20});
        let spec = json!({
            "runtime": "python3.13", "handler": "index.handler", "code": {"inline": "def handler(e, c): pass"},
            "triggers": [trigger], "reservedConcurrentExecutions": reserved
        });
        vec![("a/f", "Lambda", spec), ("a/q", "SQS", json!({"visibilityTimeout": 180}))]
    };
    assert_eq!(findings(&of(10)), [("P1013", "/triggers/0/maxConcurrency".to_owned())]);
    checked(&of(20));
}

#[test]
fn a_volume_that_the_user_cannot_write_to_is_warned_of() {
    let warned = |user: Option<&str>, read_only: bool| {
        let volume = json!({"name": "tmp", "type": "emptyDir", "mountPath": "/work", "readOnly": read_only});
        let mut spec = json!({"image": {"repository": "shop/api", "tag": "v1"}, "storage": {"volumes": [volume]}});
        if let Some(user) = user {
            spec["user"] = json!(user);
        }
        let list = [("a/api", "MicroService", spec)];
        checked(&list);
        found_alone(&list)
    };
    assert_eq!(warned(Some("1000"), false), [("P3048", "/storage/volumes/0".to_owned())]);
    assert_eq!(warned(Some("app:app"), false).len(), 1);
    for (user, read_only) in [(None, false), (Some("0"), false), (Some("root:root"), false), (Some("1000"), true)] {
        assert_eq!(warned(user, read_only), []);
    }
}
