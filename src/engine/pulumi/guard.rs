//! What must be so before Pulumi is started.
//!
//! In: what Pulumi has, panka's state, the plan. Out: nothing, or the finding that stops the run before anything is begun.

use std::collections::BTreeSet;

use crate::address::Address;
use crate::apply::whole::Found;
use crate::diagnostic::codes::engine::P5009;
use crate::diagnostic::{Diagnostic, Error};
use crate::plan::{Op, Plan};
use crate::state::{Record, State};

/// How many addresses a finding names before it only counts.
const NAMED: usize = 5;

/// Refuses a state of Pulumi's that is not of this place: what panka has recorded must be there under its identifier. `open` is what an earlier
/// run has left unsettled.
pub(super) fn same(found: &Found, state: &State, open: &BTreeSet<Address>, backend: &str) -> Result<(), Error> {
    let differs = |(address, record): &(&Address, &Record)| {
        let Some(identifier) = record.identifier.as_ref().filter(|_| record.pending.is_none() && !open.contains(*address)) else {
            return false;
        };
        let instance = found.instances.get(*address);
        !instance.is_some_and(|one| one.identifier.as_ref() == Some(identifier) || one.old.contains(identifier))
    };
    let differing: Vec<&str> = state.resources.iter().filter(differs).map(|(address, _)| address.as_str()).collect();
    if differing.is_empty() {
        return Ok(());
    }
    let more = differing.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let named = differing[..differing.len().min(NAMED)].join(", ");
    Err(Diagnostic::new(P5009, format!("Pulumi's own state lacks what panka knows, or has another: {named}{more}"))
        .help(format!("it is read from {backend}: look whether `pulumi.backend` names the place of the last run"))
        .help("if Pulumi's own state is lost: `panka apply --adopt` makes it again from what stands in AWS")
        .into())
}

/// Refuses what Pulumi would delete though the plan does not: what it is to let go of without `retainOnDelete`, and, where nothing stays, what is
/// not in the plan at all.
pub(super) fn keeps(found: &Found, plan: &Plan, nothing_stays: bool) -> Result<(), Error> {
    let step = |address: &Address| plan.steps.iter().find(|step| step.address == *address && step.blocked.is_none());
    let lost = found.instances.iter().filter(|(address, instance)| match step(address).map(|step| step.op) {
        Some(Op::Forget) => !instance.retain,
        Some(Op::Delete) => false,
        _ => nothing_stays,
    });
    let lost: Vec<&str> = lost.map(|(address, _)| address.as_str()).collect();
    if lost.is_empty() {
        return Ok(());
    }
    Err(Diagnostic::new(P5009, format!("Pulumi would delete what the plan leaves in AWS: {}", lost.join(", ")))
        .help("apply `lifecycle.retainOnDelete: true` before the component goes, or take it out of Pulumi: `pulumi state delete`")
        .into())
}
