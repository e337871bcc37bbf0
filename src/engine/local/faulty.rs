//! The simulated account under a fault script.

use std::sync::Mutex;
use std::time::Duration;

use super::*;
use crate::apply::faults::{Faults, Faulty, Mishaps, Process};

fn faulty(directory: &Path, rules: &Value, crash: impl Fn() + Send + Sync + 'static) -> Faulty<Local> {
    let script = serde_json::from_value(json!({"kind": "panka.faults/v1", "rules": rules})).unwrap();
    let process = Process { crash: Arc::new(crash), freeze: Arc::new(|| {}) };
    let local = Local::open(directory, "eu-west-1", "shop/dev", Arc::new(|| 0)).unwrap();
    Faulty::new(local, Mishaps::new(Faults::new(script).unwrap(), process))
}

fn request(at: &str, properties: &Value) -> Request {
    Request {
        address: at.parse().unwrap(),
        type_name: "AWS::SQS::Queue".into(),
        identifier: None,
        properties: properties.as_object().unwrap().clone(),
        before: Map::new(),
        generation: 0,
        nested: false,
        makes_room: false,
        token: format!("token of {at}"),
    }
}

#[tokio::test(start_paused = true)]
async fn each_fault_does_what_it_says() {
    let directory = tempfile::tempdir().unwrap();
    let rules = json!([
        {"match": {"address": "a/slow"}, "do": {"latency": 30}},
        {"match": {"address": "a/busy"}, "do": "throttle"},
        {"match": {"address": "a/over"}, "do": {"fail": "ServiceLimitExceeded"}},
        {"match": {"address": "a/made"}, "do": {"fail-with-identifier": "NotStabilized"}},
        {"match": {"address": "a/half"}, "do": "partial"},
        {"match": {"address": "a/gone"}, "do": "hang"},
        {"match": {"address": "a/wild"}, "do": {"drift": {"property": "VisibilityTimeout", "value": 7}}},
    ]);
    let account = faulty(directory.path(), &rules, || {});
    let make = async |at: &str| {
        let properties = json!({"QueueName": at.replace('/', "-"), "DelaySeconds": 1, "VisibilityTimeout": 30});
        account.create(&request(at, &properties), &Handle::silent()).await
    };
    let start = tokio::time::Instant::now();
    make("a/slow/q").await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(30));
    let busy = make("a/busy/q").await.unwrap_err();
    assert_eq!((busy.class, busy.spent), (Class::Throttle, false));
    let over = make("a/over/q").await.unwrap_err();
    assert_eq!((over.class, over.code.as_str(), over.identifier.is_some()), (Class::Terminal, "ServiceLimitExceeded", false));
    let made = make("a/made/q").await.unwrap_err();
    assert!(account.read(&"AWS::SQS::Queue".into(), &made.identifier.unwrap()).await.unwrap().is_some());
    let half = make("a/half/q").await.unwrap_err().identifier.unwrap();
    let half = account.read(&"AWS::SQS::Queue".into(), &half).await.unwrap().unwrap();
    assert_eq!(half.properties.len(), 2, "{half:?}");
    assert!(tokio::time::timeout(Duration::from_secs(3600), make("a/gone/q")).await.is_err());
    let wild = make("a/wild/q").await.unwrap();
    assert_eq!(wild.properties["VisibilityTimeout"], 30);
    let wild = account.read(&"AWS::SQS::Queue".into(), &wild.identifier).await.unwrap().unwrap();
    assert_eq!(wild.properties["VisibilityTimeout"], 7);
}

#[tokio::test(start_paused = true)]
async fn a_crash_happens_at_its_point() {
    for (point, effect) in [("before-call", false), ("after-accepted", false), ("after-call", true)] {
        let directory = tempfile::tempdir().unwrap();
        let crashed = Arc::new(Mutex::new(0));
        let count = Arc::clone(&crashed);
        let local = faulty(directory.path(), &json!([{"do": {"crash": point}}]), move || *count.lock().unwrap() += 1);
        let request = request("a/a/q", &json!({"QueueName": "q"}));
        let handle = Handle::silent();
        let call = local.create(&request, &handle);
        assert!(tokio::time::timeout(Duration::from_secs(60), call).await.is_err(), "a call goes on after the crash at {point}");
        assert_eq!(*crashed.lock().unwrap(), 1);
        let made = local.list(&"AWS::SQS::Queue".into()).await.unwrap().unwrap();
        assert_eq!(!made.is_empty(), effect, "{point}");
    }
}
