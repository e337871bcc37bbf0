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
        let Record { protect, retain, final_snapshot, nested, generation, pending, superseded, .. } = record;
        let meta = json!([type_name, component, partial, depends_on, protect, retain, nested, generation, pending, superseded]);
        let meta = if *final_snapshot { json!([meta, "finalSnapshot"]) } else { meta };
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

/// A record that is not what a plan has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    address: Address,
    /// What differs.
    what: String,
    /// The run that has changed it, and when; none when it is gone.
    by: Option<(String, String)>,
}

impl Moved {
    fn new(address: &Address, what: impl Into<String>, record: Option<&Record>) -> Self {
        let by = record.map(|record| (record.updated.run.clone(), record.updated.at.clone()));
        Self { address: address.clone(), what: what.into(), by }
    }

    /// The run that has changed it.
    pub fn run(&self) -> Option<&str> {
        self.by.as_ref().map(|(run, _)| run.as_str())
    }
}

impl Plan {
    /// Refuses a plan whose base has moved: records that its steps change or read are not what they were. Other records may differ.
    pub fn check_base(&self, state: &State) -> Result<(), Error> {
        self.check_lineage(state)?;
        stale(&self.moved(state), &BTreeMap::new())
    }

    /// Refuses a state of another place.
    pub fn check_lineage(&self, state: &State) -> Result<(), Error> {
        let Some(lineage) = self.base.lineage.as_ref().filter(|lineage| **lineage != state.lineage) else { return Ok(()) };
        let message = format!("the plan was made for the lineage {lineage}, and the state is of {}", state.lineage);
        Err(Diagnostic::new(P8001, message).help("plan again: `panka diff`").into())
    }

    /// The records that have moved since the plan was made, as far as it changes or reads them.
    pub fn moved(&self, state: &State) -> Vec<Moved> {
        let mut moved = Vec::new();
        let mut compare = |address: &Address, seen: Option<&Seen>| {
            let record = state.resources.get(address);
            let what = match (seen, record) {
                (None, None) => return,
                (None, Some(_)) => "exists now".to_owned(),
                (Some(_), None) => "exists no longer".to_owned(),
                (Some(seen), Some(record)) => match seen.differing(&Seen::of(record)) {
                    differing if differing.is_empty() => return,
                    differing => differing.join(", "),
                },
            };
            moved.push(Moved::new(address, what, record));
        };
        self.steps.iter().for_each(|step| compare(&step.address, step.base.as_ref()));
        self.base.reads.iter().for_each(|(address, seen)| compare(address, Some(seen)));
        moved.extend(self.new_users(state));
        moved
    }

    /// Records outside of the plan that depend on what it deletes.
    fn new_users(&self, state: &State) -> Vec<Moved> {
        let ops: BTreeMap<&Address, Op> = self.steps.iter().map(|step| (&step.address, step.op)).collect();
        if !ops.values().any(|op| matches!(op, Op::Delete | Op::Forget)) {
            return Vec::new();
        }
        let outside = state.resources.iter().filter(|(address, _)| !ops.contains_key(address));
        outside
            .filter_map(|(address, record)| {
                let gone = holds(record).find(|need| matches!(ops.get(need), Some(Op::Delete | Op::Forget)))?;
                Some(Moved::new(address, format!("uses `{gone}`, which the plan deletes"), Some(record)))
            })
            .collect()
    }
}

/// One finding for all that has moved: a table of what, by whom and in which run. `who` tells who has run what.
pub fn stale(moved: &[Moved], who: &BTreeMap<String, String>) -> Result<(), Error> {
    let message = match moved {
        [] => return Ok(()),
        [one] => format!("the plan is stale: `{}` is not what it was", one.address),
        many => format!("the plan is stale: {} resources are not what they were", many.len()),
    };
    let mut rows = vec![["resource", "changed", "by", "run", "at"].map(str::to_owned)];
    rows.extend(moved.iter().map(|Moved { address, what, by }| {
        let (run, at) = by.clone().unwrap_or_default();
        let by = who.get(&run).cloned().unwrap_or_default();
        [address.to_string(), what.clone(), by, run, at]
    }));
    let widths: Vec<usize> = (0..5).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    let line = |row: &[String; 5]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    let table: Vec<String> = rows.iter().map(line).collect();
    let finding = Diagnostic::new(P8001, message).note(table.join("\n")).help("plan again: `panka diff`");
    Err(match moved {
        [one] => finding.about(&one.address),
        _ => finding,
    }
    .into())
}
