//! Last snapshots: what a plan deletes and somebody may want back.
//!
//! In: a plan, the state before it. Out: which snapshots are made, and under which names, before its first step. What is written to a database
//! between its snapshot and its deletion is not in the snapshot.

use crate::address::Address;
use crate::plan::{Op, Plan};
use crate::resource::TypeName;
use crate::state::State;

/// Longest name of a snapshot: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html>.
const LIMIT: usize = 255;

/// Characters of the run's id in a name.
const DISTINCT: usize = 12;

/// A snapshot that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Last {
    pub(super) address: Address,
    pub(super) type_name: TypeName,
    /// Identifier of the database.
    pub(super) identifier: String,
    /// Name of the snapshot.
    pub(super) name: String,
}

/// The last snapshots of what a plan deletes or replaces, sorted by address. `run` makes their names differ from those of other runs.
pub(super) fn wanted(plan: &Plan, state: &State, run: &str) -> Vec<Last> {
    let goes = plan.steps.iter().filter(|step| step.blocked.is_none() && matches!(step.op, Op::Delete | Op::Replace));
    let last = goes.filter_map(|step| {
        let record = state.resources.get(&step.address).filter(|record| record.final_snapshot && !record.retain)?;
        let identifier = record.identifier.clone()?;
        let name = name(&identifier, run);
        Some(Last { address: step.address.clone(), type_name: record.type_name.clone(), identifier, name })
    });
    last.collect()
}

/// Letters, digits and single hyphens, a letter first and no hyphen last.
fn name(identifier: &str, run: &str) -> String {
    let distinct: Vec<char> = run.chars().filter(char::is_ascii_alphanumeric).collect();
    let distinct: String = distinct[distinct.len().saturating_sub(DISTINCT)..].iter().collect();
    let tail = format!("-final-{}", distinct.to_ascii_lowercase());
    let head: String = identifier.chars().take(LIMIT - tail.len()).collect();
    format!("{}{tail}", head.trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_of_rds() {
        assert_eq!(name("shop-dev-orders-db", "01J9-ZK7Q-4M2N-8P5R"), "shop-dev-orders-db-final-zk7q4m2n8p5r");
        let long = name(&"a-".repeat(200), "01J9");
        assert!(long.len() <= LIMIT && !long.contains("--"), "{long}");
    }
}
