//! Fault scripts: what goes wrong with calls, for people who test.
//!
//! In: a `panka.faults/v1` document and the calls as they come. Out: what is to be done with each: the first rule that matches decides.
//! Equal scripts and equal calls give equal faults, in whatever order independent calls arrive.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::address::{Address, Selector};
use crate::diagnostic::codes::engine::P5013;
use crate::diagnostic::{Diagnostic, Error};
use crate::document::{Document, Kind};

/// A fault script: `panka.faults/v1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Always `panka.faults/v1`.
    pub kind: Kind<Self>,
    /// Decides the rules with a probability.
    #[serde(default)]
    pub seed: u64,
    /// The rules; the first that matches a call decides.
    pub rules: Vec<Rule>,
}

impl Document for Script {
    const KIND: &'static str = "panka.faults/v1";
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which calls it is for; all of them when empty.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// What happens to them.
    #[serde(rename = "do")]
    pub fault: Fault,
}

/// Which calls a rule is for: all that are given must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// Selector of addresses: `users`, `users/db`, `*/db/instance`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op: Option<Call>,
    /// Only this one of the calls that match otherwise, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub nth: Option<u64>,
    /// Share of the calls that match otherwise, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub probability: Option<f64>,
}

/// A call on a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Call {
    /// Makes a resource.
    Create,
    /// Changes one.
    Update,
    /// Deletes one.
    Delete,
}

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// It takes effect, and its answer comes after these seconds.
    Latency(#[schemars(range(min = 0.0))] f64),
    /// It is refused: too many calls.
    Throttle,
    /// It fails with this code and has no effect.
    Fail(String),
    /// It fails with this code after it has taken effect; the identifier is in the answer.
    FailWithIdentifier(String),
    /// It fails after it has set only some of the properties.
    Partial,
    /// It has no effect and no answer ever comes.
    Hang,
    /// panka is aborted at this point of the call.
    Crash(Point),
    /// panka stops renewing its lock, and the call goes on.
    Freeze,
    /// The call takes effect; then a property changes behind panka's back.
    Drift(Drift),
}

/// A point in the life of a call, in the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Point {
    /// Before the intent is written.
    BeforeJournal,
    /// The intent is durable, the call not made.
    BeforeCall,
    /// The request was taken, and that is durable; nothing has taken effect.
    AfterAccepted,
    /// The call has taken effect; its result is not written.
    AfterCall,
    /// The result is durable.
    AfterJournal,
}

/// A change behind panka's back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// Top-level property.
    pub property: String,
    /// Its new value; null removes it.
    pub value: Value,
}

/// When a rule is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Before the intent of a call is written.
    Journalling,
    /// When the call arrives.
    Calling,
    /// When its result is durable.
    Recorded,
}

impl Fault {
    fn stage(&self) -> Stage {
        match self {
            Self::Crash(Point::BeforeJournal) => Stage::Journalling,
            Self::Crash(Point::AfterJournal) => Stage::Recorded,
            _ => Stage::Calling,
        }
    }
}

/// A script at work.
#[derive(Debug, Default)]
pub struct Faults {
    seed: u64,
    rules: Vec<(Option<Selector>, Rule)>,
    counts: Mutex<Vec<Counts>>,
}

/// How many calls a rule has met: in all, and for one address and operation.
#[derive(Debug, Default)]
struct Counts {
    all: u64,
    each: HashMap<(Address, Call), u64>,
}

impl Faults {
    /// Reads a script from a file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let wrong = |why: String| Diagnostic::new(P5013, format!("the fault script {} {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
        let script = serde_json::from_str(&text).map_err(|error| {
            wrong(format!("is not a panka.faults/v1 document: {error}")).help("`panka schema faults` prints its schema")
        })?;
        Self::new(script).map_err(|why| wrong(why).into())
    }

    /// Takes up a script, or says what is wrong with it.
    pub fn new(script: Script) -> Result<Self, String> {
        let mut rules = Vec::with_capacity(script.rules.len());
        for (number, rule) in script.rules.into_iter().enumerate() {
            let wrong = |why: &str| format!("has a wrong rule {}: {why}", number + 1);
            let selector = match &rule.matches.address {
                Some(text) => Some(text.parse::<Selector>().map_err(|error| wrong(&error.to_string()))?),
                None => None,
            };
            if rule.matches.nth == Some(0) {
                return Err(wrong("`nth` counts from 1"));
            }
            if rule.matches.probability.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
                return Err(wrong("`probability` is between 0 and 1"));
            }
            if matches!(rule.fault, Fault::Latency(seconds) if !(0.0..=1e9).contains(&seconds)) {
                return Err(wrong("`latency` is a number of seconds"));
            }
            rules.push((selector, rule));
        }
        let counts = rules.iter().map(|_| Counts::default()).collect();
        Ok(Self { seed: script.seed, rules, counts: Mutex::new(counts) })
    }

    /// What happens to a call at this stage; every question counts as one call.
    pub(super) fn decide(&self, stage: Stage, address: &Address, call: Call) -> Option<&Fault> {
        if self.rules.is_empty() {
            return None;
        }
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for (number, (selector, rule)) in self.rules.iter().enumerate() {
            let concerned = rule.fault.stage() == stage
                && selector.as_ref().is_none_or(|selector| selector.matches(address))
                && rule.matches.op.is_none_or(|op| op == call);
            if !concerned {
                continue;
            }
            let count = &mut counts[number];
            count.all += 1;
            let each = count.each.entry((address.clone(), call)).or_default();
            *each += 1;
            let drawn = rule.matches.probability.is_none_or(|share| self.draw(number, address, call, *each) < share);
            if drawn && rule.matches.nth.is_none_or(|nth| nth == count.all) {
                return Some(&rule.fault);
            }
        }
        None
    }

    /// A number of `0..1` that depends on nothing but the script and the call.
    fn draw(&self, rule: usize, address: &Address, call: Call, each: u64) -> f64 {
        let digest = Sha256::digest(format!("{} {rule} {address} {call:?} {each}", self.seed));
        let bits = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        f64::from(bits) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(rules: &Value) -> Faults {
        Faults::new(serde_json::from_value(json!({"kind": "panka.faults/v1", "seed": 3, "rules": rules})).unwrap()).unwrap()
    }

    fn address(text: &str) -> Address {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let faults = faults(&json!([
            {"match": {"address": "users/db", "op": "create", "nth": 2}, "do": {"fail": "ServiceLimitExceeded"}},
            {"match": {"op": "create"}, "do": {"latency": 2.5}},
        ]));
        let (db, api) = (address("users/db/instance"), address("users/api/service"));
        let decide = |address, call| faults.decide(Stage::Calling, address, call);
        assert_eq!(decide(&db, Call::Create), Some(&Fault::Latency(2.5)));
        assert_eq!(decide(&api, Call::Create), Some(&Fault::Latency(2.5)));
        assert_eq!(decide(&db, Call::Create), Some(&Fault::Fail("ServiceLimitExceeded".to_owned())));
        assert_eq!(decide(&db, Call::Create), Some(&Fault::Latency(2.5)));
        assert_eq!(decide(&db, Call::Delete), None);
    }

    #[test]
    fn a_share_does_not_depend_on_the_order_of_calls() {
        let rules = json!([{"match": {"probability": 0.5}, "do": "throttle"}]);
        let addresses: Vec<Address> = (0..200).map(|n| address(&format!("a/b/r{n}"))).collect();
        let hit = |faults: &Faults, address: &Address| faults.decide(Stage::Calling, address, Call::Create).is_some();
        let (forth, back) = (faults(&rules), faults(&rules));
        let forwards: Vec<bool> = addresses.iter().map(|a| hit(&forth, a)).collect();
        let mut backwards: Vec<bool> = addresses.iter().rev().map(|a| hit(&back, a)).collect();
        backwards.reverse();
        assert_eq!(forwards, backwards);
        let hits = forwards.iter().filter(|hit| **hit).count();
        assert!((70..130).contains(&hits), "{hits} of 200");
    }

    #[test]
    fn crashes_around_the_journal_are_asked_for_there_alone() {
        let faults = faults(&json!([{"do": {"crash": "before-journal"}}, {"do": {"crash": "after-journal"}}, {"do": "hang"}]));
        let it = address("a/b/c");
        assert_eq!(faults.decide(Stage::Calling, &it, Call::Create), Some(&Fault::Hang));
        assert_eq!(faults.decide(Stage::Recorded, &it, Call::Create), Some(&Fault::Crash(Point::AfterJournal)));
        assert_eq!(faults.decide(Stage::Journalling, &it, Call::Create), Some(&Fault::Crash(Point::BeforeJournal)));
    }

    #[test]
    fn a_wrong_script_is_refused_by_rule() {
        for (rule, word) in [
            (json!({"match": {"nth": 0}, "do": "hang"}), "nth"),
            (json!({"match": {"probability": 2}, "do": "hang"}), "probability"),
            (json!({"match": {"address": "a/b/c/d"}, "do": "hang"}), "selector"),
            (json!({"do": {"latency": -1}}), "latency"),
        ] {
            let script = serde_json::from_value(json!({"kind": "panka.faults/v1", "rules": [rule]})).unwrap();
            let why = Faults::new(script).unwrap_err();
            assert!(why.contains("rule 1") && why.contains(word), "{why}");
        }
    }
}
