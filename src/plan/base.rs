//! What a plan has seen of the state, and whether it still holds.

use std::collections::BTreeMap;

use serde_json::json;

use super::edges::holds;
use super::{Op, Plan, Seen};
use crate::address::Address;
use crate::diagnostic::codes::apply::P8001;
use crate::diagnostic::{Diagnostic, Error};
use crate::document::Digest;
use crate::state::{Record, State};

impl Seen {
    /// Takes down a record as it stands.
    pub fn of(record: &Record) -> Self {
        let Record { type_name, component, identifier, status, partial, properties, attributes, depends_on, .. } = record;
        let Record { protect, retain, nested, generation, pending, superseded, .. } = record;
        let meta = json!([type_name, component, partial, depends_on, protect, retain, nested, generation, pending, superseded]);
        Self {
            status: *status,
            identifier: identifier.clone(),
            properties: Digest::of_map(properties),
            attributes: Digest::of_map(attributes),
            meta: Digest::of_value(&meta),
        }
    }

    /// The fields in which another look at the record differs.
    pub fn differing(&self, other: &Self) -> Vec<&'static str> {
        let fields = [
            ("status", self.status == other.status),
            ("identifier", self.identifier == other.identifier),
            ("properties", self.properties == other.properties),
            ("attributes", self.attributes == other.attributes),
            ("edges, protection or generation", self.meta == other.meta),
        ];
        fields.into_iter().filter(|(_, equal)| !equal).map(|(name, _)| name).collect()
    }
}

impl Plan {
    /// Refuses a plan whose base has moved: records that its steps change or read are not what they were. Other records may differ.
    /// One finding for each record, with the fields that differ and who changed them.
    pub fn check_base(&self, state: &State) -> Result<(), Error> {
        if let Some(lineage) = self.base.lineage.as_ref().filter(|lineage| **lineage != state.lineage) {
            return Err(Diagnostic::new(
                P8001,
                format!("the plan was made for the lineage {lineage}, and the state is of {}", state.lineage),
            )
            .help("plan again: `panka diff`")
            .into());
        }
        let mut findings = Vec::new();
        let mut compare = |address: &Address, seen: Option<&Seen>| {
            let record = state.resources.get(address);
            let what = match (seen, record) {
                (None, None) => return,
                (None, Some(_)) => "did not exist, and does now".to_owned(),
                (Some(_), None) => "existed, and does not now".to_owned(),
                (Some(seen), Some(record)) => match seen.differing(&Seen::of(record)) {
                    differing if differing.is_empty() => return,
                    differing => format!("has other {}", differing.join(", ")),
                },
            };
            findings.push(stale(address, &what, record));
        };
        self.steps.iter().for_each(|step| compare(&step.address, step.base.as_ref()));
        self.base.reads.iter().for_each(|(address, seen)| compare(address, Some(seen)));
        findings.extend(self.new_users(state));
        Error::check(findings).map(drop)
    }

    /// Records outside of the plan that depend on what it deletes.
    fn new_users(&self, state: &State) -> Vec<Diagnostic> {
        let ops: BTreeMap<&Address, Op> = self.steps.iter().map(|step| (&step.address, step.op)).collect();
        if !ops.values().any(|op| matches!(op, Op::Delete | Op::Forget)) {
            return Vec::new();
        }
        let outside = state.resources.iter().filter(|(address, _)| !ops.contains_key(address));
        outside
            .filter_map(|(address, record)| {
                let gone = holds(record).find(|need| matches!(ops.get(need), Some(Op::Delete | Op::Forget)))?;
                Some(stale(address, &format!("uses `{gone}`, which the plan deletes"), Some(record)))
            })
            .collect()
    }
}

fn stale(address: &Address, what: &str, record: Option<&Record>) -> Diagnostic {
    let by = record.map(|record| format!(", changed by {} at {}", record.updated.run, record.updated.at)).unwrap_or_default();
    Diagnostic::new(P8001, format!("the plan is stale: `{address}` {what}{by}")).about(address).help("plan again: `panka diff`")
}
