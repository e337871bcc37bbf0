//! Documents that the tests of the state share.

use serde_json::{Map, Value, json};

use super::{Begin, Ended, Entry, Intent, Journal, Meta, Operation, Outcome, Record, State, Status, Touched, What};
use crate::account::EngineKind;
use crate::address::Address;
use crate::document::{Digest, Kind};

/// The time of everything.
pub(crate) const AT: &str = "2026-11-23T14:02:11.000Z";

pub(crate) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { panic!("{value} is not an object") };
    map
}

pub(crate) fn touched() -> Touched {
    Touched { at: AT.to_owned(), run: "run-0".to_owned() }
}

/// A queue that is ready.
pub(crate) fn record(identifier: &str, depends_on: &[&str]) -> Record {
    Record {
        type_name: "AWS::SQS::Queue".into(),
        component: "SQS".to_owned(),
        identifier: Some(identifier.to_owned()),
        status: Status::Ready,
        partial: false,
        properties: object(json!({"QueueName": identifier, "VisibilityTimeout": 30})),
        attributes: object(json!({"Arn": format!("arn:aws:sqs:eu-west-1:0:{identifier}")})),
        depends_on: depends_on.iter().map(|text| address(text)).collect(),
        protect: false,
        retain: false,
        final_snapshot: false,
        nested: false,
        generation: 0,
        pending: None,
        superseded: Vec::new(),
        created: touched(),
        updated: touched(),
    }
}

/// A state of two resources.
pub(crate) fn sample() -> State {
    let mut state = State::empty("shop", "dev", "lineage-1");
    state.serial = 1;
    state.epoch = 1;
    state.engine = Some(EngineKind::Local);
    state.resources.insert(address("a/db/instance"), record("db-1", &[]));
    state.resources.insert(address("b/jobs/queue"), record("jobs-1", &["a/db/instance"]));
    state.outputs.insert("a/db.endpoint".to_owned(), json!({"a": "é\"\\", "z": 1}));
    state
}

/// A journal object with these entries.
pub(crate) fn journal(epoch: u64, seq: u64, scope: &str, what: Vec<What>) -> Journal {
    Journal {
        kind: Kind::new(),
        lineage: "lineage-1".to_owned(),
        run: format!("run-{epoch}"),
        scope: scope.to_owned(),
        epoch,
        seq,
        entries: what.into_iter().map(|what| Entry { at: AT.to_owned(), what }).collect(),
        digest: Digest::of_bytes(&[]),
    }
}

pub(crate) fn beginning() -> Begin {
    Begin {
        plan: None,
        operation: "apply".to_owned(),
        by: "ann@desk".to_owned(),
        git_commit: None,
        serial: 0,
        engine: EngineKind::Local,
        simulated: true,
        region: None,
        account: None,
    }
}

/// The first object of an epoch.
pub(crate) fn begin(epoch: u64, seq: u64) -> Journal {
    journal(epoch, seq, "stack", vec![What::Begin(beginning())])
}

pub(crate) fn intent(at: &str, op: Operation, token: &str, identifier: Option<&str>) -> Intent {
    Intent {
        address: address(at),
        op,
        attempt: 1,
        token: token.to_owned(),
        type_name: "AWS::SQS::Queue".into(),
        component: "SQS".to_owned(),
        identifier: identifier.map(str::to_owned),
        properties: if op == Operation::Delete { Map::new() } else { object(json!({"QueueName": token})) },
        incomplete: false,
        meta: Meta::default(),
        superseded: false,
    }
}

pub(crate) fn outcome(at: &str, op: Operation, token: &str, ended: Ended, identifier: Option<&str>) -> Outcome {
    Outcome {
        address: address(at),
        token: token.to_owned(),
        op,
        ended,
        identifier: identifier.map(str::to_owned),
        properties: None,
        attributes: Map::new(),
        error: None,
    }
}
